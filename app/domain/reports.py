"""A figure of a report: never a bare number, always with what it is made of."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.errors import Fault, Invalid
from app.domain.money import yuan

_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
YEARS = range(2000, 2200)
DECEMBER = 12
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unit(StrEnum):
    """How a figure's value is read."""

    YUAN = "yuan"
    DAYS = "days"
    COUNT = "count"
    PERCENT = "percent"


UNIT_ZH: dict[Unit, str] = {
    Unit.YUAN: "元",
    Unit.DAYS: "天",
    Unit.COUNT: "件",
    Unit.PERCENT: "%",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: fen, days, a count or basis points by its unit; None where nothing is known.

    `sentence_zh` says how it came about, `claims` how many claims it was made from.
    """

    code: str
    label_zh: str
    unit: Unit
    value: int | None
    claims: int
    sentence_zh: str

    @property
    def text(self) -> str | None:
        """The value as people write it: yuan and percent with two decimals."""
        if self.value is None:
            return None
        return yuan(self.value) if self.unit in (Unit.YUAN, Unit.PERCENT) else str(self.value)


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar year or month of Asia/Shanghai, both days inclusive."""

    name: str
    from_on: date
    to_on: date


def read_period(text: str) -> Period:
    """Read `2026` or `2026-06`. Raises Invalid."""
    month = _MONTH.fullmatch(text)
    year = int(month[1] if month else text) if month or _YEAR.fullmatch(text) else 0
    if year not in YEARS or (month and not 1 <= int(month[2]) <= DECEMBER):
        raise Invalid(
            Fault(
                "/period",
                "validation.failed",
                "期间须为年份或年月，例如 2026 或 2026-06",
                "a period is a year or a month, as 2026 or 2026-06",
            )
        )
    first = int(month[2]) if month else 1
    last = int(month[2]) if month else DECEMBER
    following = date(year + 1, 1, 1) if last == DECEMBER else date(year, last + 1, 1)
    return Period(text, date(year, first, 1), following - timedelta(days=1))
