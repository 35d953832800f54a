"""Clauses over bills: the base, the steps it goes through, and what is paid of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from app.domain.figures import Figure, Sourced
from app.domain.words import BillKind, OutpatientKind


class OtherPayers(StrEnum):
    """Whether the base is taken before or after payers that settled later are taken off."""

    BASE_BEFORE = "base_before"
    BASE_AFTER = "base_after"


class Per(StrEnum):
    """Whether the steps run over each bill (a visit), over the bills of each stay, or over all
    bills of the claim together. A bill that names no stay is one of its own."""

    VISIT = "visit"
    STAY = "stay"
    CLAIM = "claim"


class Accrual(StrEnum):
    """Over what something accumulates: each time anew, or a person's or household's policy year."""

    EACH = "each"
    PERSON_YEAR = "person_year"
    HOUSEHOLD_YEAR = "household_year"


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
    """Whether a base exactly at the upper bound still belongs."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the base: a national field, or `self_borne`, `left`, `total`; weight null: whole.

    `self_borne` (自负) is psn_part_amt less the out-of-catalogue and first-borne parts, floor 0.
    """

    field: str
    label_zh: str
    weight: Figure | None = None


@dataclass(frozen=True, slots=True)
class ShareCeiling:
    """The base counts up to this share of the bill's total."""

    TAG: ClassVar[str] = "share_ceiling"
    rate: Figure


@dataclass(frozen=True, slots=True)
class ShareGate:
    """Nothing is paid when these parts are more than this share of the bill's total.

    `upper` says whether a share exactly at the bound still passes.
    """

    TAG: ClassVar[str] = "share_gate"
    label_zh: str
    parts: tuple[Part, ...]
    most: Figure
    upper: UpperBound


@dataclass(frozen=True, slots=True)
class ShareDeductible:
    """This share of the bill's total stays with the person; a residual guarantee pays the rest."""

    TAG: ClassVar[str] = "share_deductible"
    rate: Figure


@dataclass(frozen=True, slots=True)
class Deductible:
    """This much of the base is not paid, and what is above it is paid from there on.

    `shared` names the counter of a yearly deductible that several covers eat together; empty: the
    cover's own.
    """

    TAG: ClassVar[str] = "deductible"
    amount: Figure
    accrues: Accrual
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Nothing is paid until the base reaches this; then the whole base counts."""

    TAG: ClassVar[str] = "threshold"
    amount: Figure
    reached: Reached


Step = ShareCeiling | ShareGate | ShareDeductible | Deductible | Threshold


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
    """A ratio or tiers over named parts of bills of these kinds (categories empty: any).

    Where the base accumulates, a bill pays what the year's base comes to with it, less what the
    year's base came to before it: f(year to date with this) - f(year to date before).
    """

    TAG: ClassVar[str] = "bills"
    label_zh: str
    kinds: tuple[BillKind, ...]
    categories: tuple[OutpatientKind, ...]
    parts: tuple[Part, ...]
    other_payers: OtherPayers
    per: Per
    steps: tuple[Step, ...]
    pay: Ratio | Tiers
    accumulates: Accrual = Accrual.EACH
