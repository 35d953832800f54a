"""Keep what a check of an invariant found; hold and free the payouts of the policies it names."""

from collections.abc import Sequence

from app.db.events import NewEvent, write_event
from app.db.guard import keep_check
from app.db.holds import (
    HoldRow,
    add_hold,
    end_hold,
    keep_places,
    latest_hold,
    policies_under,
    policy_numbers,
)
from app.db.invariants import Finding, Invariant
from app.db.policies import PolicyRow, lock_policy, touch_policy
from app.db.session import Database, Tx
from app.domain.caller import worker
from app.domain.holds import Step, next_step

GREEN_ZH = "复核恢复一致，自动解除"


async def keep_finding(database: Database, found: Finding, took_ms: int) -> None:
    """Keep a finding; then put every policy it names on hold, and free those it names no more.

    One transaction for each policy, so that no two policies are ever locked at once.
    """
    caller = worker("guard")
    invariant = found.invariant
    async with database.transaction(caller) as tx:
        await keep_check(
            tx, invariant.number, broken=found.broken, places=found.places, took_ms=took_ms
        )
        named = await policy_numbers(tx, list(found.by_policy))
        standing = await policies_under(tx, invariant.number)
    places = {named[policy_id]: found.by_policy[policy_id] for policy_id in named}
    for policy_no in sorted({*places, *standing}):
        await _follow(database, invariant, policy_no, places.get(policy_no, ()))


async def _follow(
    database: Database, invariant: Invariant, policy_no: str, places: Sequence[str]
) -> None:
    async with database.transaction(worker("guard")) as tx:
        policy = await lock_policy(tx, policy_no)
        latest = await latest_hold(tx, policy.id, invariant.number)
        match next_step(latest.state if latest else None, latest.places if latest else (), places):
            case Step.OPEN:
                await add_hold(tx, policy, invariant.number, _reason_zh(invariant), places)
                version = await touch_policy(tx, policy.id)
                await write_event(tx, _told(policy, version, "policy.hold_payouts", invariant))
            case Step.RENEW if latest:
                await keep_places(tx, latest.id, places)
            case Step.END if latest:
                await _end(tx, policy, latest, invariant)


async def _end(tx: Tx, policy: PolicyRow, latest: HoldRow, invariant: Invariant) -> None:
    await end_hold(tx, latest.id, "over", GREEN_ZH)
    if latest.state == "open":
        version = await touch_policy(tx, policy.id)
        await write_event(tx, _told(policy, version, "policy.free_payouts", invariant))


def _reason_zh(invariant: Invariant) -> str:
    return (
        f"第 {invariant.number} 项核对“{invariant.name_zh}”不成立，"
        "本保单项下由我方发起的发放已暂停；"
        "核对恢复一致或由系统管理员说明理由后恢复。保险公司已付的款项照常入账。"
    )


def _told(policy: PolicyRow, version: int, type_: str, invariant: Invariant) -> NewEvent:
    return NewEvent(
        "policy",
        policy.policy_no,
        version,
        type_,
        policy.area_lo,
        insurer_code=policy.insurer_code,
        detail={"invariant": invariant.number},
    )
