"""Use made of limits: counters under lock, and the entries they follow from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.rows import fields_of, plain, sql
from app.db.session import Tx
from app.domain.limits import LOCK_ORDER, LimitKey, Scope

_HOLD = sql(
    """
    INSERT INTO usage_counter AS u (
        owner_id, scope, subject_id, code, period, area_lo, area_hi)
    SELECT w.owner_id, w.scope, w.subject_id, w.code, w.period,
        coalesce(p.area_lo, w.area_code), coalesce(p.area_hi, w.area_code + 1)
    FROM ROWS FROM (jsonb_to_recordset(CAST(:wanted AS jsonb)) AS (
        owner_id uuid, scope text, subject_id uuid, code text, period text, area_code bigint
    )) WITH ORDINALITY AS w (owner_id, scope, subject_id, code, period, area_code, ordinality)
    LEFT JOIN policy AS p ON p.id = w.owner_id
    ORDER BY w.ordinality
    ON CONFLICT (owner_id, scope, subject_id, code, period) DO UPDATE SET used = u.used
    RETURNING owner_id, scope, subject_id, code, period, used
    """
)
_HELD_BY = sql(
    """
    SELECT claim_id, owner_id, scope, subject_id, code, period, sum(units)::bigint AS units
    FROM usage_entry WHERE claim_id = ANY(:claims)
    GROUP BY claim_id, owner_id, scope, subject_id, code, period HAVING sum(units) <> 0
    """
)
# Arrays, not JSON: their length is known to the planner, which then looks counters up one by one.
BOOKED = """
    booked AS (
        SELECT * FROM unnest(
            CAST(:owner_id AS uuid[]), CAST(:scope AS text[]), CAST(:subject_id AS uuid[]),
            CAST(:code AS text[]), CAST(:period AS text[]), CAST(:area_code AS bigint[]),
            CAST(:claim_id AS uuid[]), CAST(:units AS bigint[]), CAST(:reason AS text[])
        ) AS b (owner_id, scope, subject_id, code, period, area_code, claim_id, units, reason)
    ), counted AS (
        UPDATE usage_counter AS u SET used = u.used + b.units
        FROM (
            SELECT owner_id, scope, subject_id, code, period, sum(units)::bigint AS units
            FROM booked GROUP BY owner_id, scope, subject_id, code, period
        ) AS b
        WHERE (u.owner_id, u.scope, u.subject_id, u.code, u.period)
            = (b.owner_id, b.scope, b.subject_id, b.code, b.period)
    )
"""
_BOOK = sql(
    f"""
    WITH {BOOKED}
    INSERT INTO usage_entry (owner_id, scope, subject_id, code, period, area_code, claim_id,
                             units, reason, source)
    SELECT owner_id, scope, subject_id, code, period, area_code, claim_id, units, reason, :source
    FROM booked
    """
)
_OPENED = sql(
    """
    SELECT owner_id, scope, subject_id, code, period FROM usage_entry
    WHERE reason = 'opening' AND owner_id = ANY(CAST(:owners AS uuid[]))
      AND subject_id = ANY(CAST(:subjects AS uuid[]))
    """
)
_READ = """
    SELECT u.owner_id, u.scope, u.subject_id, u.code, u.period, u.used
    FROM usage_counter AS u
    JOIN unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[])
        AS w (owner_id, scope, subject_id, code, period)
    USING (owner_id, scope, subject_id, code, period)
"""
_NAMES = ("owner_id", "scope", "subject_id", "code", "period")


@dataclass(frozen=True, slots=True)
class Counter:
    """Whose counter it is: the policy's (or, for a bill, the notice's) limit, and for whom."""

    owner_id: UUID
    subject_id: UUID
    key: LimitKey

    def place(self) -> tuple[int, str, str, str, str]:
        """Sort key: all counters are locked in this one order, so that no two acts can deadlock."""
        return (
            LOCK_ORDER[self.key.scope],
            str(self.owner_id),
            str(self.subject_id),
            self.key.code,
            self.key.period,
        )

    def columns(self) -> dict[str, object]:
        """Give the counter's key columns."""
        return {
            "owner_id": self.owner_id,
            "scope": self.key.scope.value,
            "subject_id": self.subject_id,
            "code": self.key.code,
            "period": self.key.period,
        }

    def words(self) -> dict[str, object]:
        """Give the counter's key columns as JSON has them."""
        return {name: str(value) for name, value in self.columns().items()}


