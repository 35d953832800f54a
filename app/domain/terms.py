"""The dated, sourced terms of a scheme: covers with measure, limits, conditions, documents.

Tagged unions: the JSON of a class with a TAG carries it as `type`. Where a clause can be read two
ways the reading is a required field (slab or marginal, net or absolute bounds, before or after
other payers) or a type of its own (deductible, threshold); nothing of that kind has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from app.domain.figures import Figure, Sourced
from app.domain.limits import Limit
from app.domain.words import BillKind, Cause, EventKind, OutpatientKind


class TermsKind(StrEnum):
    INSURANCE = "insurance"
    FUND = "fund"


class Nature(StrEnum):
    """Indemnity pays out of what is left of a loss; a fixed sum is due whatever others pay."""

    INDEMNITY = "indemnity"
    FIXED = "fixed"


class OtherPayers(StrEnum):
    """Whether the base is taken before or after payers that settled later are taken off."""

    BASE_BEFORE = "base_before"
    BASE_AFTER = "base_after"


class Per(StrEnum):
    """Whether the steps run over each bill (a visit) or over all bills of the claim together."""

    VISIT = "visit"
    CLAIM = "claim"


class Accrual(StrEnum):
    """Over what a deductible is eaten: each time anew, or once in a person's policy year."""

    EACH = "each"
    PERSON_YEAR = "person_year"


class Reached(StrEnum):
    """以上 includes the number (at); 超过 does not (above). Civil Code article 1259."""

    AT = "at"
    ABOVE = "above"


class TierMode(StrEnum):
    SLAB = "slab"
    MARGINAL = "marginal"


class TierBounds(StrEnum):
    """Bounds count on what is left after the deductible (net) or on the whole base (absolute)."""

    NET = "net"
    ABSOLUTE = "absolute"


class UpperBound(StrEnum):
    """Whether a base exactly at the upper bound still belongs to the tier."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


class LastDay(StrEnum):
    """Whether the day of discharge counts as a day of the stay."""

    COUNTED = "counted"
    NOT_COUNTED = "not_counted"


class Newcomers(StrEnum):
    """Whom a waiting period binds; a newcomer joined after the policy's first day."""

    EVERYONE = "everyone"
    NEWCOMERS_ONLY = "newcomers_only"


class NeededFor(StrEnum):
    SUBMIT = "submit"
    PAYMENT = "payment"


# Conditions


@dataclass(frozen=True, slots=True)
class EventIs:
    TAG: ClassVar[str] = "event_is"
    kinds: tuple[EventKind, ...]


@dataclass(frozen=True, slots=True)
class CauseIs:
    TAG: ClassVar[str] = "cause_is"
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class HasBill:
    TAG: ClassVar[str] = "has_bill"
    kinds: tuple[BillKind, ...]


@dataclass(frozen=True, slots=True)
class ExtraIs:
    """The notice's extra field is one of these words."""

    TAG: ClassVar[str] = "extra_is"
    field: str
    label_zh: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtraAtLeast:
    """The notice's extra field is a number that reaches this one."""

    TAG: ClassVar[str] = "extra_at_least"
    field: str
    label_zh: str
    least: Sourced


Condition = EventIs | CauseIs | HasBill | ExtraIs | ExtraAtLeast


@dataclass(frozen=True, slots=True)
class Waiting:
    """No cover before this many whole days since the person's first covered day."""

    days: Sourced
    binds: Newcomers


@dataclass(frozen=True, slots=True)
class Document:
    """A paper; asked for when all of `when` hold (empty: always)."""

    code: str
    label_zh: str
    needed_for: NeededFor
    when: tuple[Condition, ...] = ()


# Measure over bills


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the base: a national field, or `self_borne`, `left`, `total`; weight null: whole.

    `self_borne` (自负) is psn_part_amt less the out-of-catalogue and first-borne parts, floor 0.
    """

    field: str
    label_zh: str
    weight: Sourced | None = None


@dataclass(frozen=True, slots=True)
class ShareCeiling:
    """The base counts up to this share of the bill's total."""

    TAG: ClassVar[str] = "share_ceiling"
    rate: Figure


@dataclass(frozen=True, slots=True)
class Deductible:
    """This much of the base is not paid, and what is above it is paid from there on."""

    TAG: ClassVar[str] = "deductible"
    amount: Figure
    accrues: Accrual


