from datetime import date

import pytest

from app.domain.assess import (
    assess,
    responds,
)
from app.domain.assessment import ReasonCode, Rule
from app.domain.clauses.allowances import Days, LastDay
from app.domain.clauses.bills import Part, Ratio
from app.domain.clauses.conditions import CauseIs, Condition, EventIs, ExtraIs, HasBill
from app.domain.clauses.sums import FixedSum
from app.domain.clauses.things import Thing, Things
from app.domain.facts import Bill, Loss, Stay
from app.domain.figures import Selector, Sourced, Table, Unit
from app.domain.limits import LimitKey, LimitUnit, Scope, bill_key
from app.domain.terms import Nature
from app.domain.words import BillKind, Cause, EventKind, Level
from tests.domain.facts_made import (
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

FEN_BY_CATEGORY = Table(Selector.CATEGORY, "", {"dibao": fen(1_000)}, None)


def amount(*covers: object, facts: object = None) -> int:
    terms = make_terms(*covers)  # type: ignore[arg-type]
    return assess(terms, facts or make_facts(make_bill()), {}).amount_fen  # type: ignore[arg-type]


# Caps, and what is left


def test_two_covers_share_a_limit_in_the_order_of_the_terms() -> None:
    shared = make_limit(fen(30_000), code="both", covers=("a", "b"))
    covers = tuple(make_cover(c, measure=FixedSum(c, fen(20_000))) for c in ("a", "b"))

    answer = assess(make_terms(*covers, limits=(shared,)), make_facts(), {})

    assert [cover.amount_fen for cover in answer.covers] == [20_000, 10_000]
    assert dict(answer.used) == {LimitKey(Scope.PERSON_YEAR, "both", "2026-01-01"): 30_000}


def test_a_cap_on_one_claim_leaves_no_usage_and_no_reason() -> None:
    cap = make_limit(fen(5_000), scope=Scope.CLAIM)
    terms = make_terms(make_cover(limits=(cap,), measure=FixedSum("定额", fen(20_000))))

    answer = assess(terms, make_facts(), {})

    assert (answer.amount_fen, answer.used, answer.reasons) == (5_000, (), ())
    assert [line.amount_fen for line in answer.lines] == [20_000, -15_000]


def test_a_limit_overdrawn_by_a_correction_pays_nothing_more() -> None:
    terms = make_terms(make_cover(limits=(make_limit(fen(5_000)),)))
    key = LimitKey(Scope.PERSON_YEAR, "medical.cap", "2026-01-01")

    answer = assess(terms, make_facts(make_bill()), {key: 6_000})

    assert (answer.amount_fen, answer.used) == (0, ())


def test_a_lifetime_limit_has_no_period() -> None:
    limit = make_limit(fen(5_000), scope=Scope.PERSON_LIFE)
    terms = make_terms(make_cover(limits=(limit,), measure=FixedSum("首次确诊", fen(5_000))))

    assert assess(terms, make_facts(), {}).used == (
        (LimitKey(Scope.PERSON_LIFE, "medical.cap", "all"), 5_000),
    )


def test_two_indemnities_never_pay_more_than_the_bill_together() -> None:
    whole = make_measure(Ratio(bp(7_000)))
    terms = make_terms(make_cover("a", measure=whole), make_cover("b", measure=whole))

    answer = assess(terms, make_facts(make_bill()), {})

    assert [cover.amount_fen for cover in answer.covers] == [70_000, 30_000]
    assert answer.by_bill == (("b1", 100_000),)
    assert answer.used == ((bill_key("b1"), 100_000),)


def test_a_bill_that_others_paid_takes_no_money_meant_for_another() -> None:
    facts = make_facts(
        make_bill("b1", 100_000, paid_by=(("慈善", 100_000),)), make_bill("b2", 50_000)
    )

    answer = assess(make_terms(), facts, {})

    assert answer.by_bill == (("b1", 0), ("b2", 10_000))


def test_a_fixed_sum_over_bills_stacks_on_other_payers() -> None:
    facts = make_facts(make_bill(paid_by=(("慈善", 100_000),)))

    answer = assess(make_terms(make_cover(nature=Nature.FIXED)), facts, {})

    assert (answer.amount_fen, answer.by_bill, answer.used) == (20_000, (), ())


def test_the_hospital_and_the_stated_burden_both_bound_what_is_left() -> None:
    bill = make_bill(total=500_000, borne=100_000, fund_pay_sumamt=300_000, hosp_part_amt=150_000)

    assert bill.left_fen == 50_000
    assert make_bill(total=500_000, borne=100_000).left_fen == 100_000
    assert make_bill(paid_by=(("慈善", 200_000),)).left_fen == 0


@pytest.mark.parametrize(
    ("total", "payers", "left"),
    [
        (178_695, {"基本医保": 131_304, "民政": 29_254, "医院减免": 1_814}, 16_323),
        (1_030_100, {"基本医保": 797_300, "商业补充": 204_500, "民政": 26_100}, 2_200),
        (254_900, {"基本医保": 144_350, "再次补偿": 56_100, "民政": 45_100}, 9_350),
    ],
    ids=["N01 Yishui", "N02 Duchang", "N03 Jianyang"],
)
def test_a_published_ledger_balances_to_the_fen(
    total: int, payers: dict[str, int], left: int
) -> None:
    bill = Bill("b1", BillKind.INPATIENT, total, {}, tuple(payers.items()))

    assert bill.left_fen == left


def test_yishui_pays_95_percent_of_what_is_left() -> None:
    payers = (("基本医保", 131_304), ("民政", 29_254), ("医院减免", 1_814))
    bill = Bill("b1", BillKind.INPATIENT, 178_695, {}, payers)
    measure = make_measure(Ratio(bp(9_500)), parts=(Part("left", "余额"),))

    assert amount(make_cover(measure=measure), facts=make_facts(bill)) == 15_507


# Days


def test_the_day_of_discharge_counts_only_where_the_terms_say_so() -> None:
    stay = Stay("s1", Level.COUNTY, NEW_YEAR, date(2026, 1, 11))

    for last_day, due in ((LastDay.NOT_COUNTED, 1_000), (LastDay.COUNTED, 1_100)):
        measure = Days("护理", fen(100), None, last_day)
        assert amount(make_cover(measure=measure), facts=make_facts(stays=(stay,))) == due


def test_a_day_limit_of_one_claim_counts_over_its_stays() -> None:
    limit = make_limit(days(12), scope=Scope.CLAIM, unit=LimitUnit.DAYS)
    other = make_limit(
        Table(Selector.CATEGORY, "", {"tekun": days(1)}, None), code="x", unit=LimitUnit.DAYS
    )
    stays = tuple(
        Stay(ref, Level.COUNTY, NEW_YEAR, date(2026, 1, 11)) for ref in ("s1", "s2", "s3")
    )
    measure = Days("护理", fen(100), None, LastDay.NOT_COUNTED)
    cover = make_cover(measure=measure, limits=(make_limit(fen(10**9)), other, limit))

    answer = assess(make_terms(cover), make_facts(stays=stays), {})

    assert (answer.amount_fen, answer.reasons) == (1_200, ())


# Things


def test_a_thing_without_a_sum_for_the_category_is_not_due() -> None:
    thing = Thing("room", "平房", "间", FEN_BY_CATEGORY, None, None)
    cover = make_cover(events=(EventKind.DISASTER,), measure=Things("房屋", {}, (thing,)))
    losses = (Loss("l1", "room", 2), Loss("l2", "boat", 1))
    facts = make_facts(kind=EventKind.DISASTER, losses=losses)
    others = make_facts(kind=EventKind.DISASTER, losses=losses, category="tekun")

    assert amount(cover, facts=facts) == 2_000
    assert amount(cover, facts=others) == 0
    boat = make_facts(kind=EventKind.DISASTER, losses=losses[1:])
    assert responds(make_terms(cover), boat) == ()


def test_a_limit_for_other_categories_does_not_cap() -> None:
    limit = make_limit(Table(Selector.CATEGORY, "", {"tekun": fen(1)}, None))

    assert amount(make_cover(limits=(limit,))) == 20_000


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (EventIs((EventKind.DEATH,)), "事故类型"),
        (CauseIs((Cause.TRAFFIC,)), "事故原因"),
        (HasBill((BillKind.OUTPATIENT,)), "费用单据类型"),
        (ExtraIs("student", "在校学生", ("yes",)), "在校学生"),
    ],
)
def test_an_unmet_condition_is_named(condition: Condition, told: str) -> None:
    terms = make_terms(make_cover(conditions=(condition,)))

    (reason,) = assess(terms, make_facts(make_bill()), {}).reasons

    assert (reason.code, reason.about_zh) == (ReasonCode.CONDITION_UNMET, told)


def test_a_met_condition_lets_the_cover_pay() -> None:
    met = make_cover(conditions=(HasBill((BillKind.INPATIENT,)),))

    assert amount(met) == 20_000


def test_every_line_carries_the_clause_or_the_mark_of_its_number() -> None:
    demo = Sourced(2_000, Unit.BP, "", "演示")
    answer = assess(
        make_terms(make_cover(measure=make_measure(Ratio(demo)))), make_facts(make_bill()), {}
    )

    (base, ratio) = answer.lines
    assert (base.rule, base.amount_fen, base.output_fen) == (Rule.BASE, 0, 100_000)
    assert (ratio.clause, ratio.unconfirmed) == ("", "演示")
