"""relief serve: run the API until it is told to stop."""

import argparse
import asyncio
import signal
import socket
from collections.abc import Callable
from functools import partial

import uvicorn

from app.cli._desk import check_server, watch
from app.launcher import database_url
from app.main import create_app, leave
from app.settings import Settings, load_settings

LOOK_SECONDS = 0.05
LAST_SECONDS = 2.0  # for whoever connected as the door closed
TURNS = 3  # of the loop, in which whoever is at the door is let in
GRACE_SECONDS = 15  # what is being answered may finish; a kill in between loses nothing either


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("serve", help="运行接口服务 / run the API")
    parser.add_argument(
        "--migrate", action="store_true", help="先升级数据库结构 / migrate the database first"
    )
    parser.add_argument("--host", help="监听地址 / address, over RELIEF_HOST")
    parser.add_argument("--port", type=int, help="端口 / port, over RELIEF_PORT")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 after an orderly stop."""
    settings = load_settings()
    check_server(database_url(settings.service_url(), settings.data_dir, settings.pg_bindir))
    if arguments.migrate:
        from app.cli.migrate import upgrade  # noqa: PLC0415  a fifth of the time to be ready

        upgrade(database_url(settings.migration_url(), settings.data_dir, settings.pg_bindir))
    watch(settings, "relief-api")
    serve(settings, arguments.host or settings.host, arguments.port or settings.port)
    return 0


class Server(uvicorn.Server):
    """Sends its callers away before it closes the door.

    Closing an open connection that seems idle may cut off a request that is already on its way. So
    each answer first tells its caller to connect anew; whoever balances sees on /readyz that this
    process takes no more; and the door is closed when nobody is left, or after some seconds.
    """

    def __init__(
        self, config: uvicorn.Config, leave: Callable[[], None], drain_seconds: float
    ) -> None:
        """`leave` is called once, when the process was told to stop."""
        super().__init__(config)
        self._leave = leave
        self._drain_seconds = drain_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, close the door, drain again, then stop as always; a second signal does not wait.

        Whoever came in as the door closed has not been told to leave yet: it is answered first.
        """
        self._leave()
        await self._drain(self._drain_seconds)
        for server in self.servers:
            server.close()
        await self._drain(min(self._drain_seconds, LAST_SECONDS))
        await super().shutdown(sockets)

    async def _drain(self, seconds: float) -> None:
        """Wait until nobody is here nor at the door, at most so long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not self.force_exit and loop.time() < until:
            for _ in range(TURNS):
                await asyncio.sleep(0)
            if not self.server_state.connections:  # a set of the server's, and no event
                return
            await asyncio.sleep(LOOK_SECONDS)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal comes; uvicorn takes uvloop and httptools when they are installed."""
    # After its orderly stop uvicorn raises the signal once more; without this it would kill us.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _stopped)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,  # the envelope writes one line per request, without queries
        server_header=False,
        proxy_headers=False,  # whom to believe is said by RELIEF_TRUSTED_PROXIES, and judged by us
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    Server(config, partial(leave, app), settings.drain_seconds).run()


def _stopped(_signal: int, _frame: object) -> None:
    raise SystemExit(0)
