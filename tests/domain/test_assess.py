from datetime import date

import pytest

from app.domain.assess import (
    assess,
    documents_needed,
    fields_used,
    limits_needed,
    limits_of,
    responds,
)
from app.domain.assessment import ReasonCode, Rule
from app.domain.facts import Bill, Loss, Stay
from app.domain.figures import Selector, Sourced, Table, Unit
from app.domain.lifecycle import Outcome
from app.domain.limits import LimitKey, LimitUnit, Scope, bill_key
from app.domain.terms import (
    Accrual,
    CauseIs,
    Condition,
    Days,
    Deductible,
    Document,
    EventIs,
    ExtraIs,
    FixedSum,
    HasBill,
    LastDay,
    Nature,
    NeededFor,
    Newcomers,
    OtherPayers,
    Part,
    Per,
    Ratio,
    Reached,
    ShareCeiling,
    Thing,
    Things,
    Threshold,
    Tier,
    TierBounds,
    TierMode,
    Tiers,
    UpperBound,
    Waiting,
)
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

BY_CATEGORY = Table(Selector.CATEGORY, "", {"dibao": bp(5_000)}, None)
BY_LEVEL = Table(Selector.LEVEL, "", {"county": bp(5_000)}, None)
FEN_BY_CATEGORY = Table(Selector.CATEGORY, "", {"dibao": fen(1_000)}, None)


def amount(*covers: object, facts: object = None) -> int:
    terms = make_terms(*covers)  # type: ignore[arg-type]
    return assess(terms, facts or make_facts(make_bill()), {}).amount_fen  # type: ignore[arg-type]


# Which covers respond


@pytest.mark.parametrize(
    ("changes", "facts", "answer"),
    [
        ({}, make_facts(make_bill()), ("medical",)),
        ({}, make_facts(), ()),
        ({}, make_facts(make_bill(), kind=EventKind.DEATH), ()),
        ({"causes": (Cause.TRAFFIC,)}, make_facts(make_bill()), ()),
        ({"causes": (Cause.DISEASE,)}, make_facts(make_bill()), ("medical",)),
        ({"categories": ("tekun",)}, make_facts(make_bill()), ()),
        ({"categories": ("dibao",)}, make_facts(make_bill()), ("medical",)),
        ({"measure": FixedSum("定额", fen(1))}, make_facts(), ("medical",)),
    ],
)
def test_a_cover_responds_to_its_own_events_only(
    changes: dict[str, object], facts: object, answer: tuple[str, ...]
) -> None:
    assert responds(make_terms(make_cover(**changes)), facts) == answer  # type: ignore[arg-type]


def test_a_cover_responds_though_it_will_pay_nothing() -> None:
    cover = make_cover(waiting=Waiting(days(400), Newcomers.EVERYONE))
    terms = make_terms(cover)

    assert responds(terms, make_facts(make_bill())) == ("medical",)
    answer = assess(terms, make_facts(make_bill()), {})
    assert answer.amount_fen == 0
    assert [reason.code for reason in answer.reasons] == [ReasonCode.WAITING_PERIOD]


def test_the_first_roster_does_not_wait_where_only_newcomers_do() -> None:
    cover = make_cover(waiting=Waiting(days(400), Newcomers.NEWCOMERS_ONLY))
    newcomer = make_facts(make_bill(), first_covered_on=date(2026, 1, 2))

    assert amount(cover) == 20_000
    assert amount(cover, facts=newcomer) == 0


# Which papers and counters


def test_papers_are_asked_for_once_and_only_when_their_conditions_hold() -> None:
    always = Document("settlement", "结算单", NeededFor.SUBMIT)
    documents = (
        always,
        Document("police", "证明", NeededFor.PAYMENT, (CauseIs((Cause.TRAFFIC,)),)),
        Document("bill", "单据", NeededFor.PAYMENT, (HasBill((BillKind.INPATIENT,)),)),
        Document("ill", "病历", NeededFor.PAYMENT, (EventIs((EventKind.ILLNESS,)),)),
        Document("pupil", "在校", NeededFor.PAYMENT, (ExtraIs("student", "学生", ("yes",)),)),
    )
    terms = make_terms(make_cover("a", documents=documents), make_cover("b", documents=(always,)))

    found = documents_needed(terms, make_facts(make_bill()))

    assert [document.code for document in found] == ["settlement", "bill", "ill"]


