"""relief doctor: say loudly what must not stay as it is before real people's data come in."""

import argparse
import asyncio
import base64
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.cli._desk import open_database
from app.db.checkup import Checkup, Connection, look_over
from app.db.readiness import revision_of
from app.db.revision import HEAD
from app.launcher import LauncherError
from app.settings import PREFIX, Settings, load_settings, secret_files

# Passwords that everybody tries first.
WELL_KNOWN = frozenset(
    {"", "postgres", "password", "relief", "admin", "root", "secret", "test", "changeme", "123456"}
)
DISTINCT_MIN = 12  # different bytes in 32 random ones: fewer happen once in 10^14
OTHERS = stat.S_IRWXO | stat.S_IWGRP
SERVER_MIN = 150_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`must` be mended, or advice. Never carries a value."""

    must: bool
    words_zh: str
    words_en: str


def bad(words_zh: str, words_en: str) -> Finding:
    """Make a finding that must be mended."""
    return Finding(must=True, words_zh=words_zh, words_en=words_en)


def advise(words_zh: str, words_en: str) -> Finding:
    """Make a finding that should be considered."""
    return Finding(must=False, words_zh=words_zh, words_en=words_en)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "doctor", help="上线前体检：默认值、密钥、权限 / what must not go live as it is"
    )
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Exit status 0 when nothing must be mended, otherwise 1; advice alone does not count."""
    settings = load_settings()
    findings = [*of_settings(settings), *of_files(settings), *_of_database(settings)]
    for found in sorted(findings, key=lambda one: not one.must):
        mark = "✗" if found.must else "!"
        print(f"{mark} {found.words_zh} / {found.words_en}")
    must = sum(found.must for found in findings)
    advice = len(findings) - must
    told = f"{must} 项必须处理，{advice} 项建议 / {must} to mend, {advice} to consider"
    print(told, file=sys.stderr if must else sys.stdout)
    return 1 if must else 0


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
    if not settings.hosts():
        yield bad(f"{PREFIX}ALLOWED_HOSTS 为 *，不检查主机名", "any Host is answered for")
    if settings.log_level == "debug":
        yield advise("日志级别为 debug", "logs at debug level")
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
    for name in ("database_url", "owner_url"):
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


def of_database(settings: Settings, found: Checkup) -> Iterator[Finding]:
    """Look at what stands in the database."""
    yield from _of_keys(settings, found)
    yield from _of_connection(settings, found.connection)
    if found.insurers_in_clear:
        judged = advise if settings.sandbox else bad
        yield judged(
            f"{found.insurers_in_clear} 家保险公司的接口地址不是 https",
            "insurers are called without https",
        )


def _of_keys(settings: Settings, found: Checkup) -> Iterator[Finding]:
    keys = found.keys
    if settings.sandbox and keys.of_real_areas + found.real_policies:
        yield bad(
            "沙箱模式下有真实行政区划的密钥或保单，测试工具对真实数据开放",
            "sandbox mode with real areas: test helpers are open on real data",
        )
    if not settings.sandbox and keys.of_demo + keys.of_sandbox:
        yield bad(
            f"有 {max(keys.of_demo, keys.of_sandbox)} 个演示或沙箱密钥仍有效，请吊销",
            "live keys of the demo or of a sandbox: revoke them",
        )
    if keys.endless:
        yield advise(f"{keys.endless} 个密钥没有到期日", "keys without an end")
    if keys.nobodys:
        yield advise(
            f"{keys.nobodys} 个密钥没有登记持有人，无法检查角色兼任与四眼原则",
            "keys without a holder: seats and four eyes cannot be held apart",
        )


def _of_connection(settings: Settings, connection: Connection) -> Iterator[Finding]:
    if connection.powerful:
        judged = advise if settings.database_url is None else bad
        yield judged(
            "服务以数据库超级用户登录，可绕过行级权限；请换普通登录角色并授予 relief_app",
            "the login passes row security: use a plain role that is granted relief_app",
        )
    elif connection.owner and settings.database_url is not None:
        yield advise(
            f"服务以表的属主登录；请把属主连接放在 {PREFIX}OWNER_URL，服务用另一角色",
            "the service logs in as the owner of the tables",
        )
    if not connection.durable:
        yield bad(
            "数据库关闭了 fsync 或 full_page_writes，断电会丢失已确认的数据",
            "the database may lose what it confirmed",
        )
    if connection.server < SERVER_MIN:
        yield bad("PostgreSQL 版本低于 15", "PostgreSQL is older than 15")


def _of_database(settings: Settings) -> Iterator[Finding]:
    try:
        revision, found = asyncio.run(_ask(settings))
    except (OSError, LauncherError) as error:
        yield bad(
            "连不上数据库",
            f"the database cannot be reached ({type(error).__name__})",
        )
        return
    if revision != HEAD:
        yield bad(
            f"数据库结构版本为 {revision or '空'}，程序需要 {HEAD}，请运行 relief migrate",
            "the schema is not this code's: run relief migrate",
        )
    if found is not None:
        yield from of_database(settings, found)


async def _ask(settings: Settings) -> tuple[str | None, Checkup | None]:
    database = open_database(settings)
    try:
        revision = await revision_of(database)
        return revision, await look_over(database) if revision == HEAD else None
    finally:
        await database.close()
