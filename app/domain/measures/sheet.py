"""The work sheet of one assessment: counters as they run down, and the lines of each cover.

These two are the only things in the rule book that change while it works; they never leave it.
"""

from collections.abc import Mapping
from datetime import date

from app.domain.assessment import Line, Reason, ReasonCode, Rule
from app.domain.facts import Bill, Facts
from app.domain.figures import At, Sourced, Unit, pick
from app.domain.limits import (
    WITHIN_ONE_CLAIM,
    Limit,
    LimitKey,
    LimitUnit,
    Scope,
    bill_key,
    in_lock_order,
    policy_year,
)
from app.domain.money import BP, share_fen
from app.domain.terms import Cover, Terms

_YEARLY = frozenset({Scope.PERSON_YEAR, Scope.HOUSEHOLD_YEAR, Scope.POLICY_YEAR, Scope.CLAIM})
_STAY = Scope.STAY
Pairs = tuple[tuple[str, int], ...]
_NO_PAIRS: Pairs = ()


class Books:
    """How much of each counter is used, by others (`usage`) and by this assessment so far."""

    __slots__ = ("_event", "_from", "_period", "_taken", "_usage")

    def __init__(self, facts: Facts, usage: Mapping[LimitKey, int]) -> None:
        self._usage = usage
        self._taken: dict[LimitKey, int] = {}
        self._from = facts.enrolment.policy_from
        self._event = facts.event
        self._period = policy_year(self._from, facts.event.on)

    def key(self, scope: Scope, code: str, on: date | None = None) -> LimitKey:
        """Name a counter, in the period that its scope has.

        `on` is the day whose policy year or month counts; without it, the day of the event.
        """
        if scope in _YEARLY:
            period = self._period if on is None else policy_year(self._from, on)
            return LimitKey(scope, code, period)
        match scope:
            case Scope.PERSON_LIFE:
                period = "all"
            case Scope.EVENT:
                period = self._event.occurrence or self._event.on.isoformat()
            case Scope.ACCIDENT:
                period = self._event.same_as or self._event.on.isoformat()
            case Scope.PERSON_MONTH:
                period = (on or self._event.on).replace(day=1).isoformat()
            case _:
                period = self._period
        return LimitKey(scope, code, period)

    def used(self, key: LimitKey) -> int:
        others = self._usage.get(key, 0) if self._usage else 0
        return others + self._taken.get(key, 0) if self._taken else others

    def take(self, key: LimitKey, units: int) -> None:
        self._taken[key] = self._taken.get(key, 0) + units

    def taken_of(self, key: LimitKey) -> int:
        """What this assessment has taken of a counter so far."""
        return self._taken.get(key, 0)

    def left_of(self, bill: Bill) -> int:
        """Fen that an indemnity may still pay on the bill."""
        if not self._usage and not self._taken:
            return bill.left_fen
        return max(0, bill.left_fen - self.used(bill_key(bill.ref)))

    def taken(self) -> tuple[tuple[LimitKey, int], ...]:
        """What this assessment takes, in lock order: counters that outlive the claim, above 0."""
        found = [
            (key, units)
            for key, units in self._taken.items()
            if units and key.scope not in WITHIN_ONE_CLAIM
        ]
        return tuple(sorted(found, key=_place))


def _place(taken: tuple[LimitKey, int]) -> tuple[int, str, str]:
    return in_lock_order(taken[0])


class Sheet:
    """The lines and reasons of one cover while it is worked out."""

    __slots__ = ("books", "cover", "facts", "lines", "reasons", "terms", "times_bp")

    def __init__(self, terms: Terms, cover: Cover, facts: Facts, books: Books) -> None:
        self.terms = terms
        self.cover = cover
        self.facts = facts
        self.books = books
        self.lines: list[Line] = []
        self.reasons: list[Reason] = []
        self.times_bp = BP  # what a multiplier makes of limits in fen

    def write(  # noqa: PLR0913 - a line's own fields
        self,
        rule: Rule,
        label_zh: str,
        inputs: Pairs,
        output_fen: int,
        *,
        about: str = "",
        params: Pairs = _NO_PAIRS,
        amount_fen: int = 0,
        origin: Sourced | None = None,
    ) -> None:
        """Add a line; `origin` is the number whose clause or mark the line shows."""
        self.lines.append(
            Line(
                self.cover.code,
                rule,
                about,
                label_zh,
                inputs,
                params,
                output_fen,
                amount_fen,
                "" if origin is None else origin.clause,
                "" if origin is None else origin.unconfirmed,
            )
        )

    def because(self, code: ReasonCode, about_zh: str) -> None:
        """Add a reason once."""
        reason = Reason(code, self.cover.code, about_zh)
        if reason not in self.reasons:
            self.reasons.append(reason)

    def not_due(self, label_zh: str, about: str = "") -> None:
        """Note that a table has no number for these facts, so nothing is due from this step."""
        self.write(Rule.NO_RATE, label_zh, (), 0, about=about)
        self.because(ReasonCode.NOT_DUE, label_zh)

    def limits(self) -> tuple[Limit, ...]:
        """The cover's own limits, then those it shares."""
        shared = self.terms.limits
        if not shared:
            return self.cover.limits
        mine = tuple(limit for limit in shared if self.cover.code in limit.covers)
        return self.cover.limits + mine

    def counter(self, limit: Limit, on: date | None = None) -> LimitKey | None:
        """Name the counter of a limit; None for one that every stay begins anew."""
        if limit.scope is _STAY:
            return None
        code = limit.code if limit.covers else f"{self.cover.code}.{limit.code}"
        return self.books.key(limit.scope, code, on)

    def bound(self, limit: Limit, at: At = None) -> Sourced | None:
        """The limit's amount for these facts; None where it does not apply."""
        found = pick(limit.amount, self.facts, at)
        if self.times_bp == BP or found is None or limit.unit is not LimitUnit.FEN:
            return found
        return Sourced(
            share_fen(found.value, self.times_bp), Unit.FEN, found.clause, found.unconfirmed
        )
