"""Ask for money before a claim is decided: of its insurer at once, of a fund by two persons."""

from collections.abc import Sequence
from datetime import date

from app.db.advances import AdvanceRow, NewAdvance, add_advance, advances_of, move_advance
from app.db.assessments import latest_assessments
from app.db.claims import ClaimRow, move_claim, read_claim
from app.db.funds import commit
from app.db.holds import open_hold
from app.db.jobs import enqueue
from app.db.notices import NoticeRow
from app.db.payouts import Because, PayoutRow, payouts_of
from app.db.session import Tx
from app.db.shown_claims import shown_claims
from app.db.terms import terms_of
from app.domain.advances import advances
from app.domain.assessment import Assessment
from app.domain.canonical import decode
from app.domain.clocks import ClockKind
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid, NotFound
from app.domain.facts import Facts
from app.domain.lifecycle import STATUS_ZH, ClaimStatus
from app.domain.money import yuan, yuan_zh
from app.domain.note_checks import note_faults
from app.domain.payout import ADVANCE_ZH, AdvanceBasis, AdvanceState, PayoutKind
from app.domain.referral import payee_document
from app.services.claims.checked_accounts import payees_told
from app.services.claims.clocks_of import clocks_of
from app.services.claims.held import hold_claim
from app.services.claims.open_payouts import DONE, open_payouts
from app.services.claims.send_on import instruct
from app.services.holds.refuse_held import refuse_held

APPLY = "apply"
UNDECIDED = frozenset(
    {ClaimStatus.PENDING_APPROVAL, ClaimStatus.UNDER_REVIEW, ClaimStatus.EVIDENCE_REQUIRED}
)
AT_THE_INSURERS = UNDECIDED - {ClaimStatus.PENDING_APPROVAL}
Limits = dict[AdvanceBasis, int]


async def ask_advance(
    tx: Tx,
    claim_no: str,
    expected_version: int | None,
    amount_fen: int | None = None,
    reason_zh: str | None = None,
) -> AdvanceRow:
    """Ask for an advance: what the terms allow, or what is certain after the days of the law.

    Without an amount it is all that is allowed. Asking an insurer orders a payment, so a hold on
    the policy's payouts stops it; a fund's proposal is stopped when it is granted. Raises NotFound,
    VersionStale, IllegalMove for a claim that is not under review or has an advance on its way,
    Invalid for an amount beyond what is allowed, or where nothing is, and PayoutsHeld.
    """
    faults = note_faults(reason_zh, "/reason_zh") if reason_zh else ()
    if faults:
        raise Invalid(*faults)
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    await _refuse_status(tx, claim)
    allowed = await allowed_fen(tx, claim, await tx.today())
    amount_fen, basis = _choose(allowed, amount_fen)
    if claim.insurer_code is not None:
        await refuse_held(tx, claim.policy_id)
        return await _ask_insurer(
            tx, notice, claim, NewAdvance(amount_fen, basis, AdvanceState.ASKED, reason_zh)
        )
    new = NewAdvance(amount_fen, basis, AdvanceState.PROPOSED, reason_zh)
    advance = await add_advance(tx, claim, new)
    await _tell(tx, claim, "propose_advance", advance)
    return advance


async def grant_advance(
    tx: Tx, claim_no: str, seq: int, expected_version: int | None
) -> AdvanceRow:
    """Grant an advance of a fund as another person than who proposed it; it goes with a batch.

    Raises NotFound, VersionStale, IllegalMove, Forbidden for the proposer, FundExhausted, and
    PayoutsHeld.
    """
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    advance = await find_advance(tx, claim, seq)
    if advance.state is not AdvanceState.PROPOSED or claim.status not in UNDECIDED:
        raise IllegalMove(ADVANCE_ZH[advance.state], ())
    if advance.proposed_by == tx.caller.actor:
        raise Forbidden(
            "提出预付的人不能自己确认，须由另一人确认。",
            "The proposer cannot grant: another person must.",
        )
    await refuse_held(tx, claim.policy_id)
    await commit(tx, claim.policy_id, claim.id, advance.amount_fen)
    advance = await move_advance(tx, advance, AdvanceState.GRANTED)
    because = Because(PayoutKind.ADVANCE, advance_id=advance.id)
    await open_payouts(tx, notice, claim, advance.amount_fen, because)
    await _tell(tx, claim, "grant_advance", advance)
    return advance


async def ask_certain_part(tx: Tx, claim_no: str) -> None:
    """Ask the insurer for what is certain when the days of the law have passed (art. 25).

    Without effect while papers stop the clock, once an advance was asked for, where nothing is due
    by our own assessment, or while payouts are on hold: the next round looks again.
    """
    notice, claim = await hold_claim(tx, claim_no)
    if claim.insurer_code is None or claim.status not in AT_THE_INSURERS:
        return
    if await advances_of(tx, claim.id) or await open_hold(tx, claim.policy_id):
        return
    certain = (await allowed_fen(tx, claim, await tx.today())).get(AdvanceBasis.LAW, 0)
    if not certain:
        return
    claim = await move_claim(tx, claim, (), note="advance_due", detail={"amount_fen": certain})
    await _ask_insurer(tx, notice, claim, NewAdvance(certain, AdvanceBasis.LAW, AdvanceState.ASKED))


