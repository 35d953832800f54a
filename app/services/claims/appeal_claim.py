"""Appeal against a decision, or complain about a claim; and answer that."""

from app.db import appeals
from app.db.appeals import AppealRow
from app.db.claims import ClaimRow, move_claim, read_claim
from app.db.session import Tx
from app.domain.errors import IllegalMove, Invalid
from app.domain.lifecycle import STATUS_ZH, ClaimStatus
from app.domain.note_checks import note_faults
from app.services.claims.held import hold_claim
from app.services.claims.reopen_claim import reopen

APPEAL, COMPLAINT = "appeal", "complaint"
DECIDED = frozenset({ClaimStatus.DECIDED, ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED})


async def appeal_claim(
    tx: Tx, claim_no: str, expected_version: int, kind: str, reason_zh: str
) -> ClaimRow:
    """File an appeal against what was decided, or a complaint; one at a time.

    Raises NotFound, VersionStale, Invalid for personal numbers in the reason, and IllegalMove for
    a withdrawn claim, an appeal before a decision, or while another is open.
    """
    _refuse_numbers(reason_zh, "/reason_zh")
    _, claim = await hold_claim(tx, claim_no, expected_version)
    early = kind == APPEAL and claim.status not in DECIDED
    if early or claim.status is ClaimStatus.WITHDRAWN:
        raise IllegalMove(STATUS_ZH[claim.status], ())
    seq = await appeals.add_appeal(tx, claim, kind, reason_zh)
    if seq is None:
        raise IllegalMove(STATUS_ZH[claim.status], ("answer-appeal",))
    return await move_claim(tx, claim, (), note="appeal", detail={"kind": kind, "seq": seq})


async def answer_appeal(
    tx: Tx, claim_no: str, expected_version: int, answer_zh: str, *, accepted: bool
) -> ClaimRow:
    """Answer the open appeal or complaint; an accepted appeal reopens its claim.

    Raises NotFound, VersionStale, Invalid, Forbidden, and IllegalMove where none is open, or the
    claim of an accepted appeal is not closed yet.
    """
    _refuse_numbers(answer_zh, "/answer_zh")
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    state = "accepted" if accepted else "rejected"
    answered = await appeals.answer_appeal(tx, claim, state, answer_zh)
    if answered is None:
        raise IllegalMove(STATUS_ZH[claim.status], ())
    seq, kind = answered
    detail = {"kind": kind, "seq": seq, "state": state}
    claim = await move_claim(tx, claim, (), note="answer_appeal", detail=detail)
    if accepted and kind == APPEAL:
        return await reopen(tx, notice, claim, answer_zh)
    return claim


async def list_appeals(tx: Tx, claim_no: str) -> list[AppealRow]:
    """Give the appeals and complaints of a claim, newest first. Raises NotFound."""
    return await appeals.appeals_of(tx, (await read_claim(tx, claim_no)).id)


def _refuse_numbers(text_zh: str, pointer: str) -> None:
    faults = note_faults(text_zh, pointer)
    if faults:
        raise Invalid(*faults)
