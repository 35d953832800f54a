"""Pay a benefit month by month: open what is due, stop the rest when its ground has gone."""

from datetime import date

from app.db.claims import ClaimRow, move_claim, read_claim
from app.db.funds import uncommit
from app.db.instalments import (
    InstalmentRow,
    instalments_of,
    life_of,
    mark_stopped,
    planned_of,
)
from app.db.jobs import enqueue
from app.db.ledger import post
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.errors import IllegalMove, Invalid
from app.domain.ledger import Booking
from app.domain.lifecycle import STATUS_ZH, ClaimStatus, Move, path
from app.domain.note_checks import note_faults
from app.domain.recurring import Ended
from app.domain.schedule import ends_by_itself
from app.services.claims.close_notice import close_if_done
from app.services.claims.decided_usage import lessen_usage
from app.services.claims.held import hold_claim
from app.services.claims.open_payouts import ending, open_due
from app.services.claims.send_on import instruct

APPLY = "apply"
WITH_PARTS = frozenset({ClaimStatus.DECIDED, ClaimStatus.PAYING})


async def pay_instalments(tx: Tx, claim_no: str) -> None:
    """Open every part of a claim that is due, and stop what a death or the end of cover ended."""
    notice, claim = await hold_claim(tx, claim_no)
    if claim.status is not ClaimStatus.PAYING:
        return
    claim = await _stop_ended(tx, notice, claim)
    opened = await open_due(tx, notice, claim)
    for seq, amount_fen in opened:
        detail = {"seq": seq, "amount_fen": amount_fen}
        claim = await move_claim(tx, claim, (), note="instalment", detail=detail)
    if opened and claim.insurer_code is not None:  # the insurer may have been faster
        await enqueue(tx, APPLY, f"{claim.insurer_code}/{claim.claim_no}")


async def stop_instalments(
    tx: Tx, claim_no: str, expected_version: int, ended_by: Ended, from_on: date, reason_zh: str
) -> ClaimRow:
    """Stop the parts of a claim that fall due on or after a day, for a reason.

    What is due before is paid; what was paid is left alone. Raises NotFound, VersionStale,
    Invalid, and IllegalMove where nothing is left to stop.
    """
    faults = note_faults(reason_zh, "/reason_zh")
    if faults:
        raise Invalid(*faults)
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    rest = [one for one in await planned_of(tx, claim.id) if one.due_on >= from_on]
    if not rest or claim.status not in WITH_PARTS:
        raise IllegalMove(STATUS_ZH[claim.status], ())
    return await _stop(tx, notice, claim, rest, ended_by, reason_zh)


async def list_instalments(tx: Tx, claim_no: str) -> list[InstalmentRow]:
    """Give the parts of a claim's benefit in their order. Raises NotFound."""
    return await instalments_of(tx, (await read_claim(tx, claim_no)).id)


async def _stop_ended(tx: Tx, notice: NoticeRow, claim: ClaimRow) -> ClaimRow:
    """Stop what fell due after a death, or after the end of cover, as the terms say."""
    ends = ends_by_itself(await terms_of(tx, claim.terms_sha256))
    assert notice.person_id is not None, "a claim is of a person"
    died_on, covered_to = await life_of(tx, notice.person_id, claim.scheme_code)
    for ended_by, last in ((Ended.DIED, died_on), (Ended.COVER_ENDED, covered_to)):
        if ended_by not in ends or last is None:
            continue
        rest = [one for one in await planned_of(tx, claim.id) if one.due_on > last]
        if rest and rest[0].due_on <= await tx.today():
            claim = await _stop(tx, notice, claim, rest, ended_by, None)
    return claim


async def _stop(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    rest: list[InstalmentRow],
    ended_by: Ended,
    reason_zh: str | None,
) -> ClaimRow:
    """Stop parts of a held claim: it owes that much less, in its limits and its books too."""
    rest_fen = sum(one.amount_fen for one in rest)
    left_fen = (claim.decided_fen or 0) - rest_fen
    await lessen_usage(tx, claim, claim.decided_fen or 0, left_fen)
    await mark_stopped(tx, rest, ended_by, reason_zh)
    await post(tx, claim, Booking.STOPPED, rest_fen)
    if claim.insurer_code is None:
        await uncommit(tx, claim.policy_id, claim.id, rest_fen)
    else:
        await _tell_insurer(tx, claim, rest[0].due_on, reason_zh)
    moves = await ending(tx, claim)
    if claim.status is ClaimStatus.DECIDED and not left_fen:
        moves = path(claim.status, Move.CLOSE)
    claim = await move_claim(
        tx,
        claim,
        moves,
        note="stop_instalments",
        detail={"amount_fen": rest_fen, "ended_by": ended_by, "from_on": str(rest[0].due_on)},
        decided_fen=left_fen,
    )
    await close_if_done(tx, notice)
    return claim


async def _tell_insurer(tx: Tx, claim: ClaimRow, from_on: date, reason_zh: str | None) -> None:
    """Withdraw the rest: what fell due before `from_on` is untouched."""
    content: dict[str, object] = {
        "kind": "withdraw_claim",
        "claim_no": claim.claim_no,
        "from_on": from_on.isoformat(),
        "reason_zh": reason_zh,
    }
    await instruct(tx, claim, "withdraw_claim", content)
