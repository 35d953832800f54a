"""Every kind of condition that the catalogue sets is met by one named change, and it comes true."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import load_all
from app.domain.assess import assess
from app.domain.clauses.conditions import (
    CategoryIs,
    CauseIs,
    Condition,
    DiedWithin,
    EventIs,
    ExtraAtLeast,
    ExtraAtMost,
    ExtraIs,
    HasBill,
    Liability,
    LiabilityClause,
    NotUnder,
    WorkingDaysPassed,
)
from app.domain.clauses.sums import FixedSum
from app.domain.conditions import holds
from app.domain.facts import Facts, LocalStandard
from app.domain.figures import OfStandard, Sourced, Unit
from app.domain.near_conditions import ChangeKind, way_to_meet
from app.domain.nearest_change import nearest_change
from app.domain.terms import Nature, Terms
from app.domain.words import BillKind, Cause, EventKind, Liable
from tests.domain.facts_made import bp, days, fen, make_cover, make_facts, make_terms
from tests.domain.test_nearest_change import checked
from tests.domain.test_properties import FEW

LINE = OfStandard("line", bp(15_000))
FIXED = Sourced(3, Unit.COUNT, "第三条")
INCOME = ExtraAtMost("income", "人均收入不超过 1.5 倍贫困线", LINE)
ASSETS = ExtraAtMost("assets", "家庭财产不超过 2 万元", fen(2_000_000))
CARS = ExtraAtMost("cars", "车辆不超过 3 辆", FIXED)
OTHER = NotUnder(("other-scheme",), "未参加同类保险")
IN_TIME = DiedWithin("180 日内身故", days(180))
UNSOLVED = WorkingDaysPassed("reported_on", "certified_on", "满 15 个工作日未破案", days(15))


def relief(*conditions: Condition) -> Terms:
    measure = FixedSum("救助金", fen(300_000))
    return make_terms(
        make_cover(measure=measure, nature=Nature.FIXED, conditions=conditions, limits=())
    )


def told(**extra: str | int) -> Facts:
    return replace(make_facts(extra=extra), standards=(LocalStandard("line", 300_000, "标准"),))


@pytest.mark.parametrize(
    ("condition", "facts", "kind", "what_zh"),
    [
        (
            INCOME,
            told(income="5000.00"),
            ChangeKind.MEANS_TEST,
            "如符合“人均收入不超过 1.5 倍贫困线”（不超过 4,500.00 元，比已填的少 500.00 元）",
        ),
        (
            ASSETS,
            told(),
            ChangeKind.MEANS_TEST,
            "如符合“家庭财产不超过 2 万元”（不超过 20,000.00 元）",
        ),
        (
            CARS,
            told(cars=4),
            ChangeKind.MEANS_TEST,
            "如符合“车辆不超过 3 辆”（不超过 3，比已填的少 1）",
        ),
        (
            OTHER,
            replace(told(), other_schemes=("other-scheme", "third")),
            ChangeKind.OTHER_COVER,
            "如出险当日“未参加同类保险”",
        ),
        (
            Liability(LiabilityClause.NOBODY_ABLE),
            replace(told(), event=replace(told().event, liable=Liable.ABLE)),
            ChangeKind.LIABILITY,
            "如能证明“责任方无力赔偿或无法找到”",
        ),
        (
            Liability(LiabilityClause.NOBODY_LIABLE),
            replace(told(), event=replace(told().event, liable=Liable.NOT_FOUND)),
            ChangeKind.LIABILITY,
            "如能证明“无第三方责任”",
        ),
        (
            IN_TIME,
            told(),
            ChangeKind.DEATH_DAY,
            "如身故日在 2026-12-12 或以前（180 日内身故）",
        ),
        (
            UNSOLVED,
            replace(told(reported_on="2026-06-15"), holidays=(date(2026, 6, 19),)),
            ChangeKind.WORKING_DAYS,
            "如到 2026-07-07 仍是如此（满 15 个工作日未破案）",
        ),
        (HasBill((BillKind.OTHER,)), told(), ChangeKind.BILL, "如补交“其他费用”单据"),
    ],
)
def test_a_condition_is_met_by_the_fact_that_it_reads(
    condition: Condition, facts: Facts, kind: ChangeKind, what_zh: str
) -> None:
    terms = relief(condition)

    found = nearest_change(terms, facts, {}, assess(terms, facts, {}))

    assert found is not None
    checked(terms, facts, {}, found)
    assert (found.kind, found.what_zh, found.amount_fen) == (kind, what_zh, 300_000)


def test_a_fen_above_the_line_is_still_above_it() -> None:
    way = way_to_meet(INCOME, told(income="4500.01"))

    assert way is not None
    assert not holds(INCOME, told(income="4500.01"))
    assert holds(INCOME, way.change(told(income="4500.01")))


@pytest.mark.parametrize(
    "condition",
    [
        EventIs((EventKind.DEATH,)),
        CauseIs((Cause.FIRE,)),
        CategoryIs(("tekun",)),
        ExtraIs("x", "无从证明", ()),
        UNSOLVED,
        replace(UNSOLVED, least=days(399), since="reported_on"),
    ],
)
def test_another_event_or_an_untold_day_is_no_way(condition: Condition) -> None:
    facts = told() if condition is UNSOLVED else told(reported_on="2026-06-15")

    assert way_to_meet(condition, facts) is None


def test_several_unmet_conditions_are_met_together() -> None:
    terms = relief(INCOME, OTHER, IN_TIME)
    facts = replace(told(income="9000"), other_schemes=("other-scheme",))

    found = nearest_change(terms, facts, {}, assess(terms, facts, {}))

    assert found is not None
    checked(terms, facts, {}, found)
    assert f"{INCOME.label_zh}、{OTHER.label_zh}、{IN_TIME.label_zh}" in found.what_zh


YUAN = st.integers(0, 9_000).map(lambda yuan: f"{yuan}.00")
DAY = st.integers(0, 60).map(lambda more: (date(2026, 5, 1) + timedelta(days=more)).isoformat())
CONDITIONS = st.lists(
    st.sampled_from(
        (
            INCOME,
            ASSETS,
            CARS,
            OTHER,
            IN_TIME,
            UNSOLVED,
            Liability(LiabilityClause.NOBODY_ABLE),
            Liability(LiabilityClause.NOBODY_LIABLE),
            ExtraIs("finding", "公安认定", ("yes",)),
            ExtraAtLeast("adl", "失能项数", FIXED),
            HasBill((BillKind.OTHER,)),
        )
    ),
    min_size=1,
    max_size=4,
    unique=True,
)


@st.composite
def situations(draw: st.DrawFn) -> Facts:
    extra = {
        name: draw(values)
        for name, values in (
            ("income", YUAN),
            ("assets", YUAN),
            ("cars", st.integers(0, 9)),
            ("finding", st.sampled_from(("yes", "no"))),
            ("adl", st.integers(0, 6)),
            ("reported_on", DAY),
            ("certified_on", DAY),
        )
        if draw(st.booleans())
    }
    facts = told(**extra)
    died = draw(st.none() | st.integers(0, 400))
    return replace(
        facts,
        event=replace(facts.event, liable=draw(st.none() | st.sampled_from(Liable))),
        person=replace(
            facts.person,
            died_on=None if died is None else facts.event.on + timedelta(days=died),
        ),
        other_schemes=("other-scheme",) if draw(st.booleans()) else (),
    )


@FEW
@given(CONDITIONS, situations())
def test_what_is_told_of_conditions_is_what_would_be_paid(
    conditions: list[Condition], facts: Facts
) -> None:
    terms = relief(*conditions)
    answer = assess(terms, facts, {})

    found = nearest_change(terms, facts, {}, answer)

    unmet = [condition for condition in conditions if not holds(condition, facts)]
    for condition in unmet:
        way = way_to_meet(condition, facts)
        assert way is None or holds(condition, way.change(facts))
    if found is not None:
        checked(terms, facts, {}, found)
    elif unmet:
        # Only a theft whose report nobody dated cannot be waited out.
        assert any(way_to_meet(condition, facts) is None for condition in unmet)


def test_every_kind_of_condition_of_the_catalogue_can_be_met_or_is_about_the_event() -> None:
    about_the_event = (EventIs, CauseIs, CategoryIs)
    facts = told()
    standards = tuple(
        LocalStandard(code, 100_000, "标准")
        for code in ("poverty_line_year", "dibao_month", "dibao_month_urban")
    )
    for terms in load_all().values():
        for cover in terms.covers:
            for condition in (*terms.conditions, *cover.conditions):
                if isinstance(condition, about_the_event):
                    continue
                since = getattr(condition, "since", "reported_on")
                dated = {since: "2026-06-15"}
                asked = replace(facts, extra={**facts.extra, **dated}, standards=standards)
                way = way_to_meet(condition, asked)
                assert way is not None, (terms.scheme_code, cover.code)
                assert holds(condition, way.change(asked)), (terms.scheme_code, cover.code)