@dataclass(frozen=True, slots=True)
class Booking:
    """A change of one counter by one claim: units are fen, days or times, negative when given back.

    An opening balance is no claim's.
    """

    counter: Counter
    claim_id: UUID | None
    units: int
    reason: str
    area_code: int


def booked(bookings: Sequence[Booking]) -> dict[str, object]:
    """Give the parameters of `BOOKED`."""
    keys = [booking.counter.columns() for booking in bookings]
    return {
        **{name: [key[name] for key in keys] for name in _NAMES},
        "area_code": [booking.area_code for booking in bookings],
        "claim_id": [booking.claim_id for booking in bookings],
        "units": [booking.units for booking in bookings],
        "reason": [booking.reason for booking in bookings],
    }


async def hold(tx: Tx, counters: Sequence[Counter], area_code: int) -> dict[Counter, int]:
    """Create what is missing, lock every counter in the fixed order, and give what is used."""
    if not counters:
        return {}
    wanted = [
        {**counter.words(), "area_code": area_code}
        for counter in sorted(set(counters), key=Counter.place)
    ]
    rows = await tx.sql.execute(_HOLD, {"wanted": plain(wanted)})
    return {_counter(fields_of(row)): row.used for row in rows}


async def used(tx: Tx, counters: Sequence[Counter]) -> dict[Counter, int]:
    """Give what is used, without a lock; a counter that was never touched is not there."""
    if not counters:
        return {}
    keys = [counter.columns() for counter in counters]
    rows = await tx.rows(_READ, *([key[name] for key in keys] for name in _NAMES))
    return {_counter(dict(row)): row["used"] for row in rows}


async def used_asked(tx: Tx, counters: Sequence[Counter]) -> dict[Counter, int]:
    """Give what is used as `used` does, outside of any transaction; see `Database.asking`."""
    if not counters:
        return {}
    keys = [counter.columns() for counter in counters]
    rows = await tx.asked("usage_asked", *([key[name] for key in keys] for name in _NAMES))
    return {_counter(dict(row)): row["used"] for row in rows}


async def held_by(tx: Tx, claims: Sequence[UUID]) -> dict[UUID, dict[Counter, int]]:
    """Give what each of some claims holds at present, by counter."""
    rows = await tx.sql.execute(_HELD_BY, {"claims": list(claims)})
    held: dict[UUID, dict[Counter, int]] = {claim: {} for claim in claims}
    for row in rows:
        held[row.claim_id][_counter(fields_of(row))] = row.units
    return held


async def book(tx: Tx, bookings: Sequence[Booking], source: str | None = None) -> None:
    """Write entries and move the held counters by them. The check on `used` is the last guard.

    `source` tells where opening balances come from; other entries have none.
    """
    if bookings:
        await tx.sql.execute(_BOOK, {**booked(bookings), "source": source})


async def opened(tx: Tx, owners: Sequence[UUID], subjects: Sequence[UUID]) -> set[Counter]:
    """Tell which counters of a policy, or of its line, have an opening balance already."""
    rows = await tx.sql.execute(_OPENED, {"owners": list(owners), "subjects": list(subjects)})
    return {_counter(fields_of(row)) for row in rows}


def changes(
    claim: ClaimRow, before: Mapping[Counter, int], after: Mapping[Counter, int], reason: str
) -> list[Booking]:
    """Give the bookings that turn what a claim holds into what it shall hold."""
    return [
        Booking(
            counter,
            claim.id,
            after.get(counter, 0) - before.get(counter, 0),
            reason,
            claim.area_code,
        )
        for counter in sorted({*before, *after}, key=Counter.place)
        if after.get(counter, 0) != before.get(counter, 0)
    ]


def _counter(row: Mapping[str, Any]) -> Counter:
    key = LimitKey(Scope(row["scope"]), row["code"], row["period"])
    return Counter(row["owner_id"], row["subject_id"], key)
