"""Issue a policy on the version of a scheme that is in force when the policy begins."""

from dataclasses import replace
from uuid import UUID

from app.db import policies
from app.db.events import NewEvent, write_event
from app.db.insurers import list_insurers
from app.db.schemes import SchemeVersion, versions
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.caller import area_range
from app.domain.errors import Fault, Invalid, OutOfArea
from app.domain.policy import BUREAU, NewPolicy, Payer, approval_of, policy_faults
from app.domain.terms import TermsKind
from app.services.policies.read_policy import read_policy
from app.services.policies.view import PolicyView


async def issue_policy(tx: Tx, policy: NewPolicy, renews_id: UUID | None = None) -> PolicyView:
    """Store a policy, active at once or quoted; the one with the id is renewed by it.

    Raises OutOfArea beyond the caller's area; Invalid when the scheme has no version on the first
    day, the number is taken, an insurer is unknown, or shares and approval do not fit the kind.
    """
    area_lo, area_hi = area_range(policy.area_code)
    if area_lo < tx.caller.area_lo or area_hi > tx.caller.area_hi:
        raise OutOfArea(
            "只能在本辖区内出具保单。", "Policies are issued within the caller's own area."
        )
    version = await _version(tx, policy)
    kind = TermsKind(version.kind)
    faults = [*policy_faults(policy, kind), *await _insurer_faults(tx, policy)]
    if faults:
        raise Invalid(*faults)
    policy = replace(policy, payers=await _payers(tx, policy, version, kind))
    if not await policies.add_policy(
        tx, policy, version.id, version.kind, approval_of(policy, kind), renews_id
    ):
        raise Invalid(
            Fault("/policy_no", "validation.failed", "保单号已被使用", "the number is in use")
        )
    view = await read_policy(tx, policy.policy_no)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy.policy_no,
            view.policy.version,
            "policy.issued",
            view.policy.area_lo,
            now=view.policy.status.value,
            insurer_code=view.policy.insurer_code,
        ),
    )
    return view


async def _version(tx: Tx, policy: NewPolicy) -> SchemeVersion:
    known = await versions(tx, policy.scheme_code)
    if not known:
        raise Invalid(Fault("/scheme", "validation.failed", "没有这个救助项目", "no such scheme"))
    for version in known:
        if version.holds(policy.period_from):
            return version
    raise Invalid(
        Fault(
            "/period_from",
            "validation.failed",
            "保险起期当天没有有效的条款版本",
            "no version of the terms is in force on the first day",
        )
    )


async def _payers(
    tx: Tx, policy: NewPolicy, version: SchemeVersion, kind: TermsKind
) -> tuple[Payer, ...]:
    """Give who bears the premium: as the policy says, or the terms, or else the bureau."""
    if policy.payers or kind is TermsKind.FUND:
        return policy.payers
    sources = (await terms_of(tx, version.terms_sha256)).funding
    if sources is None or not sources.sources:
        return (BUREAU,)
    return tuple(
        Payer(source.code, source.label_zh, source.share.value) for source in sources.sources
    )


async def _insurer_faults(tx: Tx, policy: NewPolicy) -> list[Fault]:
    known = {insurer.code for insurer in await list_insurers(tx)}
    return [
        Fault(
            f"/shares/{place}/insurer", "validation.failed", "没有这家保险公司", "no such insurer"
        )
        for place, share in enumerate(policy.shares)
        if share.insurer_code not in known
    ]
