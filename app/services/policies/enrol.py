"""Put people on a policy's roster."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.events import NewEvent, write_event
from app.db.policies import PolicyRow, touch_policy
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.errors import Fault
from app.domain.policy import PolicyStatus
from app.domain.roster import Member
from app.services.policies.held import hold_policy
from app.services.policies.taking import Taken, refuse, take


@dataclass(frozen=True, slots=True)
class EnrolledMember:
    """A line of a roster as it was taken; `registered` tells that the person is new here."""

    enrolment_id: UUID
    person_id: UUID
    registered: bool
    category: str
    covered_from: date
    covered_to: date


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a roster has become, in its order; `version` is the policy's new version."""

    policy_no: str
    version: int
    members: tuple[EnrolledMember, ...]


async def enrol(tx: Tx, policy_no: str, members: Sequence[Member]) -> Enrolled:
    """Enrol 1 to 1000 people, all or none; unknown people are registered on the way.

    Each owes the policy's whole premium where the line says no other; who joins pro rata joins by
    an endorsement.
    Raises NotFound for the policy, OutOfArea when the whole policy is not the caller's to keep,
    and Invalid with a fault at `/members/{line}/...` for everything wrong: a spell outside the
    policy's period or over another spell of the same person, a category the terms do not know,
    somebody from outside the policy's area, wrong numbers.
    """
    policy = await hold_policy(tx, policy_no)
    terms = await terms_of(tx, policy.terms_sha256)
    refuse(_status_faults(policy))
    taken = await take(tx, policy, terms, members, lambda _: policy.premium_per_person_fen)
    due_fen = sum(line.spell.premium_fen for line in taken)
    version = await touch_policy(tx, policy.id, due_fen=due_fen)
    await write_event(tx, _event(policy, version, taken))
    return Enrolled(policy_no, version, tuple(_enrolled(line) for line in taken))


def _status_faults(policy: PolicyRow) -> list[Fault]:
    if policy.status is PolicyStatus.ACTIVE:
        return []
    message = "the policy is not active"
    return [Fault("/policy_no", "validation.failed", "保单不在保障中", message)]


def _event(policy: PolicyRow, version: int, taken: Sequence[Taken]) -> NewEvent:
    added = Counter(line.spell.category for line in taken)
    return NewEvent(
        "policy",
        policy.policy_no,
        version,
        "policy.enrolled",
        policy.area_lo,
        was=policy.status.value,
        now=policy.status.value,
        insurer_code=policy.insurer_code,
        detail={"added": dict(sorted(added.items()))},
    )


def _enrolled(line: Taken) -> EnrolledMember:
    return EnrolledMember(
        line.enrolment_id,
        line.person.id,
        line.person.registered,
        line.spell.category,
        line.spell.covered_from,
        line.spell.covered_to,
    )
