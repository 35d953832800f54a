"""Cancel a policy from a day on (退保): spells end, claims of earlier events go their way."""

from datetime import date

from app.db.enrolments import spells_from
from app.db.events import NewEvent, write_event
from app.db.policies import PolicyRow, stand_policy
from app.db.session import Tx
from app.domain.errors import Fault, Invalid
from app.domain.policy import PolicyStatus
from app.services.policies.ending import end_from, standing_claims
from app.services.policies.held import hold_policy, must_be
from app.services.policies.read_policy import read_policy
from app.services.policies.view import PolicyView


async def cancel_policy(
    tx: Tx, policy_no: str, expected_version: int, from_on: date, reason_zh: str
) -> PolicyView:
    """End every spell the day before `from_on`, with the premium that this gives back.

    Events before that day are covered as before; one that was only quoted never covers.
    Raises NotFound, OutOfArea, VersionStale, IllegalMove, and Invalid for a day outside the period
    or before an event with an open claim.
    """
    policy = await hold_policy(tx, policy_no, expected_version)
    must_be(policy, PolicyStatus.QUOTED, PolicyStatus.ACTIVE)
    if policy.status is PolicyStatus.QUOTED:
        from_on = policy.period_from
    await _refuse_day(tx, policy, from_on)
    spells = await spells_from(tx, policy.id, from_on)
    lines = await end_from(tx, policy, spells, from_on, {})
    difference = sum(line.premium_difference_fen for line in lines)
    version = await stand_policy(
        tx, policy.id, PolicyStatus.CANCELLED, cancelled_from=from_on, due_fen=difference
    )
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy_no,
            version,
            "policy.cancel",
            policy.area_lo,
            was=policy.status.value,
            now=PolicyStatus.CANCELLED.value,
            insurer_code=policy.insurer_code,
            detail={
                "from_on": from_on.isoformat(),
                "reason_zh": reason_zh,
                "spells": len(lines),
                "premium_difference_fen": difference,
            },
        ),
    )
    return await read_policy(tx, policy_no)


async def _refuse_day(tx: Tx, policy: PolicyRow, from_on: date) -> None:
    if not policy.period_from <= from_on <= policy.period_to:
        raise Invalid(
            _fault(
                "退保日不在保单期间内",
                "the day is outside the policy's period",
                f"保单期间为 {policy.period_from} 至 {policy.period_to}",
            )
        )
    live, _ = await standing_claims(tx, policy, from_on)
    if live:
        named = "、".join(claim.claim_no for claim in live[:5])
        raise Invalid(
            _fault(
                f"该日之后的事故有 {len(live)} 件在办赔案（{named}），不能追溯退保",
                f"{len(live)} open claim(s) stand on the cover after that day",
                "请选择更晚的退保日，或待赔案办结",
            )
        )


def _fault(message_zh: str, message_en: str, hint_zh: str) -> Fault:
    return Fault("/from_on", "validation.failed", message_zh, message_en, hint_zh)