@dataclass(frozen=True, slots=True)
class Threshold:
    """Nothing is paid until the base reaches this; then the whole base counts."""

    TAG: ClassVar[str] = "threshold"
    amount: Figure
    reached: Reached


Step = ShareCeiling | Deductible | Threshold


@dataclass(frozen=True, slots=True)
class Ratio:
    TAG: ClassVar[str] = "ratio"
    rate: Figure


@dataclass(frozen=True, slots=True)
class Tier:
    above: Sourced
    to: Sourced | None
    rate: Figure


@dataclass(frozen=True, slots=True)
class Tiers:
    """Marginal: each tier's rate on the part inside it. Slab: one tier's rate on all that is net.

    With absolute bounds a deductible eats the lowest tier (marginal), and a slab is chosen by the
    whole base but paid on what is net of the deductible.
    """

    TAG: ClassVar[str] = "tiers"
    mode: TierMode
    bounds: TierBounds
    upper: UpperBound
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Bills:
    """A ratio or tiers over named parts of bills of these kinds (categories empty: any)."""

    TAG: ClassVar[str] = "bills"
    label_zh: str
    kinds: tuple[BillKind, ...]
    categories: tuple[OutpatientKind, ...]
    parts: tuple[Part, ...]
    other_payers: OtherPayers
    per: Per
    steps: tuple[Step, ...]
    pay: Ratio | Tiers


# Other measures


@dataclass(frozen=True, slots=True)
class FixedSum:
    """One sum for the event, flat or by category, cause or an extra word."""

    TAG: ClassVar[str] = "fixed_sum"
    label_zh: str
    amount: Figure


@dataclass(frozen=True, slots=True)
class Days:
    """A sum for each day of a stay, less the days off each time; `days_off` null: none."""

    TAG: ClassVar[str] = "days"
    label_zh: str
    rate: Figure
    days_off: Figure | None
    last_day: LastDay


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of insured thing: its sum, and null or a franchise (nothing below, all from it).

    `measure_zh` is what is counted (间, 头); `cap` bounds all things of this kind in one claim.
    """

    kind: str
    name_zh: str
    measure_zh: str
    amount: Figure
    franchise: Sourced | None
    cap: Sourced | None


@dataclass(frozen=True, slots=True)
class Things:
    """A sum for each damaged thing times its degree of damage, never above an assessed loss.

    `grades` gives the share of the sum by grade of damage; things without a grade count whole.
    """

    TAG: ClassVar[str] = "things"
    label_zh: str
    grades: Mapping[str, Sourced]
    things: tuple[Thing, ...]


Measure = Bills | FixedSum | Days | Things


@dataclass(frozen=True, slots=True)
class Cover:
    """One payable benefit. Empty `causes` or `categories` mean any.

    `reading_zh` says how we read a clause that is not clear, and is empty where all is.
    """

    code: str
    name_zh: str
    nature: Nature
    events: tuple[EventKind, ...]
    measure: Measure
    causes: tuple[Cause, ...] = ()
    categories: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    waiting: Waiting | None = None
    conditions: tuple[Condition, ...] = ()
    documents: tuple[Document, ...] = ()
    reading_zh: str = ""


class ExtraType(StrEnum):
    """What an extra field holds: text, a whole number, yuan, a day, yes or no, one of `choices`."""

    TEXT = "text"
    WHOLE = "whole"
    YUAN = "yuan"
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class ExtraField:
    """A local field of a notice; `required` holds when all of `when` do (empty: always).

    `choices` gives word to label and is there for type choice alone. Yes or no is `yes` or `no`.
    """

    code: str
    label_zh: str
    type: ExtraType
    required: bool
    when: tuple[Condition, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """The document the terms were read in; `address` is empty when none is published."""

    title_zh: str
    published_on: date | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """One dated version of a scheme; `effective_to` is its last day, null while it is open.

    `categories` are who may be insured, code to label; `note_zh` tells what is not public.
    """

    scheme_code: str
    version: str
    name_zh: str
    place_zh: str
    kind: TermsKind
    effective_from: date
    effective_to: date | None
    source: Source
    categories: Mapping[str, str]
    covers: tuple[Cover, ...]
    premium: Figure | None = None
    limits: tuple[Limit, ...] = ()
    note_zh: str = ""
    extra: tuple[ExtraField, ...] = ()
