"""Erase a person: two security administrators, and nobody while the record is still needed."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.db import person_life
from app.db.events import COUNTED, NewEvent, write_act
from app.db.person_life import Needed, hold_person
from app.db.person_seals import PersonRow
from app.db.session import Tx
from app.domain.errors import Forbidden, IllegalMove, Invalid, StillNeeded
from app.domain.masks import ERASED_ZH
from app.domain.note_checks import note_faults
from app.services.people.held import no_such_person


@dataclass(frozen=True, slots=True)
class Erasure:
    """How far it is: asked for, or done. `papers` are storage keys of files to remove now."""

    person_id: UUID
    done: bool
    papers: tuple[str, ...] = ()


async def erase_person(tx: Tx, person_id: UUID, reason_zh: str, case_days: int) -> Erasure:
    """Ask for an erasure, or, as another administrator than who asked, do it.

    The person's key is destroyed; ledger, facts of assessments, events and audit stay. `case_days`
    is how long a closed case is kept. Raises NotFound, Invalid for personal numbers in the reason,
    IllegalMove when it is done already, StillNeeded, Forbidden for the one who asked.
    """
    person = await hold_person(tx, person_id)
    if person is None:
        raise no_such_person()
    if person.erased_at is not None:
        raise IllegalMove(ERASED_ZH, ())
    faults = note_faults(reason_zh, "/reason_zh")
    if faults:
        raise Invalid(*faults)
    refuse_needed(await person_life.needed(tx, person_id), case_days, await tx.today())
    asked_by = await person_life.erasure_asked_by(tx, person_id)
    if asked_by is None:
        await person_life.ask_erasure(tx, person_id, reason_zh)
        await _tell(tx, person, "person.ask_erasure")
        return Erasure(person_id, done=False)
    if asked_by == tx.caller.actor:
        raise Forbidden(
            "删除须由另一名安全管理员确认。",
            "An erasure is confirmed by another security administrator.",
        )
    return await erase_held(tx, person)


async def erase_held(tx: Tx, person: PersonRow) -> Erasure:
    """Erase a held person whose record nobody needs."""
    papers = await person_life.erase(tx, person.id)
    await _tell(tx, person, "person.erase")
    return Erasure(person.id, done=True, papers=tuple(papers))


def refuse_needed(record: Needed, case_days: int, today: date) -> None:
    """Refuse while a case is open, a claim could still be filed, or the law keeps the last one.

    Raises StillNeeded with the last day on which the record must stay, where it is known.
    """
    if record.open_case:
        raise StillNeeded("有在办的报案或赔案", "a case is open", None)
    if record.claims_until is not None and record.claims_until >= today:
        raise StillNeeded("仍在保险索赔时效内", "a claim can still be filed", record.claims_until)
    if record.last_case_on is not None:
        kept_until = record.last_case_on + timedelta(days=case_days)
        if kept_until >= today:
            raise StillNeeded(
                "赔案档案仍在法定保存期内", "the last case must be kept by law", kept_until
            )


async def _tell(tx: Tx, person: PersonRow, type_: str) -> None:
    await write_act(tx, NewEvent("person", str(person.id), COUNTED, type_, person.area_code))
