"""Double entry: what is booked for a claim and for the premium of a policy.

Every set of lines sums to zero, for each insurer too; nothing is ever undone, only booked the other
way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.money import split_fen

NO_BALANCES: Mapping[str | None, int] = {}


class Account(StrEnum):
    """Accounts of a policy; per insurer share, or of the fund where there is no insurer.

    A debit is positive. What is owed to families and what was paid to them stand as credits.
    """

    INCURRED = "incurred"
    PAYABLE = "payable"
    PAID = "paid"
    ADVANCE = "advance"
    RECEIVABLE = "receivable"
    WRONGLY_PAID = "wrongly_paid"
    RECOVERED = "recovered"
    PREMIUM_DUE = "premium_due"
    PREMIUM_PAID = "premium_paid"
    PREMIUM = "premium"


class Booking(StrEnum):
    """Why a set was booked."""

    DECIDED = "decided"
    PAID = "paid"
    RETURNED = "returned"
    REVERSED = "reversed"
    ADVANCED = "advanced"
    ADVANCE_RETURNED = "advance_returned"
    ADVANCE_COUNTED = "advance_counted"
    DEMANDED = "demanded"
    RECOVERED = "recovered"
    WAIVED = "waived"
    STOPPED = "stopped"
    PREMIUM_DUE = "premium_due"
    PREMIUM_PAID = "premium_paid"


ACCOUNT_ZH: dict[Account, str] = {
    Account.INCURRED: "已发生赔款",
    Account.PAYABLE: "应付赔款",
    Account.PAID: "已付赔款",
    Account.ADVANCE: "预付赔款",
    Account.RECEIVABLE: "应追回款",
    Account.WRONGLY_PAID: "错付赔款",
    Account.RECOVERED: "已追回款",
    Account.PREMIUM_DUE: "应收保费",
    Account.PREMIUM_PAID: "已收保费",
    Account.PREMIUM: "保费",
}
# (debit, credit, which of the two is split over co-insurers: the other takes the same parts)
_MOVES: dict[Booking, tuple[Account, Account, Account]] = {
    Booking.DECIDED: (Account.INCURRED, Account.PAYABLE, Account.INCURRED),
    Booking.STOPPED: (Account.PAYABLE, Account.INCURRED, Account.INCURRED),
    Booking.PAID: (Account.PAYABLE, Account.PAID, Account.PAID),
    Booking.RETURNED: (Account.PAID, Account.PAYABLE, Account.PAID),
    Booking.REVERSED: (Account.PAID, Account.PAYABLE, Account.PAID),
    Booking.ADVANCED: (Account.ADVANCE, Account.PAID, Account.PAID),
    Booking.ADVANCE_RETURNED: (Account.PAID, Account.ADVANCE, Account.PAID),
    Booking.ADVANCE_COUNTED: (Account.PAYABLE, Account.ADVANCE, Account.ADVANCE),
    Booking.DEMANDED: (Account.RECEIVABLE, Account.WRONGLY_PAID, Account.WRONGLY_PAID),
    Booking.RECOVERED: (Account.RECOVERED, Account.RECEIVABLE, Account.RECOVERED),
    Booking.WAIVED: (Account.WRONGLY_PAID, Account.RECEIVABLE, Account.WRONGLY_PAID),
    Booking.PREMIUM_DUE: (Account.PREMIUM_DUE, Account.PREMIUM, Account.PREMIUM),
    Booking.PREMIUM_PAID: (Account.PREMIUM_PAID, Account.PREMIUM_DUE, Account.PREMIUM_PAID),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a set: fen, positive on the debit side, of one insurer's share or the fund's."""

    account: Account
    insurer_code: str | None
    amount_fen: int


def split_account(booking: Booking) -> Account:
    """Give the account of a booking whose total is what co-insurers share."""
    return _MOVES[booking][2]


def lines_for(
    booking: Booking,
    amount_fen: int,
    shares: Sequence[tuple[str, int]],
    stands: Mapping[str | None, int] = NO_BALANCES,
) -> tuple[Line, ...]:
    """Give the set of lines that books an amount (fen, may be negative for less than before).

    `shares` are (insurer, basis points); none means a fund. `stands` is what each insurer has on
    the booking's `split_account` in this claim (or of this payer) so far: its total afterwards is
    split by largest remainder, in the order of the shares, and each insurer is brought to its part.
    So where everybody stands depends on the totals alone, never on the pieces or on their order.
    """
    debit, credit, shared = _MOVES[booking]
    sign = 1 if shared is debit else -1  # on the shared account
    parts: Sequence[tuple[str | None, int]] = [(None, amount_fen)]
    if shares:
        total = sum(stands.values()) + sign * amount_fen
        side = -1 if total < 0 else 1
        split = split_fen(abs(total), [share for _, share in shares])
        parts = [
            (code, sign * (side * part - stands.get(code, 0)))
            for (code, _), part in zip(shares, split, strict=True)
        ]
    return tuple(
        line
        for insurer, part in parts
        if part
        for line in (Line(debit, insurer, part), Line(credit, insurer, -part))
    )


def advance_to_count_fen(advance_fen: int, payable_fen: int) -> int:
    """Give how much of what was advanced (fen) a decision covers now; negative: less than before.

    Takes what stands on ADVANCE (debit) and PAYABLE (credit, so negative while something is owed).
    Afterwards one of them is zero, whatever came first: an advance, a decision, a return.
    """
    return advance_fen - max(0, advance_fen + payable_fen)
