"""relief summaries: compare the totals with the full count, or mend them by it."""

import argparse

from app.cli._desk import in_transaction
from app.db.session import Tx
from app.db.summaries import SUMMARIES, count_differences, mend
from app.domain.caller import Role
from app.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("summaries", help="核对报表汇总 / check the totals of reports")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("check", help="与逐件统计比较 / compare with the full count").set_defaults(
        run=_check
    )
    acts.add_parser("mend", help="按逐件统计补正 / mend by the full count").set_defaults(run=_mend)


def _check(_arguments: argparse.Namespace) -> int:
    """Exit status 0 when every total is right, 1 when any is not."""
    wrong: list[int] = []

    async def act(tx: Tx, _settings: Settings) -> None:
        for summary in SUMMARIES:
            found = await count_differences(tx, summary)
            wrong.append(found)
            print(f"{'✓' if found == 0 else '✗'} {summary.name}: {found} 组不符 / groups differ")

    return in_transaction(Role.SYSTEM, act) or int(any(wrong))


def _mend(_arguments: argparse.Namespace) -> int:
    """Exit status 0, whether or not there was anything to mend."""

    async def act(tx: Tx, _settings: Settings) -> None:
        for summary in SUMMARIES:
            print(f"{summary.name}: 补正 {await mend(tx, summary)} 组 / groups mended")

    return in_transaction(Role.SYSTEM, act)
