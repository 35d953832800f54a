import pytest

from app.domain.assess import (
    assess,
    limits_needed,
)
from app.domain.assessment import ReasonCode
from app.domain.clauses.bills import (
    Accrual,
    Deductible,
    OtherPayers,
    Part,
    Per,
    Ratio,
    Reached,
    ShareCeiling,
    Threshold,
    Tier,
    TierBounds,
    TierMode,
    Tiers,
    UpperBound,
)
from app.domain.clauses.sums import FixedSum
from app.domain.figures import Selector, Table
from app.domain.lifecycle import Outcome
from app.domain.limits import LimitKey, Scope, bill_key
from app.domain.terms import Nature
from app.domain.words import Cause, EventKind, Level
from tests.domain.facts_made import (
    bp,
    fen,
    make_bill,
    make_cover,
    make_facts,
    make_measure,
    make_terms,
)

BY_CATEGORY = Table(Selector.CATEGORY, "", {"dibao": bp(5_000)}, None)
BY_LEVEL = Table(Selector.LEVEL, "", {"county": bp(5_000)}, None)
FEN_BY_CATEGORY = Table(Selector.CATEGORY, "", {"dibao": fen(1_000)}, None)


def amount(*covers: object, facts: object = None) -> int:
    terms = make_terms(*covers)  # type: ignore[arg-type]
    return assess(terms, facts or make_facts(make_bill()), {}).amount_fen  # type: ignore[arg-type]


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
