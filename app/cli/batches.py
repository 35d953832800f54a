"""relief batches: one round of the drop folders, now."""

import argparse
import asyncio
import sys

from app.cli._desk import open_database, operator
from app.db.insurers import list_insurers
from app.domain.caller import Role
from app.settings import load_settings
from app.worker.batches import run_round


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("batches", help="批量文件收发 / case and result files")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("run", help="立即收发一次 / one round now").set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Exit status 1 when a result file was refused."""
    return asyncio.run(_run())


async def _run() -> int:
    settings = load_settings()
    database = open_database(settings)
    refused = 0
    try:
        async with database.transaction(operator(Role.SYSTEM)) as tx:
            insurers = [one for one in await list_insurers(tx) if one.dialect == "batch"]
        for insurer in insurers:
            done = await run_round(database, settings.drop_folder(), insurer.code)
            print(
                f"{insurer.code}: 送出 {len(done.batches)} 个文件，收到 {done.rows} 行"
                f" / {len(done.batches)} files out, {done.rows} rows in"
            )
            for file, reason in done.refused:
                print(f"{insurer.code}: 退回 {file}：{reason} / refused", file=sys.stderr)
            refused += len(done.refused)
    finally:
        await database.close()
    return 1 if refused else 0
