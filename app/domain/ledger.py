"""Double entry: what is booked for a claim.

Every set of lines sums to zero; nothing is ever undone, only booked the other way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.money import split_fen


class Account(StrEnum):
    """Accounts of a policy; per insurer share, or of the fund where there is no insurer."""

    INCURRED = "incurred"
    PAYABLE = "payable"
    PAID = "paid"


class Booking(StrEnum):
    """Why a set was booked."""

    DECIDED = "decided"
    PAID = "paid"
    RETURNED = "returned"


ACCOUNT_ZH: dict[Account, str] = {
    Account.INCURRED: "已发生赔款",
    Account.PAYABLE: "应付赔款",
    Account.PAID: "已付赔款",
}
_MOVES: dict[Booking, tuple[Account, Account]] = {
    Booking.DECIDED: (Account.INCURRED, Account.PAYABLE),
    Booking.PAID: (Account.PAYABLE, Account.PAID),
    Booking.RETURNED: (Account.PAID, Account.PAYABLE),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a set: fen, positive on the debit side, of one insurer's share or the fund's."""

    account: Account
    insurer_code: str | None
    amount_fen: int


def lines_for(
    booking: Booking, amount_fen: int, shares: Sequence[tuple[str, int]]
) -> tuple[Line, ...]:
    """Give the set of lines that books an amount (fen, may be negative for less than before).

    `shares` are (insurer, basis points); none means a fund. The parts of co-insurers sum to the
    whole by largest remainder, in the order of the shares.
    """
    debit, credit = _MOVES[booking]
    sign = -1 if amount_fen < 0 else 1
    parts: Sequence[tuple[str | None, int]] = [(None, amount_fen)]
    if shares:
        split = split_fen(abs(amount_fen), [share for _, share in shares])
        parts = [(code, sign * part) for (code, _), part in zip(shares, split, strict=True)]
    return tuple(
        line
        for insurer, part in parts
        if part
        for line in (Line(debit, insurer, part), Line(credit, insurer, -part))
    )
