"""Endorsements (批单): who joins and who leaves a policy from a day on, and what that costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.errors import Fault
from app.domain.money import half_up
from app.domain.policy import PremiumBy
from app.domain.premium import months_begun
from app.domain.roster import LINES_MAX, Member, Period

ADDITIONS, REMOVALS = "/additions", "/removals"


class RemovalReason(StrEnum):
    """Why somebody leaves."""

    DIED = "died"
    MOVED_AWAY = "moved_away"
    NOT_ENTITLED = "not_entitled"
    BY_MISTAKE = "by_mistake"
    OTHER = "other"


REMOVAL_ZH: dict[RemovalReason, str] = {
    RemovalReason.DIED: "死亡",
    RemovalReason.MOVED_AWAY: "迁出",
    RemovalReason.NOT_ENTITLED: "不再符合条件",
    RemovalReason.BY_MISTAKE: "误报",
    RemovalReason.OTHER: "其他",
}


@dataclass(frozen=True, slots=True)
class Removal:
    """One person who leaves."""

    person_id: UUID
    reason: RemovalReason


@dataclass(frozen=True, slots=True)
class NewEndorsement:
    """Additions and removals from `effective_on`, the first day on which they hold.

    Who is removed is covered up to the day before. `endorsement_no` None: the next of the policy.
    """

    effective_on: date
    reason_zh: str
    additions: tuple[Member, ...] = ()
    removals: tuple[Removal, ...] = ()
    endorsement_no: str | None = None


def charge_fen(whole_fen: int, period: Period, spell: Period, by: PremiumBy) -> int:
    """Give the premium (fen) of a spell, of which the whole period costs `whole_fen`."""
    if by is PremiumBy.NONE:
        return whole_fen
    return half_up(whole_fen * _units(spell, by), _units(period, by))


def kept_fen(premium_fen: int, spell: Period, last: date | None, by: PremiumBy) -> int:
    """Give what stays due (fen) of a spell's premium when it ends on `last`; None: never began."""
    if last is None:
        return 0
    return charge_fen(premium_fen, spell, Period(spell.first, last), by)


def endorsement_faults(new: NewEndorsement, period: Period) -> tuple[Fault, ...]:
    """Tell what is wrong with an endorsement by itself; its additions are checked as a roster is.

    `period` is the policy's.
    """
    return (*_plain_faults(new, period), *_removal_faults(new))


def removal_fault(place: int, message_zh: str, message_en: str, hint_zh: str = "") -> Fault:
    """Make the fault of the removal at a place, counted from zero."""
    pointer = f"{REMOVALS}/{place}/person_id"
    return Fault(pointer, "validation.failed", message_zh, message_en, hint_zh)


def _plain_faults(new: NewEndorsement, period: Period) -> Iterator[Fault]:
    if not 1 <= len(new.additions) + len(new.removals) <= LINES_MAX:
        yield Fault(
            ADDITIONS,
            "validation.failed",
            f"一次批改须为 1 至 {LINES_MAX} 人",
            f"an endorsement has 1 to {LINES_MAX} lines",
        )
    if not period.first <= new.effective_on <= period.last:
        yield Fault(
            "/effective_on",
            "validation.failed",
            "生效日不在保单期间内",
            "it takes effect outside the policy's period",
            f"保单期间为 {period.first} 至 {period.last}",
        )


def _removal_faults(new: NewEndorsement) -> Iterator[Fault]:
    seen: set[UUID] = set()
    for place, removal in enumerate(new.removals):
        if removal.person_id in seen:
            yield removal_fault(place, "此人已在本批单中", "named twice in this endorsement")
        seen.add(removal.person_id)


def _units(spell: Period, by: PremiumBy) -> int:
    if by is PremiumBy.MONTH:
        return months_begun(spell.first, spell.last)
    return (spell.last - spell.first).days + 1
