"""Clauses that owe a sum: one for the event, or a share of one by the grade of disability."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from app.domain.figures import Figure, Sourced


class Scale(StrEnum):
    """Which table turns a grade into a share: the industry's JR/T 0083-2013, or the terms' own."""

    JRT_0083 = "jrt_0083"
    OWN = "own"


class Several(StrEnum):
    """Several injuries: the worst alone, or equal worst ones raised by one grade, at most one."""

    WORST = "worst"
    WORST_RAISED = "worst_raised"


class Earlier(StrEnum):
    """Whether earlier payments come off the same sum, by a limit that outlives the claim."""

    OFFSET_BY_LIMIT = "offset_by_limit"
    NOT_OFFSET = "not_offset"


@dataclass(frozen=True, slots=True)
class FixedSum:
    """One sum for the event, flat or by category, cause, age or an extra word."""

    TAG: ClassVar[str] = "fixed_sum"
    label_zh: str
    amount: Figure


@dataclass(frozen=True, slots=True)
class Grades:
    """A share of the sum by grade of disability; `rates` gives an own scale, by grade 1 to 10."""

    TAG: ClassVar[str] = "grades"
    label_zh: str
    amount: Figure
    scale: Scale
    several: Several
    earlier: Earlier
    rates: Mapping[str, Sourced] = field(default_factory=dict)
