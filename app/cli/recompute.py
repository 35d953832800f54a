"""relief recompute: make stored assessments again; every one must come out bit for bit."""

import argparse
import asyncio
import sys

from app.cli._desk import open_database, operator
from app.domain.caller import Role
from app.domain.errors import ReliefError
from app.domain.money import yuan
from app.services.assessments.recompute import Difference, Recount, recompute
from app.settings import load_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "recompute", help="重算已存理算结果，逐位核对 / recompute what was assessed, bit for bit"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="全部 / every stored assessment")
    which.add_argument("--claim", metavar="NO", help="一个赔案 / one claim's")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when all come out as stored, else 1."""
    try:
        count = asyncio.run(_count(arguments.claim))
    except ReliefError as refusal:
        print(f"{refusal.detail_zh} / {refusal.detail_en}", file=sys.stderr)
        return 1
    print(f"重算 {count.checked} 件，一致 {count.checked - count.differing} 件，", end="")
    print(f"不一致 {count.differing} 件 / {count.checked} recomputed, {count.differing} differ")
    for one in count.first:
        print(f"  {_line(one)}")
    if count.differing > len(count.first):
        print(f"  ……只列前 {len(count.first)} 件 / only the first are listed")
    return 1 if count.differing else 0


async def _count(claim_no: str | None) -> Recount:
    database = open_database(load_settings())
    try:
        return await recompute(database, operator(Role.SYSTEM), claim_no)
    finally:
        await database.close()


def _line(one: Difference) -> str:
    now = "-" if one.found.amount_fen is None else yuan(one.found.amount_fen)
    return (
        f"{one.claim_no} #{one.seq} {one.found.pointer}："
        f"存 stored {yuan(one.stored_fen)}，重算 recomputed {now}"
    )
