"""Bring in what was used of limits before go-live, each with where the figure comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.enrolments import Matched, spells_of
from app.db.events import NewEvent, write_event
from app.db.person_seals import number_indexes
from app.db.policies import PolicyRow, read_policy, touch_policy
from app.db.session import Tx
from app.db.terms import terms_of
from app.db.usage import Booking, Counter, book, hold, opened
from app.domain.countable import countable
from app.domain.errors import Fault, Invalid, OutOfArea
from app.domain.limits import LimitKey, LimitUnit, Scope, policy_year
from app.services.claims.counters import counter_for

NOWHERE = UUID(int=0)
LINES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class OpeningUsage:
    """One figure: of whom, of which limit (`cover.limit`), and how much: fen or days."""

    limit: str
    units: int
    person_id: UUID | None = None
    id_number: str | None = None


async def bring_in_usage(
    tx: Tx, policy_no: str, lines: Sequence[OpeningUsage], source_zh: str
) -> int:
    """Book opening balances of the policy's current year, all or none; gives how many.

    Raises NotFound, OutOfArea, and Invalid for an unknown person or limit, nothing or less, or a
    limit of the person that has an opening balance already.
    """
    policy = await read_policy(tx, policy_no)
    if policy.area_lo < tx.caller.area_lo or policy.area_hi > tx.caller.area_hi:
        raise OutOfArea("这张保单由上级辖区管理。", "A wider area keeps this policy.")
    if not 1 <= len(lines) <= LINES_MAX:
        raise Invalid(_fault("/usage", f"一次须为 1 至 {LINES_MAX} 行", "1 to 1000 lines"))
    known = countable(await terms_of(tx, policy.terms_sha256))
    people = [await _person(tx, line) for line in lines]
    faults = [
        fault
        for place, (line, person) in enumerate(zip(lines, people, strict=True))
        for fault in _line_faults(place, line, person, known)
    ]
    if faults:
        raise Invalid(*faults)
    period = policy_year(policy.period_from, min(await tx.today(), policy.period_to))
    entries = [
        _entry(policy, line, person, known[line.limit], period)
        for line, person in zip(lines, people, strict=True)
        if person is not None
    ]
    # Counters before the policy's row, as a fund's decision locks them; under the lock nobody else
    # can bring in the same figures.
    counters = [entry.counter for entry in entries]
    await hold(tx, counters, policy.area_lo)
    await _refuse_twice(tx, policy, counters)
    await book(tx, entries, source_zh)
    version = await touch_policy(tx, policy.id)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy_no,
            version,
            "policy.opening_usage",
            policy.area_lo,
            insurer_code=policy.insurer_code,
            detail={"lines": len(entries)},
        ),
    )
    return len(entries)


async def _person(tx: Tx, line: OpeningUsage) -> Matched | None:
    index = number_indexes(tx.keyring, line.id_number) if line.id_number else None
    return await spells_of(tx, index, line.person_id)


def _entry(
    policy: PolicyRow,
    line: OpeningUsage,
    person: Matched,
    limit: tuple[Scope, LimitUnit],
    period: str,
) -> Booking:
    key = LimitKey(limit[0], line.limit, "all" if limit[0] is Scope.PERSON_LIFE else period)
    counter = counter_for(
        key,
        policy_id=policy.id,
        line_id=policy.line_id,
        notice_id=NOWHERE,
        person_id=person.id,
        household_id=person.household_id,
    )
    return Booking(counter, None, line.units, "opening", person.area_code)


async def _refuse_twice(tx: Tx, policy: PolicyRow, counters: list[Counter]) -> None:
    owners = [policy.id, policy.line_id]
    before = await opened(tx, owners, [counter.subject_id for counter in counters])
    faults = [
        _fault(f"/usage/{place}", "此限额已录入期初数", "This limit has an opening balance")
        for place, counter in enumerate(counters)
        if counter in before or counter in counters[:place]
    ]
    if faults:
        raise Invalid(*faults)


def _line_faults(
    place: int,
    line: OpeningUsage,
    person: Matched | None,
    known: dict[str, tuple[Scope, LimitUnit]],
) -> list[Fault]:
    found = []
    if person is None:
        found.append(_fault(f"/usage/{place}/person", "没有这个人员", "No such person"))
    if line.limit not in known:
        found.append(_fault(f"/usage/{place}/limit", "条款没有这个累计限额", "No such limit"))
    if line.units <= 0:
        found.append(_fault(f"/usage/{place}/used", "已用额度须大于零", "Must be above zero"))
    return found


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
