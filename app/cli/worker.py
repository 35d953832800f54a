"""relief worker: do the jobs until told to stop."""

import argparse
import asyncio
import os
import signal
import socket
from datetime import timedelta

from app.cli._desk import open_database
from app.observe import configure_logs
from app.outside.insurers import Speaker, open_client
from app.outside.webhooks import Messenger
from app.settings import Settings, load_settings
from app.worker.loop import Rounds, Worker
from app.worker.webhooks import Teller


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("worker", help="运行后台任务 / run the jobs")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Exit status 0 after an orderly stop: what is in hand is finished first."""
    settings = load_settings()
    configure_logs(settings.log_level)
    asyncio.run(work(settings))
    return 0


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    database = open_database(settings)
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

        def stop() -> None:
            worker.stop()
            teller.stop()

        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop)
        await asyncio.gather(worker.run(), teller.run())
    await database.close()
