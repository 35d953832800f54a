"""The chapter on statements: what an insurer says it paid on a day, held against our books."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.demo.office import Json, Office, Refused
from app.demo.telling import Teller
from app.domain.money import parse_yuan, yuan

SETTLED = ("closed", "paid", "paying")
PAGE = 100
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFF_BY_FEN = 1


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
        """Hold the statement of the last day on which money arrived against ours; close the day.

        Its maker has put a fen too little into one line. A day that an earlier run closed is shown.
        """
        self.teller.chapter("五、对账：保险公司的日对账单少了一分钱 / the statement of a day")
        day, lines = self._last_day()
        if day is None:
            self.teller.more("过去没有到账的款项，无账可对 / no money arrived before today")
            return
        number = f"{self.area_code[:6]}-{self.code}-{day:%Y%m%d}"
        statement, wrong = _with_one_wrong(lines)
        taken = self.insurer.write("/v1/statements", self._form(day, statement))
        self.teller.step("收单", f"{day} {len(lines)} 笔，支付合计 {taken['paid']} 元")
        if taken["repeated"]:
            self._show(self.county.read(f"/v1/reconciliations/{number}"))
        else:
            self._settle(number, wrong)

    def _settle(self, number: str, wrong: Json) -> None:
        """See the one difference, be refused the closing, own it, settle it, close."""
        county, path = self.county, f"/v1/reconciliations/{number}"
        items = county.read(f"{path}/items?state=open")["items"]
        found = [(item["claim_no"], item["kind"]["code"]) for item in items]
        if found != [(wrong["claim_no"], "amount_mismatch")]:
            raise OtherwiseThanTold(f"{number}: {found}")
        [item] = items
        self.teller.step("差异", f"{item['claim_no']} {item['sentence_zh']}")
        try:
            county.write(f"{path}:close")
        except Refused as refusal:
            if refusal.code != "period.blocked":
                raise
            self.teller.more("差异无人认领，不能封账 / nobody owns it: the day cannot be closed")
        else:
            raise OtherwiseThanTold(f"{number}: closed with an open difference")
        item_path = f"/v1/reconciliation-items/{item['id']}"
        county.write(f"{item_path}:assign", {"owner": "县民政对账岗"})
        told = {"reason_zh": "银行流水与我方一致，保险公司书面更正该笔金额"}
        county.write(f"{item_path}:resolve", told)
        self.teller.step("处理", f"已认领并说明：{told['reason_zh']}")
        self._show(county.write(f"{path}:close"))

    def _show(self, closed: Json) -> None:
        if closed["state"]["code"] != "closed":
            raise OtherwiseThanTold(f"{closed['reconciliation_no']}: {closed['state']['code']}")
        tallies = [f"{one['kind']['label_zh']} {one['count']}" for one in closed["tallies"]]
        self.teller.step("封账", f"{closed['reconciliation_no']}：{'，'.join(tallies)}；差异已处理")
        self.teller.more(f"签名的摘要 signed digest {closed['digest'][:16]}…")

    def _form(self, day: date, lines: list[Json]) -> Json:
        return {
            "area_code": self.area_code,
            "day": day.isoformat(),
            "totals": {
                f"{direction}_{what}": told
                for direction in ("paid", "returned")
                for what, told in _total(lines, direction).items()
            },
            "lines": lines,
        }

    def _last_day(self) -> tuple[date | None, list[Json]]:
        """Give the last day before today on which money moved, with what moved."""
        by_day: dict[str, list[Json]] = {}
        for line in self._moved():
            by_day.setdefault(line["settled_on"], []).append(line)
        days = [day for day in by_day if day < self.today.isoformat()]
        return (date.fromisoformat(max(days)), by_day[max(days)]) if days else (None, [])

    def _moved(self) -> Iterator[Json]:
        """Give what the insurer paid, and what came back, as lines of a statement."""
        for claim in self._claims():
            for payout in self.insurer.read(f"/v1/payouts?claim_no={claim['claim_no']}")["items"]:
                for attempt in payout["attempts"]:
                    if attempt["settlement_no"] and attempt["paid_on"]:
                        yield from _lines(claim, payout, attempt)

    def _claims(self) -> Iterator[Json]:
        for status in SETTLED:
            cursor = ""
            while True:
                page = self.insurer.read(f"/v1/claims?status={status}&limit={PAGE}{cursor}")
                yield from page["items"]
                if not page["has_more"]:
                    break
                cursor = f"&cursor={page['next_cursor']}"


def _lines(claim: Json, payout: Json, attempt: Json) -> Iterator[Json]:
    paid = {
        "claim_no": claim["claim_no"],
        "payout_reference": payout["reference"],
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
        yield paid | {"direction": "returned", "settled_on": day.isoformat()}


def _with_one_wrong(lines: list[Json]) -> tuple[list[Json], Json]:
    """Give the lines with a fen less in the first payment, and that line."""
    first, *others = sorted(lines, key=lambda line: (line["direction"], line["settlement_no"]))
    wrong = first | {"amount": yuan(parse_yuan(first["amount"]) - OFF_BY_FEN)}
    return [wrong, *others], wrong


def _total(lines: list[Json], direction: str) -> Json:
    amounts = [parse_yuan(line["amount"]) for line in lines if line["direction"] == direction]
    return {"count": len(amounts), "amount": yuan(sum(amounts))}
