"""The work sheet of one assessment: counters as they run down, and the lines of each cover.

These two are the only things in the rule book that change while it works; they never leave it.
"""

from collections.abc import Mapping

from app.domain.assessment import Line, Reason, ReasonCode, Rule
from app.domain.facts import Bill, Facts
from app.domain.figures import Sourced, pick
from app.domain.limits import (
    WITHIN_ONE_CLAIM,
    Limit,
    LimitKey,
    Scope,
    bill_key,
    in_lock_order,
    policy_year,
)
from app.domain.terms import Cover, Terms
from app.domain.words import Level

Pairs = tuple[tuple[str, int], ...]
_NO_PAIRS: Pairs = ()


class Books:
    """How much of each counter is used, by others (`usage`) and by this assessment so far."""

    __slots__ = ("_period", "_taken", "_usage")

    def __init__(self, facts: Facts, usage: Mapping[LimitKey, int]) -> None:
        self._usage = usage
        self._taken: dict[LimitKey, int] = {}
        self._period = policy_year(facts.enrolment.policy_from, facts.event.on)

    def key(self, scope: Scope, code: str) -> LimitKey:
        """Name a counter of this person's policy year, or of the whole life."""
        return LimitKey(scope, code, "all" if scope is Scope.PERSON_LIFE else self._period)

    def used(self, key: LimitKey) -> int:
        others = self._usage.get(key, 0) if self._usage else 0
        return others + self._taken.get(key, 0) if self._taken else others

    def take(self, key: LimitKey, units: int) -> None:
        self._taken[key] = self._taken.get(key, 0) + units

    def left_of(self, bill: Bill) -> int:
        """Fen that an indemnity may still pay on the bill."""
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

    __slots__ = ("books", "cover", "facts", "lines", "reasons", "terms")

    def __init__(self, terms: Terms, cover: Cover, facts: Facts, books: Books) -> None:
        self.terms = terms
        self.cover = cover
        self.facts = facts
        self.books = books
        self.lines: list[Line] = []
        self.reasons: list[Reason] = []

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

    def counter(self, limit: Limit) -> LimitKey | None:
        """Name the counter of a limit; None for one that every stay begins anew."""
        if limit.scope is Scope.STAY:
            return None
        code = limit.code if limit.covers else f"{self.cover.code}.{limit.code}"
        return self.books.key(limit.scope, code)

    def bound(self, limit: Limit, level: Level | None = None) -> Sourced | None:
        """The limit's amount for these facts; None where it does not apply."""
        return pick(limit.amount, self.facts, level)
