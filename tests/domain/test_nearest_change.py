"""The nearest change really changes the amount as it says."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import nearest_change as nearest
from app.domain.assess import assess, limits_of
from app.domain.assessment import Assessment
from app.domain.clauses.allowances import Days, LastDay
from app.domain.clauses.bills import (
    Accrual,
    Deductible,
    Ratio,
    Reached,
    Threshold,
    Tier,
    TierBounds,
    TierMode,
    Tiers,
    UpperBound,
)
from app.domain.clauses.conditions import ExtraAtLeast, ExtraIs, Newcomers, Waiting
from app.domain.clauses.sums import FixedSum
from app.domain.clauses.things import Thing, Things
from app.domain.facts import Facts, Loss, Stay
from app.domain.figures import Selector, Table
from app.domain.limits import LimitKey, LimitUnit, Scope
from app.domain.nearest_change import MOST, ChangeKind, NearestChange, nearest_change
from app.domain.terms import Nature, Terms
from app.domain.words import Cause, EventKind, Level
from tests.domain.facts_made import (
    EVENT_ON,
    NEW_YEAR,
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
from tests.domain.test_properties import FEW, facts_made, terms_made


def of(terms: Terms, facts: Facts, usage: dict[LimitKey, int] | None = None) -> NearestChange:
    """The nearest change, which must be there and must come out when it is assessed."""
    found = nearest_change(terms, facts, usage or {}, assess(terms, facts, usage or {}))
    assert found is not None
    checked(terms, facts, usage or {}, found)
    return found


def checked(terms: Terms, facts: Facts, usage: dict[LimitKey, int], found: NearestChange) -> None:
    was = assess(terms, facts, usage).amount_fen
    now = assess(terms, found.facts, usage).amount_fen
    assert (found.amount_fen, found.difference_fen) == (now, now - was)
    assert found.difference_fen != 0
    assert found.what_zh in found.sentence_zh


def in_days(off: int = 3, **changes: object) -> Terms:
    measure = Days("护理津贴", fen(10_000), days(off), LastDay.COUNTED)
    return make_terms(make_cover("care", measure=measure, nature=Nature.FIXED, **changes))


def stay(last: int) -> Stay:
    return Stay("s1", Level.COUNTY, date(2026, 6, 1), date(2026, 6, last))


def test_a_day_more_pays_a_day_more() -> None:
    found = of(in_days(), make_facts(stays=(stay(5),)))
    assert (found.kind, found.difference_fen) == (ChangeKind.MORE_DAYS, 10_000)
    assert found.sentence_zh == (
        "如多住 1 天，本保单应赔金额将由 200.00 元 变为 300.00 元（多 100.00 元）"
    )


def test_a_stay_within_its_days_off_is_told_how_many_are_short() -> None:
    found = of(in_days(off=10), make_facts(stays=(stay(4),)))
    assert found.what_zh == "如多住 7 天"
    assert found.amount_fen == 10_000


def test_a_threshold_is_reached_by_the_exact_gap() -> None:
    steps = (Threshold(fen(500_000), Reached.AT),)
    terms = make_terms(make_cover(measure=make_measure(steps=steps)))
    found = of(terms, make_facts(make_bill(borne=480_000, psn_cash_pay=480_000)))
    assert found.what_zh == "如“个人负担”再多 200.00 元（达到起付线 5,000.00 元）"
    assert found.amount_fen == 100_000
    assert found.facts.bills[0].amounts["psn_cash_pay"] == 500_000


def test_a_threshold_that_must_be_passed_needs_a_fen_more() -> None:
    steps = (Threshold(fen(500_000), Reached.ABOVE),)
    terms = make_terms(make_cover(measure=make_measure(steps=steps)))
    found = of(terms, make_facts(make_bill(borne=480_000)))
    assert found.facts.bills[0].total_fen == 500_001


def test_what_is_missing_to_a_deductible_is_told_with_a_yuan_above_it() -> None:
    steps = (Deductible(fen(500_000), Accrual.EACH),)
    terms = make_terms(make_cover(measure=make_measure(steps=steps)))
    found = of(terms, make_facts(make_bill(borne=480_000)))
    assert found.what_zh == "如“个人负担”再多 201.00 元（超过起付额 5,000.00 元）"
    assert found.amount_fen == 20


@pytest.mark.parametrize(
    ("upper", "borne_then"), [(UpperBound.INCLUDED, 300_001), (UpperBound.EXCLUDED, 300_000)]
)
def test_the_next_slab_pays_its_rate_on_the_whole(upper: UpperBound, borne_then: int) -> None:
    tiers = (Tier(fen(0), fen(300_000), bp(1_000)), Tier(fen(300_000), None, bp(5_000)))
    pay = Tiers(TierMode.SLAB, TierBounds.ABSOLUTE, upper, tiers)
    steps = (Deductible(fen(100_000), Accrual.EACH),)
    terms = make_terms(make_cover(measure=make_measure(pay, steps=steps)))
    found = of(terms, make_facts(make_bill(borne=250_000)))
    assert found.facts.bills[0].total_fen == borne_then
    assert found.amount_fen == pytest.approx(100_000, abs=1)


def test_the_next_marginal_tier_is_told_with_a_yuan_in_it() -> None:
    tiers = (Tier(fen(0), fen(300_000), bp(1_000)), Tier(fen(300_000), None, bp(5_000)))
    pay = Tiers(TierMode.MARGINAL, TierBounds.NET, UpperBound.INCLUDED, tiers)
    found = of(make_terms(make_cover(measure=make_measure(pay))), make_facts(make_bill()))
    assert found.what_zh == "如“个人负担”再多 2,001.00 元（进入 3,000.00 元 以上一档）"
    assert found.amount_fen == 30_000 + 50


def test_a_precondition_that_could_be_shown_comes_first() -> None:
    conditions = (
        ExtraIs("finding", "公安认定", ("yes",)),
        ExtraAtLeast("adl", "失能项数", days(1)),
    )
    measure = FixedSum("慰问金", fen(300_000))
    terms = make_terms(
        make_cover(measure=measure, nature=Nature.FIXED, conditions=conditions, limits=())
    )
    one = of(terms, make_facts(extra={"adl": 2}))
    assert (one.kind, one.what_zh) == (ChangeKind.CONDITION, "如能证明“公安认定”")
    both = of(terms, make_facts())
    assert both.what_zh == "如能证明“公安认定、失能项数”"
    assert both.facts.extra == {"finding": "yes", "adl": 1}


def test_a_waiting_period_ends_on_a_day() -> None:
    terms = make_terms(make_cover(waiting=Waiting(days(30), Newcomers.EVERYONE)))
    facts = make_facts(make_bill(), first_covered_on=date(2026, 6, 1))
    found = of(terms, facts)
    assert found.what_zh == "如出险日在 2026-07-01（等待期满）或以后"


def test_a_limit_that_is_used_up_begins_anew_with_the_policy_year() -> None:
    terms = make_terms(make_cover(limits=(make_limit(fen(50_000)),)))
    facts = make_facts(make_bill())
    used = {key: bound for key, bound in limits_of(terms, facts) if key.scope is not Scope.BILL}
    found = of(terms, facts, used)
    assert found.kind is ChangeKind.LIMIT_ANEW
    assert found.facts.event.on == date(2027, 1, 1)
    assert found.amount_fen == 20_000


def test_a_stay_moves_with_its_event_into_the_year_that_follows() -> None:
    limit = make_limit(days(5), unit=LimitUnit.DAYS)
    terms, facts = in_days(limits=(limit,)), make_facts(stays=(stay(15),))
    found = of(terms, facts, {key: 5 for key, _ in limits_of(terms, facts)})
    assert found.kind is ChangeKind.LIMIT_ANEW
    assert found.facts.event.on == date(2027, 1, 1)
    assert found.facts.stays[0].admitted_on == date(2026, 12, 18)
    assert found.amount_fen == 50_000


def test_another_category_is_told_by_its_label() -> None:
    rate = Table(Selector.CATEGORY, "", {"dibao": bp(2_000), "tekun": bp(3_000)}, None)
    terms = make_terms(make_cover(measure=make_measure(Ratio(rate))))
    found = of(terms, make_facts(make_bill()))
    assert found.what_zh == "如认定为“特困供养人员”"
    assert found.amount_fen == 30_000


def test_a_loss_below_the_franchise_is_told_the_franchise() -> None:
    things = Things("房屋", {}, (Thing("house", "住房", "间", fen(500_000), fen(100_000), None),))
    terms = make_terms(
        make_cover(measure=things, nature=Nature.FIXED, events=(EventKind.DISASTER,))
    )
    facts = make_facts(
        kind=EventKind.DISASTER, cause=Cause.FIRE, losses=(Loss("l1", "house", 1, None, 60_000),)
    )
    found = of(terms, facts)
    assert (found.kind, found.amount_fen) == (ChangeKind.MORE_LOSS, 100_000)


def test_there_is_nothing_where_nothing_near_changes_the_amount() -> None:
    plain = make_terms()
    facts = make_facts(make_bill())
    assert nearest_change(plain, facts, {}, assess(plain, facts, {})) is None
    nobody = make_facts(kind=EventKind.SCHOOLING)
    assert nearest_change(plain, nobody, {}, assess(plain, nobody, {})) is None


@FEW
@given(terms_made(), facts_made(), st.data())
def test_what_is_told_is_what_would_be_paid(
    terms: Terms, facts: Facts, data: st.DataObject
) -> None:
    bounds = dict(limits_of(terms, facts))
    usage = {key: data.draw(st.integers(0, bound)) for key, bound in bounds.items()}
    found = nearest_change(terms, facts, usage, assess(terms, facts, usage))
    if found is not None:
        checked(terms, facts, usage, found)


@FEW
@given(st.integers(0, 20), st.integers(1, 40), st.integers(1, 30))
def test_the_days_told_are_the_fewest_that_alter_the_amount(off: int, cap: int, last: int) -> None:
    terms = in_days(off, limits=(make_limit(days(cap), unit=LimitUnit.DAYS, scope=Scope.CLAIM),))
    facts = make_facts(stays=(stay(last),))
    was = assess(terms, facts, {}).amount_fen
    found = nearest_change(terms, facts, {}, assess(terms, facts, {}))
    if found is None:
        assert was == cap * 10_000
        return
    checked(terms, facts, {}, found)
    told = found.facts.stays[0]
    sooner = (
        replace(
            facts,
            stays=(
                replace(
                    told, discharged_on=told.discharged_on.replace(day=told.discharged_on.day - 1)
                ),
            ),
        )
        if told.discharged_on.day > 1
        else facts
    )
    assert assess(terms, sooner, {}).amount_fen == was


def test_the_number_of_trials_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = 0

    def counted(*asked: object) -> Assessment:
        nonlocal trials
        trials += 1
        return assess(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(nearest, "assess", counted)
    conditions = tuple(ExtraIs(f"x{i}", f"条件{i}", ("yes",)) for i in range(30))
    steps = (Threshold(fen(10**9), Reached.AT), Threshold(fen(10**10), Reached.AT))
    covers = [
        make_cover(
            f"c{i}",
            measure=make_measure(Ratio(bp(0)), steps=steps),
            waiting=Waiting(days(300), Newcomers.EVERYONE) if i % 3 == 0 else None,
            conditions=conditions if i % 3 == 1 else (),
        )
        for i in range(60)
    ]
    stayed = in_days(off=300).covers[0]
    covers.append(make_cover("k", measure=make_measure(Ratio(bp(0))), categories=("k1",)))
    terms = replace(make_terms(*covers, stayed), categories={f"k{i}": f"类{i}" for i in range(40)})
    facts = make_facts(make_bill(), stays=(stay(5),), first_covered_on=EVENT_ON)
    assert facts.enrolment.policy_from == NEW_YEAR
    assert nearest_change(terms, facts, {}, assess(terms, facts, {})) is None
    assert 30 < trials <= MOST
