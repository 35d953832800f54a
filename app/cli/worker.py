"""relief worker: do the jobs until told to stop."""

import argparse
import asyncio
import os
import signal
import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from app.cli._desk import check_server, open_database, operator, watch
from app.db.session import Database
from app.domain.caller import Role
from app.launcher import database_url
from app.observe import get_logger
from app.outside.insurers import Speaker, open_client
from app.outside.trail_roots import published_roots
from app.outside.webhooks import Messenger
from app.services.restorations.begin_restoration import hold_if_restored
from app.settings import Settings, load_settings
from app.worker.loop import Rounds, Worker
from app.worker.webhooks import Teller

HEARTBEAT_SECONDS = 5.0

log = get_logger(__name__)

WAIT_SECONDS = 1.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("worker", help="运行后台任务 / run the jobs")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Exit status 0 after an orderly stop: what is in hand is finished first."""
    settings = load_settings()
    check_server(database_url(settings.service_url(), settings.data_dir, settings.pg_bindir))
    watch(settings, "relief-worker")
    asyncio.run(work(settings))
    return 0


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):  # before anybody is told that we live
        loop.add_signal_handler(name, told.set)
    database = open_database(settings)
    beating = asyncio.create_task(_beat(settings.heartbeat_file))
    stopping = asyncio.create_task(told.wait())
    looking = asyncio.create_task(_hold_if_restored(database, settings))
    await asyncio.wait({stopping, looking}, return_when=asyncio.FIRST_COMPLETED)
    if looking.done():
        await looking
        await _work(database, settings, stopping)
    looking.cancel()
    beating.cancel()
    await asyncio.wait({looking, beating})
    await database.close()


async def _work(database: Database, settings: Settings, stopping: asyncio.Task[bool]) -> None:
    async with (
        open_client(settings.networks()) as client,
        open_client(settings.webhook_ranges()) as outwards,
    ):
        worker = Worker(
            database,
            Speaker(client, settings.insurer_deadline_seconds, settings.drop_folder()),
            name=f"{socket.gethostname()}:{os.getpid()}",
            concurrency=settings.worker_concurrency,
            lease=timedelta(seconds=settings.lease_seconds),
            poll_seconds=settings.poll_seconds,
            rounds=Rounds(timedelta(seconds=settings.guard_seconds), settings.roots_folder()),
        )
        teller = Teller(
            database,
            Messenger(outwards, settings.webhook_deadline_seconds),
            poll_seconds=settings.poll_seconds,
        )

        def stop(_told: asyncio.Task[bool]) -> None:
            worker.stop()
            teller.stop()

        stopping.add_done_callback(stop)
        await asyncio.gather(worker.run(), teller.run())


async def _beat(file: Path | None) -> None:
    """Touch the file for as long as this process gets anything done."""
    while file is not None:
        with suppress(OSError):  # nowhere to write: the work goes on
            file.touch()  # noqa: ASYNC240  an entry in a folder of this machine
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def _hold_if_restored(database: Database, settings: Settings) -> None:
    """Look, before the first job, whether somebody put an older state of the database back."""
    while True:
        try:
            published = await asyncio.to_thread(published_roots, settings.roots_folder())
            async with database.transaction(operator(Role.SYSTEM)) as tx:
                root = await hold_if_restored(tx, published)
        except Exception:  # away, or not migrated yet: whatever it is, nothing is sent before
            log.exception("worker.database_lost")
            await asyncio.sleep(WAIT_SECONDS)
        else:
            if root is not None:
                log.error("worker.database_restored", root=root)
            return
