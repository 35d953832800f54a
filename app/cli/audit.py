"""relief audit: verify the audit trail, publish where it stands."""

import argparse
import asyncio
import sys
from pathlib import Path

from app.cli._desk import open_database, operator
from app.db.audit import TrailFault
from app.domain.caller import Role
from app.services.audit.publish_root import publish_root
from app.services.audit.verify_trail import TrailVerified, verify_trail
from app.services.delegations.draw_case import DrawsVerified, verify_draws
from app.settings import load_settings

MOST_SHOWN = 50


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("audit", help="审计链 / the audit trail")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    verify = acts.add_parser("verify", help="核验审计链与账目 / verify every link and row")
    verify.add_argument(
        "--roots", type=Path, help="已公布的根目录；默认为本机的 / folder of published roots"
    )
    verify.set_defaults(run=_verify)
    root = acts.add_parser("root", help="公布当前的根 / publish where the chains stand")
    root.add_argument("--to", type=Path, help="写入的目录；默认为本机的 / folder to write to")
    root.set_defaults(run=_root)


def _verify(arguments: argparse.Namespace) -> int:
    """Exit status 0 when everything is as it was written, else 1."""
    verified, draws = asyncio.run(_verified(arguments.roots))
    print(
        f"{draws.cases} 件授权审批的抽签，{draws.unknown} 件密钥已不在"
        " / lots of delegated decisions, of keys no longer held"
    )
    for claim_no in draws.wrong[:MOST_SHOWN]:
        print(f"✗ {claim_no} 抽签不符 / another lot", file=sys.stderr)
    print(
        f"{verified.chains} 条链，{verified.rows} 行，{verified.roots} 个已公布的根"
        " / chains, rows, published roots"
    )
    if not verified.faults and not draws.wrong:
        print("完好 / whole")
        return 0
    for fault in verified.faults[:MOST_SHOWN]:
        print(f"✗ {_place(fault)} {fault.fault}", file=sys.stderr)
    wrong = len(verified.faults) + len(draws.wrong)
    print(f"共 {wrong} 处不符 / places do not fit", file=sys.stderr)
    return 1


def _root(arguments: argparse.Namespace) -> int:
    """Exit status 0; the file's path and the root are printed."""
    return asyncio.run(_publish(arguments.to))


async def _verified(roots: Path | None) -> tuple[TrailVerified, DrawsVerified]:
    settings = load_settings()
    database = open_database(settings)
    try:
        async with database.transaction(operator(Role.AUDIT)) as tx:
            verified = await verify_trail(tx, roots or settings.roots_folder())
            return verified, await verify_draws(tx)
    finally:
        await database.close()


async def _publish(to: Path | None) -> int:
    settings = load_settings()
    database = open_database(settings)
    try:
        async with database.transaction(operator(Role.AUDIT)) as tx:
            path, root = await publish_root(tx, to or settings.roots_folder())
    finally:
        await database.close()
    print(f"{path}\n{root.root.hex()}")
    return 0


def _place(fault: TrailFault) -> str:
    county = f"{fault.chain // 10**6:06d}"
    return f"{county} #{fault.seq}" if fault.seq else county
