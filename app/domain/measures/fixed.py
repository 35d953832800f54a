"""One sum for one event, or a share of one by the grade of disability."""

from app.domain.assessment import Rule
from app.domain.clauses.sums import FixedSum, Grades, Scale, Several
from app.domain.facts import Facts
from app.domain.figures import Sourced, Unit, pick
from app.domain.measures.sheet import Sheet
from app.domain.money import share_fen

BEST_GRADE = 10
STEP_BP = 1_000
# JR/T 0083-2013: grade 1 pays the whole sum, each further grade a tenth less, grade 10 a tenth.
JRT_0083 = {
    grade: Sourced((BEST_GRADE + 1 - grade) * STEP_BP, Unit.BP, f"JR/T 0083-2013：{grade} 级")
    for grade in range(1, BEST_GRADE + 1)
}


def measure_fixed(measure: FixedSum, sheet: Sheet) -> int:
    """Give the sum in fen that the terms name for these facts, 0 where they name none."""
    amount = pick(measure.amount, sheet.facts)
    if amount is None:
        sheet.not_due(measure.label_zh)
        return 0
    fen = amount.value
    sheet.write(Rule.FIXED_SUM, measure.label_zh, (), fen, amount_fen=fen, origin=amount)
    return fen


def counted_grade(facts: Facts, several: Several) -> int | None:
    """Give the grade of disability that counts, from 1 (worst) to 10; None without a graded injury.

    The worst of several; where two are equally bad and the terms say so, one grade worse, at most
    one and never beyond grade 1.
    """
    grades = sorted(injury.grade for injury in facts.injuries if injury.grade is not None)
    if not grades:
        return None
    worst = grades[0]
    raised = several is Several.WORST_RAISED and grades.count(worst) > 1
    return max(1, worst - 1) if raised else worst


def measure_grades(measure: Grades, sheet: Sheet) -> int:
    """Give the share of the sum in fen for the grade that counts, rounded half up."""
    amount = pick(measure.amount, sheet.facts)
    grade = counted_grade(sheet.facts, measure.several)
    rate = None
    if grade is not None:
        own = measure.scale is Scale.OWN
        rate = measure.rates.get(str(grade)) if own else JRT_0083.get(grade)
    if amount is None or grade is None or rate is None:
        sheet.not_due(measure.label_zh)
        return 0
    fen = share_fen(amount.value, rate.value)
    sheet.write(
        Rule.GRADE,
        measure.label_zh,
        (("grade", grade),),
        fen,
        params=(("sum_fen", amount.value), ("rate_bp", rate.value)),
        amount_fen=fen,
        origin=rate if rate.unconfirmed else amount,
    )
    return fen