def test_counters_come_in_lock_order_with_what_bounds_them() -> None:
    year = make_limit(fen(500))
    policy = make_limit(fen(900), code="all", scope=Scope.POLICY_YEAR, covers=("a", "b"))
    claim = make_limit(fen(400), code="each", scope=Scope.CLAIM)
    eaten = make_measure(steps=(Deductible(fen(50), Accrual.PERSON_YEAR),))
    terms = make_terms(
        make_cover("a", limits=(year, claim), measure=eaten), make_cover("b"), limits=(policy,)
    )
    facts = make_facts(make_bill("z", 700), make_bill("y", 800))

    assert limits_of(terms, facts) == (
        (LimitKey(Scope.POLICY_YEAR, "all", "2026-01-01"), 900),
        (LimitKey(Scope.PERSON_YEAR, "a.cap", "2026-01-01"), 500),
        (LimitKey(Scope.PERSON_YEAR, "a.deductible", "2026-01-01"), 50),
        (bill_key("y"), 800),
        (bill_key("z"), 700),
    )
    assert limits_needed(terms, facts) == tuple(key for key, _ in limits_of(terms, facts))


def test_a_limit_that_the_table_does_not_name_needs_no_counter() -> None:
    limit = make_limit(FEN_BY_CATEGORY)
    eaten = make_measure(steps=(Deductible(FEN_BY_CATEGORY, Accrual.PERSON_YEAR),))
    terms = make_terms(make_cover(limits=(limit,), measure=eaten, nature=Nature.FIXED))

    assert limits_needed(terms, make_facts(make_bill(), category="tekun")) == ()


def test_what_an_assessment_takes_is_among_the_counters_it_needs() -> None:
    terms = make_terms(make_cover(limits=(make_limit(fen(500)),)))
    facts = make_facts(make_bill())

    assert {key for key, _ in assess(terms, facts, {}).used} <= set(limits_needed(terms, facts))


def test_the_parts_that_responding_covers_use_are_told_by_bill() -> None:
    other = make_measure(parts=(Part("fulamt_ownpay_amt", "丙"),))
    terms = make_terms(make_cover("a"), make_cover("b", measure=other))

    assert fields_used(terms, make_facts(make_bill("b1"))) == {
        "b1": frozenset({"psn_part_amt", "fulamt_ownpay_amt"})
    }
    assert fields_used(make_terms(make_cover(measure=FixedSum("x", fen(1)))), make_facts()) == {}


# Bases


def test_a_weighted_part_counts_by_its_weight_without_rounding_in_between() -> None:
    parts = (Part("preselfpay_amt", "乙类", bp(5_000)), Part("fulamt_ownpay_amt", "丙类"))
    measure = make_measure(Ratio(bp(1_000)), parts=parts)
    facts = make_facts(make_bill(preselfpay_amt=15, fulamt_ownpay_amt=1_000, total=5_000))

    # 7.5 + 1000 = 1007.5, a tenth of it 100.75, rounded once
    assert amount(make_cover(measure=measure), facts=facts) == 101


@pytest.mark.parametrize(("field", "due"), [("total", 50_000), ("left", 18_000)])
def test_the_total_and_what_is_left_are_parts_too(field: str, due: int) -> None:
    measure = make_measure(parts=(Part(field, "x"),))
    facts = make_facts(make_bill(total=250_000, paid_by=(("慈善", 10_000),)))

    assert amount(make_cover(measure=measure), facts=facts) == due


def test_later_payers_come_off_the_base_where_the_terms_say_so() -> None:
    measure = make_measure(other_payers=OtherPayers.BASE_AFTER)
    facts = make_facts(make_bill(paid_by=(("慈善", 40_000),)), make_bill("b2", 10_000))

    assert amount(make_cover(measure=measure), facts=facts) == 14_000


@pytest.mark.parametrize(
    "measure",
    [
        make_measure(parts=(Part("left", "余额"),)),
        make_measure(other_payers=OtherPayers.BASE_AFTER),
    ],
)
@pytest.mark.parametrize("nature", list(Nature))
def test_what_our_other_claims_hold_comes_off_a_base_after_payers(
    measure: object, nature: Nature
) -> None:
    terms = make_terms(make_cover(measure=measure, nature=nature))
    facts = make_facts(make_bill())

    assert limits_needed(terms, facts) == (bill_key("b1"),)
    assert assess(terms, facts, {bill_key("b1"): 40_000}).amount_fen == 12_000


def test_a_share_ceiling_over_several_bills_counts_their_totals_together() -> None:
    steps = (ShareCeiling(bp(3_000)),)
    bills = (make_bill("b1", 90_000, total=100_000), make_bill("b2", 10_000, total=100_000))
    together = make_cover(measure=make_measure(steps=steps))
    each = make_cover(measure=make_measure(steps=steps, per=Per.VISIT))

    assert amount(together, facts=make_facts(*bills)) == 12_000
    assert amount(each, facts=make_facts(*bills)) == 8_000


