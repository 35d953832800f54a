"""The premium: by head, household, month or population, and who bears which share of it."""

from datetime import date

from app.domain.clauses.premiums import Basis, Funding
from app.domain.errors import Fault
from app.domain.money import half_up, split_fen

MONTHS = 12


def months_begun(first: date, last: date) -> int:
    """Count the calendar months that a cover from `first` to `last` (both covered) touches."""
    return max(0, (last.year - first.year) * MONTHS + last.month - first.month + 1)


def pro_rata_fen(yearly_fen: int, months: int) -> int:
    """Give the part of a year's premium for so many months (at most 12), rounded half up."""
    return half_up(yearly_fen * min(months, MONTHS), MONTHS)


def premium_fen(basis: Basis, each_fen: int, units: int, months: int = MONTHS) -> int:
    """Give the premium in fen of so many heads, households or inhabitants.

    `each_fen` is the price of one for a year; by head and month, of one for a month. Other bases
    take the whole year's price however many months are left.
    """
    if basis is Basis.HEAD_MONTH:
        return each_fen * units * months
    return each_fen * units


def premium_shares(funding: Funding, total_fen: int) -> tuple[tuple[str, int], ...]:
    """Split a premium over its sources: (code, fen), in their order; the parts sum to the whole."""
    if not funding.sources:
        return ()
    parts = split_fen(total_fen, [source.share.value for source in funding.sources])
    return tuple((source.code, part) for source, part in zip(funding.sources, parts, strict=True))


def premium_warnings(funding: Funding) -> tuple[Fault, ...]:
    """Warn of sources whose money may not buy insurance here; never a refusal."""
    return tuple(
        Fault(
            f"/funding/sources/{i}/money",
            "terms.invalid",
            f"{source.label_zh}：此类资金不得用于购买保险（{funding.barred_clause}）。",
            "This kind of money may not buy insurance here.",
            "请改用其他资金来源，或先取得主管部门书面意见。",
        )
        for i, source in enumerate(funding.sources)
        if source.money in funding.barred
    )
