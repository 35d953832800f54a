"""What holds for every bill under every terms of these shapes."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.assess import assess, limits_of
from app.domain.assessment import Assessment
from app.domain.canonical import from_json, to_json
from app.domain.clauses.bills import (
    Accrual,
    Bills,
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
from app.domain.facts import Bill, Facts
from app.domain.limits import Scope
from app.domain.sentences import sentence_zh
from app.domain.terms import Nature, Terms
from tests.domain.facts_made import (
    bp,
    fen,
    make_bill,
    make_cover,
    make_facts,
    make_limit,
    make_measure,
    make_terms,
)

FEW = settings(max_examples=40, deadline=None)
FEN = st.integers(0, 3_000_000)
RATE = st.integers(0, 10_000).map(bp)
STEPS = st.one_of(
    st.builds(ShareCeiling, RATE),
    st.builds(Deductible, FEN.map(fen), st.sampled_from(Accrual)),
    st.builds(Threshold, FEN.map(fen), st.sampled_from(Reached)),
)


@st.composite
def tier_tables(draw: st.DrawFn, *, rising: bool = False) -> Tiers:
    bounds = sorted(draw(st.sets(st.integers(1, 3_000_000), min_size=1, max_size=4)))
    rates = draw(st.lists(RATE, min_size=len(bounds) + 1, max_size=len(bounds) + 1))
    if rising:
        rates = sorted(rates, key=lambda rate: rate.value)
    edges = [0, *bounds]
    tiers = tuple(
        Tier(fen(low), fen(high) if high is not None else None, rate)
        for low, high, rate in zip(edges, [*bounds, None], rates, strict=True)
    )
    mode = TierMode.MARGINAL if rising else draw(st.sampled_from(TierMode))
    bound, upper = draw(st.sampled_from(TierBounds)), draw(st.sampled_from(UpperBound))
    return Tiers(mode, bound, upper, tiers)


@st.composite
def measures(draw: st.DrawFn) -> Bills:
    weight = draw(st.none() | RATE)
    return make_measure(
        draw(st.builds(Ratio, RATE) | tier_tables()),
        steps=tuple(draw(st.lists(STEPS, max_size=3, unique_by=type))),
        per=draw(st.sampled_from(Per)),
        parts=(Part("preselfpay_amt", "乙类", weight), Part("self_borne", "自负")),
        other_payers=draw(st.sampled_from(OtherPayers)),
    )


@st.composite
def terms_made(draw: st.DrawFn) -> Terms:
    covers = tuple(
        make_cover(
            code,
            measure=draw(measures()),
            nature=draw(st.sampled_from(Nature)),
            limits=(
                make_limit(fen(draw(FEN))),
                make_limit(fen(draw(FEN)), code="each", scope=Scope.CLAIM),
            ),
        )
        for code in ("a", "b")[: draw(st.integers(1, 2))]
    )
    codes = tuple(cover.code for cover in covers)
    shared = make_limit(fen(draw(FEN)), code="all", scope=Scope.HOUSEHOLD_YEAR, covers=codes)
    return make_terms(*covers, limits=(shared,))


@st.composite
def bills_made(draw: st.DrawFn, ref: str) -> Bill:
    borne = draw(FEN)
    return make_bill(
        ref,
        borne,
        total=borne + draw(FEN),
        preselfpay_amt=draw(st.integers(0, borne)),
        paid_by=(("慈善", draw(FEN)),) if draw(st.booleans()) else (),
    )


@st.composite
def facts_made(draw: st.DrawFn) -> Facts:
    return make_facts(*(draw(bills_made(f"b{i}")) for i in range(draw(st.integers(1, 3)))))


@FEW
@given(terms_made(), facts_made(), st.data())
def test_lines_sum_to_the_amount_and_no_limit_is_ever_passed(
    terms: Terms, facts: Facts, data: st.DataObject
) -> None:
    bounds = dict(limits_of(terms, facts))
    usage = {key: data.draw(st.integers(0, bound)) for key, bound in bounds.items()}

    answer = assess(terms, facts, usage)

    assert answer.amount_fen == sum(line.amount_fen for line in answer.lines)
    for cover in answer.covers:
        assert cover.amount_fen == sum(line.amount_fen for line in cover.lines) >= 0
    for key, units in answer.used:
        assert 0 < units <= bounds[key] - usage[key]
    left = {bill.ref: bill.left_fen for bill in facts.bills}
    assert all(0 <= paid <= left[ref] for ref, paid in answer.by_bill)


@FEW
@given(terms_made(), facts_made())
def test_the_order_of_bills_does_not_matter(terms: Terms, facts: Facts) -> None:
    turned = replace(facts, bills=facts.bills[::-1])

    assert assess(terms, turned, {}) == assess(terms, facts, {})


@FEW
@given(terms_made(), facts_made())
def test_an_assessment_can_be_stored_told_and_recomputed(terms: Terms, facts: Facts) -> None:
    answer = assess(terms, facts, {})

    assert from_json(Assessment, to_json(answer)) == answer
    assert all(sentence_zh(line) for line in answer.lines)
    assert assess(from_json(Terms, to_json(terms)), facts, {}) == answer


@FEW
@given(tier_tables(rising=True), FEN, FEN, FEN, st.sampled_from(Per))
def test_a_larger_bill_never_pays_less_under_marginal_tiers(
    tiers: Tiers, ded: int, borne: int, more: int, per: Per
) -> None:
    steps = (Deductible(fen(ded), Accrual.EACH),)
    terms = make_terms(
        make_cover(
            measure=make_measure(tiers, steps=steps, per=per), limits=(make_limit(fen(ded)),)
        )
    )

    small = assess(terms, make_facts(make_bill(borne=borne)), {})
    large = assess(terms, make_facts(make_bill(borne=borne + more)), {})

    assert small.amount_fen <= large.amount_fen


@FEW
@given(terms_made(), facts_made())
def test_a_second_equal_claim_never_takes_a_limit_over(terms: Terms, facts: Facts) -> None:
    bounds = dict(limits_of(terms, facts))
    first = assess(terms, facts, {})
    second = assess(terms, facts, dict(first.used))
    taken = dict(first.used)

    for key, units in second.used:
        assert taken.get(key, 0) + units <= bounds[key]
