"""Correct the account of a payout that did not arrive: two persons enter the same account."""

from uuid import UUID

from app.crypto import normalise_account, same_digest
from app.db.claims import ClaimRow
from app.db.events import NewEvent, write_event
from app.db.payouts import (
    PayoutRow,
    ProposalRow,
    change_payout,
    confirm_proposal,
    lock_payout,
    open_proposal,
    propose_account,
    read_payout,
)
from app.db.purposes import ACCOUNT
from app.db.session import Tx
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid
from app.domain.lifecycle import PAYOUT_ZH, PayoutStatus
from app.domain.notice import Payee
from app.domain.referral import payee_document
from app.services.claims.held import hold_claim
from app.services.claims.send_on import instruct
from app.services.holds.refuse_held import refuse_held
from app.services.payouts.view import PayoutView, view_payouts

CORRECTABLE = frozenset({PayoutStatus.FAILED, PayoutStatus.RETURNED})


async def correct_account(
    tx: Tx, payout_id: UUID, name: str, account: str, bank: str
) -> PayoutView:
    """Propose a corrected account, or confirm the proposal of another person by entering it again.

    The second entry must be the same account, letter by letter; the insurer is then told and the
    same payout is tried again. Raises NotFound, IllegalMove when the payout is under way or paid,
    Forbidden for the proposer, Invalid when the two entries differ, PayoutsHeld for the second
    entry, which orders the payout anew.
    """
    seen = await read_payout(tx, payout_id)
    _, claim = await hold_claim(tx, seen.claim_no)
    payout = await lock_payout(tx, payout_id)
    nameless = payout.status is PayoutStatus.PENDING and not (payout.payee and payout.payee.account)
    if payout.status not in CORRECTABLE and not nameless:
        raise IllegalMove(PAYOUT_ZH[payout.status], ())
    relation = payout.payee.relation if payout.payee else "self"
    payee = Payee(name.strip(), normalise_account(account), bank.strip(), relation, payout.share_bp)
    account_of = f"{payee.name}|{payee.account}|{payee.bank}"
    entered = tx.keyring.blind_indexes(ACCOUNT, account_of)
    proposal = await open_proposal(tx, payout_id)
    if proposal is None:
        await propose_account(tx, payout, payee, entered[0])
        payout = await _told(tx, payout, payout.status, "payout.propose_account", None)
    else:
        _refuse_second(tx, proposal, entered)
        await refuse_held(tx, claim.policy_id)
        await confirm_proposal(tx, proposal.id)
        payout = await _told(tx, payout, PayoutStatus.PENDING, "payout.correct_account", payee)
        await _tell_insurer(tx, claim, payout, payee)
    return (await view_payouts(tx, [payout]))[0]


def _refuse_second(tx: Tx, proposal: ProposalRow, entered: tuple[bytes, ...]) -> None:
    """Refuse the proposer as second person, and another account than was proposed."""
    if proposal.proposed_by == tx.caller.actor:
        raise Forbidden(
            "更正账户须由另一人复核录入，不能由同一人确认。",
            "A corrected account is confirmed by another person entering it again.",
        )
    if not any(same_digest(proposal.account_index, index) for index in entered):
        raise Invalid(
            Fault(
                "/account",
                "payout.account_name_mismatch",
                "两次录入的户名、账号或开户行不一致。",
                "The two entries of the account differ.",
                "请与首次录入人核对存折或银行卡。",
            )
        )


async def _tell_insurer(tx: Tx, claim: ClaimRow, payout: PayoutRow, payee: Payee) -> None:
    """Instruct the insurer to try the same payout again; a fund's goes with the next batch."""
    if claim.insurer_code is None:
        return
    content: dict[str, object] = {
        "kind": "correct_account",
        "claim_no": claim.claim_no,
        "payout_reference": payout.reference,
        "payee": payee_document(payee),
    }
    await instruct(tx, claim, "correct_account", content)


async def _told(
    tx: Tx, payout: PayoutRow, status: PayoutStatus, type_: str, payee: Payee | None
) -> PayoutRow:
    """Change a held payout, write the event, and give it as it is afterwards."""
    version = await change_payout(tx, payout, status, payee=payee)
    await write_event(
        tx,
        NewEvent(
            "payout",
            str(payout.id),
            version,
            type_,
            payout.area_code,
            was=payout.status,
            now=status,
            insurer_code=payout.insurer_code,
        ),
    )
    return await read_payout(tx, payout.id)
