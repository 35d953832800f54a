"""Who is covered on a day: the spells that respond, else the nearest one and why it does not."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CoverageReason(StrEnum):
    NOT_INSURED = "coverage.not_insured"
    OUT_OF_PERIOD = "coverage.out_of_period"
    WAITING_PERIOD = "coverage.waiting_period"


@dataclass(frozen=True, slots=True)
class Spell:
    """A spell of enrolment under one policy; `covered_to` is its last day, None while open.

    `waiting_until` is the first day after a waiting period that holds for the whole policy, None
    where there is none (waiting periods of single covers belong to `assess`).
    """

    policy_no: str
    scheme_zh: str
    category: str
    covered_from: date
    covered_to: date | None
    waiting_until: date | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """`responding` spells, one per policy; when there is none, the reason and the nearest spell."""

    responding: tuple[Spell, ...]
    reason: CoverageReason | None
    nearest: Spell | None
    sentence_zh: str


def covered_on(spells: tuple[Spell, ...], on: date) -> Coverage:
    """Tell which spells cover a day (Asia/Shanghai), both ends included, in order of policy_no."""
    inside = [spell for spell in spells if _holds(spell, on)]
    found = [spell for spell in inside if not _waits(spell, on)]
    if found:
        return Coverage(tuple(sorted(found, key=lambda spell: spell.policy_no)), None, None, "")
    if inside:
        nearest = min(inside, key=lambda spell: (spell.waiting_until, spell.policy_no))
        return Coverage((), CoverageReason.WAITING_PERIOD, nearest, _waiting_zh(nearest))
    if not spells:
        told = "此人不在任何有效保单的被保人名单中。"
        return Coverage((), CoverageReason.NOT_INSURED, None, told)
    nearest = min(spells, key=lambda spell: (_distance(spell, on), spell.policy_no))
    return Coverage((), CoverageReason.OUT_OF_PERIOD, nearest, _outside_zh(nearest, on))


def _holds(spell: Spell, on: date) -> bool:
    return spell.covered_from <= on and (spell.covered_to is None or on <= spell.covered_to)


def _waits(spell: Spell, on: date) -> bool:
    return spell.waiting_until is not None and on < spell.waiting_until


def _distance(spell: Spell, on: date) -> int:
    """Days between the day and the spell, which does not hold it."""
    if on < spell.covered_from:
        return (spell.covered_from - on).days
    assert spell.covered_to is not None
    return (on - spell.covered_to).days


def _outside_zh(spell: Spell, on: date) -> str:
    days = _distance(spell, on)
    end = "今" if spell.covered_to is None else f"{spell.covered_to}"
    side = "早于保障开始" if on < spell.covered_from else "晚于保障结束"
    return (
        f"出险日 {on} {side} {days} 天：最近的保障为“{spell.scheme_zh}”"
        f"（保单 {spell.policy_no}，{spell.covered_from} 至 {end}）。"
    )


def _waiting_zh(spell: Spell) -> str:
    return (
        f"出险日在“{spell.scheme_zh}”（保单 {spell.policy_no}）的等待期内，"
        f"{spell.waiting_until} 起方可赔付。"
    )
