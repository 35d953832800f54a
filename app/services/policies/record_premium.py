"""Record what a payer has paid of a policy's premium, or got back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.db.events import NewEvent, write_event
from app.db.policies import PolicyRow, touch_policy
from app.db.premiums import add_payment
from app.db.session import Tx
from app.domain.errors import Fault
from app.services.policies.held import hold_policy
from app.services.policies.read_premium import PremiumView, read_premium
from app.services.policies.taking import refuse


@dataclass(frozen=True, slots=True)
class Payment:
    """What moved: fen, negative for a refund; the reference (凭证号) is used once per policy."""

    payer: str
    amount_fen: int
    paid_on: date
    reference: str


async def record_premium(tx: Tx, policy_no: str, payment: Payment) -> PremiumView:
    """Book a payment of premium and give how the premium stands.

    Raises NotFound, OutOfArea, and Invalid for an unknown payer, nothing, a day to come, or a
    reference that was booked before.
    """
    policy = await hold_policy(tx, policy_no)
    refuse(_faults(policy, payment, await tx.today()))
    if not await add_payment(
        tx,
        policy,
        payment.payer,
        amount_fen=payment.amount_fen,
        paid_on=payment.paid_on,
        reference=payment.reference,
    ):
        refuse([_fault("/reference", "此凭证号已登记", "the reference was booked before")])
    version = await touch_policy(tx, policy.id, paid_fen=payment.amount_fen)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy_no,
            version,
            "policy.premium",
            policy.area_lo,
            insurer_code=policy.insurer_code,
            detail={"payer": payment.payer, "amount_fen": payment.amount_fen},
        ),
    )
    return await read_premium(tx, policy_no)


def _faults(policy: PolicyRow, payment: Payment, today: date) -> Iterator[Fault]:
    if payment.payer not in {payer.code for payer in policy.payers}:
        known = "、".join(payer.code for payer in policy.payers) or "无"
        yield _fault("/payer", f"不是这张保单的出资方（{known}）", "no payer of this policy")
    if payment.amount_fen == 0:
        yield _fault("/amount", "金额不能为零", "the amount is zero")
    if payment.paid_on > today:
        yield _fault("/paid_on", "缴费日不能晚于今天", "the day is still to come")


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
