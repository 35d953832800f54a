"""Endorse a policy (批增批减): people join and leave from a day on, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.db.claims import ClaimSince
from app.db.endorsements import (
    EndorsementLine,
    EndorsementRow,
    add_endorsement,
    next_number,
    read_endorsement,
)
from app.db.enrolments import EnrolmentRow, spells_from
from app.db.events import NewEvent, write_event
from app.db.policies import PolicyRow, touch_policy
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.endorsement import (
    ADDITIONS,
    NewEndorsement,
    charge_fen,
    endorsement_faults,
    removal_fault,
)
from app.domain.errors import Fault, Invalid
from app.domain.policy import PolicyStatus
from app.services.policies.ending import end_from, standing_claims
from app.services.policies.held import hold_policy, must_be
from app.services.policies.taking import Taken, period_of, refuse, take


@dataclass(frozen=True, slots=True)
class Endorsed:
    """An endorsement with its lines; `over` are claims that are over and keep the older roster."""

    endorsement: EndorsementRow
    lines: tuple[EndorsementLine, ...]
    over: tuple[ClaimSince, ...]


async def endorse(tx: Tx, policy_no: str, new: NewEndorsement) -> Endorsed:
    """Add and remove people of an active policy as one numbered endorsement.

    Removals come first, so that a person may leave in one category and join in another. Who is
    removed is covered until the day before; nothing is deleted. A removal from a day before an
    event with an open claim is refused; a claim that is over is named and stays as it was decided.
    Raises NotFound, OutOfArea, IllegalMove, and Invalid with a fault for everything wrong.
    """
    policy = await hold_policy(tx, policy_no)
    must_be(policy, PolicyStatus.ACTIVE)
    terms = await terms_of(tx, policy.terms_sha256)
    refuse(endorsement_faults(new, period_of(policy)))
    removed, over = await _remove(tx, policy, new)
    additions = [
        replace(line, covered_from=line.covered_from or new.effective_on) for line in new.additions
    ]
    taken = await take(
        tx,
        policy,
        terms,
        additions,
        lambda spell: charge_fen(
            policy.premium_per_person_fen, period_of(policy), spell, policy.premium_by
        ),
        ADDITIONS,
    )
    lines = (*removed, *(_added(line) for line in taken))
    return Endorsed(await _write(tx, policy, new, lines), lines, tuple(over))


async def _remove(
    tx: Tx, policy: PolicyRow, new: NewEndorsement
) -> tuple[list[EndorsementLine], list[ClaimSince]]:
    if not new.removals:
        return [], []
    people = [removal.person_id for removal in new.removals]
    spells = await spells_from(tx, policy.id, new.effective_on, people)
    live, over = await standing_claims(tx, policy, new.effective_on, people)
    refuse(_removal_faults(new, spells, live))
    reasons = {removal.person_id: removal.reason.value for removal in new.removals}
    return await end_from(tx, policy, spells, new.effective_on, reasons), over


def _removal_faults(
    new: NewEndorsement, spells: Sequence[EnrolmentRow], live: Sequence[ClaimSince]
) -> list[Fault]:
    found = []
    covered = {spell.person_id for spell in spells}
    for place, removal in enumerate(new.removals):
        if removal.person_id not in covered:
            found.append(
                removal_fault(place, "此人自该日起不在名册中", "not on the roster from that day on")
            )
        found += [
            removal_fault(
                place,
                f"该日之后的事故有在办赔案 {claim.claim_no}，不能追溯批减",
                f"an open claim {claim.claim_no} stands on this cover",
                f"请将生效日改到 {claim.event_on} 之后，或待赔案办结",
            )
            for claim in live
            if claim.person_id == removal.person_id
        ]
    return found


def _added(line: Taken) -> EndorsementLine:
    spell = line.spell
    return EndorsementLine(
        area_code=spell.area_code,
        enrolment_id=line.enrolment_id,
        person_id=line.person.id,
        act="add",
        category=spell.category,
        reason=None,
        covered_from=spell.covered_from,
        covered_to=spell.covered_to,
        premium_difference_fen=spell.premium_fen,
    )


async def _write(
    tx: Tx, policy: PolicyRow, new: NewEndorsement, lines: tuple[EndorsementLine, ...]
) -> EndorsementRow:
    difference = sum(line.premium_difference_fen for line in lines)
    version = await touch_policy(tx, policy.id, due_fen=difference)
    number = new.endorsement_no or await next_number(tx, policy)
    if not await add_endorsement(
        tx,
        policy,
        number,
        effective_on=new.effective_on,
        reason_zh=new.reason_zh,
        policy_version=version,
        lines=lines,
    ):
        raise Invalid(
            Fault("/endorsement_no", "validation.failed", "批单号已被使用", "the number is in use")
        )
    row = await read_endorsement(tx, policy.id, number)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy.policy_no,
            version,
            "policy.endorse",
            policy.area_lo,
            insurer_code=policy.insurer_code,
            detail={
                "endorsement_no": number,
                "effective_on": new.effective_on.isoformat(),
                "added": row.added,
                "removed": row.removed,
                "premium_difference_fen": difference,
                "retroactive": new.effective_on < await tx.today(),
            },
        ),
    )
    return row
