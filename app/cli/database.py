"""relief database: the embedded server, by hand."""

import argparse

from app.launcher import ensure_server, server_url, stop_server
from app.settings import load_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `relief database start|stop|url`."""
    parser = subparsers.add_parser(
        "database", help="内置数据库：启动、停止、连接地址 / the embedded server: start, stop, url"
    )
    parser.add_argument("act", choices=("start", "stop", "url"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 1 when there is no running server to stop or to name."""
    settings = load_settings()
    if arguments.act == "stop":
        stopped = stop_server(settings.data_dir, bindir=settings.pg_bindir)
        print("已停止 / stopped" if stopped else "没有在运行 / none was running")
        return 0 if stopped else 1
    if arguments.act == "start":
        ensure_server(settings.data_dir, bindir=settings.pg_bindir)
    url = server_url(settings.data_dir)
    print(url or "没有在运行 / none is running")
    return 0 if url else 1
