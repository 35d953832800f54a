"""relief whatif: a policy's year of claims under other terms."""

import argparse
import asyncio
import json
import sys

from app.catalogue.situations import named_terms
from app.cli._desk import open_database, operator
from app.cli._tallies import compared_text, tally_json
from app.domain.caller import Role
from app.domain.errors import ReliefError
from app.domain.terms import Terms
from app.services.assessments.what_if import WhatIf, what_if
from app.settings import load_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "whatif", help="一年的赔案按另一套条款重算 / a year of claims under other terms"
    )
    parser.add_argument("--policy", required=True, metavar="NO", help="保单号 / policy number")
    parser.add_argument(
        "--terms",
        required=True,
        metavar="FILE|CODE",
        help="条款文件或目录中的项目编码 / a file of terms, or a code of the catalogue",
    )
    parser.add_argument("--workers", type=int, default=2, help="进程数 / processes; default 2")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 1 with the refusal in both languages."""
    try:
        terms = named_terms(arguments.terms)
        found = asyncio.run(_replayed(arguments.policy, (terms,), arguments.workers))
    except ReliefError as refusal:
        print(f"{refusal.detail_zh} / {refusal.detail_en}", file=sys.stderr)
        return 1
    was, now = found.alternatives
    if arguments.json:
        told = {
            "policy_no": found.policy.policy_no,
            "present": tally_json(was, found.tallies[0]),
            "changed": tally_json(now, found.tallies[1]),
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print("\n".join(compared_text((was, now), *found.tallies)))
    return 0


async def _replayed(policy_no: str, others: tuple[Terms, ...], workers: int) -> WhatIf:
    database = open_database(load_settings())
    try:
        return await what_if(database, operator(Role.SYSTEM), policy_no, others, workers)
    finally:
        await database.close()
