"""What a policy will cost: premium by heads, and what claims would come to, with a range.

The range is worked out, not drawn: amounts per insured person of the past, nobody's being nothing,
give a mean and a variance; for so many heads the total lies within the range in about four cases of
five. Few people give a wide range, and fewer than FEW are told so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isqrt

from app.domain.clauses.premiums import Basis
from app.domain.facts import EnrolmentFacts, EventFacts, Facts, PersonFacts
from app.domain.figures import pick
from app.domain.money import half_up
from app.domain.premium import MONTHS, premium_fen, pro_rata_fen
from app.domain.terms import Terms
from app.domain.words import Cause, EventKind

FEW = 30
YEAR_DAYS = 365
Z_80 = 12_816  # the 90 % point of the normal distribution x 10^4: four of five lie within


@dataclass(frozen=True, slots=True)
class Past:
    """One category's past: people insured, days of cover, amounts and sum of squares in fen."""

    people: int = 0
    days: int = 0
    fen: int = 0
    squares: int = 0

    def __add__(self, other: "Past") -> "Past":
        return Past(
            self.people + other.people,
            self.days + other.days,
            self.fen + other.fen,
            self.squares + other.squares,
        )


@dataclass(frozen=True, slots=True)
class CategoryBudget:
    """One category: `people` is how many the figures rest on, `own` whether they are of it alone.

    Amounts in fen. Expected and range are None where nobody was ever insured.
    """

    category: str
    heads: int
    premium_fen: int
    expected_fen: int | None
    low_fen: int | None
    high_fen: int | None
    people: int
    own: bool

    @property
    def few(self) -> bool:
        """Tell whether the figures rest on too few people to be relied on."""
        return self.people < FEW


@dataclass(frozen=True, slots=True)
class Budget:
    """All categories and their sums; the range of the sum is narrower than the sum of ranges.

    `people` is how many insured people there are to learn from.
    """

    months: int
    people: int
    categories: tuple[CategoryBudget, ...]
    premium_fen: int
    expected_fen: int | None
    low_fen: int | None
    high_fen: int | None
    few: bool


def budget(
    past: Mapping[str, Past],
    heads: Mapping[str, int],
    prices: Mapping[str, int],
    months: int,
    basis: Basis = Basis.HEAD_YEAR,
) -> Budget:
    """Work out a budget for so many heads of each category over so many months.

    `prices` are fen of one head (or of what else `basis` counts) for a year, or a month by
    head-month. A category without a past of its own takes that of all.
    """
    whole = sum(past.values(), Past())
    found = []
    variances = []
    for category, count in heads.items():
        own = past.get(category, Past())
        used = own if own.days else whole
        price = price_fen(basis, prices.get(category, 0), count, months)
        expected = _expected(used, count, months)
        variance = _variance(used, count, months)
        low, high = _range(expected, variance)
        found.append(
            CategoryBudget(category, count, price, expected, low, high, used.people, bool(own.days))
        )
        variances.append(variance)
    known = [one.expected_fen for one in found if one.expected_fen is not None]
    total = sum(known) if len(known) == len(found) else None
    low, high = _range(total, sum(variances))
    return Budget(
        months,
        whole.people,
        tuple(found),
        sum(one.premium_fen for one in found),
        total,
        low,
        high,
        any(one.few for one in found),
    )


def premium_per_head_fen(terms: Terms, category: str, on: date) -> int:
    """Give what the terms ask for one head of a category (or what else they count), in fen."""
    if terms.premium is None:
        return 0
    facts = Facts(
        EventFacts(EventKind.ILLNESS, Cause.OTHER, on),
        PersonFacts(category),
        EnrolmentFacts(on, on, None, on),
    )
    found = pick(terms.premium, facts)
    return 0 if found is None else found.value


def price_fen(basis: Basis, each_fen: int, units: int, months: int) -> int:
    """Give the premium for so many months: whole years, and the rest by months begun."""
    if basis is Basis.HEAD_MONTH:
        return premium_fen(basis, each_fen, units, months)
    year = premium_fen(basis, each_fen, units)
    if basis is Basis.HEAD_YEAR:
        return year * (months // MONTHS) + pro_rata_fen(year, months % MONTHS)
    return year * -(-months // MONTHS)


def _expected(past: Past, heads: int, months: int) -> int | None:
    if past.days == 0:
        return None
    return half_up(past.fen * heads * months * YEAR_DAYS, past.days * MONTHS)


def _variance(past: Past, heads: int, months: int) -> int:
    """Give the variance of the total in fen squared: of the heads to come, and of the mean itself.

    With v the variance of one person and n people, N heads for t years: v N t (1 + N t / n).
    """
    people = past.people
    if people == 0:
        return 0
    spread = people * past.squares - past.fen * past.fen  # v x n^2
    years = heads * months  # N t x 12
    return spread * years * (MONTHS * people + years) // (MONTHS * MONTHS * people**3)


def _range(expected: int | None, variance: int) -> tuple[int | None, int | None]:
    if expected is None:
        return None, None
    width = isqrt(max(0, variance)) * Z_80 // 10_000
    return max(0, expected - width), expected + width
