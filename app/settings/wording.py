"""A wrong setting in words: which variable, what it holds, what is allowed; never a secret."""

import os
import re

from pydantic import ValidationError

from app.settings.errors import PREFIX
from app.settings.whole import SECRETS, Settings

HIDDEN = "（已隐藏 hidden）"
_SHOWN_MAX = 60
_USERINFO = re.compile(r"(?<=://)[^/@\s]*@")
_ALLOWED_TEXTS = {
    **dict.fromkeys(
        ("database_url", "owner_url", "direct_url", "replica_url"),
        "postgresql://用户:口令@主机:端口/库 user:password@host:port/database",
    ),
    "master_key": "32 字节的 base64，44 个字符 32 bytes in base64",
    **dict.fromkeys(("insurer_networks", "trusted_proxies"), "10.8.0.0/16，以逗号分隔 by commas"),
}


def in_words(error: ValidationError) -> list[str]:
    """Say for each fault which variable, what it holds (secrets hidden) and what is allowed."""
    said = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(fault["loc"][0])
        said[name] = (
            f"配置有误 {PREFIX}{name.upper()}：现为 {_held(name)}，允许 {allowed(name)}。"
            f" / wrong setting: {fault['msg']}"
        )
    return list(said.values())


def _held(name: str) -> str:
    """Give what a variable holds, for a message: never a secret, nor a login inside an address."""
    if name in SECRETS:
        return HIDDEN
    text = os.environ.get(f"{PREFIX}{name.upper()}")
    if text is None:
        return "（来自文件 from a file）"
    text = _USERINFO.sub("", text)
    return f"“{text[:_SHOWN_MAX]}{'…' if len(text) > _SHOWN_MAX else ''}”"


def allowed(name: str) -> str:
    """Say what a setting may be."""
    told = Settings.model_json_schema()["properties"][name]
    kind = next(one for one in told.get("anyOf", [told]) if one.get("type") != "null")
    if "enum" in kind:
        return "、".join(kind["enum"])
    least = kind.get("minimum", kind.get("exclusiveMinimum"))
    if least is not None:
        most = kind.get("maximum")
        over = "大于 more than " if "exclusiveMinimum" in kind else ""
        return f"{over}{least}" + (f" – {most}" if most is not None else " 起 or more")
    if "pattern" in kind:
        return f"形如 like {kind['pattern']}"
    if kind["type"] == "boolean":
        return "true、false"
    return _ALLOWED_TEXTS.get(name, "见 README 的配置表 see the README's table")
