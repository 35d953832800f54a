"""End spells of a held policy from a day on, without losing a claim that stands on them."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from app.db.claims import ClaimSince, claims_since
from app.db.endorsements import EndorsementLine
from app.db.enrolments import EndedSpell, EnrolmentRow, end_spells
from app.db.policies import PolicyRow
from app.db.session import Tx
from app.domain.endorsement import kept_fen
from app.domain.lifecycle import ClaimStatus
from app.domain.roster import Period

# What is over keeps the roster that it was decided on; what is open would lose its ground.
OVER = frozenset({ClaimStatus.PAID, ClaimStatus.CLOSED})


async def standing_claims(
    tx: Tx, policy: PolicyRow, from_on: date, people: Sequence[UUID] | None = None
) -> tuple[list[ClaimSince], list[ClaimSince]]:
    """Give (open, over) claims under a policy for events on or after a day."""
    found = await claims_since(tx, policy.id, from_on, people)
    return (
        [claim for claim in found if claim.status not in OVER],
        [claim for claim in found if claim.status in OVER],
    )


async def end_from(
    tx: Tx,
    policy: PolicyRow,
    spells: Sequence[EnrolmentRow],
    from_on: date,
    reasons: dict[UUID, str],
) -> list[EndorsementLine]:
    """End spells the day before `from_on`; give what that changes for each person."""
    lines = [_ended(policy, spell, from_on, reasons.get(spell.person_id)) for spell in spells]
    await end_spells(
        tx,
        [
            EndedSpell(spell.id, line.covered_to, spell.premium_fen + line.premium_difference_fen)
            for spell, line in zip(spells, lines, strict=True)
        ],
    )
    return lines


def _ended(
    policy: PolicyRow, spell: EnrolmentRow, from_on: date, reason: str | None
) -> EndorsementLine:
    last = from_on - timedelta(days=1) if spell.covered_from < from_on else None
    whole = Period(spell.covered_from, spell.covered_to)
    kept = kept_fen(spell.premium_fen, whole, last, policy.premium_by)
    return EndorsementLine(
        area_code=spell.area_code,
        enrolment_id=spell.id,
        person_id=spell.person_id,
        act="remove",
        category=spell.category,
        reason=reason,
        covered_from=spell.covered_from,
        covered_to=last,
        premium_difference_fen=kept - spell.premium_fen,
    )
