"""Whether a database server can carry this service: asked before anything is served or migrated."""

from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from app.db.session import plain_url

CONNECT_SECONDS = 5.0
OLDEST = 150_000
EXTENSIONS = ("btree_gist",)  # exclusion constraints over areas and days
_C_LOCALES = frozenset({"C", "POSIX"})
_ASK = """
    SELECT current_setting('server_version_num')::int AS version,
        current_setting('server_encoding') AS encoding,
        -- Before version 15 there is no such column, and such a server must be named all the same.
        CASE to_jsonb(d) ->> 'datlocprovider' WHEN 'i' THEN 'icu' ELSE d.datctype END AS ctype,
        ARRAY(SELECT name FROM pg_available_extensions WHERE name = ANY ($1)) AS available,
        ARRAY(SELECT extname FROM pg_extension WHERE extname = ANY ($1)) AS installed,
        to_regclass('event') IS NOT NULL AS migrated,
        inet_client_port() AS seen_port, clock_timestamp() AS clock
    FROM pg_database AS d WHERE d.datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Server:
    """What a server is: `version` as 150004, its encoding and character type (locale).

    `lacking`: extensions that are not installed, or before the first migration not to be had.
    `skew_seconds`: this machine's clock less the server's. `passed_on`: the server sees another
    port than the one we speak from: a pooler, a proxy or a translated address stands between.
    """

    version: int
    encoding: str
    ctype: str
    lacking: tuple[str, ...]
    skew_seconds: float
    passed_on: bool


class ServerAway(Exception):
    """Nobody could be asked: no server, no login, no answer in time. Tells the kind of error."""


async def look_at_server(url: str) -> Server:
    """Ask a server what it is, as whoever the URL logs in. Raises ServerAway."""
    try:
        return await _ask(url)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ServerAway(type(error).__name__) from error


async def _ask(url: str) -> Server:
    connection = await asyncpg.connect(
        plain_url(url), timeout=CONNECT_SECONDS, statement_cache_size=0
    )
    try:
        row = await connection.fetchrow(_ASK, list(EXTENSIONS), timeout=CONNECT_SECONDS)
        now = datetime.now(UTC)
        address = _own_end(connection)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)
    assert row is not None, "one database is the current one"
    there = set(row["installed"] if row["migrated"] else row["available"])
    ours = address[1] if isinstance(address, tuple) else None
    return Server(
        row["version"],
        row["encoding"],
        row["ctype"],
        tuple(name for name in EXTENSIONS if name not in there),
        (now - row["clock"]).total_seconds(),
        passed_on=ours is not None and row["seen_port"] not in (None, ours),
    )


def _own_end(connection: asyncpg.Connection) -> object:
    """Give the address that we speak from; the driver itself tells only the server's."""
    return getattr(connection, "_transport").get_extra_info("sockname")  # noqa: B009


def faults_of(server: Server) -> list[tuple[str, str]]:
    """Say why a server cannot carry the service, in Chinese and English; empty when it can."""
    faults = []
    if server.version < OLDEST:
        faults.append(
            (
                f"PostgreSQL 版本为 {server.version // 10_000}，需要 15 或更新",
                f"PostgreSQL is at {server.version // 10_000}, older than 15",
            )
        )
    if server.encoding != "UTF8":
        faults.append(
            (
                f"数据库编码为 {server.encoding}，须为 UTF8；请以 ENCODING 'UTF8' 新建数据库",
                f"the database's encoding is {server.encoding} and must be UTF8",
            )
        )
    if server.ctype in _C_LOCALES:
        faults.append(
            (
                f"数据库 LC_CTYPE 为 {server.ctype}，不识汉字；请以 LC_CTYPE 'C.UTF-8' 新建数据库",
                f"LC_CTYPE {server.ctype} knows no Chinese letters: make a database with C.UTF-8",
            )
        )
    faults += [
        (
            f"数据库缺少扩展 {name}；请安装 postgresql-contrib，再运行 relief migrate",
            f"the extension {name} is missing: install postgresql-contrib, run relief migrate",
        )
        for name in server.lacking
    ]
    return faults
