"""The steps a base goes through before it is paid: ceilings, gates, deductibles, thresholds."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.clauses.bills import (
    Accrual,
    Bills,
    Deductible,
    Reached,
    ShareCeiling,
    ShareDeductible,
    ShareGate,
    Step,
    Threshold,
    UpperBound,
)
from app.domain.figures import Figure, Sourced, pick
from app.domain.limits import BASE, DEDUCTIBLE, LimitKey, Scope
from app.domain.measures.bases import Group, part_fen
from app.domain.measures.sheet import Pairs, Sheet
from app.domain.money import BP, half_up

_SCOPES = {
    Accrual.PERSON_YEAR: Scope.PERSON_YEAR,
    Accrual.HOUSEHOLD_YEAR: Scope.HOUSEHOLD_YEAR,
}
_EACH, _AT = Accrual.EACH, Reached.AT  # looked up once: see caps.py
_NO_PAIRS: Pairs = ()


def deductible_key(step: Deductible, sheet: Sheet) -> LimitKey:
    """Name the counter of a deductible that accrues over a year."""
    code = f"{step.shared or sheet.cover.code}.{DEDUCTIBLE}"
    return sheet.books.key(_SCOPES[step.accrues], code)


def base_key(measure: Bills, sheet: Sheet) -> LimitKey:
    """Name the counter of a base that accumulates over a year."""
    return sheet.books.key(_SCOPES[measure.accumulates], f"{sheet.cover.code}.{BASE}")


def shrink(step: Step, measure: Bills, group: Group, sheet: Sheet) -> None:
    """Let one step shrink the base of a group, and write its line."""
    if group.value == 0:
        return
    match step:
        case Deductible():
            _deduct(step, measure, group, sheet)
        case ShareCeiling():
            _ceiling(step, measure, group, sheet)
        case Threshold():
            _reach(step, measure, group, sheet)
        case ShareDeductible():
            _deduct_share(step, measure, group, sheet)
        case ShareGate():
            _gate(step, measure, group, sheet)


def _number(figure: Figure, measure: Bills, group: Group, sheet: Sheet) -> Sourced | None:
    """Pick a step's number; a table without one for these facts leaves nothing to pay."""
    number = pick(figure, sheet.facts, group.at)
    if number is None:
        group.value = 0
        sheet.not_due(measure.label_zh, group.about)
    return number


def _ceiling(step: ShareCeiling, measure: Bills, group: Group, sheet: Sheet) -> None:
    rate = _number(step.rate, measure, group, sheet)
    if rate is None:
        return
    total = group.total_fen
    was = group.value
    group.value = min(was, total * rate.value)
    group.whole = group.value
    sheet.write(
        Rule.SHARE_CEILING,
        measure.label_zh,
        (("base_fen", half_up(was, BP)), ("total_fen", total)),
        half_up(group.value, BP),
        about=group.about,
        params=(("rate_bp", rate.value),),
        origin=rate,
    )


def _deduct_share(step: ShareDeductible, measure: Bills, group: Group, sheet: Sheet) -> None:
    rate = _number(step.rate, measure, group, sheet)
    if rate is None:
        return
    total, was = group.total_fen, group.value
    group.value = max(0, was - total * rate.value)
    sheet.write(
        Rule.SHARE_DEDUCTIBLE,
        measure.label_zh,
        (("base_fen", half_up(was, BP)), ("total_fen", total)),
        half_up(group.value, BP),
        about=group.about,
        params=(("rate_bp", rate.value),),
        origin=rate,
    )
    if group.value == 0:
        sheet.because(ReasonCode.BELOW_DEDUCTIBLE, measure.label_zh)


def _gate(step: ShareGate, measure: Bills, group: Group, sheet: Sheet) -> None:
    rate = _number(step.most, measure, group, sheet)
    if rate is None:
        return
    held = sum(part_fen(part, bill, sheet.books) for part in step.parts for bill in group.bills)
    total, was = group.total_fen, group.value
    share, bound = held * BP, total * rate.value
    passed = share <= bound if step.upper is UpperBound.INCLUDED else share < bound
    group.value = was if passed else 0
    sheet.write(
        Rule.SHARE_GATE,
        step.label_zh,
        (("part_fen", held), ("total_fen", total)),
        half_up(group.value, BP),
        about=group.about,
        params=(("rate_bp", rate.value),),
        origin=rate,
    )
    if not passed:
        sheet.because(ReasonCode.CONDITION_UNMET, step.label_zh)


def _deduct(step: Deductible, measure: Bills, group: Group, sheet: Sheet) -> None:
    amount = _number(step.amount, measure, group, sheet)
    if amount is None:
        return
    was, left = group.value, amount.value
    extra = _NO_PAIRS
    if step.accrues is not _EACH:
        key = deductible_key(step, sheet)
        used = sheet.books.used(key)
        left = max(0, left - used)
        extra = (("used_fen", used),)
        sheet.books.take(key, min(left, half_up(was, BP)))
    group.value = max(0, was - left * BP)
    sheet.write(
        Rule.DEDUCTIBLE,
        measure.label_zh,
        (("base_fen", half_up(was, BP)), *extra),
        half_up(group.value, BP),
        about=group.about,
        params=(("deductible_fen", amount.value),),
        origin=amount,
    )
    if group.value == 0:
        sheet.because(ReasonCode.BELOW_DEDUCTIBLE, measure.label_zh)


def _reach(step: Threshold, measure: Bills, group: Group, sheet: Sheet) -> None:
    amount = _number(step.amount, measure, group, sheet)
    if amount is None:
        return
    was, line = group.value, amount.value * BP
    reached = was >= line if step.reached is _AT else was > line
    group.value = was if reached else 0
    sheet.write(
        Rule.THRESHOLD,
        measure.label_zh,
        (("base_fen", half_up(was, BP)),),
        half_up(group.value, BP),
        about=group.about,
        params=(("threshold_fen", amount.value), ("reached_at", int(step.reached is _AT))),
        origin=amount,
    )
    if not reached:
        sheet.because(ReasonCode.BELOW_DEDUCTIBLE, measure.label_zh)
