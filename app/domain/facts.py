"""What a rule may look at: facts of the event day, without identity.

Money in fen; days are dates in Asia/Shanghai, every `*_to` is the last day included.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.domain.words import BillKind, Cause, EventKind, Level, OutpatientKind, Sex

_FUNDS = (
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "oth_pay",
)


@dataclass(frozen=True, slots=True)
class EventFacts:
    kind: EventKind
    cause: Cause
    on: date


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """The person on the event day; `category` is a code of words.CATEGORY_ZH or of the terms."""

    category: str
    birth_on: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentFacts:
    """The spell of enrolment that holds the event day.

    `policy_from` is the first day of the policy and starts its policy years; `first_covered_on` is
    the first day of the person's unbroken cover under the scheme, for waiting periods.
    """

    policy_from: date
    covered_from: date
    covered_to: date | None
    first_covered_on: date


@dataclass(frozen=True, slots=True)
class Bill:
    """One itemised medical settlement.

    `amounts` are fen by national field name (words.FIELD_ZH). `paid_by` are (payer, fen) lines of
    those who paid after that settlement. What other claims of this service hold on the bill stands
    either here or in the usage of the bill's limit key (see limits.py), never in both.
    """

    ref: str
    kind: BillKind
    total_fen: int
    amounts: Mapping[str, int]
    paid_by: tuple[tuple[str, int], ...] = ()
    category: OutpatientKind | None = None
    hospital_level: Level | None = None

    @property
    def settled_fen(self) -> int:
        """What the funds of the settlement itself paid: the stated sum, else the sum of them."""
        stated = self.amounts.get("fund_pay_sumamt")
        if stated is not None:
            return stated
        return sum([self.amounts.get(fund, 0) for fund in _FUNDS])

    @property
    def later_fen(self) -> int:
        """What payers after the settlement paid."""
        return sum([fen for _, fen in self.paid_by]) if self.paid_by else 0

    @property
    def left_fen(self) -> int:
        """What is left of the bill when all payers are taken off, never below zero."""
        borne = self.total_fen - self.settled_fen - self.amounts.get("hosp_part_amt", 0)
        stated = self.amounts.get("psn_part_amt")
        if stated is not None and stated < borne:
            borne = stated
        return max(0, borne - self.later_fen)


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a hospital or nursing home; both days are calendar days of the stay."""

    ref: str
    level: Level | None
    admitted_on: date
    discharged_on: date


@dataclass(frozen=True, slots=True)
class Loss:
    """Damaged things of one kind: how many, the grade of damage, and the loss where assessed.

    `kind` and `grade` are words of the terms; no grade means wholly destroyed.
    """

    ref: str
    kind: str
    count: int
    grade: str | None = None
    loss_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that `assess` sees of one notice under one policy; holds no identity.

    `extra` are the fields a scheme declares of its own; numbers may be given as digits.
    """

    event: EventFacts
    person: PersonFacts
    enrolment: EnrolmentFacts
    bills: tuple[Bill, ...] = ()
    stays: tuple[Stay, ...] = ()
    losses: tuple[Loss, ...] = ()
    extra: Mapping[str, str | int] = field(default_factory=dict)
