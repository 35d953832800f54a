"""Allowances per day: of a stay, or of the days that a table gives to an injury."""

from datetime import date

from app.domain.assessment import ReasonCode, Rule
from app.domain.clauses.allowances import (
    Days,
    FirstDays,
    LastDay,
    SeveralInjuries,
    TableDays,
)
from app.domain.clauses.bills import TierMode
from app.domain.facts import Facts, Injury, Stay
from app.domain.figures import Sourced, pick
from app.domain.limits import WITHIN_ONE_CLAIM, LimitUnit
from app.domain.measures.sheet import Sheet

_DAYS, _COUNTED = LimitUnit.DAYS, LastDay.COUNTED


def stay_days(stay: Stay, last_day: LastDay) -> int:
    """Count the days of a stay; the day of discharge counts only where the terms say so."""
    nights = (stay.discharged_on - stay.admitted_on).days
    return nights + 1 if last_day is _COUNTED else nights


def booked_on(measure: Days, stay: Stay) -> date | None:
    """Give the day whose policy year the days of a stay count in; None: that of the event."""
    return None if measure.after_end is None else stay.admitted_on


def measure_days(measure: Days, sheet: Sheet) -> int:
    """Give the allowance in fen for all stays, each after its days off and within the day limits.

    Stays are taken in order of admission, so an early stay uses the year's days first.
    """
    stays = sheet.facts.stays
    if len(stays) > 1:
        stays = tuple(sorted(stays, key=lambda stay: (stay.admitted_on, stay.ref)))
    return sum([_stay_fen(measure, stay, sheet) for stay in stays])


def _stay_fen(measure: Days, stay: Stay, sheet: Sheet) -> int:
    rate = pick(measure.rate, sheet.facts, stay)
    if rate is None:
        sheet.not_due(measure.label_zh, stay.ref)
        return 0
    counted = _counted(measure, stay, sheet)
    days = within_day_limits(counted, stay.ref, sheet, stay, booked_on(measure, stay))
    flat = 0
    if measure.first is not None and days:
        flat, days = _first_days(measure.first, measure.label_zh, days, stay, sheet)
        if not days:
            return flat
    fen = days * rate.value
    sheet.write(
        Rule.DAY_RATE,
        measure.label_zh,
        (("paid_days", days),),
        fen,
        about=stay.ref,
        params=(("rate_fen", rate.value),),
        amount_fen=fen,
        origin=rate,
    )
    return flat + fen


def _first_days(
    first: FirstDays, label_zh: str, days: int, stay: Stay, sheet: Sheet
) -> tuple[int, int]:
    """Give the flat sum of the first days and the days that are left to be paid by the day."""
    longer = days > first.days.value
    if longer and first.beyond is TierMode.SLAB:
        return 0, days
    amount = pick(first.amount, sheet.facts, stay)
    if amount is None:
        sheet.not_due(label_zh, stay.ref)
        return 0, 0
    fen = amount.value
    sheet.write(
        Rule.FIRST_DAYS,
        label_zh,
        (("paid_days", min(days, first.days.value)),),
        fen,
        about=stay.ref,
        params=(("limit_days", first.days.value),),
        amount_fen=fen,
        origin=amount,
    )
    return fen, max(0, days - first.days.value)


def _counted(measure: Days, stay: Stay, sheet: Sheet) -> int:
    days = stay_days(stay, measure.last_day)
    if measure.after_end is not None:
        days = _until_end(days, measure, measure.after_end, stay, sheet)
    off = None
    if measure.days_off is not None:
        off = pick(measure.days_off, sheet.facts, stay)
    counted = days if off is None else max(0, days - off.value)
    sheet.write(
        Rule.DAYS_COUNTED,
        measure.label_zh,
        (("stay_days", days), ("counted_days", counted)),
        0,
        about=stay.ref,
        params=() if off is None else (("off_days", off.value),),
        origin=off,
    )
    if counted == 0:
        sheet.because(ReasonCode.BELOW_DEDUCTIBLE, measure.label_zh)
    return counted


def _until_end(days: int, measure: Days, more: Sourced, stay: Stay, sheet: Sheet) -> int:
    """Count at most so many days after the last covered day."""
    end = sheet.facts.enrolment.covered_to
    if end is None or stay.discharged_on <= end:
        return days
    counted = min(days, max(0, (end - stay.admitted_on).days + 1) + more.value)
    sheet.write(
        Rule.AFTER_END,
        measure.label_zh,
        (("stay_days", days), ("counted_days", counted)),
        0,
        about=stay.ref,
        params=(("more_days", more.value),),
        origin=more,
    )
    return counted


def within_day_limits(
    days: int, about: str, sheet: Sheet, stay: Stay | None, on: date | None
) -> int:
    """Cut days to the cover's limits in days and take them from their counters.

    `on` is the day whose policy year counts; None: the day of the event.
    """
    counters = []
    for limit in sheet.limits():
        if limit.unit is not _DAYS or (
            limit.levels and (stay is None or stay.level not in limit.levels)
        ):
            continue
        bound = sheet.bound(limit, stay)
        if bound is None:
            continue
        key = sheet.counter(limit, on)
        used = 0
        if key is not None:
            counters.append(key)
            used = sheet.books.used(key)
        left = max(0, bound.value - used)
        if days <= left:
            continue
        sheet.write(
            Rule.DAYS_LIMIT,
            limit.name_zh,
            (("counted_days", days), ("used_days", used), ("paid_days", left)),
            0,
            about=about,
            params=(("limit_days", bound.value),),
            origin=bound,
        )
        if key is not None and key.scope not in WITHIN_ONE_CLAIM:
            sheet.because(ReasonCode.LIMIT_EXHAUSTED, limit.name_zh)
        days = left
    for key in counters:
        sheet.books.take(key, days)
    return days


def known_injuries(measure: TableDays, facts: Facts) -> tuple[Injury, ...]:
    """Give the injuries whose kind the table knows, in order of ref."""
    found = (injury for injury in facts.injuries if injury.kind in measure.days)
    return tuple(sorted(found, key=lambda injury: injury.ref))


def measure_table_days(measure: TableDays, sheet: Sheet) -> int:
    """Give the allowance in fen for the days of the injuries, within the limits in days."""
    rate = pick(measure.rate, sheet.facts)
    if rate is None:
        sheet.not_due(measure.label_zh)
        return 0
    counted = [
        (measure.days[injury.kind], injury.ref) for injury in known_injuries(measure, sheet.facts)
    ]
    if measure.several is SeveralInjuries.MOST:
        counted = [max(counted, key=lambda found: found[0].value)]
    fen = 0
    for days, ref in counted:
        sheet.write(
            Rule.TABLE_DAYS,
            measure.label_zh,
            (("counted_days", days.value),),
            0,
            about=ref,
            origin=days,
        )
        paid = within_day_limits(days.value, ref, sheet, None, None)
        due = paid * rate.value
        sheet.write(
            Rule.DAY_RATE,
            measure.label_zh,
            (("paid_days", paid),),
            due,
            about=ref,
            params=(("rate_fen", rate.value),),
            amount_fen=due,
            origin=rate,
        )
        fen += due
    return fen
