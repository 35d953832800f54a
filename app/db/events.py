"""Events: one row per move. The audit row follows each by itself, at commit (see migrations)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.db.rows import plain, record, sql
from app.db.session import Tx

_WRITE = sql(
    """
    INSERT INTO event (area_code, insurer_code, resource, number, version, type, was, now,
                       actor, request_id, detail)
    SELECT e.area_code, e.insurer_code, e.resource, e.number, e.version, e.type, e.was, e.now,
           ctx_actor(), ctx_request(), e.detail
    FROM ROWS FROM (jsonb_to_recordset(CAST(:events AS jsonb)) AS (
        area_code bigint, insurer_code text, resource text, number text, version integer,
        type text, was text, now text, detail jsonb)) WITH ORDINALITY AS e (
        area_code, insurer_code, resource, number, version, type, was, now, detail, ordinality)
    ORDER BY e.ordinality
    """
)
_ACT = sql(
    """
    INSERT INTO event (area_code, insurer_code, resource, number, version, type, was, now,
                       actor, request_id, detail)
    SELECT :area_code, :insurer_code, CAST(:resource AS text), CAST(:number AS text),
           last_act(:resource, :number) + 1, :type, :was, :now, ctx_actor(), ctx_request(),
           CAST(:detail AS jsonb)
    """
)
_TIMELINE = sql(
    """
    SELECT seq, resource, number, version, type, was, now, actor, detail, at FROM event
    WHERE resource = :resource AND number = ANY(:numbers) ORDER BY seq DESC LIMIT 500
    """
)


COUNTED = 0  # the version of an event whose thing counts none: see write_act
EVERYWHERE = 0  # the area of an event that belongs to no county


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What is written of a move: `version` is the resource's version after it."""

    resource: str
    number: str
    version: int
    type: str
    area_code: int
    was: str | None = None
    now: str | None = None
    insurer_code: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)

    def fields(self) -> dict[str, object]:
        """Give the event as one JSON row."""
        return {
            "area_code": self.area_code,
            "insurer_code": self.insurer_code,
            "resource": self.resource,
            "number": self.number,
            "version": self.version,
            "type": self.type,
            "was": self.was,
            "now": self.now,
            "detail": dict(self.detail),
        }


@dataclass(frozen=True, slots=True)
class WrittenEvent:
    """An event as it is read back; `at` is UTC."""

    seq: int
    resource: str
    number: str
    version: int
    type: str
    was: str | None
    now: str | None
    actor: str
    detail: Mapping[str, object]
    at: datetime


async def write_events(tx: Tx, events: Sequence[NewEvent]) -> None:
    """Write events in their order, in one statement; actor and request come from the context."""
    if events:
        await tx.sql.execute(_WRITE, {"events": plain([event.fields() for event in events])})


async def write_event(tx: Tx, event: NewEvent) -> None:
    """Write one event."""
    await write_events(tx, [event])


async def write_act(tx: Tx, event: NewEvent) -> None:
    """Write the event of an act on a thing that counts no versions of its own.

    The version given (COUNTED) is passed over: it becomes one more than the last event's, so the
    caller holds the thing's row.
    """
    values = event.fields() | {"detail": plain(dict(event.detail))}
    await tx.sql.execute(_ACT, values)


async def timeline(tx: Tx, resource: str, numbers: Sequence[str]) -> list[WrittenEvent]:
    """Give the events of resources, newest first, at most 500."""
    rows = await tx.sql.execute(_TIMELINE, {"resource": resource, "numbers": list(numbers)})
    return [record(WrittenEvent, row) for row in rows]
