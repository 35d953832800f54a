"""Leave a note on a notice or a claim; read them. Families and insurers do not see them."""

from app.db import notes
from app.db.claims import move_claim, read_claim
from app.db.events import NewEvent, write_event
from app.db.notes import NoteRow
from app.db.notices import NoticeRow, lock_notice, mark_notice, read_notice
from app.db.session import Tx
from app.domain.errors import Invalid
from app.domain.note_checks import note_faults
from app.services.claims.held import hold_claim


async def note_claim(tx: Tx, claim_no: str, text_zh: str) -> list[NoteRow]:
    """Leave a note on a claim and give all of them, newest first. Raises NotFound, Invalid."""
    _refuse_numbers(text_zh)
    _, claim = await hold_claim(tx, claim_no)
    await notes.add_note(tx, "claim", claim_no, claim.area_code, text_zh)
    await move_claim(tx, claim, (), note="note")
    return await notes.notes_of(tx, "claim", claim_no)


async def note_notice(tx: Tx, notice_no: str, text_zh: str) -> list[NoteRow]:
    """Leave a note on a notice and give all of them, newest first. Raises NotFound, Invalid."""
    _refuse_numbers(text_zh)
    notice = await lock_notice(tx, notice_no)
    await notes.add_note(tx, "notice", notice_no, notice.area_code, text_zh)
    version = await mark_notice(tx, notice.id, notice.status)
    await write_event(tx, _event(notice, version, "notice.note"))
    return await notes.notes_of(tx, "notice", notice_no)


async def list_notes(tx: Tx, resource: str, number: str) -> list[NoteRow]:
    """Give the notes on a `notice` or `claim`, newest first. Raises NotFound."""
    if resource == "claim":
        await read_claim(tx, number)
    else:
        await read_notice(tx, number)
    return await notes.notes_of(tx, resource, number)


def _event(notice: NoticeRow, version: int, type_: str) -> NewEvent:
    return NewEvent("notice", notice.notice_no, version, type_, notice.area_code)


def _refuse_numbers(text_zh: str) -> None:
    faults = note_faults(text_zh)
    if faults:
        raise Invalid(*faults)
