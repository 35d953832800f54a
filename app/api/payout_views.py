"""What is shown of money on its way: masked payee, attempts, why it stopped."""

from datetime import date
from uuid import UUID

from app.api.fields import Labelled, View, When, Yuan, labelled
from app.db.payout_attempts import AttemptRow
from app.db.payouts import PayoutRow
from app.db.shown_claims import PayoutBrief as Brief
from app.domain.account_check import CHECK_ZH
from app.domain.exchange_words import FAILURE_ZH
from app.domain.lifecycle import PAYOUT_ZH, PayoutStatus
from app.domain.masks import shown_name
from app.domain.money import yuan
from app.domain.payout import KIND_ZH, RECEIPT_ZH, WAY_ZH, Receipt, ReceiptWay
from app.services.payouts.view import PayoutView as Seen


class PayoutBrief(View):
    """A payout as its claim shows it; `/v1/payouts/{id}` tells the rest."""

    id: UUID
    status: Labelled
    amount: Yuan
    account_last4: str | None
    version: int


class Attempt(View):
    """One try to pay; a bounce is an attempt, never a new payout."""

    seq: int
    status: Labelled
    amount: Yuan
    settlement_no: str | None
    account_last4: str | None
    failure: Labelled | None
    reason_zh: str | None
    paid_on: date | None
    created_at: When
    updated_at: When


class ReceiptShown(View):
    """What is known of the arrival from whoever the money was for."""

    receipt: Labelled
    way: Labelled
    at: When


class PayoutView(View):
    """One payout. `awaits_second_person`: a corrected account waits to be entered again.
    `account_check`: whether the account belongs to the name, where its channel can tell.

    `held_zh`: why it is not ordered for now; what the insurer or bank reports is booked all the
    same.
    """

    id: UUID
    claim_no: str
    seq: int
    reference: str | None
    payee_name_masked: str | None
    account_last4: str | None
    bank: str | None
    share_bp: int
    kind: Labelled
    amount: Yuan
    reversed_amount: Yuan
    currency: str
    status: Labelled
    failure_code: str | None
    account_check: Labelled | None
    attempts: list[Attempt]
    awaits_second_person: bool
    held_zh: str | None
    receipt: ReceiptShown | None
    created_at: When
    updated_at: When
    version: int


class Payouts(View):
    items: list[PayoutView]


def show_brief(payout: Brief) -> PayoutBrief:
    """Show a payout in short."""
    return PayoutBrief(
        id=payout.id,
        status=labelled(PAYOUT_ZH, payout.status),
        amount=yuan(payout.amount_fen),
        account_last4=payout.account_last4,
        version=payout.version,
    )


def show_payout(seen: Seen) -> PayoutView:
    """Show a payout with its attempts, oldest first."""
    payout = seen.payout
    payee = payout.payee
    return PayoutView(
        id=payout.id,
        claim_no=payout.claim_no,
        seq=payout.seq,
        reference=payout.reference,
        payee_name_masked=shown_name(payee.name, seen.mask) if payee else None,
        account_last4=payout.account_last4,
        bank=payee.bank if payee and payee.bank else None,
        share_bp=payout.share_bp,
        kind=labelled(KIND_ZH, payout.kind),
        amount=yuan(payout.amount_fen),
        reversed_amount=yuan(payout.reversed_fen),
        currency="CNY",
        status=labelled(PAYOUT_ZH, payout.status),
        failure_code=seen.attempts[-1].failure_code if seen.attempts else None,
        account_check=payout.account_check and labelled(CHECK_ZH, payout.account_check),
        attempts=[_attempt(attempt) for attempt in seen.attempts],
        awaits_second_person=seen.awaits_second_person,
        held_zh=seen.held_zh,
        receipt=_receipt(payout),
        created_at=payout.created_at,
        updated_at=payout.updated_at,
        version=payout.version,
    )


def _receipt(payout: PayoutRow) -> ReceiptShown | None:
    if payout.receipt is None or payout.receipt_way is None or payout.receipt_at is None:
        return None
    return ReceiptShown(
        receipt=labelled(RECEIPT_ZH, Receipt(payout.receipt)),
        way=labelled(WAY_ZH, ReceiptWay(payout.receipt_way)),
        at=payout.receipt_at,
    )


def _attempt(attempt: AttemptRow) -> Attempt:
    code = attempt.failure_code
    return Attempt(
        seq=attempt.seq,
        status=labelled(PAYOUT_ZH, PayoutStatus(attempt.status)),
        amount=yuan(attempt.amount_fen),
        settlement_no=attempt.settlement_no,
        account_last4=attempt.account_last4,
        failure=None if code is None else Labelled(code=code, label_zh=FAILURE_ZH[code]),
        reason_zh=attempt.reason_zh,
        paid_on=attempt.paid_on,
        created_at=attempt.created_at,
        updated_at=attempt.updated_at,
    )
