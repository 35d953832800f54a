"""relief areas: load the divisions, merge one into another."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from app.catalogue.divisions import AS_OF, Division, load_divisions, read_villages
from app.cli._desk import in_transaction
from app.db.areas import Area
from app.db.session import Tx
from app.domain.caller import Role, area_range, level_of, parent_of
from app.domain.errors import Invalid
from app.services.areas import load_areas, merge_area
from app.services.people.follow_merger import follow_merger
from app.settings import Settings

CHUNK = 5_000


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("areas", help="行政区划 / administrative divisions")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    load = acts.add_parser("load", help="载入省到乡，或一个县的村 / load province to township")
    load.add_argument("--within", type=_code, default=0, help="只载入其下，12 位代码 / only below")
    load.add_argument("--villages", type=Path, help="村级 CSV：code,name / a county's villages")
    load.set_defaults(run=_load)
    merge = acts.add_parser("merge", help="撤并一个区划 / merge one area into another")
    merge.add_argument("old", type=_code, help="被撤并的 12 位代码 / the one that ends")
    merge.add_argument("successor", type=_code, help="并入的 12 位代码 / what it becomes part of")
    merge.add_argument(
        "--last-day", type=date.fromisoformat, required=True, help="最后一日 / its last day"
    )
    merge.set_defaults(run=_merge)


def _code(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 12):  # noqa: PLR2004
        raise argparse.ArgumentTypeError("应为 12 位区划代码 / 12 digits")
    return int(text)


def _load(arguments: argparse.Namespace) -> int:
    """Exit status 0; 1 with every wrong line named."""
    try:
        divisions: Sequence[Division] = (
            read_villages(arguments.villages) if arguments.villages else load_divisions()
        )
    except Invalid as wrong:
        for fault in wrong.faults:
            print(f"{fault.message_zh} / {fault.message_en}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"读不了 {arguments.villages}：{error.strerror}", file=sys.stderr)
        return 1
    lo, hi = area_range(arguments.within)
    areas = [_area(one) for one in divisions if lo <= one.code < hi]

    async def act(tx: Tx, _settings: Settings) -> None:
        changed = 0
        for start in range(0, len(areas), CHUNK):
            changed += await load_areas(tx, areas[start : start + CHUNK])
        as_of = "" if arguments.villages else f"，截至 {AS_OF}"
        print(f"{len(areas)} 个区划{as_of}，新增或更名 {changed} 个 / areas, new or renamed")

    return in_transaction(Role.SYSTEM, act)


def _merge(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 1 with the reason."""

    async def act(tx: Tx, _settings: Settings) -> None:
        ended, successor, keys = await merge_area(
            tx, arguments.old, arguments.successor, arguments.last_day
        )
        moved = await follow_merger(tx, arguments.old, arguments.successor)
        print(
            f"{ended.name_zh} 自 {arguments.last_day} 后并入 {successor.name_zh}，"
            f"作废密钥 {keys} 个，随迁人员 {moved} 人 / merged, keys revoked, people moved\n"
            "原有案卷仍在原代码下：由县级办理，或为接收单位另发一把原区划的密钥 / "
            "its cases stay: the county works on them, or a key over the old code"
        )

    return in_transaction(Role.SECURITY, act)


def _area(division: Division) -> Area:
    return Area(division.code, division.name_zh, level_of(division.code), parent_of(division.code))
