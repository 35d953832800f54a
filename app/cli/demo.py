"""relief demo: a county from nothing, three servers, and a notice that becomes money."""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from alembic.util import CommandError

from app.cli._desk import open_database, operator
from app.cli.migrate import upgrade
from app.db.revision import HEAD
from app.db.session import Database
from app.demo.contracts import LEAD
from app.demo.edition import folder_of, sweep
from app.demo.house import API_PORT, INSURER_PORT, House, cast, only_demo
from app.demo.names import PROVINCE, TOWNSHIPS_ZH
from app.demo.office import TooLate
from app.demo.population import PEOPLE
from app.demo.processes import ProcessFailed, free_port
from app.demo.seed import Seeded, seed
from app.demo.story import Story, StoryFailed, Told
from app.demo.telling import Teller
from app.domain.caller import Role
from app.domain.errors import ReliefError
from app.launcher import LauncherError, database_url, stop_server
from app.observe import configure_logs, get_logger
from app.outside.documents import open_store
from app.services.areas import list_areas
from app.settings import Settings, load_settings
from client import Problem, Unanswered

log = get_logger(__name__)


class NotForTheDemo(Exception):
    """The configured database is in use for something else."""


class BrokenDown(Exception):
    """Something nobody foresaw; the traceback is in the demo's log."""


FAILURES = (
    StoryFailed,
    TooLate,
    Problem,
    Unanswered,
    ProcessFailed,
    NotForTheDemo,
    BrokenDown,
    ReliefError,
    CommandError,
    OSError,
)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "demo", help="演示：从报案到赔款 / one notice becomes money, from nothing"
    )
    parser.add_argument(
        "--once", action="store_true", help="演示完即退出，最后一行为 JSON / stop after the story"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the story came out as told, 1 with words when anything did not."""
    settings = load_settings()
    folder = folder_of(settings.data_dir)
    settings = settings.model_copy(update={"data_dir": folder, "sandbox": True})
    teller = Teller(time.monotonic() - _age_seconds())
    _end_on_signals()
    try:
        sweep(folder, lambda old: stop_server(old, bindir=settings.pg_bindir))
        with only_demo(folder), _logged(folder), _database_of(settings, teller):
            told = _play(settings, teller, keep_serving=not arguments.once)
    except FAILURES as failure:
        print(f"演示未完成 / the demo failed：{_words(failure)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        teller.plain("已停止 / stopped")
        return 0 if not arguments.once else 1
    print(json.dumps(told, ensure_ascii=False))
    return 0


def _play(settings: Settings, teller: Teller, *, keep_serving: bool) -> dict[str, object]:
    house = House(
        settings.data_dir,
        os.environ,
        api_port=free_port(API_PORT),
        insurer_port=free_port(INSURER_PORT),
    )
    teller.more("写入一个虚构的县，首次约半分钟 / an invented county, half a minute the first time")
    seeded = asyncio.run(_seed(settings, house.insurer_url))
    county = f"一个县、{len(TOWNSHIPS_ZH)} 个乡镇、{PEOPLE:,} 名虚构人员"
    teller.step("数据", f"{county}、{len(seeded.policies)} 份保单 / seeded")
    with house.running(seeded.secrets[LEAD]):
        teller.step("启动", "接口、后台任务、模拟保险公司 / API, worker and insurer are up")
        _tell_where(teller, house, seeded, settings.data_dir)
        told = _story(teller, house, seeded)
        whole = told.as_json(teller.seconds())
        if keep_serving:
            _keep_serving(teller, house)
    return whole


async def _seed(settings: Settings, insurer_url: str) -> Seeded:
    database = open_database(settings)
    try:
        await _refuse_real_county(database)
        store = open_store(settings, database.keyring)
        return await seed(database, store, insurer_url=insurer_url)
    finally:
        await database.close()


async def _refuse_real_county(database: Database) -> None:
    """Keep invented people out of a database that serves somebody: RELIEF_DATABASE_URL may."""
    async with database.transaction(operator(Role.SYSTEM)) as tx:
        known = await list_areas(tx)
    if any(area.code < PROVINCE for area in known):
        raise NotForTheDemo(
            "RELIEF_DATABASE_URL 指向的数据库里已有真实区划，演示不会写入其中"
            " / that database serves real areas; the demo keeps out of it"
        )


def _words(failure: Exception) -> str:
    if isinstance(failure, ReliefError):
        faults = "；".join(fault.message_zh for fault in getattr(failure, "faults", ()))
        return f"{failure.detail_zh}{faults} / {failure}"
    return str(failure)


def _story(teller: Teller, house: House, seeded: Seeded) -> Told:
    try:
        with cast(house.url, seeded) as players:
            return Story(players, teller).play()
    except (StoryFailed, TooLate, Problem, Unanswered):
        print(house.tails(), file=sys.stderr)
        raise


def _tell_where(teller: Teller, house: House, seeded: Seeded, folder: Path) -> None:
    teller.plain(f"\n接口 API        {house.url}    说明 docs  {house.url}/docs")
    teller.plain(f"保险公司 insurer {house.insurer_url}    账本 ledger {house.insurer_url}/ledger")
    teller.plain(f"数据与日志 data and logs  {folder}")
    teller.plain(f"保险公司密钥文件 CALLBACK_SECRET     {folder / 'insurer' / 'callbacks.secret'}")
    teller.plain(
        f"                 INSTRUCTION_SECRET  {folder / 'insurer' / 'instructions.secret'}"
    )
    teller.plain("密钥 API keys（仅供演示，每次更换 / renewed each time）")
    for holder, token in seeded.keys.items():
        teller.plain(f"  {holder:18} {token}")
    teller.plain(
        f"例如 try    curl -H 'Authorization: Bearer {seeded.keys['county']}'"
        f" '{house.url}/v1/claims?limit=5'"
    )


def _keep_serving(teller: Teller, house: House) -> None:
    teller.plain(f"\n演示完成，服务继续运行：{house.url}/docs 。按 Ctrl-C 结束 / Ctrl-C ends it")
    while True:
        house.check()
        time.sleep(1)


@contextmanager
def _database_of(settings: Settings, teller: Teller) -> Iterator[None]:
    """The demo's database at head inside; the embedded server, if that is it, stopped after."""
    try:
        upgrade(database_url(settings.migration_url(), settings.data_dir, settings.pg_bindir))
        teller.step("数据库", f"已是版本 {HEAD} / PostgreSQL is up and migrated")
        yield
    finally:
        if settings.database_url is None:
            stop_server(settings.data_dir, bindir=settings.pg_bindir)


@contextmanager
def _logged(folder: Path) -> Iterator[None]:
    """Keep the terminal for the story: this process's log, and surprises, go to a file."""
    path = folder / "logs" / "demo.log"
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as stream:
        configure_logs("warning", stream)
        try:
            yield
        except (*FAILURES, LauncherError):
            raise
        except Exception as surprise:
            log.exception("demo.broken_down")
            raise BrokenDown(
                f"{type(surprise).__name__}，详见 {path} / unforeseen: see the log"
            ) from None


def _age_seconds() -> float:
    """How long this process has run, its imports too, where the system tells."""
    try:
        told = Path("/proc/self/stat").read_text()
    except OSError:
        return 0.0
    started_ticks = int(told.rpartition(")")[2].split()[19])  # field 22: after boot, see proc(5)
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / os.sysconf("SC_CLK_TCK")


def _end_on_signals() -> None:
    """Let the first signal unwind what runs; further ones do not disturb the unwinding."""
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(_number: int, _frame: FrameType | None) -> None:
        for name in wanted:
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    for name in wanted:
        signal.signal(name, end)
