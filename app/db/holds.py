"""Payouts on hold: under which policy we order none, why, since when, and who ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.policies import PolicyRow
from app.db.rows import plain, record, sql
from app.db.session import Tx

_COLUMNS = """
    h.id, h.policy_id, p.policy_no, h.insurer_code, h.number, h.reason_zh, h.places, h.state,
    h.opened_at, h.ended_at, h.ended_by, h.end_reason_zh
"""
_FROM = "FROM payout_hold AS h JOIN policy AS p ON p.id = h.policy_id"
_OPEN = sql(
    f"SELECT {_COLUMNS} {_FROM} WHERE h.policy_id = :policy_id AND h.state = 'open' "
    "ORDER BY h.number LIMIT 1"
)
_LATEST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM} WHERE h.id = (
        SELECT l.id FROM payout_hold AS l
        WHERE l.policy_id = :policy_id AND l.number = :number
        ORDER BY l.opened_at DESC, l.id DESC LIMIT 1)
    """
)
_UNDER = sql(
    """
    SELECT p.policy_no FROM payout_hold AS h JOIN policy AS p ON p.id = h.policy_id
    WHERE h.number = :number AND h.state <> 'over' ORDER BY p.policy_no
    """
)
_NUMBERS = sql("SELECT id, policy_no FROM policy WHERE id = ANY(:policies)")
_READ = sql(f"SELECT {_COLUMNS} {_FROM} WHERE h.id = :id")
_LIST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE (CAST(:state AS text) IS NULL OR h.state = :state)
      AND (CAST(:before AS uuid) IS NULL OR h.id < :before)
    ORDER BY h.id DESC LIMIT :limit
    """
)
_ADD = sql(
    """
    INSERT INTO payout_hold (id, policy_id, insurer_code, area_lo, area_hi, number, reason_zh,
                             places)
    VALUES (:id, :policy_id, :insurer_code, :area_lo, :area_hi, :number, :reason_zh,
            CAST(:places AS jsonb))
    """
)
_PLACES = sql("UPDATE payout_hold SET places = CAST(:places AS jsonb) WHERE id = :id")
_END = sql(
    """
    UPDATE payout_hold SET state = :state,
        ended_at = coalesce(ended_at, business_now()), ended_by = coalesce(ended_by, ctx_actor()),
        end_reason_zh = coalesce(end_reason_zh, :reason_zh)
    WHERE id = :id
    """
)
# Beside a claim or payout: why nothing is ordered under its policy now, if so.
HELD_ZH = """
    (SELECT h.reason_zh FROM payout_hold AS h
     WHERE h.policy_id = {policy} AND h.state = 'open' ORDER BY h.number LIMIT 1)
"""
_HELD_CLAIMS = sql(
    f"""
    SELECT c.id, {HELD_ZH.format(policy="c.policy_id")} AS held_zh
    FROM claim AS c WHERE c.id = ANY(:claims)
    """
)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold. `state`: open; released by a person; over, since the invariant holds again."""

    id: UUID
    policy_id: UUID
    policy_no: str
    insurer_code: str | None
    number: int
    reason_zh: str
    places: Sequence[str]
    state: str
    opened_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_reason_zh: str | None


async def open_hold(tx: Tx, policy_id: UUID) -> HoldRow | None:
    """Give a hold that is on a policy now, if there is one."""
    row = (await tx.sql.execute(_OPEN, {"policy_id": policy_id})).one_or_none()
    return None if row is None else record(HoldRow, row)


async def held_claims(tx: Tx, claims: Sequence[UUID]) -> dict[UUID, str | None]:
    """Give for each claim why no payout is ordered under its policy now, None where one may be."""
    rows = await tx.sql.execute(_HELD_CLAIMS, {"claims": list(claims)})
    return {row.id: row.held_zh for row in rows}


async def latest_hold(tx: Tx, policy_id: UUID, number: int) -> HoldRow | None:
    """Give the newest hold that an invariant brought on a policy, whatever became of it."""
    values = {"policy_id": policy_id, "number": number}
    row = (await tx.sql.execute(_LATEST, values)).one_or_none()
    return None if row is None else record(HoldRow, row)


async def policies_under(tx: Tx, number: int) -> list[str]:
    """Give the numbers of policies on which an invariant's hold is not over."""
    return list((await tx.sql.execute(_UNDER, {"number": number})).scalars())


async def policy_numbers(tx: Tx, policies: Sequence[UUID]) -> dict[UUID, str]:
    """Give the numbers of policies by their ids."""
    rows = await tx.sql.execute(_NUMBERS, {"policies": list(policies)})
    return {row.id: row.policy_no for row in rows}


async def read_hold(tx: Tx, hold_id: UUID) -> HoldRow | None:
    """Give a hold, None when there is none that the caller may see."""
    row = (await tx.sql.execute(_READ, {"id": hold_id})).one_or_none()
    return None if row is None else record(HoldRow, row)


async def list_holds(
    tx: Tx, *, state: str | None, before: UUID | None, limit: int
) -> list[HoldRow]:
    """Give holds, newest first."""
    rows = await tx.sql.execute(_LIST, {"state": state, "before": before, "limit": limit})
    return [record(HoldRow, row) for row in rows]


async def add_hold(
    tx: Tx, policy: PolicyRow, number: int, reason_zh: str, places: Sequence[str]
) -> None:
    """Put a held policy's payouts on hold."""
    await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "policy_id": policy.id,
            "insurer_code": policy.insurer_code,
            "area_lo": policy.area_lo,
            "area_hi": policy.area_hi,
            "number": number,
            "reason_zh": reason_zh,
            "places": plain(list(places)),
        },
    )


async def keep_places(tx: Tx, hold_id: UUID, places: Sequence[str]) -> None:
    """Keep what an open hold is about now."""
    await tx.sql.execute(_PLACES, {"id": hold_id, "places": plain(list(places))})


async def end_hold(tx: Tx, hold_id: UUID, state: str, reason_zh: str) -> None:
    """End a hold (`released` or `over`); the first end's time, person and reason stay."""
    await tx.sql.execute(_END, {"id": hold_id, "state": state, "reason_zh": reason_zh})
