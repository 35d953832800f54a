"""The bank's files: what we hand over (送盘), and what the bank hands back (回盘), with totals."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.errors import Fault, Invalid
from app.domain.money import yuan

HEADER = ("序号", "业务流水号", "收款户名", "收款账号", "开户行", "金额(元)")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Order:
    """One line for the bank: our name of the payout, and whom to pay; fen."""

    reference: str
    name: str
    account: str
    bank: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the bank's answer: `state` is paid or failed."""

    reference: str
    state: str
    amount_fen: int
    settlement_no: str | None
    failure_code: str | None
    reason_zh: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The control totals that the bank states beside its lines; fen."""

    paid_count: int
    paid_fen: int
    failed_count: int
    failed_fen: int


def bank_file(batch_no: str, orders: Sequence[Order]) -> str:
    """Write the hand-over file: a line with the totals, a header, one line per payout.

    CSV with CRLF; a text that a spreadsheet would take for a formula is kept apart by a quote.
    The same orders always give the same bytes.
    """
    out = _Lines()
    writer = csv.writer(out, lineterminator="\r\n")
    total = sum(order.amount_fen for order in orders)
    writer.writerow(("批次号", batch_no, "笔数", len(orders), "总金额(元)", yuan(total)))
    writer.writerow(HEADER)
    for place, order in enumerate(orders, start=1):
        texts = (order.reference, _plain(order.name), order.account, _plain(order.bank))
        writer.writerow((place, *texts, yuan(order.amount_fen)))
    return "".join(out)


class _Lines(list[str]):
    """Takes what the writer writes; nothing leaves this room."""

    def write(self, line: str) -> None:
        self.append(line)


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def check_totals(results: Sequence[Result], stated: Totals) -> None:
    """Compare the lines with the stated totals before any line is taken.

    Raises Invalid with import.control_total, and for a payout that is listed twice.
    """
    found = Totals(
        sum(one.state == "paid" for one in results),
        sum(one.amount_fen for one in results if one.state == "paid"),
        sum(one.state == "failed" for one in results),
        sum(one.amount_fen for one in results if one.state == "failed"),
    )
    if found != stated:
        raise Invalid(
            Fault(
                "/totals",
                "import.control_total",
                f"明细合计与总数不平：成功 {found.paid_count} 笔 {yuan(found.paid_fen)} 元，"
                f"失败 {found.failed_count} 笔 {yuan(found.failed_fen)} 元。",
                "The lines do not add up to the stated totals; nothing was taken.",
                "请向银行核对回盘文件后重新上传。",
            )
        )
    references = [one.reference for one in results]
    for place, reference in enumerate(references):
        if reference in references[:place]:
            raise Invalid(line_fault(place, "同一笔出现两次", "The payout is listed twice"))


def line_fault(place: int, message_zh: str, message_en: str) -> Fault:
    """Give the fault of one line of the bank's answer."""
    return Fault(f"/results/{place}", "validation.failed", message_zh, message_en)
