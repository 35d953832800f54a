"""Whether an account belongs to the name it is given with: asked before money goes there."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.notice import Payee

# A channel that does not answer holds nothing up: after so long a claim goes on unchecked.
ANSWER_WITHIN = timedelta(minutes=15)


class AccountCheck(StrEnum):
    """What is known of an account; None of a payout's: its channel cannot check."""

    ASKED = "asked"
    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"  # no answer, or one that says nothing: the payment itself will tell
    CONFIRMED = "confirmed"  # did not match, and two persons entered the very same again


CHECK_ZH: dict[AccountCheck, str] = {
    AccountCheck.ASKED: "户名核验中",
    AccountCheck.MATCH: "户名核验一致",
    AccountCheck.MISMATCH: "户名与账号不符，请更正账户",
    AccountCheck.UNKNOWN: "未能核验户名",
    AccountCheck.CONFIRMED: "核验不符，经两人复核确认无误",
}


def account_text(payee: Payee) -> str:
    """Give what makes an account this one: name, number and bank."""
    return f"{payee.name}|{payee.account}|{payee.bank}"


def without_wrong(payees: Sequence[Payee], wrong: Collection[int]) -> tuple[Payee, ...]:
    """Give payees as a payer may be told of them: those in `wrong` (by place) without account."""
    return tuple(
        replace(payee, account="", bank="") if place in wrong else payee
        for place, payee in enumerate(payees)
    )


def still_waits(filed_at: datetime, now: datetime) -> bool:
    """Tell whether a claim filed then still waits for an answer about its accounts."""
    return now < filed_at + ANSWER_WITHIN
