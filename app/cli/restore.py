"""relief restore: put a copy in the place of the embedded database, and hold what leaves."""

import argparse
import sys
from pathlib import Path

from app.cli import restoration
from app.launcher import ensure_server, put_back, stop_server
from app.services.restorations.begin_restoration import SKIPPED
from app.settings import load_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "restore", help="以备份恢复内置数据库，并暂停报送 / put a copy back, and hold what leaves"
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reason", required=True, help="原因 / why")
    parser.add_argument("--skip", type=int, default=SKIPPED, help=restoration.SKIP_HELP)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the copy is in place and the restoration has begun."""
    settings = load_settings()
    if settings.database_url is not None:
        print(
            "使用外部数据库时请用其自身工具恢复，然后在启动后台任务之前运行"
            " relief restoration begin / restore it by its own means, then begin the restoration"
            " before any worker starts",
            file=sys.stderr,
        )
        return 2
    stop_server(settings.data_dir, bindir=settings.pg_bindir)
    kept = put_back(settings.data_dir, arguments.folder, bindir=settings.pg_bindir)
    # On another port than before: a worker that still runs does not find it.
    ensure_server(settings.data_dir, bindir=settings.pg_bindir)
    if kept is not None:
        print(f"原数据保留在 {kept} / what was there is kept")
    return restoration.begin(arguments)
