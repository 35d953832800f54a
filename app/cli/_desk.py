"""What sub-commands that work on the database share: settings, keys, one transaction, refusals."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from app import __version__
from app.cli._refusals import CannotStart
from app.crypto import Keyring, load_signer
from app.db.fitness import ServerAway, faults_of, look_at_server
from app.db.session import Database, Tx
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import ReliefError
from app.launcher import database_url
from app.observe import configure_logs
from app.observe.spans import TracesUnavailable, send_traces
from app.settings import Settings, load_settings, master_keys


def operator(role: Role) -> Caller:
    """Whoever has a shell on the server: the whole country, in one of the separated roles."""
    return Caller(role, 0, AREA_END, "cli")


def check_server(url: str) -> None:
    """See that the server can carry the service, before anything is served or migrated.

    One that does not answer now may later: `readyz` and the worker's log tell. Raises
    CannotStart.
    """
    try:
        server = asyncio.run(look_at_server(url))
    except ServerAway:
        return
    if faults := faults_of(server):
        raise CannotStart("\n".join(f"{zh} / {en}" for zh, en in faults))


def watch(settings: Settings, service: str) -> None:
    """Begin to log, and to send traces when there is somebody who takes them.

    Raises CannotStart.
    """
    configure_logs(settings.log_level)
    if settings.traces_url is None:
        return
    try:
        send_traces(
            settings.traces_url, service=service, version=__version__, ratio=settings.traces_ratio
        )
    except TracesUnavailable as error:
        raise CannotStart(
            "设置了 RELIEF_TRACES_URL，但未安装 relief[otel]"
            f" / RELIEF_TRACES_URL needs the extra relief[otel]: {error}"
        ) from error


def open_database(settings: Settings) -> Database:
    """The database of the settings, or the embedded one, which is started when it is not up."""
    url = database_url(settings.service_url(), settings.data_dir, settings.pg_bindir)
    keyring = Keyring.of(master_keys(settings), load_signer(settings.signing_module))
    return Database(url, keyring, pool_size=settings.pool_size, pgbouncer=settings.db_pgbouncer)


def in_transaction(role: Role, act: Callable[[Tx, Settings], Awaitable[None]]) -> int:
    """Run one act in one transaction; exit status 0, or 1 with the refusal in both languages."""
    settings = load_settings()
    database = open_database(settings)

    async def work() -> None:
        try:
            async with database.transaction(operator(role)) as tx:
                await act(tx, settings)
        finally:
            await database.close()

    try:
        asyncio.run(work())
    except ReliefError as refusal:
        print(f"{refusal.detail_zh} / {refusal.detail_en}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"连不上数据库 / the database cannot be reached: {error}", file=sys.stderr)
        return 1
    return 0
