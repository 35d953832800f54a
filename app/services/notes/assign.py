"""Assign a notice or a claim to a colleague, by the label of their key; or take that back."""

from app.db.claims import ClaimRow, move_claim
from app.db.events import NewEvent, write_event
from app.db.notes import assign_notice as set_assigned
from app.db.notices import lock_notice
from app.db.session import Tx
from app.domain.errors import Fault, Invalid, VersionStale
from app.domain.note_checks import note_faults
from app.services.claims.held import hold_claim
from app.services.notices.read_notice import read_notice
from app.services.notices.view import NoticeView


async def assign_claim(tx: Tx, claim_no: str, expected_version: int, to: str | None) -> ClaimRow:
    """Say who works on a claim; None: nobody in particular. Raises NotFound, VersionStale."""
    _refuse_numbers(to)
    _, claim = await hold_claim(tx, claim_no, expected_version)
    return await move_claim(
        tx, claim, (), note="assign", detail={"assigned": to is not None}, assigned_to=to
    )


async def assign_notice(
    tx: Tx, notice_no: str, expected_version: int, to: str | None
) -> NoticeView:
    """Say who works on a notice; None: nobody in particular. Raises NotFound, VersionStale."""
    _refuse_numbers(to)
    notice = await lock_notice(tx, notice_no)
    if notice.version != expected_version:
        raise VersionStale(str(notice.version))
    version = await set_assigned(tx, notice, to)
    await write_event(
        tx,
        NewEvent(
            "notice",
            notice_no,
            version,
            "notice.assign",
            notice.area_code,
            detail={"assigned": to is not None},
        ),
    )
    return await read_notice(tx, notice_no)


def _refuse_numbers(to: str | None) -> None:
    faults: tuple[Fault, ...] = () if to is None else note_faults(to, "/to")
    if faults:
        raise Invalid(*faults)
