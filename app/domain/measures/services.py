"""Care by the hour and by the day, month by month, within limits that are never carried over."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.clauses.allowances import ServiceRate, Services, Time
from app.domain.facts import Facts, Service
from app.domain.figures import Sourced, Unit, pick
from app.domain.limits import LimitUnit, Scope
from app.domain.measures.caps import cut
from app.domain.measures.sheet import Sheet
from app.domain.money import BP, half_up

HOUR = 60  # minutes
_IN_FULL = Sourced(BP, Unit.BP)
_UNITS = {Time.HOUR: LimitUnit.MINUTES, Time.DAY: LimitUnit.DAYS}


def known_services(measure: Services, facts: Facts) -> tuple[Service, ...]:
    """Give the services of kinds that the terms name, by month and ref."""
    kinds = {rate.kind for rate in measure.rates}
    found = (service for service in facts.services if service.kind in kinds)
    return tuple(sorted(found, key=lambda service: (service.month_on, service.ref)))


def measure_services(measure: Services, sheet: Sheet) -> int:
    """Give what all services come to in fen, each month within its own limits.

    Limits in minutes and days cut the time first; limits in fen cut what it comes to. An hour's
    rate on minutes and a carer's share are rounded half up together.
    """
    by_kind = {rate.kind: rate for rate in measure.rates}
    return sum(
        _service_fen(by_kind[service.kind], service, sheet)
        for service in known_services(measure, sheet.facts)
    )


def _service_fen(item: ServiceRate, service: Service, sheet: Sheet) -> int:
    rate = pick(item.rate, sheet.facts, service)
    share = item.shares.get(service.carer) if item.shares else _IN_FULL
    if rate is None or share is None:
        sheet.not_due(item.name_zh, service.ref)
        return 0
    hourly = item.per is Time.HOUR
    time = service.minutes if hourly else service.days
    time = _within(_UNITS[item.per], time, service, sheet)
    fen = half_up(time * rate.value * share.value, (HOUR if hourly else 1) * BP)
    sheet.write(
        Rule.SERVICE,
        item.name_zh,
        (("paid_minutes" if hourly else "paid_days", time),),
        fen,
        about=service.ref,
        params=(("rate_fen", rate.value), ("share_bp", share.value)),
        amount_fen=fen,
        origin=share if share.unconfirmed else rate,
    )
    return _within(LimitUnit.FEN, fen, service, sheet)


def _within(unit: LimitUnit, units: int, service: Service, sheet: Sheet) -> int:
    """Cut time or fen to the limits of that unit that count here, and take it from the counters.

    Limits in fen of other periods than the month are left to the cover's caps.
    """
    counters = []
    for limit in sheet.limits():
        monthly = limit.scope is Scope.PERSON_MONTH
        if limit.unit is not unit or (unit is LimitUnit.FEN and not monthly):
            continue
        bound = sheet.bound(limit, service)
        if bound is None:
            continue
        key = sheet.counter(limit, service.month_on if monthly else None)
        assert key is not None  # terms_checks: a limit per stay is for stays
        counters.append(key)
        used = sheet.books.used(key)
        left = max(0, bound.value - used)
        if units <= left:
            continue
        if unit is LimitUnit.FEN:
            cut(sheet, limit, bound, (units, used, left), service.ref)
        else:
            name = "minutes" if unit is LimitUnit.MINUTES else "days"
            sheet.write(
                Rule.TIME_LIMIT if unit is LimitUnit.MINUTES else Rule.DAYS_LIMIT,
                limit.name_zh,
                ((f"counted_{name}", units), (f"used_{name}", used), (f"paid_{name}", left)),
                0,
                about=service.ref,
                params=((f"limit_{name}", bound.value),),
                origin=bound,
            )
            sheet.because(ReasonCode.LIMIT_EXHAUSTED, limit.name_zh)
        units = left
    for key in counters:
        sheet.books.take(key, units)
    return units
