"""The chapter on statements: what an insurer says it paid on a day, held against our books."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from app.demo.office import Office
from app.demo.telling import Teller
from app.domain.money import parse_yuan, yuan
from client import Problem
from client.schemas import (
    Attempt,
    ClaimStatus,
    ClaimView,
    DayView,
    LineForm,
    PayoutView,
    StatementForm,
)

SETTLED: tuple[ClaimStatus, ...] = ("closed", "paid", "paying")
PAGE = 100
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFF_BY_FEN = 1
REASON_ZH = "银行流水与我方一致，保险公司书面更正该笔金额"


class OtherwiseThanTold(Exception):
    """The day came out otherwise than it is told."""


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Who takes part: the insurer that gives its statement, the county that checks it."""

    insurer: Office
    county: Office
    teller: Teller
    code: str  # of the insurer
    area_code: str  # of the county
    today: date

    def play(self) -> None:
        """Hold the statement of the last day on which money moved against ours; close the day.

        Its maker has put a fen too little into one line. A day that an earlier run closed is shown.
        """
        self.teller.chapter("五、对账：保险公司的日对账单少了一分钱 / the statement of a day")
        day, lines = self._last_day()
        if day is None:
            self.teller.more("过去没有到账的款项，无账可对 / no money arrived before today")
            return
        number = f"{self.area_code[:6]}-{self.code}-{day:%Y%m%d}"
        statement, wrong = _with_one_wrong(lines)
        taken = self.insurer.take_statement(self._form(day, statement)).body
        self.teller.step("收单", f"{day} {len(lines)} 笔，支付合计 {taken['paid']} 元")
        if taken["repeated"]:
            self._show(self.county.read_reconciliation(number).body)
        else:
            self._settle(number, wrong)

    def _settle(self, number: str, wrong: LineForm) -> None:
        """See the one difference, be refused the closing, own it, settle it, close."""
        items = self.county.read_differences(number, state="open").body["items"]
        found = [(item["claim_no"], item["kind"]["code"]) for item in items]
        if found != [(wrong["claim_no"], "amount_mismatch")]:
            raise OtherwiseThanTold(f"{number}: {found}")
        [item] = items
        self.teller.step("差异", f"{item['claim_no']} {item['sentence_zh']}")
        try:
            self.county.close_day(number)
        except Problem as refusal:
            if refusal.code != "period.blocked":
                raise
            self.teller.more("差异无人认领，不能封账 / nobody owns it: the day cannot be closed")
        else:
            raise OtherwiseThanTold(f"{number}: closed with an open difference")
        item_id = str(item["id"])
        self.county.assign_difference(item_id, {"owner": "县民政对账岗"})
        self.county.resolve_difference(item_id, {"reason_zh": REASON_ZH})
        self.teller.step("处理", f"已认领并说明：{REASON_ZH}")
        self._show(self.county.close_day(number).body)

    def _show(self, closed: DayView) -> None:
        if closed["state"]["code"] != "closed" or closed["digest"] is None:
            raise OtherwiseThanTold(f"{closed['reconciliation_no']}: {closed['state']['code']}")
        tallies = [f"{one['kind']['label_zh']} {one['count']}" for one in closed["tallies"]]
        self.teller.step("封账", f"{closed['reconciliation_no']}：{'，'.join(tallies)}；差异已处理")
        self.teller.more(f"签名的摘要 signed digest {closed['digest'][:16]}…")

    def _form(self, day: date, lines: list[LineForm]) -> StatementForm:
        paid_count, paid = _total(lines, "paid")
        returned_count, returned = _total(lines, "returned")
        return {
            "area_code": self.area_code,
            "day": day.isoformat(),
            "totals": {
                "paid_count": paid_count,
                "paid_amount": paid,
                "returned_count": returned_count,
                "returned_amount": returned,
            },
            "lines": lines,
        }

    def _last_day(self) -> tuple[date | None, list[LineForm]]:
        """Give the last day before today on which money moved, with what moved."""
        by_day: dict[str, list[LineForm]] = {}
        for line in self._moved():
            by_day.setdefault(line["settled_on"], []).append(line)
        days = [day for day in by_day if day < self.today.isoformat()]
        return (date.fromisoformat(max(days)), by_day[max(days)]) if days else (None, [])

    def _moved(self) -> Iterator[LineForm]:
        """Give what the insurer paid, and what came back, as lines of a statement."""
        for claim in self._claims():
            for payout in self.insurer.list_payouts(claim_no=claim["claim_no"]).body["items"]:
                for attempt in payout["attempts"]:
                    yield from _lines(claim, payout, attempt)

    def _claims(self) -> Iterator[ClaimView]:
        for status in SETTLED:
            cursor = None
            while True:
                page = self.insurer.list_claims(status=status, limit=PAGE, cursor=cursor).body
                yield from page["items"]
                cursor = page["next_cursor"]
                if cursor is None:
                    break


def _lines(claim: ClaimView, payout: PayoutView, attempt: Attempt) -> Iterator[LineForm]:
    if attempt["settlement_no"] is None or attempt["paid_on"] is None:
        return
    paid: LineForm = {
        "claim_no": claim["claim_no"],
        "payout_reference": payout["reference"] or "",
        "settlement_no": attempt["settlement_no"],
        "insurer_case_no": claim["insurer_case_no"],
        "direction": "paid",
        "amount": attempt["amount"],
        "settled_on": attempt["paid_on"],
    }
    yield paid
    if attempt["status"]["code"] == "returned":
        returned_at = datetime.fromisoformat(attempt["updated_at"])
        day = returned_at.astimezone(SHANGHAI).date()
        yield {**paid, "direction": "returned", "settled_on": day.isoformat()}


def _with_one_wrong(lines: list[LineForm]) -> tuple[list[LineForm], LineForm]:
    """Give the lines with a fen less in the first payment, and that line."""
    first, *others = sorted(lines, key=lambda line: (line["direction"], line["settlement_no"]))
    wrong: LineForm = {**first, "amount": yuan(parse_yuan(first["amount"]) - OFF_BY_FEN)}
    return [wrong, *others], wrong


def _total(lines: list[LineForm], direction: Literal["paid", "returned"]) -> tuple[int, str]:
    amounts = [parse_yuan(line["amount"]) for line in lines if line["direction"] == direction]
    return len(amounts), yuan(sum(amounts))
