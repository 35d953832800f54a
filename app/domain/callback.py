"""What an insurer's callback says, read strictly: our words, fen, days; anything odd is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.errors import Invalid
from app.domain.lifecycle import Outcome
from app.domain.money import parse_yuan
from app.domain.pend_words import PendReason, pend_reason

PAYING = frozenset({Outcome.FULL, Outcome.PARTIAL, Outcome.GOODWILL})
FAILURES = frozenset(
    {"name_mismatch", "account_wrong", "account_closed", "account_frozen", "other"}
)
BENEFIT, ADVANCE = "benefit", "advance"  # what a payout is for
MOST_TEXT = 500
MOST_PAPERS = 20
LAST4 = 4


class Unreadable(Exception):
    """The callback cannot be taken at its word; `reason` is a word of ours, safe to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Accepted:
    insurer_case_no: str | None


@dataclass(frozen=True, slots=True)
class EvidenceAsked:
    insurer_case_no: str | None
    papers: tuple[tuple[str, str], ...]
    due_on: date | None
    reason_zh: str
    pend: PendReason | None = None


@dataclass(frozen=True, slots=True)
class Pended:
    """The insurer says what it waits for; nothing else changes."""

    insurer_case_no: str | None
    reason: PendReason
    said_zh: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    insurer_case_no: str | None
    outcome: Outcome
    amount_fen: int
    clause: str | None
    reason_zh: str | None
    decided_on: date


@dataclass(frozen=True, slots=True)
class PayoutTold:
    """News of a payout: `state` is sent, paid, failed or returned.

    `advance`: the insurer says that it goes before a decision.
    """

    state: str
    reference: str
    settlement_no: str | None
    amount_fen: int
    account_last4: str | None
    failure_code: str | None
    reason_zh: str | None
    paid_on: date | None
    advance: bool = False


News = Accepted | EvidenceAsked | Pended | Decided | PayoutTold


def read_callback(body: object, today: date) -> News:
    """Read a callback's parsed body. `today` (Asia/Shanghai) stands in where no day is told.

    Raises Unreadable for unknown types, missing parts, amounts that are no yuan strings of at most
    two decimals, other currencies, and outcomes that contradict their amount.
    """
    if not isinstance(body, dict):
        raise Unreadable("not_an_object")
    data = body.get("data")
    if not isinstance(data, dict):
        raise Unreadable("data_missing")
    match body.get("type"):
        case "claim.accepted":
            return Accepted(_text(data, "insurer_case_no"))
        case "claim.evidence_requested":
            return _evidence(data)
        case "claim.under_review":
            return _pended(data)
        case "claim.decided":
            return _decided(data, today)
        case "payout.sent" | "payout.paid" | "payout.failed" | "payout.returned" as told:
            return _payout(told.removeprefix("payout."), data, today)
        case _:
            raise Unreadable("unknown_type")


def _evidence(data: Mapping[str, object]) -> EvidenceAsked:
    items = data.get("items")
    if not isinstance(items, list) or not 0 < len(items) <= MOST_PAPERS:
        raise Unreadable("items_missing")
    papers = []
    for item in items:
        if not isinstance(item, dict):
            raise Unreadable("items_malformed")
        code, label = _text(item, "code"), _text(item, "label_zh")
        if code is None:
            raise Unreadable("items_malformed")
        papers.append((code, label or code))
    return EvidenceAsked(
        _text(data, "insurer_case_no"),
        tuple(papers),
        _day(data, "due_on"),
        _text(data, "reason_zh") or "",
        pend_reason(_text(data, "pend_code")),
    )


def _pended(data: Mapping[str, object]) -> Pended:
    reason = pend_reason(_text(data, "pend_code"))
    if reason is None:
        raise Unreadable("pend_code_missing")
    return Pended(_text(data, "insurer_case_no"), reason, _text(data, "reason_zh"))


def _decided(data: Mapping[str, object], today: date) -> Decided:
    word = _text(data, "outcome")
    if word is None or word not in Outcome.__members__.values():
        raise Unreadable("outcome_unknown")
    outcome, amount = Outcome(word), _amount(data)
    if (outcome in PAYING) != (amount > 0):
        raise Unreadable("outcome_contradicts_amount")
    return Decided(
        _text(data, "insurer_case_no"),
        outcome,
        amount,
        _text(data, "clause"),
        _text(data, "reason_zh"),
        _day(data, "decided_on") or today,
    )


def _payout(state: str, data: Mapping[str, object], today: date) -> PayoutTold:
    reference, settlement_no = _text(data, "payout_reference"), _text(data, "settlement_no")
    if reference is None:
        raise Unreadable("payout_reference_missing")
    if state in ("paid", "returned") and settlement_no is None:
        raise Unreadable("settlement_no_missing")
    amount = _amount(data)
    if amount == 0:
        raise Unreadable("amount_zero")
    failure = _text(data, "failure_code")
    last4 = _text(data, "account_last4")
    return PayoutTold(
        state,
        reference,
        settlement_no,
        amount,
        last4 if last4 is not None and len(last4) == LAST4 and last4.isdigit() else None,
        None if state in ("sent", "paid") else (failure if failure in FAILURES else "other"),
        _text(data, "reason_zh"),
        _day(data, "paid_on") or (today if state == "paid" else None),
        _is_advance(data),
    )


def _is_advance(data: Mapping[str, object]) -> bool:
    purpose = _text(data, "purpose") or BENEFIT
    if purpose not in (BENEFIT, ADVANCE):
        raise Unreadable("purpose_unknown")
    return purpose == ADVANCE


def _amount(data: Mapping[str, object]) -> int:
    if data.get("currency", "CNY") != "CNY":
        raise Unreadable("currency_unknown")
    amount = data.get("amount")
    if not isinstance(amount, str):
        raise Unreadable("amount_not_text")
    try:
        return parse_yuan(amount)
    except Invalid:
        raise Unreadable("amount_malformed") from None


def _text(data: Mapping[str, object], name: str) -> str | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value or len(value) > MOST_TEXT or "\x00" in value:
        raise Unreadable(f"{name}_malformed")
    return value


def _day(data: Mapping[str, object], name: str) -> date | None:
    value = _text(data, name)
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise Unreadable(f"{name}_malformed") from None
