"""A person as they are shown: name and numbers masked, always."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.enrolments import spells_of
from app.db.person_seals import PersonRow
from app.db.session import Tx
from app.domain.id_card import mask_id, mask_name, mask_phone
from app.domain.person import IdType


@dataclass(frozen=True, slots=True)
class PersonView:
    """A registered person; `categories` are those they are insured in today."""

    id: UUID
    name_masked: str
    id_type: IdType
    id_masked: str | None
    phone_masked: str | None
    area_code: int
    household_id: UUID | None
    birth_on: date
    sex: str | None
    died_on: date | None
    categories: tuple[str, ...]
    version: int


async def view_of(tx: Tx, person: PersonRow) -> PersonView:
    """Show a person as of today in Asia/Shanghai."""
    today = await tx.today()
    matched = await spells_of(tx, None, person.id)
    spells = () if matched is None else matched.spells
    insured = {
        spell.category for spell in spells if spell.covered_from <= today <= spell.covered_to
    }
    return PersonView(
        id=person.id,
        name_masked=mask_name(person.name),
        id_type=person.id_type,
        id_masked=None if person.id_number is None else mask_id(person.id_number),
        phone_masked=None if person.phone is None else mask_phone(person.phone),
        area_code=person.area_code,
        household_id=person.household_id,
        birth_on=person.birth_on,
        sex=person.sex,
        died_on=person.died_on,
        categories=tuple(sorted(insured)),
        version=person.version,
    )
