"""A person as they are shown: name and numbers masked by the caller's role, always."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.enrolments import spells_of
from app.db.person_seals import PersonRow
from app.db.session import Tx
from app.domain.masks import ERASED_ZH, mask_for, shown_id, shown_name, shown_phone
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
    protected: bool
    erased: bool


async def view_of(tx: Tx, person: PersonRow) -> PersonView:
    """Show a person as of today in Asia/Shanghai."""
    today = await tx.today()
    matched = await spells_of(tx, None, person.id)
    spells = () if matched is None else matched.spells
    insured = {
        spell.category for spell in spells if spell.covered_from <= today <= spell.covered_to
    }
    mask = mask_for(tx.caller.role, protected=person.protected)
    return PersonView(
        id=person.id,
        name_masked=ERASED_ZH if person.erased_at else shown_name(person.name, mask) or "",
        id_type=person.id_type,
        id_masked=shown_id(person.id_number, mask),
        phone_masked=shown_phone(person.phone, mask),
        area_code=person.area_code,
        household_id=person.household_id,
        birth_on=person.birth_on,
        sex=person.sex,
        died_on=person.died_on,
        categories=tuple(sorted(insured)),
        version=person.version,
        protected=person.protected,
        erased=person.erased_at is not None,
    )
