"""relief invariants: ask the stored rows whether all that must hold does hold."""

import argparse
import asyncio
import json

from app.cli._desk import open_database, operator
from app.db.invariants import INVARIANTS, Finding, check
from app.domain.caller import Role
from app.settings import load_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("invariants", help="核对不变量 / check what must always hold")
    parser.add_argument("--json", action="store_true", help="机器可读 / as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when everything holds, 1 when anything does not."""
    findings = asyncio.run(_check_all())
    if arguments.json:
        print(json.dumps([_plain(one) for one in findings], ensure_ascii=False))
    else:
        for one in findings:
            _tell(one)
    return 0 if all(one.broken == 0 for one in findings) else 1


async def _check_all() -> list[Finding]:
    database = open_database(load_settings())
    try:
        async with database.transaction(operator(Role.SYSTEM)) as tx:
            return [await check(tx, invariant) for invariant in INVARIANTS]
    finally:
        await database.close()


def _tell(found: Finding) -> None:
    invariant = found.invariant
    sign = "✓" if found.broken == 0 else f"✗ {found.broken}"
    print(f"{invariant.number:>3}  {sign:<6} {invariant.name_zh} / {invariant.name_en}")
    for place in found.places:
        print(f"            {place}")


def _plain(found: Finding) -> dict[str, object]:
    return {
        "number": found.invariant.number,
        "name_zh": found.invariant.name_zh,
        "name_en": found.invariant.name_en,
        "broken": found.broken,
        "places": list(found.places),
    }
