"""Clauses about the premium: how it is counted, who bears it, how the year's result is shared."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.figures import Sourced


class Basis(StrEnum):
    """What the premium is counted by. A head-month charges each begun month of cover."""

    HEAD_YEAR = "head_year"
    HEAD_MONTH = "head_month"
    HOUSEHOLD_YEAR = "household_year"
    POPULATION = "population"


class Money(StrEnum):
    """Where a premium comes from."""

    BUDGET = "budget"
    LOTTERY = "lottery"
    RELIEF_FUND = "relief_fund"
    DONATION = "donation"
    COLLECTIVE = "collective"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Source:
    """Who bears which share of the premium; the shares of all sources make the whole."""

    code: str
    label_zh: str
    money: Money
    share: Sourced


@dataclass(frozen=True, slots=True)
class Funding:
    """How the premium is counted and shared; `barred` money may not buy insurance here."""

    basis: Basis
    sources: tuple[Source, ...] = ()
    barred: tuple[Money, ...] = ()
    barred_clause: str = ""


class Surplus(StrEnum):
    """What becomes of a surplus: the insurer keeps it, it goes back, or it is carried forward."""

    KEPT = "kept"
    RETURNED = "returned"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class OverrunBand:
    """The insurer's share of what claims exceed, between two shares of the premium; `to` null: on.

    The bureau bears the rest; in the last band an insurer's share of zero means it stops there.
    """

    above: Sourced
    to: Sourced | None
    insurer: Sourced


@dataclass(frozen=True, slots=True)
class RiskSharing:
    """How a policy year settles: expense share first, then the surplus or the overrun.

    `shared` is the share of the surplus that is returned or carried. Bands are in shares of the
    premium, the first from the premium less expenses; without bands the insurer bears all.
    """

    expenses: Sourced
    surplus: Surplus
    shared: Sourced
    overrun: tuple[OverrunBand, ...] = ()
