"""Open the payouts that a decision calls for: at once, and what is due month by month."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.db.advances import advances_of, move_advance
from app.db.assessments import latest_assessments
from app.db.claims import ClaimRow
from app.db.decisions import Verdict
from app.db.events import NewEvent, write_event
from app.db.funds import uncommit
from app.db.instalments import add_instalments, mark_opened, planned_of
from app.db.notices import NoticeRow
from app.db.payouts import (
    BENEFIT,
    Because,
    PayoutRow,
    add_payouts,
    change_payout,
    payouts_of,
)
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.assessment import Assessment
from app.domain.canonical import decode
from app.domain.lifecycle import ClaimStatus, Move, Moved, PayoutStatus, path
from app.domain.money import split_fen
from app.domain.notice import Payee
from app.domain.payout import AdvanceState, PayoutKind, still_to_open_fen
from app.domain.schedule import Part, less_advanced, schedule

NOBODY = Payee("", "", "")
DECIDED_ZH = "赔案已作出结论，未同意的预付随之取消"
DONE = frozenset({PayoutStatus.PAID, PayoutStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class Owed:
    """What a decision leaves to be opened, fen: at once, and by month.

    `over_fen` was advanced beyond the decision. `unfinished`: a payout is still on its way.
    `advanced`: money went before the decision.
    """

    at_once_fen: int
    parts: tuple[Part, ...]
    over_fen: int
    unfinished: bool
    advanced: bool

    @property
    def whole_fen(self) -> int:
        """All that is to be opened, sooner or later."""
        return self.at_once_fen + sum(part.amount_fen for part in self.parts)


def payee_parts(payees: tuple[Payee, ...], amount_fen: int) -> list[tuple[Payee, int]]:
    """Split an amount over payees by their shares; a part of nothing opens no payout.

    Without a payee the whole waits for an account to be given.
    """
    named = payees or (NOBODY,)
    parts = split_fen(amount_fen, [payee.share_bp for payee in named])
    return [(payee, part) for payee, part in zip(named, parts, strict=True) if part]


async def open_payouts(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, amount_fen: int, because: Because = BENEFIT
) -> None:
    """Open a payout for each payee of a held claim; nothing for nothing.

    Who was paid to a corrected account before is paid to it again.
    """
    if amount_fen:
        payees = _as_corrected(notice.content.payees, await payouts_of(tx, [claim.id]))
        await add_payouts(tx, claim, payee_parts(payees, amount_fen), because)


def _as_corrected(payees: tuple[Payee, ...], payouts: Sequence[PayoutRow]) -> tuple[Payee, ...]:
    """Give payees with the accounts that their latest payouts have now.

    They are known by their names, which a second person has entered too; two of one name are left
    as the notice says.
    """
    latest = {one.payee.name: one.payee for one in payouts if one.payee and one.payee.account}
    names = [payee.name for payee in payees]
    return tuple(
        replace(payee, account=latest[payee.name].account, bank=latest[payee.name].bank)
        if payee.name in latest and names.count(payee.name) == 1
        else payee
        for payee in payees
    )


async def owed_after(tx: Tx, claim: ClaimRow, verdict: Verdict) -> Owed:
    """Work out what a decision on a held claim leaves to be paid, beside what is on its way.

    Only the first decision has a schedule: what a later one adds is paid at once.
    """
    payouts = await payouts_of(tx, [claim.id])
    planned = sum(one.amount_fen for one in await planned_of(tx, claim.id))
    standing = [payout.standing for payout in payouts]
    whole_fen, over_fen = still_to_open_fen(verdict.amount_fen, standing, planned)
    at_once_fen, parts = whole_fen, tuple[Part, ...]()
    if whole_fen and not claim.decided_fen:
        at_once_fen, parts = await _scheduled(tx, claim, verdict, verdict.amount_fen - whole_fen)
    return Owed(
        at_once_fen,
        parts,
        over_fen,
        bool(planned) or any(one.status not in DONE for one in standing),
        any(one.kind is PayoutKind.ADVANCE and one.counts_fen for one in standing),
    )


async def _scheduled(
    tx: Tx, claim: ClaimRow, verdict: Verdict, advanced_fen: int
) -> tuple[int, tuple[Part, ...]]:
    """Spread a first decision over its days, less what was advanced on it, the first days first."""
    terms = await terms_of(tx, claim.terms_sha256)
    if all(cover.recurring is None for cover in terms.covers):
        return verdict.amount_fen - advanced_fen, ()
    made = (await latest_assessments(tx, [claim.id])).get(claim.id)
    if made is None:
        return verdict.amount_fen - advanced_fen, ()
    answer = decode(Assessment, made.result)
    at_once_fen, parts = schedule(terms, answer, verdict.amount_fen, verdict.decided_on)
    taken = min(at_once_fen, advanced_fen)
    return at_once_fen - taken, less_advanced(parts, advanced_fen - taken)


async def open_owed(tx: Tx, notice: NoticeRow, claim: ClaimRow, owed: Owed) -> None:
    """Open what is owed at once and plan the rest; what is due today is opened with it."""
    because = Because(PayoutKind.TOP_UP) if claim.decided_fen and not owed.parts else BENEFIT
    await open_payouts(tx, notice, claim, owed.at_once_fen, because)
    await add_instalments(tx, claim, owed.parts)
    await open_due(tx, notice, claim)


async def open_due(tx: Tx, notice: NoticeRow, claim: ClaimRow) -> list[tuple[int, int]]:
    """Open the payouts of every part of a held claim that is due; give (number, fen) of each."""
    today = await tx.today()
    due = [one for one in await planned_of(tx, claim.id) if one.due_on <= today]
    for one in due:
        await mark_opened(tx, one)
        because = Because(PayoutKind.INSTALMENT, instalment_id=one.id)
        await open_payouts(tx, notice, claim, one.amount_fen, because)
    return [(one.seq, one.amount_fen) for one in due]


async def ending(tx: Tx, claim: ClaimRow) -> tuple[Moved, ...]:
    """Give the moves of a held claim that is paying when nothing is left to pay; else none."""
    if claim.status is not ClaimStatus.PAYING:
        return ()
    if any(one.status not in DONE for one in await payouts_of(tx, [claim.id])):
        return ()
    if await planned_of(tx, claim.id):
        return ()
    moves = path(claim.status, Move.CONFIRM_PAID)
    return moves if claim.return_window_days else (*moves, *path(moves[-1].now, Move.CLOSE))


async def cancel_unsent_advances(
    tx: Tx, claim: ClaimRow, state: AdvanceState = AdvanceState.CANCELLED
) -> int:
    """Cancel the advances of a held claim of which nothing is on its way; give the fen.

    What an insurer was asked for and has sent stays: its word is always kept.
    """
    payouts = await payouts_of(tx, [claim.id])
    freed_fen = 0
    for advance in await advances_of(tx, claim.id):
        if advance.state not in (AdvanceState.PROPOSED, AdvanceState.GRANTED, AdvanceState.ASKED):
            continue
        mine = [one for one in payouts if one.advance_id == advance.id]
        if any(one.status in (PayoutStatus.SENT, PayoutStatus.PAID) for one in mine):
            continue
        freed_fen += await cancel_payouts(tx, claim, mine)
        await move_advance(tx, advance, state)
    return freed_fen


async def end_proposals(tx: Tx, claim: ClaimRow) -> int:
    """Cancel the advances of a held claim that were proposed and that nobody has granted.

    Money that goes before a decision makes no sense after it. Gives how many there were.
    """
    proposed = [
        one for one in await advances_of(tx, claim.id) if one.state is AdvanceState.PROPOSED
    ]
    for advance in proposed:
        await move_advance(tx, advance, AdvanceState.CANCELLED, DECIDED_ZH)
    return len(proposed)


async def cancel_payouts(tx: Tx, claim: ClaimRow, payouts: list[PayoutRow]) -> int:
    """Cancel payouts of a held claim that are not on their way; a fund's money is free again.

    Gives the fen that were cancelled.
    """
    live = [one for one in payouts if one.status is not PayoutStatus.CANCELLED]
    for payout in live:
        version = await change_payout(tx, payout, PayoutStatus.CANCELLED)
        await write_event(
            tx,
            NewEvent(
                "payout",
                str(payout.id),
                version,
                "payout.cancel",
                payout.area_code,
                was=payout.status,
                now=PayoutStatus.CANCELLED,
                insurer_code=payout.insurer_code,
                detail={"amount_fen": payout.amount_fen},
            ),
        )
    freed_fen = sum(payout.amount_fen for payout in live)
    if freed_fen and claim.insurer_code is None:
        await uncommit(tx, claim.policy_id, claim.id, freed_fen)
    return freed_fen
