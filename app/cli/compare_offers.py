"""relief compare-offers: several insurers' terms and prices over one real year, side by side."""

import argparse
import asyncio
import csv
import json
import sys
from datetime import date
from pathlib import Path

from app.catalogue import load_file
from app.cli._desk import open_database, operator
from app.cli._tallies import label, tally_json
from app.db.session import Database
from app.domain.caller import Role
from app.domain.canonical import digest
from app.domain.errors import ReliefError
from app.domain.money import yuan
from app.domain.sentences import percent_zh
from app.domain.terms import Terms
from app.services.assessments.compare_offers import Compared, Offered, compare_offers
from app.settings import load_settings

COLUMNS = (
    "方案",
    "保费（元）",
    "赔付（元）",
    "赔付率",
    "赔付件数",
    "受益增加户数",
    "受益减少户数",
    "家庭自付（元）",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "compare-offers", help="多家报价按同一年实际赔案比较 / offers over the same real year"
    )
    parser.add_argument("--policy", required=True, metavar="NO", help="保单号 / policy number")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PREFIX",
        help="写入 PREFIX.csv 和 PREFIX.json / write PREFIX.csv and PREFIX.json",
    )
    parser.add_argument("--workers", type=int, default=2, help="进程数 / processes; default 2")
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="各家条款，含 premium / offers"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 and two files, or 1 with the refusal in both languages and none."""
    try:
        offers = tuple(load_file(file) for file in arguments.files)
        found, today = asyncio.run(_compared(arguments.policy, offers, arguments.workers))
    except (ReliefError, OSError) as refusal:
        told = refusal.detail_zh if isinstance(refusal, ReliefError) else "文件读写失败"
        print(f"{told} / {refusal}", file=sys.stderr)
        return 1
    names = ("现行", *(file.name for file in arguments.files))
    write(found, names, arguments.out, today)
    for name, one in zip(names, found.offers, strict=True):
        cells = zip(COLUMNS, _cells(name, one), strict=True)
        print("，".join(f"{column} {cell}" for column, cell in cells))
    return 0


async def _compared(
    policy_no: str, offers: tuple[Terms, ...], workers: int
) -> tuple[Compared, date]:
    database: Database = open_database(load_settings())
    caller = operator(Role.SYSTEM)
    try:
        async with database.transaction(caller) as tx:
            today = await tx.today()
        return await compare_offers(database, caller, policy_no, offers, workers), today
    finally:
        await database.close()


def write(found: Compared, names: tuple[str, ...], prefix: Path, made_on: date) -> None:
    """Write the record: a table (UTF-8 with BOM, as spreadsheets want it) and all figures as JSON.

    Terms are named by digest, so that the record tells for ever what was compared.
    """
    rows = list(zip(names, found.offers, strict=True))
    with prefix.with_name(f"{prefix.name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for name, one in rows:
            table.writerow(_safe(cell) for cell in _cells(name, one))
    told = {
        "policy_no": found.policy.policy_no,
        "period_from": found.policy.period_from.isoformat(),
        "period_to": found.policy.period_to.isoformat(),
        "made_on": made_on.isoformat(),
        "currency": "CNY",
        "offers": [
            {
                "file": name,
                "terms_sha256": digest(one.terms),
                "premium": yuan(one.premium_fen),
                "loss_ratio_bp": one.loss_ratio_bp,
                **tally_json(one.terms, one.tally),
            }
            for name, one in rows
        ],
    }
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    prefix.with_name(f"{prefix.name}.json").write_text(text, encoding="utf-8")


def _cells(name: str, one: Offered) -> tuple[str, ...]:
    ratio = one.loss_ratio_bp
    return (
        f"{name}：{label(one.terms)}",
        yuan(one.premium_fen),
        yuan(one.tally.fen),
        "" if ratio is None else percent_zh(ratio),
        str(one.tally.paid),
        str(one.tally.families_better),
        str(one.tally.families_worse),
        yuan(one.tally.left_fen),
    )


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
