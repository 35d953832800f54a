"""What a rule may look at: facts of the event day, without identity.

Money in fen; days are dates in Asia/Shanghai, every `*_to` is the last day included.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.domain.words import BillKind, Carer, Cause, EventKind, Level, Liable, OutpatientKind, Sex

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
    """What happened. `area` is the area code of the place as digits, empty when not told.

    `same_as` is one word for the accident or illness that several notices may belong to, and
    `occurrence` one for a disaster that struck many; empty means this day's alone. `liable` is
    open where nobody liable is known.
    """

    kind: EventKind
    cause: Cause
    on: date
    area: str = ""
    same_as: str = ""
    occurrence: str = ""
    liable: Liable | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """The person on the event day; `category` is a code of words.CATEGORY_ZH or of the terms."""

    category: str
    birth_on: date | None = None
    sex: Sex | None = None
    died_on: date | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentFacts:
    """The spell of enrolment that holds the event day.

    `policy_from` is the first day of the policy and starts its policy years; `first_covered_on` is
    the first day of the person's unbroken cover under the scheme, for waiting periods; `lapsed_on`
    is the last day of an earlier cover that ended before it, null where there was none.
    """

    policy_from: date
    covered_from: date
    covered_to: date | None
    first_covered_on: date
    lapsed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """One itemised medical settlement.

    `amounts` are fen by national field name (words.FIELD_ZH). `paid_by` are (payer, fen) lines of
    those who paid after that settlement. What other claims of this service hold on the bill stands
    either here or in the usage of the bill's limit key (see limits.py), never in both. `area` is
    the area code of the hospital as digits; `stay_ref` names the stay that the bill belongs to.
    """

    ref: str
    kind: BillKind
    total_fen: int
    amounts: Mapping[str, int]
    paid_by: tuple[tuple[str, int], ...] = ()
    category: OutpatientKind | None = None
    hospital_level: Level | None = None
    area: str = ""
    stay_ref: str = ""

    @property
    def level(self) -> Level | None:
        """The level of the hospital, by the same name as a stay's."""
        return self.hospital_level

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

    `kind` and `grade` are words of the terms; no grade means wholly destroyed. `hundredths` are
    added to the count where things are measured (85 and 50: 85.5 square metres). `worth_fen` is
    what the things were worth before the loss, all together.
    """

    ref: str
    kind: str
    count: int
    grade: str | None = None
    loss_fen: int | None = None
    hundredths: int = 0
    worth_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Injury:
    """One injury: its grade of disability from 1 (worst) to 10, or a kind that the terms name."""

    ref: str
    grade: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """Care given in one month (named by its first day): hours in minutes, or bed-days.

    `kind` is a word of the terms.
    """

    ref: str
    kind: str
    month_on: date
    days: int = 0
    minutes: int = 0
    carer: Carer = Carer.PROVIDER


@dataclass(frozen=True, slots=True)
class LocalStandard:
    """What a local standard came to at the place on the event day, in fen; see standards.py."""

    code: str
    value_fen: int
    source_zh: str
    unconfirmed: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """An approved decision to owe another amount for one cover; `approval` names its record."""

    cover: str
    amount_fen: int
    reason_zh: str
    approval: str
    approved_on: date


@dataclass(frozen=True, slots=True)
class ScaleBack:
    """A claim's share where many claims came to more than a limit left them; `approval` names it.

    `limit` and `period` are those of the limit's key. `share_fen` is what the claim gets under the
    limit, `due_fen` what all of them were due together and `left_fen` what the limit left them.
    """

    limit: str
    period: str
    share_fen: int
    due_fen: int
    left_fen: int
    approval: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that `assess` sees of one notice under one policy; holds no identity.

    `extra` are the fields a scheme declares of its own; numbers may be given as digits.
    `other_schemes` are the codes of other schemes that cover the person that day. `holidays` and
    `workdays` are the official exceptions from the five-day week around the days compared.
    """

    event: EventFacts
    person: PersonFacts
    enrolment: EnrolmentFacts
    bills: tuple[Bill, ...] = ()
    stays: tuple[Stay, ...] = ()
    losses: tuple[Loss, ...] = ()
    extra: Mapping[str, str | int] = field(default_factory=dict)
    injuries: tuple[Injury, ...] = ()
    services: tuple[Service, ...] = ()
    standards: tuple[LocalStandard, ...] = ()
    other_schemes: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    scale_backs: tuple[ScaleBack, ...] = ()
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