# Deductibles and thresholds


@pytest.mark.parametrize(
    ("reached", "borne", "due"),
    [
        (Reached.AT, 99_999, 0),
        (Reached.AT, 100_000, 20_000),
        (Reached.ABOVE, 100_000, 0),
        (Reached.ABOVE, 100_001, 20_000),
    ],
)
def test_a_threshold_says_whether_it_includes_its_number(
    reached: Reached, borne: int, due: int
) -> None:
    cover = make_cover(measure=make_measure(steps=(Threshold(fen(100_000), reached),)))

    assert amount(cover, facts=make_facts(make_bill(borne=borne))) == due


def test_a_yearly_deductible_is_eaten_across_the_bills_of_one_claim() -> None:
    measure = make_measure(steps=(Deductible(fen(60_000), Accrual.PERSON_YEAR),), per=Per.VISIT)
    terms = make_terms(make_cover(measure=measure))
    facts = make_facts(make_bill("b1", 50_000), make_bill("b2", 50_000))

    answer = assess(terms, facts, {})

    assert answer.amount_fen == 8_000
    assert dict(answer.used)[LimitKey(Scope.PERSON_YEAR, "medical.deductible", "2026-01-01")] == (
        60_000
    )


def test_a_deductible_each_time_is_taken_off_each_visit() -> None:
    steps = (Deductible(fen(10_000), Accrual.EACH),)
    facts = make_facts(make_bill("b1", 50_000), make_bill("b2", 5_000))
    measure = make_measure(steps=steps, per=Per.VISIT)

    assert amount(make_cover(measure=measure), facts=facts) == 8_000


@pytest.mark.parametrize(
    "measure",
    [
        make_measure(Ratio(BY_CATEGORY)),
        make_measure(steps=(ShareCeiling(BY_CATEGORY),)),
        make_measure(steps=(Deductible(FEN_BY_CATEGORY, Accrual.EACH),)),
        make_measure(steps=(Threshold(FEN_BY_CATEGORY, Reached.AT),)),
        FixedSum("定额", FEN_BY_CATEGORY),
        make_measure(
            Tiers(
                TierMode.SLAB,
                TierBounds.NET,
                UpperBound.INCLUDED,
                (Tier(fen(0), None, BY_CATEGORY),),
            )
        ),
    ],
)
def test_a_table_without_the_category_makes_nothing_due_and_says_so(measure: object) -> None:
    terms = make_terms(make_cover(measure=measure))

    named = assess(terms, make_facts(make_bill()), {})
    unnamed = assess(terms, make_facts(make_bill(), category="tekun"), {})

    assert named.amount_fen > 0
    assert (unnamed.amount_fen, unnamed.outcome) == (0, Outcome.NIL)
    assert [reason.code for reason in unnamed.reasons] == [ReasonCode.NOT_DUE]


def test_a_zero_rate_is_a_rate() -> None:
    answer = assess(
        make_terms(make_cover(measure=make_measure(Ratio(bp(0))))), make_facts(make_bill()), {}
    )

    assert (answer.amount_fen, answer.outcome, answer.reasons) == (0, Outcome.NIL, ())


def test_a_ratio_by_hospital_level_looks_at_each_bill() -> None:
    measure = make_measure(Ratio(BY_LEVEL), per=Per.VISIT)
    bills = (make_bill("b1", level=Level.COUNTY), make_bill("b2", level=Level.CITY))

    assert amount(make_cover(measure=measure), facts=make_facts(*bills)) == 50_000


def test_a_cause_picks_the_sum() -> None:
    table = Table(Selector.CAUSE, "", {"brave_act": fen(50_000_000)}, fen(2_500_000))
    cover = make_cover(events=(EventKind.DEATH,), measure=FixedSum("身故", table))
    brave = make_facts(kind=EventKind.DEATH, cause=Cause.BRAVE_ACT)
    drowned = make_facts(kind=EventKind.DEATH, cause=Cause.DROWNING)

    assert amount(cover, facts=brave) == 50_000_000
    assert amount(cover, facts=drowned) == 2_500_000


def test_a_base_outside_every_tier_pays_nothing() -> None:
    one = (Tier(fen(200_000), fen(300_000), bp(5_000)),)
    slab = Tiers(TierMode.SLAB, TierBounds.NET, UpperBound.INCLUDED, one)
    marginal = Tiers(TierMode.MARGINAL, TierBounds.NET, UpperBound.INCLUDED, one)

    assert amount(make_cover(measure=make_measure(slab))) == 0
    assert amount(make_cover(measure=make_measure(marginal))) == 0


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
