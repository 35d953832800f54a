"""Terms of the further shapes that contradict themselves are refused at their place."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.clauses.allowances import (
    Days,
    FirstDays,
    LastDay,
    ServiceRate,
    Services,
    SeveralInjuries,
    TableDays,
    Time,
)
from app.domain.clauses.bills import (
    Accrual,
    Deductible,
    Part,
    Per,
    Ratio,
    ShareCeiling,
    ShareDeductible,
    ShareGate,
    TierMode,
    UpperBound,
)
from app.domain.clauses.conditions import (
    CategoryIs,
    CauseIs,
    DiedWithin,
    ExtraAtMost,
    ExtraIs,
    Newcomers,
    Waiting,
    WorkingDaysPassed,
)
from app.domain.clauses.premiums import (
    Basis,
    Funding,
    Money,
    OverrunBand,
    RiskSharing,
    Source,
    Surplus,
)
from app.domain.clauses.sums import Earlier, FixedSum, Grades, Scale, Several
from app.domain.clauses.things import Thing, Things
from app.domain.figures import Band, BandBy, Bands, OfStandard, Selector, Sourced, Table, Unit
from app.domain.limits import LimitUnit, Scope
from app.domain.terms import (
    Advance,
    CapsToo,
    Cover,
    ExtraField,
    ExtraType,
    Multiplier,
    Terms,
)
from app.domain.terms_checks import check_terms
from app.domain.words import Carer
from tests.domain.facts_made import (
    bp,
    days,
    fen,
    make_cover,
    make_limit,
    make_measure,
    make_terms,
)

LEFT = (Part("left", "余额"),)
EACH, YEAR = Accrual.EACH, Accrual.PERSON_YEAR


def count(value: int) -> Sourced:
    return Sourced(value, Unit.COUNT, "第四条")


def ages(*bands: Band, by: BandBy = BandBy.AGE, field: str = "") -> Bands:
    return Bands(by, field, bands, None)


def fixed(amount: Any, **changes: object) -> Cover:
    return make_cover(measure=FixedSum("定额", amount), **changes)


def bills(*steps: Any, **changes: Any) -> Cover:
    return make_cover(measure=replace(make_measure(steps=steps), **changes))


def things(thing: Thing) -> Cover:
    return make_cover(measure=Things("财产", {}, (thing,)))


def grades(**changes: Any) -> Cover:
    plain = Grades("伤残", fen(1), Scale.JRT_0083, Several.WORST, Earlier.NOT_OFFSET)
    return make_cover(measure=replace(plain, **changes))


HOUSE = Thing("house", "房屋", "间", fen(1), None, None)
STAYS = Days("住院", fen(1), None, LastDay.COUNTED)
HOURS = Services("护理", (ServiceRate("home", "居家", Time.HOUR, fen(1)),))
OLD = Band(count(60), None, fen(1))
BY_PAID = Table(Selector.PAID, "hifp_pay", {"yes": bp(1)}, None)
BY_GRADE = Table(Selector.GRADE, "", {"severe": fen(1)}, None)
FLAT = FirstDays(days(1), fen(1), TierMode.SLAB)
GATE = ShareGate("目录外", LEFT, bp(1_000), UpperBound.INCLUDED)
M = "/covers/0/measure"
FINE = [
    fixed(ages(Band(count(0), count(59), fen(1)), OLD)),
    fixed(OfStandard("line", bp(15_000))),
    bills(GATE, ShareDeductible(bp(1_000)), per=Per.VISIT, pay=Ratio(BY_PAID)),
    bills(Deductible(fen(1), YEAR, "family")),
    bills(Deductible(fen(1), EACH), accumulates=YEAR),
    things(replace(HOUSE, amount=BY_GRADE, franchise=fen(1))),
    grades(scale=Scale.OWN, rates={"1": bp(10_000)}),
    make_cover(measure=replace(STAYS, first=FLAT, after_end=days(30))),
    make_cover(
        measure=HOURS,
        limits=(
            make_limit(
                Sourced(60, Unit.MINUTES, "每月"),
                scope=Scope.PERSON_MONTH,
                unit=LimitUnit.MINUTES,
            ),
        ),
    ),
    fixed(fen(1), waiting=Waiting(Sourced(3, Unit.MONTHS, "三个月"), Newcomers.AFTER_LAPSE)),
    fixed(fen(1), advance=Advance("先付", fen(1), bp(1))),
    fixed(fen(1), multiplier=Multiplier("翻倍", (), bp(20_000), CapsToo.UNCHANGED)),
]
BAD: list[tuple[Cover, str]] = [
    (fixed(ages()), f"{M}/amount/bands"),
    (fixed(ages(OLD, by=BandBy.EXTRA)), f"{M}/amount/field"),
    (fixed(ages(OLD, field="x")), f"{M}/amount/field"),
    (fixed(ages(OLD, Band(count(70), None, fen(1)))), f"{M}/amount/bands/1/least"),
    (fixed(ages(Band(count(9), count(8), fen(1)))), f"{M}/amount/bands/0/most"),
    (fixed(ages(Band(days(9), None, fen(1)))), f"{M}/amount/bands/0/least"),
    (fixed(ages(Band(count(9), None, bp(1)))), f"{M}/amount/bands/0/value"),
    (fixed(Bands(BandBy.AGE, "", (OLD,), bp(1))), f"{M}/amount/otherwise"),
    (fixed(OfStandard("a b", bp(1))), f"{M}/amount/standard/0"),
    (fixed(OfStandard("line", fen(1))), f"{M}/amount/times"),
    (fixed(BY_GRADE), f"{M}/amount/by"),
    (fixed(Table(Selector.PLACE, "", {"moon": fen(1)}, None)), f"{M}/amount/rows/moon"),
    (fixed(Table(Selector.EVENT, "", {"moon": fen(1)}, None)), f"{M}/amount/rows/moon"),
    (
        fixed(
            Table(
                Selector.CATEGORY, "",
                {"dibao": Table(Selector.CAUSE, "", {"moon": fen(1)}, None)}, None,
            )
        ),
        f"{M}/amount/rows/dibao/rows/moon",
    ),
    (bills(pay=Ratio(OfStandard("line", bp(1)))), f"{M}/pay/rate"),
    (bills(pay=Ratio(BY_PAID)), f"{M}/pay/rate/by"),
    (
        bills(per=Per.VISIT, pay=Ratio(Table(Selector.PAID, "", {"yes": bp(1)}, None))),
        f"{M}/pay/rate/field",
    ),
    (
        bills(per=Per.VISIT, pay=Ratio(Table(Selector.PAID, "x", {"maybe": bp(1)}, None))),
        f"{M}/pay/rate/rows/maybe",
    ),
    (bills(replace(GATE, parts=())), f"{M}/steps/0/parts"),
    (bills(replace(GATE, parts=(Part("wine", "x"),))), f"{M}/steps/0/parts/0/field"),
    (bills(Deductible(fen(1), EACH, "family")), f"{M}/steps/0/shared"),
    (bills(Deductible(fen(1), YEAR, "medical")), f"{M}/steps/0/shared"),
    (bills(Deductible(fen(1), YEAR, "deductible")), f"{M}/steps/0/shared"),
    (bills(GATE, accumulates=YEAR), f"{M}/steps/0"),
    (bills(Deductible(fen(1), YEAR), accumulates=YEAR), f"{M}/steps/0"),
    (bills(ShareCeiling(bp(0)), GATE), f"{M}/steps/1"),
    (bills(ShareCeiling(bp(1_000)), ShareDeductible(bp(1_000)), GATE), f"{M}/steps/2"),
    (grades(rates={"1": bp(1)}), f"{M}/rates"),
    (grades(scale=Scale.OWN), f"{M}/rates"),
    (grades(scale=Scale.OWN, rates={"11": bp(1)}), f"{M}/rates/11"),
    (grades(earlier=Earlier.OFFSET_BY_LIMIT), f"{M}/earlier"),
    (make_cover(measure=replace(STAYS, first=replace(FLAT, days=fen(1)))), f"{M}/first/days"),
    (make_cover(measure=replace(STAYS, after_end=fen(1))), f"{M}/after_end"),
    (
        make_cover(measure=TableDays("骨折", fen(1), {}, SeveralInjuries.MOST)),
        f"{M}/days",
    ),
    (
        make_cover(measure=TableDays("骨折", fen(1), {"a": fen(1)}, SeveralInjuries.MOST)),
        f"{M}/days/a",
    ),
    (make_cover(measure=replace(HOURS, rates=())), f"{M}/rates"),
    (
        make_cover(
            measure=replace(HOURS, rates=(replace(HOURS.rates[0], shares={Carer.FAMILY: fen(1)}),))
        ),
        f"{M}/rates/0/shares/family",
    ),
    (
        things(replace(HOUSE, franchise=fen(1), deductible=fen(1))),
        f"{M}/things/0/deductible",
    ),
    (
        fixed(fen(1), limits=(make_limit(fen(1), scope=Scope.PERSON_MONTH),)),
        "/covers/0/limits/0/scope",
    ),
    (
        make_cover(
            measure=STAYS,
            limits=(make_limit(Sourced(1, Unit.MINUTES, "x"), unit=LimitUnit.MINUTES),),
        ),
        "/covers/0/limits/0/unit",
    ),
    (
        fixed(fen(1), limits=(make_limit(count(1), scope=Scope.CLAIM, unit=LimitUnit.COUNT),)),
        "/covers/0/limits/0/scope",
    ),
    (fixed(fen(1), limits=(make_limit(fen(1), code="base"),)), "/covers/0/limits/0/code"),
    (fixed(fen(1), waiting=Waiting(fen(1), Newcomers.EVERYONE)), "/covers/0/waiting/days"),
    (fixed(fen(1), advance=Advance("先付", None, None)), "/covers/0/advance"),
    (
        fixed(
            fen(1), multiplier=Multiplier("x", (CategoryIs(("king",)),), bp(1), CapsToo.UNCHANGED)
        ),
        "/covers/0/multiplier/when/0/categories/0",
    ),
    (
        fixed(fen(1), multiplier=Multiplier("x", (CauseIs(()),), days(2), CapsToo.UNCHANGED)),
        "/covers/0/multiplier/times",
    ),
    (fixed(fen(1), conditions=(DiedWithin("x", fen(1)),)), "/covers/0/conditions/0/days"),
    (
        fixed(fen(1), conditions=(WorkingDaysPassed("a", "b", "x", fen(1)),)),
        "/covers/0/conditions/0/least",
    ),
    (fixed(fen(1), conditions=(ExtraAtMost("a", "x", bp(1)),)), "/covers/0/conditions/0/most"),
]  # fmt: skip


def pointers(terms: Terms) -> set[str]:
    return {fault.pointer for fault in check_terms(terms)}


@pytest.mark.parametrize("cover", FINE, ids=range(len(FINE)))
def test_terms_that_make_sense_are_let_through(cover: Cover) -> None:
    assert check_terms(make_terms(cover)) == ()


@pytest.mark.parametrize(("cover", "pointer"), BAD, ids=[f"{i}{b[1]}" for i, b in enumerate(BAD)])
def test_a_contradiction_is_told_at_its_place(cover: Cover, pointer: str) -> None:
    assert pointer in pointers(make_terms(cover))


def test_whoever_declares_fields_declares_all_that_conditions_ask_for() -> None:
    asking = make_terms(fixed(fen(1), conditions=(ExtraIs("student", "学生", ("yes",)),)))
    other = ExtraField("income", "收入", ExtraType.YUAN, required=False)

    assert pointers(asking) == set()
    assert pointers(replace(asking, extra=(other,))) == {"/covers/0/conditions/0/field"}


# Premium and the year's result

CITY = Source("city", "市", Money.BUDGET, bp(7_000))
COUNTY = Source("county", "县", Money.BUDGET, bp(3_000))
FUNDING = Funding(Basis.HEAD_YEAR, (CITY, COUNTY))
BAND = OverrunBand(bp(10_000), bp(20_000), bp(5_000))
SHARING = RiskSharing(bp(1_500), Surplus.KEPT, bp(0), (BAND,))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"funding": replace(FUNDING, sources=(CITY,))}, "/funding/sources"),
        ({"funding": replace(FUNDING, sources=(CITY, replace(COUNTY, code="city")))},
         "/funding/sources/1"),
        ({"funding": replace(FUNDING, barred=(Money.LOTTERY,))}, "/funding/barred_clause"),
        ({"risk_sharing": replace(SHARING, expenses=bp(10_001))}, "/risk_sharing/expenses"),
        ({"risk_sharing": replace(SHARING, overrun=(BAND, BAND))},
         "/risk_sharing/overrun/1/above"),
        ({"risk_sharing": replace(SHARING, overrun=(replace(BAND, to=bp(9_000)),))},
         "/risk_sharing/overrun/0/to"),
    ],
)  # fmt: skip
def test_premium_and_risk_must_add_up(changes: dict[str, Any], pointer: str) -> None:
    fine = replace(make_terms(), funding=FUNDING, risk_sharing=SHARING)

    assert check_terms(fine) == ()
    assert pointer in pointers(replace(fine, **changes))
