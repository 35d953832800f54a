"""What relief doctor looks for in settings and files, without asking anybody."""

import base64
import os
import stat
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.cli._findings import Finding, advise, bad
from app.settings import PREFIX, Settings, secret_files, unknown_variables

# Passwords that everybody tries first.
WELL_KNOWN = frozenset(
    {"", "postgres", "password", "relief", "admin", "root", "secret", "test", "changeme", "123456"}
)
DISTINCT_MIN = 12  # different bytes in 32 random ones: fewer happen once in 10^14
OTHERS = stat.S_IRWXO | stat.S_IWGRP
EXAMPLES = (".example", "example.com", "example.org", "example.gov.cn")


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Look at the settings alone."""
    yield from _of_secrets(settings)
    public = settings.base_url()
    loopback = settings.host in ("127.0.0.1", "localhost", "::1")
    if settings.public_url is None and not loopback:
        yield bad(
            f"未设 {PREFIX}PUBLIC_URL，却监听在 {settings.host}",
            "listens to others and has no public address",
        )
    elif not public.startswith("https://"):
        judged = bad if not loopback or settings.public_url is not None else advise
        yield judged(
            "对外网址不是 https，口令与个人信息会明文传输",
            "the public address is not https: credentials travel in clear",
        )
    if (urlsplit(public).hostname or "").endswith(EXAMPLES):
        yield bad(
            f"{PREFIX}PUBLIC_URL 仍是示例地址", "the public address is still the one of an example"
        )
    if not settings.hosts():
        yield bad(f"{PREFIX}ALLOWED_HOSTS 为 *，不检查主机名", "any Host is answered for")
    if settings.log_level == "debug":
        yield advise("日志级别为 debug", "logs at debug level")
    for name in unknown_variables():
        yield advise(f"没有 {name} 这个设置，是否写错", f"{name} is no setting: misspelt?")
    if settings.oidc_jwks_url is not None and not settings.oidc_jwks_url.startswith("https://"):
        yield bad(
            "统一身份认证的公钥集地址不是 https，可被冒充",
            "the identity provider's keys are fetched in clear",
        )


def _of_secrets(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None:
        yield advise(
            f"使用内置数据库；正式环境请设 {PREFIX}DATABASE_URL",
            "runs on the embedded database: meant for trials and small counties",
        )
    for name in ("database_url", "owner_url", "direct_url", "replica_url"):
        url = getattr(settings, name)
        if url is not None and _guessable(url.get_secret_value()):
            yield bad(
                f"{PREFIX}{name.upper()} 的口令为空或是人人先试的口令",
                "a database password that everybody tries first",
            )
    if settings.master_key is not None and _is_pattern(settings.master_key.get_secret_value()):
        yield bad(
            "主密钥不是随机的，请用 openssl rand -base64 32 生成",
            "the master key is no random one",
        )


def _guessable(url: str) -> bool:
    parsed = urlsplit(url)
    here = parsed.hostname is None or parsed.hostname.startswith("/")
    return not here and unquote(parsed.password or "").lower() in WELL_KNOWN


def _is_pattern(text: str) -> bool:
    """Tell whether any key among `version:suite:key` entries is the same bytes, or counts up."""
    for entry in text.replace(",", " ").split():
        raw = base64.b64decode(entry.rpartition(":")[2] + "==")
        steps = {(after - before) % 256 for before, after in pairwise(raw)}
        if len(set(raw)) < DISTINCT_MIN or len(steps) == 1:
            return True
    return False


def of_files(settings: Settings) -> Iterator[Finding]:
    """Look at who may read what must be read by us alone."""
    secrets_dir = Path(os.environ.get(f"{PREFIX}SECRETS_DIR") or "/run/secrets")
    files = [settings.data_dir / "master.key", *secret_files().values()]
    if secrets_dir.is_dir():
        files += sorted(secrets_dir.glob(f"{PREFIX.lower()}*"))
    for file in files:
        if file.exists() and file.stat().st_mode & OTHERS:
            yield bad(
                f"密钥文件 {file} 其他用户可读或可写，请 chmod 600",
                "a key file that other users can read or write",
            )
    for folder in (settings.data_dir, settings.papers_dir()):
        if folder.exists() and folder.stat().st_mode & stat.S_IWOTH:
            yield bad(f"目录 {folder} 人人可写", "a data folder that everybody may write into")
