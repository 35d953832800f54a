"""relief doctor: say loudly what must not stay as it is before real people's data come in."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from app.cli._database_findings import of_database, of_server
from app.cli._desk import open_database
from app.cli._findings import Finding, advise, bad
from app.cli._settings_findings import of_files, of_settings
from app.db.checkup import Checkup, look_at_schema
from app.db.fitness import Server, ServerAway, look_at_server
from app.db.revision import HEAD
from app.launcher import LauncherError, database_url
from app.settings import Settings, load_settings

CHINA = timezone(timedelta(hours=8))


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


def today() -> date:
    """Give the day in China by this machine's clock."""
    return datetime.now(UTC).astimezone(CHINA).date()


def _of_database(settings: Settings) -> Iterator[Finding]:
    try:
        url = database_url(settings.service_url(), settings.data_dir, settings.pg_bindir)
        server = asyncio.run(look_at_server(url))
    except (LauncherError, ServerAway) as error:
        yield bad("连不上数据库", f"the database cannot be reached ({_kind(error)})")
        return
    yield from of_server(settings, server)
    yield from _of_schema(settings, server)


def _kind(error: Exception) -> str:
    return str(error) if isinstance(error, ServerAway) else type(error).__name__


def _of_schema(settings: Settings, server: Server) -> Iterator[Finding]:
    try:
        revision, found = asyncio.run(_ask(settings))
    except ServerAway as error:
        yield bad(
            "以服务的角色连不上数据库，请检查 GRANT relief_app"
            + ("，以及连接池的设置" if server.passed_on else ""),
            f"the service's role cannot work with the database ({error}):"
            " is relief_app granted, and the pooler told of?",
        )
        return
    if revision is not None and revision > HEAD:
        yield advise(
            f"数据库结构版本为 {revision}，新于程序的 {HEAD}，请升级程序",
            f"the schema ({revision}) is newer than this code ({HEAD}): upgrade it",
        )
    elif revision != HEAD:
        yield bad(
            f"数据库结构版本为 {revision or '空'}，程序需要 {HEAD}，请运行 relief migrate",
            f"the schema is not this code's ({revision or 'nothing'}, needed {HEAD}):"
            " run relief migrate",
        )
    if found is not None:
        yield from of_database(settings, found, today())


async def _ask(settings: Settings) -> tuple[str | None, Checkup | None]:
    database = open_database(settings)
    try:
        return await look_at_schema(database, HEAD)
    finally:
        await database.close()
