"""Declare a near relative, list one's declarations, withdraw one."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.db.events import COUNTED, NewEvent, write_act
from app.db.ids import new_id
from app.db.relatives import Declaration, add_declaration, end_declaration, own_declarations
from app.db.session import Tx
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.person import IdType
from app.domain.relatives import Kinship
from app.services.people import look_up_person

LISTED_MAX = 200


async def declare_relative(
    tx: Tx,
    relation: Kinship,
    name: str,
    id_type: IdType = IdType.RESIDENT_ID,
    id_number: str | None = None,
    birth_on: date | None = None,
) -> Declaration:
    """Declare a registered person of the caller's area as a near relative of the caller.

    Raises NotFound as a look-up does, Invalid when the person is declared already.
    """
    person = await look_up_person(tx, name, id_type, id_number, birth_on)
    row_id = new_id()
    if not await add_declaration(tx, row_id, person.id, person.area_code, relation):
        raise Invalid(
            Fault(
                "/id_number", "validation.failed", "此人已申报。", "The person is declared already."
            )
        )
    await _tell(tx, row_id, person.area_code, "declare")
    return (await own_declarations(tx, 1))[0]


async def list_declarations(tx: Tx) -> Sequence[Declaration]:
    """Give the caller's own declarations, newest first, withdrawn ones too, at most 200."""
    return await own_declarations(tx, LISTED_MAX)


async def withdraw_declaration(tx: Tx, row_id: UUID) -> None:
    """Withdraw one of the caller's own declarations; it stays on file. Raises NotFound."""
    ended = await end_declaration(tx, row_id)
    if ended is None:
        raise NotFound("没有这项有效申报。", "There is no such live declaration.")
    await _tell(tx, row_id, ended.area_code, "withdraw")


async def _tell(tx: Tx, row_id: UUID, area_code: int, act: str) -> None:
    await write_act(tx, NewEvent("relative", str(row_id), COUNTED, f"relative.{act}", area_code))