async def list_advances(tx: Tx, claim_no: str) -> list[AdvanceRow]:
    """Give the advances of a claim, oldest first. Raises NotFound."""
    return await advances_of(tx, (await read_claim(tx, claim_no)).id)


async def find_advance(tx: Tx, claim: ClaimRow, seq: int) -> AdvanceRow:
    """Give an advance of a claim by its number. Raises NotFound."""
    for advance in await advances_of(tx, claim.id):
        if advance.seq == seq:
            return advance
    raise NotFound("没有这笔预付。", "There is no such advance.")


async def allowed_fen(tx: Tx, claim: ClaimRow, today: date) -> Limits:
    """Give what may be asked for on each ground (fen), less what was advanced already.

    What is certain is less all that is paid or on its way: a claim may have been decided before.
    """
    made = (await latest_assessments(tx, [claim.id])).get(claim.id)
    if made is None:
        return {}
    terms = await terms_of(tx, made.terms_sha256)
    answer = decode(Assessment, made.result)
    by_terms = advances(terms, decode(Facts, made.facts), answer)
    payouts = [one.standing for one in await payouts_of(tx, [claim.id])]
    found: Limits = {}
    if by_terms:
        gone = sum(one.counts_fen for one in payouts if one.kind is PayoutKind.ADVANCE)
        found[AdvanceBasis.TERMS] = sum(due.amount_fen for due in by_terms) - gone
    if claim.insurer_code is not None and await _law_day_passed(tx, claim, today):
        gone = sum(one.counts_fen for one in payouts)
        found[AdvanceBasis.LAW] = (claim.assessed_fen or 0) - gone
    return {basis: fen for basis, fen in found.items() if fen > 0}


async def _refuse_status(tx: Tx, claim: ClaimRow) -> None:
    where = UNDECIDED if claim.insurer_code is None else AT_THE_INSURERS
    if claim.status not in where:
        raise IllegalMove(STATUS_ZH[claim.status], ())
    proposed = any(one.state is AdvanceState.PROPOSED for one in await advances_of(tx, claim.id))
    if proposed or any(one.status not in DONE for one in await _advanced(tx, claim)):
        raise IllegalMove("已有一笔预付在办", ("confirm", "cancel"))


async def _advanced(tx: Tx, claim: ClaimRow) -> Sequence[PayoutRow]:
    payouts = await payouts_of(tx, [claim.id])
    return [one for one in payouts if one.kind is PayoutKind.ADVANCE]


async def _law_day_passed(tx: Tx, claim: ClaimRow, today: date) -> bool:
    (shown,) = await shown_claims(tx, [claim.id])
    running, _ = clocks_of(shown)
    return any(
        clock.kind is ClockKind.ADVANCE and clock.due_on is not None and today >= clock.due_on
        for clock in running
    )


def _choose(allowed: Limits, amount_fen: int | None) -> tuple[int, AdvanceBasis]:
    """Choose the ground that carries the amount, the terms before the law."""
    if not allowed:
        raise Invalid(
            Fault(
                "/amount",
                "validation.failed",
                "条款没有约定预付，也未满六十日，暂无预付依据。",
                "The terms allow no advance, and the days of the law have not passed.",
            )
        )
    most_fen = max(allowed.values())
    amount_fen = most_fen if amount_fen is None else amount_fen
    if not 0 < amount_fen <= most_fen:
        raise Invalid(
            Fault(
                "/amount",
                "validation.failed",
                f"预付金额须大于零且不超过 {yuan_zh(most_fen)}。",
                f"An advance is above zero and at most {yuan(most_fen)}.",
            )
        )
    carrying = [basis for basis in AdvanceBasis if allowed.get(basis, 0) >= amount_fen]
    return amount_fen, carrying[0]


async def _ask_insurer(tx: Tx, notice: NoticeRow, claim: ClaimRow, new: NewAdvance) -> AdvanceRow:
    """Instruct the insurer and open the payouts; news of them that came early is looked at."""
    assert claim.insurer_code is not None
    content: dict[str, object] = {
        "kind": "request_advance",
        "claim_no": claim.claim_no,
        "basis": new.basis.value,
        "amount": yuan(new.amount_fen),
        "reason_zh": new.reason_zh,
        "payees": [
            {**payee_document(payee), "share_bp": payee.share_bp}
            for payee in await payees_told(tx, notice, claim.insurer_code)
        ],
    }
    instruction_id = await instruct(tx, claim, "request_advance", content)
    advance = await add_advance(
        tx,
        claim,
        NewAdvance(new.amount_fen, new.basis, new.state, new.reason_zh, instruction_id),
    )
    because = Because(PayoutKind.ADVANCE, advance_id=advance.id)
    await open_payouts(tx, notice, claim, advance.amount_fen, because)
    await _tell(tx, claim, "ask_advance", advance)
    await enqueue(tx, APPLY, f"{claim.insurer_code}/{claim.claim_no}")
    return advance


async def _tell(tx: Tx, claim: ClaimRow, word: str, advance: AdvanceRow) -> None:
    detail = {"seq": advance.seq, "amount_fen": advance.amount_fen, "basis": advance.basis}
    await move_claim(tx, claim, (), note=word, detail=detail)
