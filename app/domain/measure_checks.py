"""What is wrong with a cover's measure: wrong units, unknown grades, nothing to count."""

from app.domain.bills_clause_checks import check_bills
from app.domain.clauses.allowances import Days, Services, TableDays
from app.domain.clauses.bills import Bills
from app.domain.clauses.sums import Earlier, FixedSum, Grades, Scale
from app.domain.clauses.things import Things
from app.domain.figures import Selector, Unit
from app.domain.findings import Findings
from app.domain.limits import WITHIN_ONE_CLAIM, LimitUnit
from app.domain.measures.fixed import JRT_0083
from app.domain.terms import Cover

_A_STAY = frozenset({Selector.LEVEL})
_A_LOSS = frozenset({Selector.GRADE})


def check_measure(found: Findings, at: str, cover: Cover) -> None:
    """Check the measure of a cover, whose pointer is `at`."""
    match cover.measure:
        case Bills() as measure:
            check_bills(found, at, measure)
        case FixedSum() as measure:
            found.figure(f"{at}/amount", measure.amount, Unit.FEN)
        case Grades() as measure:
            _check_grades(found, at, measure, cover)
        case Days() as measure:
            _check_days(found, at, measure)
        case TableDays() as measure:
            _check_table_days(found, at, measure)
        case Services() as measure:
            _check_services(found, at, measure)
        case Things() as measure:
            _check_things(found, at, measure)


def _check_grades(found: Findings, at: str, measure: Grades, cover: Cover) -> None:
    found.figure(f"{at}/amount", measure.amount, Unit.FEN)
    if (measure.scale is Scale.OWN) != bool(measure.rates):
        found.add(f"{at}/rates", "自定的表才写 rates。", "rates go with an own scale.")
    for grade, rate in measure.rates.items():
        found.number(f"{at}/rates/{grade}", rate, Unit.BP)
        if grade not in {str(known) for known in JRT_0083}:
            found.add(f"{at}/rates/{grade}", "伤残等级为 1 至 10。", "Grades are 1 to 10.")
    lasting = any(
        limit.unit is LimitUnit.FEN and limit.scope not in WITHIN_ONE_CLAIM
        for limit in (
            *cover.limits,
            *(limit for limit in found.terms.limits if cover.code in limit.covers),
        )
    )
    if measure.earlier is Earlier.OFFSET_BY_LIMIT and not lasting:
        found.add(
            f"{at}/earlier",
            "扣减以前给付须有一个跨案的金额限额。",
            "Offsetting earlier payments needs a limit in fen that outlives the claim.",
        )


def _check_days(found: Findings, at: str, measure: Days) -> None:
    found.figure(f"{at}/rate", measure.rate, Unit.FEN, at=_A_STAY)
    if measure.days_off is not None:
        found.figure(f"{at}/days_off", measure.days_off, Unit.DAYS, at=_A_STAY)
    if measure.first is not None:
        found.number(f"{at}/first/days", measure.first.days, Unit.DAYS)
        found.figure(f"{at}/first/amount", measure.first.amount, Unit.FEN, at=_A_STAY)
    if measure.after_end is not None:
        found.number(f"{at}/after_end", measure.after_end, Unit.DAYS)


def _check_table_days(found: Findings, at: str, measure: TableDays) -> None:
    found.figure(f"{at}/rate", measure.rate, Unit.FEN)
    if not measure.days:
        found.add(f"{at}/days", "伤情表不能为空。", "The table of injuries is empty.")
    found.unique(f"{at}/days", measure.days)
    for kind, days in measure.days.items():
        found.number(f"{at}/days/{kind}", days, Unit.DAYS)


def _check_services(found: Findings, at: str, measure: Services) -> None:
    if not measure.rates:
        found.add(f"{at}/rates", "至少要有一种服务。", "At least one service is needed.")
    found.unique(f"{at}/rates", [item.kind for item in measure.rates])
    for i, item in enumerate(measure.rates):
        found.figure(f"{at}/rates/{i}/rate", item.rate, Unit.FEN)
        for carer, share in item.shares.items():
            found.number(f"{at}/rates/{i}/shares/{carer}", share, Unit.BP)


def _check_things(found: Findings, at: str, measure: Things) -> None:
    if not measure.things:
        found.add(f"{at}/things", "至少要有一种财产。", "At least one kind of thing is needed.")
    found.unique(f"{at}/things", [thing.kind for thing in measure.things])
    for grade, share in measure.grades.items():
        found.number(f"{at}/grades/{grade}", share, Unit.BP)
    for i, thing in enumerate(measure.things):
        found.figure(f"{at}/things/{i}/amount", thing.amount, Unit.FEN, at=_A_LOSS)
        for name, number in (
            ("franchise", thing.franchise),
            ("cap", thing.cap),
            ("deductible", thing.deductible),
        ):
            if number is not None:
                found.number(f"{at}/things/{i}/{name}", number, Unit.FEN)
        if thing.franchise is not None and thing.deductible is not None:
            found.add(
                f"{at}/things/{i}/deductible",
                "相对免赔与绝对免赔只能有一个。",
                "A franchise and a deductible exclude each other.",
            )
