"""relief backup: copy the embedded database while it runs."""

import argparse
from pathlib import Path

from app.launcher import back_up
from app.settings import load_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "backup", help="备份内置数据库到新目录 / copy the embedded database into a new folder"
    )
    parser.add_argument("folder", type=Path)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 once the copy is whole and every file of it was verified."""
    settings = load_settings()
    back_up(settings.data_dir, arguments.folder, bindir=settings.pg_bindir)
    print(
        f"已备份并校验 {arguments.folder}；材料目录与主密钥请另行保管"
        " / copied and verified; keep the papers and the master key apart"
    )
    return 0
