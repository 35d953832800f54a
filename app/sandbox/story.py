"""What the stand-in decides, and in which steps: pure, told by the claim alone.

The 15th to 17th digit of the identity number name a story; failing that, the fen of the first
bill's total do; failing that, the claim is approved in full.

| digits | fen | story |
| --- | --- | --- |
| 901 | .01 | approved in full, paid |
| 902 | .02 | half of it (down to the fen), paid |
| 903 | .03 | refused, with clause and reason |
| 904 | .04 | asks for papers once; when they come, approved in full and paid |
| 905 | .05 | below the deductible |
| 906 | .06 | the bank refuses the account: payout failed |
| 907 | .07 | paid, and returned by the bank afterwards |
| 908 | .08 | accepts and never decides |
| 909 |     | decides after five seconds |

An account that ends in 4001 belongs to somebody else, of one that ends in 4002 nobody can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

SLOW_SECONDS = 5.0
PAPERS_DAYS = 15
WHOLE_BP = 10_000


class Story(StrEnum):
    """The stories, in the order of their magic numbers."""

    FULL = "full"
    PARTIAL = "partial"
    DECLINED = "declined"
    PAPERS = "papers"
    BELOW_DEDUCTIBLE = "below_deductible"
    BANK_FAILURE = "bank_failure"
    BANK_RETURN = "bank_return"
    SILENT = "silent"
    SLOW = "slow"


class Effect(StrEnum):
    """What a step changes in the insurer's own books before it is told."""

    NONE = "none"
    SEND = "send"
    PAY = "pay"
    FAIL = "fail"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Step:
    """One event to come: after `delays` pauses, with an effect on payment number `payment`."""

    type: str
    data: dict[str, object]
    delays: float = 1.0
    effect: Effect = Effect.NONE
    payment: int = 0


@dataclass(frozen=True, slots=True)
class Payee:
    """Who gets which part of the money; `account_last4` is empty when no account was given."""

    account_last4: str
    share_bp: int


_BY_DIGITS = {str(901 + place): story for place, story in enumerate(Story)}
_BY_FEN = {f"0{1 + place}": story for place, story in enumerate(Story) if story != Story.SLOW}
_PAID_IN_FULL = frozenset(
    {Story.FULL, Story.SLOW, Story.BANK_FAILURE, Story.BANK_RETURN, Story.PAPERS}
)


def choose(id_number: str | None, first_total: str | None) -> Story:
    """Pick the story of a claim by its magic numbers."""
    digits = (id_number or "")[14:17]
    if digits in _BY_DIGITS:
        return _BY_DIGITS[digits]
    _, _, fen = (first_total or "").partition(".")
    return _BY_FEN.get(fen, Story.FULL)


def whose(account: str) -> str:
    """Tell whether an account belongs to the name it is given with: its last digits say so."""
    return {"4001": "no", "4002": "unknown"}.get(account[-4:], "yes")


def decision(story: Story, assessed_fen: int, on: date, *, deductible: bool) -> Step:
    """Decide. `deductible` tells whether the assessment speaks of one, when it came to nothing."""
    outcome, amount_fen, clause, reason = _finding(story, assessed_fen, deductible=deductible)
    data: dict[str, object] = {
        "outcome": outcome,
        "amount": yuan(amount_fen),
        "currency": "CNY",
        "clause": clause,
        "reason_zh": reason,
        "decided_on": on.isoformat(),
    }
    return Step("claim.decided", data)


def _finding(story: Story, assessed_fen: int, *, deductible: bool) -> tuple[str, int, str, str]:
    if story == Story.DECLINED:
        return "declined", 0, "第八条第二款", "所报事故属于责任免除范围。"
    if story == Story.BELOW_DEDUCTIBLE:
        return "below_deductible", 0, "第五条", "本次费用未达到起付线，已计入年度累计。"
    amount_fen = assessed_fen // 2 if story == Story.PARTIAL else assessed_fen
    if amount_fen == 0:
        if deductible:
            return "below_deductible", 0, "第五条", "本次费用未达到起付线，已计入年度累计。"
        return "nil", 0, "第五条", "按条款计算的赔付金额为零。"
    if story == Story.PARTIAL:
        return "partial", amount_fen, "第六条", "部分费用不在保障范围内。"
    return "full", assessed_fen, "第五条", "属于保险责任，按约定全额赔付。"


def papers(on: date) -> Step:
    """Ask for papers, once."""
    items = [{"code": "itemised_list", "label_zh": "费用明细清单"}]
    due_on = on + timedelta(days=PAPERS_DAYS)
    data: dict[str, object] = {
        "items": items,
        "due_on": due_on.isoformat(),
        "reason_zh": "上传的清单影像不清晰，请补充。",
    }
    return Step("claim.evidence_requested", data)


def payment_steps(story: Story, payment: int, account_last4: str) -> list[Step]:
    """The way of one payment; the books fill in reference, settlement number, amount and day."""
    told: dict[str, object] = {"account_last4": account_last4} if account_last4 else {}
    sent = Step("payout.sent", dict(told), effect=Effect.SEND, payment=payment)
    if not account_last4 or story == Story.BANK_FAILURE:
        reason = "收款账号有误，银行退票。" if account_last4 else "未提供收款账户。"
        failed: dict[str, object] = {"failure_code": "account_wrong", "reason_zh": reason}
        return [sent, Step("payout.failed", failed, effect=Effect.FAIL, payment=payment)]
    paid = Step("payout.paid", dict(told), effect=Effect.PAY, payment=payment)
    if story != Story.BANK_RETURN:
        return [sent, paid]
    returned: dict[str, object] = {
        "failure_code": "account_closed",
        "reason_zh": "收款账户已销户，款项退回。",
    }
    back = Step("payout.returned", returned, delays=2.0, effect=Effect.RETURN, payment=payment)
    return [sent, paid, back]


def before_decision(step: Step) -> Step:
    """Say of a step of a payment that it pays an advance."""
    return replace(step, data={**step.data, "purpose": "advance"})


def split(total_fen: int, payees: Sequence[Payee]) -> list[int]:
    """Split by shares, largest remainder first; the parts sum to the whole."""
    shares = [payee.share_bp for payee in payees]
    whole = sum(shares) or WHOLE_BP
    parts = [total_fen * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: -(total_fen * shares[i] % whole))
    for place in by_remainder[: total_fen - sum(parts)]:
        parts[place] += 1
    return parts


def yuan(fen: int) -> str:
    """Write fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    """Read yuan with two decimals. Raises ValueError for anything else."""
    whole, dot, cents = text.partition(".")
    if not (dot and len(cents) == 2 and (whole + cents).isascii() and (whole + cents).isdigit()):  # noqa: PLR2004 - two decimals
        raise ValueError("an amount is yuan with two decimals")
    return int(whole) * 100 + int(cents)
