"""The dated, sourced terms of a scheme: covers with measure, limits, conditions, documents.

Tagged unions: the JSON of a class with a TAG carries it as `type`. Where a clause can be read two
ways the reading is a required field (slab or marginal, net or absolute bounds, before or after
other payers) or a type of its own (deductible, threshold). A field that came later has a default
that changes nothing, so stored terms keep their text and hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.domain.clauses.allowances import Days, Services, TableDays
from app.domain.clauses.bills import Bills
from app.domain.clauses.conditions import Condition, Waiting
from app.domain.clauses.premiums import Funding, RiskSharing
from app.domain.clauses.sums import FixedSum, Grades
from app.domain.clauses.things import Things
from app.domain.figures import Figure, Sourced
from app.domain.limits import Limit, LimitUnit
from app.domain.recurring import Recurring
from app.domain.words import Cause, EventKind


class TermsKind(StrEnum):
    INSURANCE = "insurance"
    FUND = "fund"


class Nature(StrEnum):
    """Indemnity pays out of what is left of a loss; a fixed sum is due whatever others pay."""

    INDEMNITY = "indemnity"
    FIXED = "fixed"


class NeededFor(StrEnum):
    SUBMIT = "submit"
    PAYMENT = "payment"


class Roster(StrEnum):
    """Whether the insured stand on a list (persons or households) or prove it at the claim."""

    NAMED = "named"
    HOUSEHOLDS = "households"
    UNNAMED = "unnamed"


class DeathBasis(StrEnum):
    """On what a death cover for others rests (Insurance Law articles 33 and 34)."""

    UNSTATED = "unstated"
    CONSENT = "consent"
    PARENTS = "parents"
    LIABILITY_FORM = "liability_form"
    STATUTE = "statute"


class ExtraType(StrEnum):
    """What an extra field holds: text, a whole number, yuan, a day, yes or no, one of `choices`."""

    TEXT = "text"
    WHOLE = "whole"
    YUAN = "yuan"
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"


class CapsToo(StrEnum):
    """Whether a multiplier also multiplies the cover's limits in fen."""

    MULTIPLIED = "multiplied"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Document:
    """A paper; asked for when all of `when` hold (empty: always)."""

    code: str
    label_zh: str
    needed_for: NeededFor
    when: tuple[Condition, ...] = ()


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
class Multiplier:
    """What is due is multiplied when all of `when` hold (brave acts count twice)."""

    label_zh: str
    when: tuple[Condition, ...]
    times: Sourced
    caps: CapsToo


@dataclass(frozen=True, slots=True)
class Advance:
    """What may be paid at once: a sum, or a share of what is due so far; the rest comes later.

    `of_due` null and `amount` set: the sum, whatever is known yet; both: the lower.
    """

    label_zh: str
    amount: Figure | None
    of_due: Figure | None


Measure = Bills | FixedSum | Grades | Days | TableDays | Services | Things


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
    multiplier: Multiplier | None = None
    advance: Advance | None = None
    death_basis: DeathBasis = DeathBasis.UNSTATED
    recurring: Recurring | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The document the terms were read in; `address` is empty when none is published."""

    title_zh: str
    published_on: date | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """One dated version of a scheme; `effective_to` is its last day, null while it is open.

    `categories` are who may be insured, code to label, in the order in which a person in several
    of them is entered; `note_zh` tells what is not public. `conditions` bind every cover; `extra`
    are the local fields of a notice.
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
    conditions: tuple[Condition, ...] = ()
    extra: tuple[ExtraField, ...] = ()
    roster: Roster = Roster.NAMED
    funding: Funding | None = None
    risk_sharing: RiskSharing | None = None


def limit_units(terms: Terms) -> dict[str, LimitUnit]:
    """Give what each limit counts, by the code that its counter's key bears."""
    own = {
        f"{cover.code}.{limit.code}": limit.unit for cover in terms.covers for limit in cover.limits
    }
    return own | {limit.code: limit.unit for limit in terms.limits}
