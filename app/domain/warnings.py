"""Warnings on policies and claims: something to look into, which stops nothing."""

from dataclasses import dataclass
from datetime import date

from app.domain.money import yuan_zh


@dataclass(frozen=True, slots=True)
class Flagged:
    """A code of the registry and what it means here, in one sentence."""

    code: str
    sentence_zh: str


def premium_warnings(gap_fen: int, due_on: date, today: date) -> tuple[Flagged, ...]:
    """Warn of premium (fen) that should have been paid by now; no claim is refused for it."""
    if gap_fen <= 0 or today <= due_on:
        return ()
    sentence = f"保费尚欠 {yuan_zh(gap_fen)}，请尽快缴清；不影响赔案的受理与支付"
    return (Flagged("premium.unpaid", sentence),)
