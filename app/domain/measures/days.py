"""Allowances per day of a stay."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.facts import Stay
from app.domain.figures import pick
from app.domain.limits import WITHIN_ONE_CLAIM, LimitUnit
from app.domain.measures.sheet import Sheet
from app.domain.terms import Days, LastDay


def stay_days(stay: Stay, last_day: LastDay) -> int:
    """Count the days of a stay; the day of discharge counts only where the terms say so."""
    nights = (stay.discharged_on - stay.admitted_on).days
    return nights + 1 if last_day is LastDay.COUNTED else nights


def measure_days(measure: Days, sheet: Sheet) -> int:
    """Give the allowance in fen for all stays, each after its days off and within the day limits.

    Stays are taken in order of admission, so an early stay uses the year's days first.
    """
    stays = sorted(sheet.facts.stays, key=lambda stay: (stay.admitted_on, stay.ref))
    return sum(_stay_fen(measure, stay, sheet) for stay in stays)


def _stay_fen(measure: Days, stay: Stay, sheet: Sheet) -> int:
    rate = pick(measure.rate, sheet.facts, stay.level)
    if rate is None:
        sheet.not_due(measure.label_zh, stay.ref)
        return 0
    days = _within_limits(_counted(measure, stay, sheet), stay, sheet)
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
    return fen


def _counted(measure: Days, stay: Stay, sheet: Sheet) -> int:
    days = stay_days(stay, measure.last_day)
    off = None
    if measure.days_off is not None:
        off = pick(measure.days_off, sheet.facts, stay.level)
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


def _within_limits(days: int, stay: Stay, sheet: Sheet) -> int:
    counters = []
    for limit in sheet.limits():
        if limit.unit is not LimitUnit.DAYS or (limit.levels and stay.level not in limit.levels):
            continue
        bound = sheet.bound(limit, stay.level)
        if bound is None:
            continue
        key = sheet.counter(limit)
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
            about=stay.ref,
            params=(("limit_days", bound.value),),
            origin=bound,
        )
        if key is not None and key.scope not in WITHIN_ONE_CLAIM:
            sheet.because(ReasonCode.LIMIT_EXHAUSTED, limit.name_zh)
        days = left
    for key in counters:
        sheet.books.take(key, days)
    return days
