"""Where the further shapes find nothing to go by: nothing is due, and the answer says why."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.assess import assess, limits_needed
from app.domain.assessment import ReasonCode
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
from app.domain.clauses.bills import Per, Ratio, ShareDeductible, ShareGate, TierMode, UpperBound
from app.domain.clauses.conditions import CategoryIs, ExtraAtMost, WorkingDaysPassed
from app.domain.clauses.sums import Earlier, FixedSum, Grades, Scale, Several
from app.domain.conditions import holds
from app.domain.facts import Facts, Injury, Override, Service, Stay
from app.domain.figures import Band, BandBy, Bands, Selector, Sourced, Table, Unit
from app.domain.limits import LimitKey, LimitUnit, Scope
from app.domain.terms import Nature, Terms, limit_units
from app.domain.words import Carer, EventKind
from tests.domain.facts_made import (
    EVENT_ON,
    bp,
    days,
    fen,
    make_bill,
    make_cover,
    make_facts,
    make_limit,
    make_measure,
    make_terms,
)

NOBODY_S = Table(Selector.CATEGORY, "", {"tekun": fen(1)}, None)
NOBODY_S_RATE = Table(Selector.CATEGORY, "", {"tekun": bp(1)}, None)


def fixed(measure: Any, **changes: Any) -> Terms:
    return make_terms(make_cover(measure=measure, nature=Nature.FIXED, **changes))


def told(**extra: str | int) -> Facts:
    return make_facts(extra=extra)


STAY = replace(make_facts(), stays=(Stay("s", None, EVENT_ON, date(2026, 6, 18)),))
BROKEN = replace(make_facts(), injuries=(Injury("i", 3, "femur"),))
CARED = replace(
    make_facts(), services=(Service("v", "home", EVENT_ON, minutes=60, carer=Carer.FAMILY),)
)
FIRST = FirstDays(days(5), NOBODY_S, TierMode.MARGINAL)


@pytest.mark.parametrize(
    ("measure", "facts"),
    [
        (Days("住院", fen(5), None, LastDay.COUNTED, FIRST), STAY),
        (TableDays("骨折", NOBODY_S, {"femur": days(1)}, SeveralInjuries.ALL), BROKEN),
        (
            Grades("伤残", NOBODY_S, Scale.JRT_0083, Several.WORST, Earlier.NOT_OFFSET),
            BROKEN,
        ),
        (Services("护理", (ServiceRate("home", "居家", Time.HOUR, NOBODY_S),)), CARED),
        (
            Services(
                "护理",
                (ServiceRate("home", "居家", Time.HOUR, fen(9), {Carer.PROVIDER: bp(1)}),),
            ),
            CARED,
        ),
        (make_measure(steps=(ShareDeductible(NOBODY_S_RATE),)), make_facts(make_bill())),
        (
            make_measure(steps=(ShareGate("占比", (), NOBODY_S_RATE, UpperBound.EXCLUDED),)),
            make_facts(make_bill()),
        ),
    ],
)
def test_a_number_that_the_terms_do_not_have_makes_nothing_due(measure: Any, facts: Facts) -> None:
    answer = assess(fixed(measure), facts, {})

    assert answer.amount_fen == 0
    assert [reason.code for reason in answer.reasons] == [ReasonCode.NOT_DUE]


def test_an_ungraded_injury_calls_on_no_grade() -> None:
    measure = Grades("伤残", fen(5), Scale.JRT_0083, Several.WORST, Earlier.NOT_OFFSET)
    facts = replace(make_facts(), injuries=(Injury("i", None, "femur"),))

    assert assess(fixed(measure), facts, {}).covers == ()


def test_a_table_may_go_by_the_kind_of_event() -> None:
    table = Table(Selector.EVENT, "", {"accident": fen(7)}, fen(5))
    terms = fixed(FixedSum("定额", table))

    assert assess(terms, make_facts(), {}).amount_fen == 5
    assert assess(terms, make_facts(kind=EventKind.ACCIDENT), {}).amount_fen == 7


@pytest.mark.parametrize(("said", "due"), [("3", 5), (2, 5), ("4", 9), ("x", 9), ("", 9)])
def test_bands_may_go_by_an_extra_number(said: str | int, due: int) -> None:
    few = Band(Sourced(0, Unit.COUNT, "x"), Sourced(3, Unit.COUNT, "x"), fen(5))
    terms = fixed(FixedSum("定额", Bands(BandBy.EXTRA, "children", (few,), fen(9))))

    assert assess(terms, told(children=said), {}).amount_fen == due


def test_an_unknown_birth_has_no_age() -> None:
    old = Band(Sourced(0, Unit.COUNT, "x"), None, fen(5))
    terms = fixed(FixedSum("定额", Bands(BandBy.AGE, "", (old,), None)))

    assert assess(terms, make_facts(), {}).amount_fen == 0


@pytest.mark.parametrize(
    ("income", "most", "passes"),
    [
        ("3", Sourced(3, Unit.COUNT, "x"), True),
        ("4", Sourced(3, Unit.COUNT, "x"), False),
        ("many", Sourced(3, Unit.COUNT, "x"), False),
        ("0.03", fen(3), True),
        ("0.031", fen(3), False),
        ("1", NOBODY_S, False),
    ],
)
def test_a_means_test_reads_counts_and_yuan(income: str, most: Any, passes: bool) -> None:
    assert holds(ExtraAtMost("income", "收入", most), told(income=income)) is passes


def test_a_condition_may_name_categories() -> None:
    assert holds(CategoryIs(("dibao",)), make_facts())
    assert not holds(CategoryIs(("tekun",)), make_facts())


@pytest.mark.parametrize("extra", [{}, {"a": "2026-06-01"}, {"a": "soon", "b": "2026-07-01"}])
def test_working_days_need_both_days(extra: dict[str, str | int]) -> None:
    assert not holds(WorkingDaysPassed("a", "b", "未破", days(0)), make_facts(extra=extra))


# Overrides

APPROVED = Override("medical", 700, "一事一议", "批 1", EVENT_ON)


def test_the_last_approval_counts_and_others_do_not_touch_the_cover() -> None:
    later = replace(APPROVED, amount_fen=900, approval="批 2")
    other = replace(APPROVED, cover="x", amount_fen=1)
    terms = fixed(FixedSum("定额", fen(500)))

    both = replace(make_facts(), overrides=(later, APPROVED, other))
    foreign = replace(make_facts(), overrides=(other,))

    assert assess(terms, both, {}).amount_fen == 900
    assert assess(terms, foreign, {}).amount_fen == 500


@pytest.mark.parametrize(("nature", "due"), [(Nature.INDEMNITY, 700), (Nature.FIXED, 700)])
def test_an_override_over_bills_is_split_as_the_amount_was(nature: Nature, due: int) -> None:
    terms = make_terms(make_cover(nature=nature, measure=make_measure(per=Per.VISIT)))
    bills = (make_bill("b1", 1_000), make_bill("b2", 3_000))
    facts = replace(make_facts(*bills), overrides=(APPROVED,))
    foreign = replace(facts, overrides=(replace(APPROVED, cover="x"),))

    answer = assess(terms, facts, {})

    assert answer.amount_fen == due
    assert dict(answer.by_bill) in ({"b1": 175, "b2": 525}, {})
    assert assess(terms, foreign, {}).amount_fen == 800


# Counters


def test_each_scope_names_the_period_that_it_counts_over() -> None:
    limits = tuple(
        make_limit(fen(1), code=scope.value, scope=scope)
        for scope in (Scope.EVENT, Scope.ACCIDENT, Scope.PERSON_LIFE, Scope.POLICY_YEAR)
    )
    terms = fixed(FixedSum("定额", fen(5)), limits=limits)
    facts = make_facts()
    named = replace(facts, event=replace(facts.event, same_as="crash", occurrence="storm"))

    def periods(of: Facts) -> dict[Scope, str]:
        return {key.scope: key.period for key in limits_needed(terms, of)}

    assert periods(facts) == {
        Scope.POLICY_YEAR: "2026-01-01",
        Scope.EVENT: "2026-06-15",
        Scope.PERSON_LIFE: "all",
        Scope.ACCIDENT: "2026-06-15",
    }
    assert periods(named)[Scope.EVENT] == "storm"
    assert periods(named)[Scope.ACCIDENT] == "crash"


def test_months_and_years_of_admission_have_counters_of_their_own() -> None:
    month = make_limit(fen(9_000), scope=Scope.PERSON_MONTH)
    rate = ServiceRate("home", "居家", Time.DAY, fen(9))
    months = fixed(Services("护理", (rate,)), limits=(month,))
    services = tuple(Service(f"v{m}", "home", date(2026, m, 1), days=2) for m in (3, 4))
    year = make_limit(days(60), unit=LimitUnit.DAYS)
    crossing = fixed(
        Days("住院", fen(5), None, LastDay.COUNTED, after_end=days(30)), limits=(year,)
    )
    stays = (Stay("s", None, date(2025, 12, 30), date(2026, 1, 2)),)

    assert [
        key.period for key in limits_needed(months, replace(make_facts(), services=services))
    ] == ["2026-03-01", "2026-04-01"]
    assert limits_needed(crossing, make_facts(stays=stays)) == (
        LimitKey(Scope.PERSON_YEAR, "medical.cap", "2025-01-01"),
    )


def test_what_limits_count_is_known_by_the_codes_of_their_counters() -> None:
    shared = make_limit(fen(1), code="all", covers=("medical",))
    own = make_limit(days(1), unit=LimitUnit.DAYS)
    terms = make_terms(make_cover(limits=(own,)), limits=(shared,))

    assert limit_units(terms) == {"medical.cap": LimitUnit.DAYS, "all": LimitUnit.FEN}


def test_a_ratio_by_an_earlier_payer_needs_one_bill_at_hand() -> None:
    paid = Table(Selector.PAID, "慈善", {"yes": bp(1_000)}, bp(5_000))
    terms = make_terms(make_cover(measure=make_measure(Ratio(paid), per=Per.VISIT)))
    bills = (make_bill("b1", 1_000, paid_by=(("慈善", 1),)), make_bill("b2", 1_000))

    assert assess(terms, make_facts(*bills), {}).amount_fen == 600
