"""Clauses over damaged things: a sum each, by degree, with franchise, deductible and proportion."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from app.domain.clauses.bills import Reached
from app.domain.figures import Figure, Sourced


class Proportion(StrEnum):
    """Under-insurance: paid in full up to the sum, or in the proportion of the sum to what the
    things were worth (Insurance Law article 55)."""

    FULL = "full"
    ARTICLE_55 = "article_55"


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of insured thing: its sum, and null or a franchise (nothing below, all from it).

    `measure_zh` is what is counted (间, 头, 平方米); `cap` bounds all things of this kind in one
    claim. `amount` may be a table by grade. `reached` says whether a loss exactly at the franchise
    is paid; `deductible` comes off each loss; an under-insured loss may be paid in proportion.
    """

    kind: str
    name_zh: str
    measure_zh: str
    amount: Figure
    franchise: Sourced | None
    cap: Sourced | None
    reached: Reached = Reached.AT
    deductible: Sourced | None = None
    proportion: Proportion = Proportion.FULL


@dataclass(frozen=True, slots=True)
class Things:
    """A sum for each damaged thing times its degree of damage, never above an assessed loss.

    `grades` gives the share of the sum by grade of damage; things without a grade count whole, and
    so does every thing where `grades` is empty (amounts by grade stand in a table).
    """

    TAG: ClassVar[str] = "things"
    label_zh: str
    grades: Mapping[str, Sourced]
    things: tuple[Thing, ...]
