"""Near relatives that officers declared. Nobody's relatives can be read from here.

What is kept is a keyed digest of officer and person together: it answers whether this officer
declared this person, and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.purposes import NEAR_RELATIVE
from app.db.rows import record, sql
from app.db.session import Tx

_ADD = sql(
    """
    INSERT INTO near_relative (id, area_code, digest, relation, declared_by)
    VALUES (:id, :area_code, :digest, :relation, ctx_actor())
    ON CONFLICT (digest) WHERE withdrawn_at IS NULL DO NOTHING
    RETURNING id
    """
)
_OWN = sql(
    """
    SELECT id, area_code, relation, declared_at, withdrawn_at FROM near_relative
    WHERE declared_by = ctx_actor() ORDER BY id DESC LIMIT :limit
    """
)
_WITHDRAW = sql(
    """
    UPDATE near_relative SET withdrawn_at = business_now()
    WHERE id = :id AND declared_by = ctx_actor() AND withdrawn_at IS NULL
    RETURNING id, area_code, relation, declared_at, withdrawn_at
    """
)
_DECLARED = """
    SELECT EXISTS (
        SELECT FROM near_relative WHERE digest = ANY($1::bytea[]) AND withdrawn_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration of the caller's own; whom it names is not kept."""

    id: UUID
    area_code: int
    relation: str
    declared_at: datetime
    withdrawn_at: datetime | None


def relative_digests(tx: Tx, person_id: UUID) -> list[bytes]:
    """Give every digest that may stand for the caller and a person, today's first."""
    return list(tx.keyring.blind_indexes(NEAR_RELATIVE, f"{tx.caller.actor}|{person_id}"))


async def add_declaration(
    tx: Tx, row_id: UUID, person_id: UUID, area_code: int, relation: str
) -> bool:
    """Keep a declaration of the caller; False when the person is declared already."""
    if await is_declared(tx, person_id):
        return False
    values = {
        "id": row_id,
        "area_code": area_code,
        "digest": relative_digests(tx, person_id)[0],
        "relation": relation,
    }
    return (await tx.sql.execute(_ADD, values)).one_or_none() is not None


async def own_declarations(tx: Tx, limit: int) -> list[Declaration]:
    """Give the caller's declarations, newest first, withdrawn ones too."""
    return [record(Declaration, row) for row in await tx.sql.execute(_OWN, {"limit": limit})]


async def end_declaration(tx: Tx, row_id: UUID) -> Declaration | None:
    """Withdraw one of the caller's declarations; None when there is no such live one."""
    row = (await tx.sql.execute(_WITHDRAW, {"id": row_id})).one_or_none()
    return None if row is None else record(Declaration, row)


async def is_declared(tx: Tx, *people: UUID) -> bool:
    """Tell whether the caller declared any of these people."""
    digests = [digest for person in people for digest in relative_digests(tx, person)]
    if not digests:
        return False
    row = await tx.row(_DECLARED, digests)
    return row is not None and bool(row[0])
