"""What `assess` gives: the amount, a line for each step, reasons, and the usage it takes."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.lifecycle import Outcome
from app.domain.limits import LimitKey


class Rule(StrEnum):
    """What a line did; `sentences.py` has one sentence for each."""

    BASE = "base"
    OTHER_PAYERS = "other_payers"
    YEAR_TO_DATE = "year_to_date"
    DUE_BEFORE = "due_before"
    SHARE_CEILING = "share_ceiling"
    SHARE_GATE = "share_gate"
    SHARE_DEDUCTIBLE = "share_deductible"
    DEDUCTIBLE = "deductible"
    THRESHOLD = "threshold"
    RATIO = "ratio"
    TIER = "tier"
    SLAB = "slab"
    FIXED_SUM = "fixed_sum"
    GRADE = "grade"
    DAYS_COUNTED = "days_counted"
    DAYS_LIMIT = "days_limit"
    DAY_RATE = "day_rate"
    FIRST_DAYS = "first_days"
    AFTER_END = "after_end"
    TABLE_DAYS = "table_days"
    SERVICE = "service"
    TIME_LIMIT = "time_limit"
    THINGS = "things"
    FRANCHISE = "franchise"
    THINGS_CAP = "things_cap"
    UNDER_INSURED = "under_insured"
    THINGS_DEDUCTIBLE = "things_deductible"
    MULTIPLIED = "multiplied"
    OVERRIDE = "override"
    LEFT = "left"
    CAP = "cap"
    SCALED_BACK = "scaled_back"
    TIMES_USED = "times_used"
    WAITING = "waiting"
    CONDITION = "condition"
    NO_RATE = "no_rate"


class ReasonCode(StrEnum):
    """Why less or nothing is due; not an error. Codes of the public registry, where it has them."""

    WAITING_PERIOD = "coverage.waiting_period"
    LIMIT_EXHAUSTED = "coverage.limit_exhausted"
    BELOW_DEDUCTIBLE = "coverage.below_deductible"
    CONDITION_UNMET = "coverage.condition_unmet"
    NOTHING_LEFT = "coverage.nothing_left"
    NOT_DUE = "coverage.not_due"


@dataclass(slots=True, unsafe_hash=True)
class Line:
    """One step. Not frozen only because every step makes one and that would triple its cost.

    `output_fen` is the figure after it; `amount_fen` what it adds to the amount.

    The amounts of an assessment's lines sum to its amount; steps that only shape the base add 0.
    `about` is the ref of the bill, stay or loss at hand, or empty; `label_zh` names the base, tier
    or limit. `inputs` and `params` are (name, whole number) pairs: `*_fen`, `*_bp`, `*_days`.
    """

    cover: str
    rule: Rule
    about: str
    label_zh: str
    inputs: tuple[tuple[str, int], ...]
    params: tuple[tuple[str, int], ...]
    output_fen: int
    amount_fen: int
    clause: str
    unconfirmed: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with the cover it concerns and the name of the limit or condition, in Chinese."""

    code: ReasonCode
    cover: str
    about_zh: str


@dataclass(frozen=True, slots=True)
class CoverAssessment:
    cover: str
    name_zh: str
    amount_fen: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer of one policy to one notice.

    `outcome` is what we would expect the insurer to say: full when something is due,
    below_deductible when only a deductible or threshold stands between, else nil. `by_bill` splits
    the indemnity over bill refs. `used` is what this assessment takes of each counter, in lock
    order; a re-assessment replaces it.
    """

    scheme_code: str
    version: str
    amount_fen: int
    outcome: Outcome
    covers: tuple[CoverAssessment, ...]
    reasons: tuple[Reason, ...]
    by_bill: tuple[tuple[str, int], ...]
    used: tuple[tuple[LimitKey, int], ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of all covers, in order."""
        return tuple(line for cover in self.covers for line in cover.lines)
