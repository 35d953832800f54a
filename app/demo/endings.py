"""How claims of the past ended, or where they rest: a table of what the insurer said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.db.claims import ClaimRow
from app.domain.money import yuan

News = tuple[str, date, Mapping[str, object]]
LAST4 = "0000"


@dataclass(frozen=True, slots=True)
class Plan:
    """So many notices of a kind, on a policy (by its short name), with an ending.

    Endings of insured claims are told by the insurer (`news_of`); others are acts of officers:
    `draft`, `unmatched`, `parked`, `withdrawn`, `check`, `pending`, `proposed` and `decided`.
    """

    count: int
    kind: str
    contract: str
    ending: str


PLANS = (
    Plan(56, "inpatient", "chunan", "paid"),
    Plan(34, "outpatient", "chunan", "paid"),
    Plan(14, "inpatient", "chunan", "partial"),
    Plan(8, "inpatient", "chunan", "declined"),
    Plan(14, "inpatient", "chunan", "under_review"),
    Plan(8, "inpatient", "chunan", "evidence"),
    Plan(5, "inpatient", "chunan", "sent"),
    Plan(4, "outpatient", "chunan", "failed"),
    Plan(4, "inpatient", "chunan", "returned"),
    Plan(4, "inpatient", "chunan", "parked"),
    Plan(6, "outpatient", "chunan", "withdrawn"),
    Plan(12, "inpatient", "chongqing", "paid"),
    Plan(8, "minor", "chongqing", "below"),
    Plan(10, "storm", "house", "paid"),
    Plan(8, "care", "nursing", "paid"),
    Plan(6, "care", "nursing", "check"),
    Plan(5, "costly", "fund", "decided"),
    Plan(4, "costly", "fund", "proposed"),
    Plan(6, "costly", "fund", "pending"),
    Plan(5, "inpatient", "none", "unmatched"),
    Plan(8, "outpatient", "chunan", "draft"),
)
TOLD = frozenset(
    {
        "paid",
        "partial",
        "declined",
        "below",
        "under_review",
        "evidence",
        "sent",
        "failed",
        "returned",
    }
)


def news_of(ending: str, claim: ClaimRow, on: date) -> Iterator[News]:
    """Give what the insurer told of a claim, in order; `on` is the day of the event.

    The same for the same claim, so that telling it once more is a duplicate and no conflict.
    """
    assessed = claim.assessed_fen or 0
    day = on + timedelta(days=9)
    yield "claim.accepted", day, {}
    if ending == "evidence":
        yield "claim.evidence_requested", day, _papers(on)
    if ending in ("evidence", "under_review"):
        return
    amount = {"partial": assessed // 2, "declined": 0, "below": 0}.get(ending, assessed)
    yield "claim.decided", day, _decision(ending, amount, day)
    if amount:
        yield from _money(ending, claim, amount, day)


def _papers(on: date) -> dict[str, object]:
    return {
        "items": [{"code": "itemised_list", "label_zh": "费用明细清单"}],
        "due_on": (on + timedelta(days=90)).isoformat(),
        "reason_zh": "一次性告知：请补交费用明细清单",
    }


def _decision(ending: str, amount_fen: int, day: date) -> dict[str, object]:
    found: dict[str, object] = {
        "outcome": "full" if amount_fen else "nil",
        "amount": yuan(amount_fen),
        "currency": "CNY",
        "decided_on": day.isoformat(),
    }
    if ending == "partial" and amount_fen:
        found |= {"outcome": "partial", "clause": "第七条", "reason_zh": "部分费用不属于保障范围"}
    if ending == "declined":
        found |= {"outcome": "declined", "clause": "第九条", "reason_zh": "属于责任免除情形"}
    if ending == "below":
        found |= {"outcome": "below_deductible", "reason_zh": "个人负担未达起付线"}
    return found


def _money(ending: str, claim: ClaimRow, amount_fen: int, day: date) -> Iterator[News]:
    reference, settlement = f"ZF{claim.claim_no}", f"JS{claim.claim_no}"
    paid: dict[str, object] = {
        "payout_reference": reference,
        "amount": yuan(amount_fen),
        "account_last4": LAST4,
    }
    yield "payout.sent", day, paid
    if ending == "sent":
        return
    if ending == "failed":
        failure = {"failure_code": "account_wrong", "reason_zh": "账号有误"}
        yield "payout.failed", day, paid | failure
        return
    settled = paid | {"settlement_no": settlement}
    yield "payout.paid", day, settled | {"paid_on": day.isoformat()}
    if ending == "returned":
        failure = {"failure_code": "account_closed", "reason_zh": "账户已销户"}
        yield "payout.returned", day, settled | failure
