"""relief reconcile: take a statement file, compare a day, and check what was closed."""

import argparse
import asyncio
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from app.cli._desk import in_transaction
from app.db.reconciliation_books import list_books
from app.db.reconciliations import DayRow, read_day
from app.db.session import Tx
from app.domain.caller import Role
from app.domain.closing import day_number
from app.domain.errors import ReliefError
from app.domain.matching import KIND_ZH, Kind
from app.domain.statement import Side
from app.services.insurers import pull_statements
from app.services.reconciliations.match_day import counts_of, match_day
from app.services.reconciliations.verify_days import verify_days
from app.services.statements.take_file import check, take_file
from app.services.statements.take_statement import Told
from app.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("reconcile", help="对账 / hold statements against our books")
    parser.add_argument("file", nargs="?", type=Path, help="对账单 CSV；不填则重新比对当日")
    parser.add_argument("--insurer", help="保险公司代码；bank 为基金的代发银行 / whose statement")
    parser.add_argument("--area", type=int, help="县级区划代码，12 位 / the county")
    parser.add_argument("--day", type=date.fromisoformat, help="对账单日期 / up to which day")
    parser.add_argument("--from-day", type=date.fromisoformat, help="起始日期 / since which day")
    parser.add_argument("--side", default=Side.STATEMENT.value, choices=[one.value for one in Side])
    parser.add_argument("--verify", action="store_true", help="复核已封账各日 / check closed days")
    parser.add_argument(
        "--pull",
        choices=["on", "off"],
        help="改变检验结果：是否按接口收取对账单 / overrides what the conformance kit found",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when both sides agree, 1 for differences or a refusal, 2 for a wrong call."""
    if arguments.verify:
        return _verify()
    if arguments.insurer is None:
        print("需要 --insurer / --insurer is needed", file=sys.stderr)
        return 2
    if arguments.pull is not None:
        return _pull(arguments.insurer, gives=arguments.pull == "on")
    if arguments.area is None or arguments.day is None:
        print("需要 --area 和 --day / --area and --day are needed", file=sys.stderr)
        return 2
    return _take(arguments) if arguments.file else _compare(arguments)


def _take(arguments: argparse.Namespace) -> int:
    found: list[DayRow] = []
    told = Told(
        arguments.area,
        arguments.insurer,
        arguments.side,
        "file",
        arguments.from_day or arguments.day,
        arguments.day,
    )
    try:
        with closing(arguments.file.open("rb")) as file:
            statement = asyncio.run(check(file, told))

            async def act(tx: Tx, _settings: Settings) -> None:
                taken = await take_file(tx, statement)
                if taken.repeated:
                    print("这份对账单此前已收 / this statement was taken before")
                found.append(await read_day(tx, _number(arguments)))

            return in_transaction(Role.SYSTEM, act) or _tell(found[0])
    except OSError as error:
        print(f"读不了文件 / the file cannot be read: {error}", file=sys.stderr)
    except ReliefError as refusal:
        print(f"{refusal.detail_zh} / {refusal.detail_en}", file=sys.stderr)
    return 1


def _compare(arguments: argparse.Namespace) -> int:
    found: list[DayRow] = []

    async def act(tx: Tx, _settings: Settings) -> None:
        found.append(await match_day(tx, _number(arguments)))

    return in_transaction(Role.SYSTEM, act) or _tell(found[0])


def _number(arguments: argparse.Namespace) -> str:
    return day_number(arguments.area, arguments.insurer, arguments.day)


def _tell(day: DayRow) -> int:
    counts = counts_of(day.figures)
    for kind in Kind:
        print(f"{KIND_ZH[kind]} {kind.value}: {counts.get(kind.value, 0)}")
    print(f"{day.number}: 待认领 {day.unowned}，处理中 {day.in_hand}，挂账 {day.carried}")
    return 1 if day.unowned or day.in_hand else 0


def _pull(insurer_code: str, *, gives: bool) -> int:
    async def act(tx: Tx, _settings: Settings) -> None:
        await pull_statements(tx, insurer_code, wanted=gives)
        print(f"{insurer_code}: {'每日收取' if gives else '不再收取'}对账单 / pulled: {gives}")

    return in_transaction(Role.SYSTEM, act)


def _verify() -> int:
    bent: list[str] = []

    async def act(tx: Tx, _settings: Settings) -> None:
        for book in await list_books(tx):
            wrong = await verify_days(tx, book)
            print(f"{book.party} {book.area_code:012d}: {'✗' if wrong else '✓'} {book.closed_on}")
            bent.extend(wrong)

    status = in_transaction(Role.SYSTEM, act)
    for number in bent:
        print(f"与签名不符 / not what was signed: {number}", file=sys.stderr)
    return status or (1 if bent else 0)
