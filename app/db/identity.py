"""A person's name and number in clear, for the few acts that must hand them on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.rows import sql
from app.db.session import Tx

_READ = sql("SELECT id, name_sealed, id_type, id_sealed, birth_on FROM person WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is; never logged, never in an event."""

    name: str
    id_type: str
    id_number: str | None
    birth_on: date


async def read_identity(tx: Tx, person_id: UUID) -> Identity:
    """Open a person's name and number, as registered."""
    row = (await tx.sql.execute(_READ, {"id": person_id})).one()
    opened = tx.keyring.open_sealed
    number = None
    if row.id_sealed is not None:
        number = opened(row.id_sealed, f"person.id_sealed.{row.id}").decode()
    name = opened(row.name_sealed, f"person.name_sealed.{row.id}").decode()
    return Identity(name, row.id_type, number, row.birth_on)
