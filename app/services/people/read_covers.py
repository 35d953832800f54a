"""Tell what covers a person on a day, and what is used and left of every limit."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.enrolments import Matched, Spell, spells_of
from app.db.session import Tx
from app.db.terms import terms_of
from app.db.usage import used
from app.domain.coverage import Coverage, covered_on
from app.domain.coverage import Spell as DescribedSpell
from app.domain.policy import PolicyStatus
from app.domain.standing import StandingLimit, standing_covers, standing_limits
from app.services.claims.counters import counter_for
from app.services.people.held import no_such_person


@dataclass(frozen=True, slots=True)
class LimitOnDay:
    """One limit on the day; `amount`, `used` and `left` are fen or days as `unit` says.

    `cover_code` is empty where several covers share the limit.
    """

    cover_code: str
    code: str
    name_zh: str
    scope: str
    unit: str
    amount: int
    used: int
    left: int


@dataclass(frozen=True, slots=True)
class CoverOnDay:
    """One kind of benefit that is open to the person."""

    code: str
    name_zh: str
    nature: str


@dataclass(frozen=True, slots=True)
class PolicyOnDay:
    """One policy that covers the person on the day; both days of the spell are covered."""

    policy_no: str
    scheme_code: str
    scheme_name_zh: str
    kind: str
    insurer_code: str | None
    category: str
    covered_from: date
    covered_to: date
    covers: tuple[CoverOnDay, ...]
    limits: tuple[LimitOnDay, ...]


@dataclass(frozen=True, slots=True)
class CoversView:
    """What covers a person on a day; without any policy, why not, with the nearest one."""

    person_id: UUID
    on: date
    policies: tuple[PolicyOnDay, ...]
    reason: str | None
    sentence_zh: str
    nearest_policy_no: str | None


async def read_covers(tx: Tx, person_id: UUID, on: date | None = None) -> CoversView:
    """Give a person's covers on a day in Asia/Shanghai (today when left open), payers in order.

    Usage is read without a lock, as of now. Raises NotFound.
    """
    matched = await spells_of(tx, None, person_id)
    if matched is None:
        raise no_such_person()
    day = on or await tx.today()
    active = [spell for spell in matched.spells if spell.policy_status != PolicyStatus.QUOTED]
    coverage = covered_on(tuple(_described(spell) for spell in active), day)
    inside = [spell for spell in active if spell.covered_from <= day <= spell.covered_to]
    return CoversView(
        person_id=person_id,
        on=day,
        policies=tuple([await _on_day(tx, matched, spell, day) for spell in inside]),
        reason=None if coverage.reason is None else coverage.reason.value,
        sentence_zh=coverage.sentence_zh,
        nearest_policy_no=_nearest(coverage),
    )


async def _on_day(tx: Tx, person: Matched, spell: Spell, on: date) -> PolicyOnDay:
    terms = await terms_of(tx, spell.terms_sha256)
    covers = standing_covers(terms, spell.category)
    limits = standing_limits(terms, spell.category, spell.policy_from, on)
    return PolicyOnDay(
        policy_no=spell.policy_no,
        scheme_code=spell.scheme_code,
        scheme_name_zh=spell.scheme_name_zh,
        kind=spell.kind,
        insurer_code=spell.insurer_code,
        category=spell.category,
        covered_from=spell.covered_from,
        covered_to=spell.covered_to,
        covers=tuple(CoverOnDay(cover.code, cover.name_zh, cover.nature.value) for cover in covers),
        limits=await _limits(tx, person, spell, limits),
    )


async def _limits(
    tx: Tx, person: Matched, spell: Spell, standing: tuple[StandingLimit, ...]
) -> tuple[LimitOnDay, ...]:
    counters = [
        counter_for(
            each.key,
            policy_id=spell.policy_id,
            line_id=spell.line_id,
            notice_id=spell.policy_id,  # terms set no limit over one notice's bill
            person_id=person.id,
            household_id=person.household_id,
        )
        for each in standing
    ]
    taken = await used(tx, counters)
    return tuple(
        LimitOnDay(
            cover_code=each.cover_code,
            code=each.limit.code,
            name_zh=each.limit.name_zh,
            scope=each.limit.scope.value,
            unit=each.limit.unit.value,
            amount=each.bound,
            used=taken.get(counter, 0),
            left=max(0, each.bound - taken.get(counter, 0)),
        )
        for each, counter in zip(standing, counters, strict=True)
    )


def _described(spell: Spell) -> DescribedSpell:
    return DescribedSpell(
        spell.policy_no,
        spell.scheme_name_zh,
        spell.category,
        spell.covered_from,
        spell.covered_to,
    )


def _nearest(coverage: Coverage) -> str | None:
    return None if coverage.nearest is None else coverage.nearest.policy_no
