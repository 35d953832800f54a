"""What is wrong with a cover's measure: unknown parts, tiers that overlap or are never reached."""

from app.domain.figures import Sourced, Unit
from app.domain.findings import Findings
from app.domain.terms import (
    Accrual,
    Bills,
    Cover,
    Days,
    Deductible,
    FixedSum,
    Per,
    Ratio,
    ShareCeiling,
    Step,
    Things,
    Threshold,
    TierBounds,
    Tiers,
)
from app.domain.words import FIELD_ZH, BillKind

DERIVED_PARTS = frozenset({"self_borne", "left", "total"})


def check_measure(found: Findings, at: str, cover: Cover) -> None:
    match cover.measure:
        case Bills() as measure:
            _check_bills(found, at, measure)
        case FixedSum() as measure:
            found.figure(f"{at}/amount", measure.amount, Unit.FEN)
        case Days() as measure:
            found.figure(f"{at}/rate", measure.rate, Unit.FEN, by_level=True)
            if measure.days_off is not None:
                found.figure(f"{at}/days_off", measure.days_off, Unit.DAYS, by_level=True)
        case Things() as measure:
            _check_things(found, at, measure)


def _check_things(found: Findings, at: str, measure: Things) -> None:
    if not measure.things:
        found.add(f"{at}/things", "至少要有一种财产。", "At least one kind of thing is needed.")
    found.unique(f"{at}/things", [thing.kind for thing in measure.things])
    for grade, share in measure.grades.items():
        found.number(f"{at}/grades/{grade}", share, Unit.BP)
    for i, thing in enumerate(measure.things):
        found.figure(f"{at}/things/{i}/amount", thing.amount, Unit.FEN)
        for name, number in (("franchise", thing.franchise), ("cap", thing.cap)):
            if number is not None:
                found.number(f"{at}/things/{i}/{name}", number, Unit.FEN)


def _check_bills(found: Findings, at: str, measure: Bills) -> None:
    if not measure.kinds or not measure.parts:
        found.add(
            at, "须写明单据类型和基数构成。", "Kinds of bills and parts of the base are needed."
        )
    if measure.categories and BillKind.OUTPATIENT not in measure.kinds:
        found.add(
            f"{at}/categories", "门诊类别只用于门诊。", "Categories are for outpatient bills."
        )
    _check_parts(found, f"{at}/parts", measure)
    if sum(_accrues(step) for step in measure.steps) > 1:
        found.add(f"{at}/steps", "年度起付额只能有一个。", "One yearly deductible at most.")
    by_level = measure.per is Per.VISIT
    for i, step in enumerate(measure.steps):
        _check_step(found, f"{at}/steps/{i}", step, by_level=by_level)
    if isinstance(measure.pay, Ratio):
        found.figure(f"{at}/pay/rate", measure.pay.rate, Unit.BP, by_level=by_level)
    else:
        _check_tiers(found, f"{at}/pay", measure.pay, measure.steps, by_level=by_level)


def _check_parts(found: Findings, at: str, measure: Bills) -> None:
    found.unique(at, [part.field for part in measure.parts])
    for i, part in enumerate(measure.parts):
        if part.field not in FIELD_ZH and part.field not in DERIVED_PARTS:
            found.add(f"{at}/{i}/field", "没有这个费用分项。", "Unknown part of a bill.")
        if part.weight is not None:
            found.number(f"{at}/{i}/weight", part.weight, Unit.BP)


def _accrues(step: Step) -> bool:
    return isinstance(step, Deductible) and step.accrues is Accrual.PERSON_YEAR


def _check_step(found: Findings, at: str, step: Step, *, by_level: bool) -> None:
    match step:
        case ShareCeiling():
            found.figure(f"{at}/rate", step.rate, Unit.BP, by_level=by_level)
        case Deductible() | Threshold():
            found.figure(f"{at}/amount", step.amount, Unit.FEN, by_level=by_level)


def _check_tiers(
    found: Findings, at: str, pay: Tiers, steps: tuple[Step, ...], *, by_level: bool
) -> None:
    if not pay.tiers:
        found.add(f"{at}/tiers", "至少要有一档。", "At least one tier is needed.")
    end: int | None = None
    for i, tier in enumerate(pay.tiers):
        here = f"{at}/tiers/{i}"
        found.number(f"{here}/above", tier.above, Unit.FEN)
        if tier.to is not None:
            found.number(f"{here}/to", tier.to, Unit.FEN)
        found.figure(f"{here}/rate", tier.rate, Unit.BP, by_level=by_level)
        if i and end is None:
            found.add(
                here, "上一档没有上限，这一档永远用不到。", "The tier before has no upper bound."
            )
        elif i and tier.above.value != end:
            found.add(
                f"{here}/above", "各档须首尾相接，不重叠、不留空。", "Tiers overlap or leave a gap."
            )
        if tier.to is not None and tier.to.value <= tier.above.value:
            found.add(f"{here}/to", "上限须大于下限。", "The upper bound must be above the lower.")
        if tier.to is not None and tier.to.value <= _eaten(pay, steps):
            found.add(here, "这一档全在起付额之内，永远用不到。", "The deductible eats this tier.")
        end = None if tier.to is None else tier.to.value


def _eaten(pay: Tiers, steps: tuple[Step, ...]) -> int:
    """Give how much of absolute tiers a flat deductible each time always eats."""
    if pay.bounds is TierBounds.NET:
        return 0
    return sum(
        step.amount.value
        for step in steps
        if isinstance(step, Deductible)
        and isinstance(step.amount, Sourced)
        and step.accrues is Accrual.EACH
    )
