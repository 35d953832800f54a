"""What is wrong with a measure over bills: unknown parts, steps and tiers never reached."""

from app.domain.clauses.bills import (
    Accrual,
    Bills,
    Deductible,
    Part,
    Per,
    Ratio,
    ShareCeiling,
    ShareDeductible,
    ShareGate,
    Step,
    Threshold,
    TierBounds,
    Tiers,
)
from app.domain.figures import Selector, Sourced, Unit
from app.domain.findings import Findings
from app.domain.limits import DEDUCTIBLE
from app.domain.money import BP
from app.domain.words import BillKind

_A_BILL = frozenset({Selector.LEVEL, Selector.PAID})
_NOTHING: frozenset[Selector] = frozenset()
_SHARES = (ShareCeiling, ShareGate, ShareDeductible)


def check_bills(found: Findings, at: str, measure: Bills) -> None:
    """Check a measure over bills whose pointer is `at`."""
    if not measure.kinds or not measure.parts:
        found.add(
            at, "须写明单据类型和基数构成。", "Kinds of bills and parts of the base are needed."
        )
    if measure.categories and BillKind.OUTPATIENT not in measure.kinds:
        found.add(
            f"{at}/categories", "门诊类别只用于门诊。", "Categories are for outpatient bills."
        )
    found.unique(f"{at}/parts", [part.field for part in measure.parts])
    _check_parts(found, f"{at}/parts", measure.parts)
    if sum(_accrues(step) for step in measure.steps) > 1:
        found.add(f"{at}/steps", "年度起付额只能有一个。", "One yearly deductible at most.")
    hand = _A_BILL if measure.per is Per.VISIT else _NOTHING
    for i, step in enumerate(measure.steps):
        _check_step(found, f"{at}/steps/{i}", step, hand)
        if measure.accumulates is not Accrual.EACH and (
            isinstance(step, _SHARES) or _accrues(step)
        ):
            found.add(
                f"{at}/steps/{i}",
                "按年度累计计算时，起付额按每次写（即每年），且不能按单据总额的比例计算。",
                "Over a year's base a deductible is the year's, and no bill's total is at hand.",
            )
    _check_reach(found, f"{at}/steps", measure.steps)
    if isinstance(measure.pay, Ratio):
        found.figure(f"{at}/pay/rate", measure.pay.rate, Unit.BP, at=hand)
    else:
        _check_tiers(found, f"{at}/pay", measure.pay, measure.steps, hand)


def _check_parts(found: Findings, at: str, parts: tuple[Part, ...]) -> None:
    for i, part in enumerate(parts):
        found.part(f"{at}/{i}/field", part.field)
        if part.weight is not None:
            found.figure(f"{at}/{i}/weight", part.weight, Unit.BP, at=_A_BILL)


def _accrues(step: Step) -> bool:
    return isinstance(step, Deductible) and step.accrues is not Accrual.EACH


def _check_step(found: Findings, at: str, step: Step, hand: frozenset[Selector]) -> None:
    match step:
        case ShareCeiling() | ShareDeductible():
            found.figure(f"{at}/rate", step.rate, Unit.BP, at=hand)
        case ShareGate():
            found.figure(f"{at}/most", step.most, Unit.BP, at=hand)
            _check_parts(found, f"{at}/parts", step.parts)
            if not step.parts:
                found.add(f"{at}/parts", "须写明占比的分项。", "Name the parts of the share.")
        case Deductible() | Threshold():
            found.figure(f"{at}/amount", step.amount, Unit.FEN, at=hand)
            if isinstance(step, Deductible) and step.shared:
                _check_shared(found, at, step)


def _check_shared(found: Findings, at: str, step: Deductible) -> None:
    found.unique(f"{at}/shared", [step.shared])
    if step.accrues is Accrual.EACH or step.shared == DEDUCTIBLE:
        found.add(f"{at}/shared", "只有年度起付额可以共用。", "Only a yearly one is shared.")
    if any(cover.code == step.shared for cover in found.terms.covers):
        found.add(f"{at}/shared", "不能与责任编码相同。", "This is the code of a cover.")


def _check_reach(found: Findings, at: str, steps: tuple[Step, ...]) -> None:
    """Refuse steps after one that leaves nothing, and a share deductible above a ceiling."""
    ceiling: int | None = None
    for i, step in enumerate(steps):
        if ceiling == 0:
            found.add(f"{at}/{i}", "前一步后已无余额，永远用不到。", "Nothing is left for it.")
            return
        if isinstance(step, ShareCeiling) and isinstance(step.rate, Sourced):
            ceiling = step.rate.value
        if isinstance(step, ShareDeductible) and isinstance(step.rate, Sourced):
            whole = BP if ceiling is None else ceiling
            ceiling = max(0, whole - step.rate.value)


def _check_tiers(
    found: Findings, at: str, pay: Tiers, steps: tuple[Step, ...], hand: frozenset[Selector]
) -> None:
    if not pay.tiers:
        found.add(f"{at}/tiers", "至少要有一档。", "At least one tier is needed.")
    end: int | None = None
    for i, tier in enumerate(pay.tiers):
        here = f"{at}/tiers/{i}"
        found.number(f"{here}/above", tier.above, Unit.FEN)
        if tier.to is not None:
            found.number(f"{here}/to", tier.to, Unit.FEN)
        found.figure(f"{here}/rate", tier.rate, Unit.BP, at=hand)
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
