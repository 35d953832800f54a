"""The audit trail as the auditor reads it: rows, heads, and what does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.rows import plain, record, sql
from app.db.session import Tx

_LIST = sql(
    """
    SELECT chain, seq, at, actor, action, object, request_id, hash FROM audit
    WHERE chain = :chain AND seq < coalesce(CAST(:before AS bigint), 9223372036854775807)
      AND (CAST(:actor AS text) IS NULL OR actor = :actor)
      AND (CAST(:object AS text) IS NULL OR starts_with(object, :object))
      AND (CAST(:action AS text) IS NULL OR starts_with(action, :action))
    ORDER BY seq DESC LIMIT :limit
    """
)
_HEADS = sql("SELECT chain, seq, hash FROM audit_head WHERE seq > 0 ORDER BY chain")
_FAULTS = sql("SELECT chain, seq, fault FROM audit_faults() ORDER BY chain, seq, fault")
# What an older root says of a chain must still be there: the row of that number, with that hash.
_HASHES = sql(
    """
    SELECT w.chain, w.seq, a.hash
    FROM jsonb_to_recordset(CAST(:wanted AS jsonb)) AS w (chain bigint, seq bigint)
    LEFT JOIN audit AS a ON a.chain = w.chain AND a.seq = w.seq
    """
)


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One link of a county's chain; `at` is UTC, `object` a kind and a number, never a person."""

    chain: int
    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    request_id: str | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a county's chain."""

    chain: int
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class TrailFault:
    """One place that does not fit; `seq` 0 where the chain has no row for it."""

    chain: int
    seq: int
    fault: str


@dataclass(frozen=True, slots=True)
class TrailWanted:
    """Which rows of a chain; `object` and `action` are beginnings."""

    chain: int
    actor: str | None = None
    object: str | None = None
    action: str | None = None


async def list_trail(
    tx: Tx, wanted: TrailWanted, *, before: int | None, limit: int
) -> list[TrailRow]:
    """Give rows of one chain, newest first, those before a number where one is given."""
    rows = await tx.sql.execute(
        _LIST,
        {
            "chain": wanted.chain,
            "actor": wanted.actor,
            "object": wanted.object,
            "action": wanted.action,
            "before": before,
            "limit": limit,
        },
    )
    return [record(TrailRow, row) for row in rows]


async def trail_heads(tx: Tx) -> list[Head]:
    """Give the head of every chain of the caller's range, by county."""
    return [record(Head, row) for row in await tx.sql.execute(_HEADS)]


async def trail_faults(tx: Tx) -> list[TrailFault]:
    """Give everything that does not fit in the caller's range, by chain and place."""
    return [record(TrailFault, row) for row in await tx.sql.execute(_FAULTS)]


async def links_at(tx: Tx, heads: Sequence[Head]) -> dict[tuple[int, int], bytes | None]:
    """Give the hash that stands at each of these places now; None where there is no row."""
    wanted = [{"chain": head.chain, "seq": head.seq} for head in heads]
    rows = await tx.sql.execute(_HASHES, {"wanted": plain(wanted)})
    return {(row.chain, row.seq): row.hash for row in rows}
