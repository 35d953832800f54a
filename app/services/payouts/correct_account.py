"""Correct the account of a payout that did not arrive: two persons enter the same account."""

from uuid import UUID

from app.crypto import normalise_account, same_digest
from app.db.account_checks import indexes
from app.db.account_proposals import ProposalRow, confirm_proposal, open_proposal, propose_account
from app.db.claims import ClaimRow
from app.db.events import NewEvent, write_event
from app.db.insurers import find_insurer
from app.db.jobs import enqueue, insurer_lane
from app.db.payouts import PayoutRow, change_payout, lock_payout, read_payout
from app.db.session import Tx
from app.domain.account_check import AccountCheck, account_text
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid
from app.domain.lifecycle import PAYOUT_ZH, PayoutStatus
from app.domain.notice import Payee
from app.domain.referral import payee_document
from app.services.claims.held import hold_claim
from app.services.claims.send_on import instruct
from app.services.holds.refuse_held import refuse_held
from app.services.payouts.view import PayoutView, view_payouts

CHECK_PAYOUT = "check_payout"
CORRECTABLE = frozenset({PayoutStatus.FAILED, PayoutStatus.RETURNED})


async def correct_account(
    tx: Tx, payout_id: UUID, name: str, account: str, bank: str
) -> PayoutView:
    """Propose a corrected account, or confirm the proposal of another person by entering it again.

    The second entry must be the same account, letter by letter; the insurer is then told and the
    same payout is tried again; where its channel can tell whose account it is, that is asked first.
    Raises NotFound, IllegalMove when the payout is under way or paid, Forbidden for the proposer,
    Invalid when the two entries differ, PayoutsHeld for the second entry, which orders the payout
    anew.
    """
    seen = await read_payout(tx, payout_id)
    _, claim = await hold_claim(tx, seen.claim_no)
    payout = await lock_payout(tx, payout_id)
    if payout.status not in CORRECTABLE and not _lacks_account(payout):
        raise IllegalMove(PAYOUT_ZH[payout.status], ())
    relation = payout.payee.relation if payout.payee else "self"
    payee = Payee(name.strip(), normalise_account(account), bank.strip(), relation, payout.share_bp)
    entered = indexes(tx.keyring, payee)
    proposal = await open_proposal(tx, payout_id)
    if proposal is None:
        await propose_account(tx, payout, payee, entered[0])
        payout = await tell_account(tx, payout, payout.status, "payout.propose_account")
    else:
        _refuse_second(tx, proposal, entered)
        await refuse_held(tx, claim.policy_id)
        await confirm_proposal(tx, proposal.id)
        payout = await _order(tx, claim, payout, payee)
    return (await view_payouts(tx, [payout]))[0]


def _lacks_account(payout: PayoutRow) -> bool:
    """Tell whether nothing can be paid for want of an account, or of one in the payee's name."""
    if payout.status is not PayoutStatus.PENDING:
        return False
    none = not (payout.payee and payout.payee.account)
    return none or payout.account_check is AccountCheck.MISMATCH


async def _order(tx: Tx, claim: ClaimRow, payout: PayoutRow, payee: Payee) -> PayoutRow:
    """Take the corrected account; where the channel can tell, ask whose it is before it is used."""
    checked = await _what_to_ask(tx, claim, payout, payee)
    payout = await tell_account(
        tx, payout, PayoutStatus.PENDING, "payout.correct_account", payee=payee, checked=checked
    )
    if checked is AccountCheck.ASKED and claim.insurer_code is not None:
        await enqueue(tx, CHECK_PAYOUT, str(payout.id), lane=insurer_lane(claim.insurer_code))
    else:
        await tell_payer(tx, claim, payout, payee)
    return payout


async def _what_to_ask(
    tx: Tx, claim: ClaimRow, payout: PayoutRow, payee: Payee
) -> AccountCheck | None:
    """Say whether to ask; what was said to be wrong and is entered again by two stands as it is."""
    if claim.insurer_code is None:
        return None
    insurer = await find_insurer(tx, claim.insurer_code)
    if insurer is None or not insurer.can_check_account:
        return None
    said_wrong = payout.account_check in (AccountCheck.MISMATCH, AccountCheck.CONFIRMED)
    same = payout.payee is not None and account_text(payout.payee) == account_text(payee)
    return AccountCheck.CONFIRMED if said_wrong and same else AccountCheck.ASKED


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


async def tell_payer(tx: Tx, claim: ClaimRow, payout: PayoutRow, payee: Payee) -> None:
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


async def tell_account(
    tx: Tx,
    payout: PayoutRow,
    status: PayoutStatus,
    type_: str,
    *,
    payee: Payee | None = None,
    checked: AccountCheck | None = None,
) -> PayoutRow:
    """Change a held payout, write the event, and give it as it is afterwards.

    `checked` is what is known of its account now; of a new payee nothing, unless it is said.
    """
    version = await change_payout(tx, payout, status, payee=payee, checked=checked)
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
            detail={} if checked is None else {"account_check": checked},
        ),
    )
    return await read_payout(tx, payout.id)
