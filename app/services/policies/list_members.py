"""List the roster of a policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.enrolments import list_enrolments
from app.db.people import read_people
from app.db.policies import read_policy
from app.db.session import Tx
from app.domain.masks import mask_for, shown_id, shown_name


@dataclass(frozen=True, slots=True)
class MemberView:
    """One spell on a roster, both days covered; name and number masked, None where hidden."""

    enrolment_id: UUID
    person_id: UUID
    name_masked: str | None
    id_masked: str | None
    area_code: int
    category: str
    covered_from: date
    covered_to: date
    certificate_no: str | None
    premium_fen: int


async def list_members(
    tx: Tx, policy_no: str, after: UUID | None = None, limit: int = 50
) -> Sequence[MemberView]:
    """Give up to `limit` spells of the caller's area by enrolment id, after an id.

    An insurer sees its own policies' spells without the people behind them. Raises NotFound.
    """
    policy = await read_policy(tx, policy_no)
    spells = await list_enrolments(tx, policy.id, after, limit)
    people = await read_people(tx, [spell.person_id for spell in spells])
    views = []
    for spell in spells:
        person = people.get(spell.person_id)
        protected = person is not None and person.protected
        mask = mask_for(tx.caller.role, protected=protected)
        views.append(
            MemberView(
                spell.id,
                spell.person_id,
                None if person is None else shown_name(person.name, mask),
                None if person is None else shown_id(person.id_number, mask),
                spell.area_code,
                spell.category,
                spell.covered_from,
                spell.covered_to,
                spell.certificate_no,
                spell.premium_fen,
            )
        )
    return views
