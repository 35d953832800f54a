"""The lot that draws delegated decisions for a second look: nobody can know it, nobody choose.

A keyed hash of the month, the delegation and the claim's number: the key is the service's own, so
no officer can tell beforehand which claim will be drawn; and whoever holds the key draws the same
again, so that a list can be checked afterwards.
"""

import hmac
from datetime import date
from enum import StrEnum
from uuid import UUID

WHOLE_BP = 10_000
_BYTES = 8  # of the hash: the remainder's lean towards small numbers is below 10 ** -15


class CaseState(StrEnum):
    """What became of a delegated decision in the sample."""

    UNDRAWN = "undrawn"
    OPEN = "open"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"


CASE_STATE_ZH: dict[CaseState, str] = {
    CaseState.UNDRAWN: "未抽中",
    CaseState.OPEN: "待复核",
    CaseState.CONFIRMED: "复核无误",
    CaseState.OBJECTED: "复核有异议",
}


def period_of(day: date) -> str:
    """Name the period (a month, `2026-11`) that a day's decisions are drawn in."""
    return f"{day:%Y-%m}"


def draw(key: bytes, period: str, delegation_id: UUID, claim_no: str) -> int:
    """Give a claim's lot, 0 to 9999; it is drawn when the lot is below the sample in basis points.

    `key` is 32 secret bytes, the same for every process of the service.
    """
    told = f"{period}|{delegation_id}|{claim_no}".encode()
    return int.from_bytes(hmac.digest(key, told, "sha256")[:_BYTES]) % WHOLE_BP


def is_drawn(lot: int, sample_bp: int) -> bool:
    """Tell whether a lot is in a sample of so many basis points."""
    return lot < sample_bp
