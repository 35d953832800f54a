"""End an advance that is not paid: cancelled by a person, or refused by the insurer."""

from uuid import UUID

from app.db.advances import AdvanceRow, advances_of, move_advance
from app.db.claims import ClaimRow, move_claim
from app.db.funds import commit
from app.db.instalments import planned_of
from app.db.jobs import enqueue
from app.db.notices import NoticeRow
from app.db.payouts import payouts_of
from app.db.session import Tx
from app.domain.errors import IllegalMove, Invalid
from app.domain.lifecycle import PAYOUT_ZH, ClaimStatus, PayoutStatus
from app.domain.note_checks import note_faults
from app.domain.payout import ADVANCE_ZH, AdvanceState, still_to_open_fen
from app.services.claims.close_notice import close_if_done
from app.services.claims.held import hold_claim
from app.services.claims.open_payouts import cancel_payouts, ending, open_payouts
from app.services.payouts.ask_advance import APPLY, find_advance

LIVE = frozenset({AdvanceState.PROPOSED, AdvanceState.GRANTED, AdvanceState.ASKED})
ON_ITS_WAY = frozenset({PayoutStatus.SENT, PayoutStatus.PAID})


async def cancel_advance(
    tx: Tx, claim_no: str, seq: int, expected_version: int | None, reason_zh: str
) -> AdvanceRow:
    """Cancel an advance of which nothing was paid; a decided claim then owes that much more.

    To be told to the insurer by the bureau: its interface has no word for it. Raises NotFound,
    VersionStale, Invalid, and IllegalMove once a part is on its way, or the advance is over.
    """
    faults = note_faults(reason_zh, "/reason_zh")
    if faults:
        raise Invalid(*faults)
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    advance = await find_advance(tx, claim, seq)
    if advance.state not in LIVE:
        raise IllegalMove(ADVANCE_ZH[advance.state], ())
    for payout in await payouts_of(tx, [claim.id]):
        if payout.advance_id == advance.id and payout.status in ON_ITS_WAY:
            raise IllegalMove(PAYOUT_ZH[payout.status], ())
    return await _end(tx, notice, claim, advance, AdvanceState.CANCELLED, reason_zh)


async def refuse_advance(tx: Tx, claim_no: str, instruction_id: UUID, code: str) -> None:
    """Take an insurer's clear no to an advance that it was asked for."""
    notice, claim = await hold_claim(tx, claim_no)
    for advance in await advances_of(tx, claim.id):
        if advance.instruction_id == instruction_id and advance.state is AdvanceState.ASKED:
            await _end(tx, notice, claim, advance, AdvanceState.REFUSED, code)


async def _end(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    advance: AdvanceRow,
    state: AdvanceState,
    reason_zh: str,
) -> AdvanceRow:
    """Cancel its payouts and open what the decision owes instead, if there is one."""
    before_fen = await _owed_fen(tx, claim)
    mine = [one for one in await payouts_of(tx, [claim.id]) if one.advance_id == advance.id]
    await cancel_payouts(tx, claim, [one for one in mine if one.status not in ON_ITS_WAY])
    advance = await move_advance(tx, advance, state, reason_zh)
    owed_fen = await _owed_fen(tx, claim)
    if claim.insurer_code is None and owed_fen > before_fen:
        await commit(tx, claim.policy_id, claim.id, owed_fen - before_fen)
    if claim.status is ClaimStatus.PAYING:
        await open_payouts(tx, notice, claim, owed_fen)
    moves = await ending(tx, claim)
    word = "refuse_advance" if state is AdvanceState.REFUSED else "cancel_advance"
    detail = {"seq": advance.seq, "amount_fen": advance.amount_fen, "reason_zh": reason_zh}
    await move_claim(tx, claim, moves, note=word, detail=detail)
    await close_if_done(tx, notice)
    if claim.insurer_code is not None:
        await enqueue(tx, APPLY, f"{claim.insurer_code}/{claim.claim_no}")
    return advance


async def _owed_fen(tx: Tx, claim: ClaimRow) -> int:
    """Give what a decided claim owes beyond its payouts; of a fund its next batch opens it."""
    if not claim.decided_fen:
        return 0
    standing = [one.standing for one in await payouts_of(tx, [claim.id])]
    planned = sum(one.amount_fen for one in await planned_of(tx, claim.id))
    return still_to_open_fen(claim.decided_fen, standing, planned)[0]
