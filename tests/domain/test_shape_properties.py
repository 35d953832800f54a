"""What holds whatever the numbers are, for the shapes beyond ratios and tiers over one bill."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.assess import assess, limits_needed, limits_of
from app.domain.assessment import Assessment
from app.domain.canonical import from_json, to_json
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
    ShareDeductible,
    ShareGate,
    Tier,
    TierBounds,
    TierMode,
    Tiers,
    UpperBound,
)
from app.domain.clauses.conditions import CauseIs
from app.domain.clauses.sums import Earlier, FixedSum, Grades, Scale, Several
from app.domain.clauses.things import Proportion, Thing, Things
from app.domain.facts import Facts, Injury, Loss, Override, Service, Stay
from app.domain.figures import Sourced, Unit
from app.domain.limits import LimitUnit, Scope
from app.domain.sentences import sentence_zh
from app.domain.terms import CapsToo, Multiplier, Nature, Terms
from app.domain.words import Carer, Cause
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

FEW = settings(max_examples=40, deadline=None)
FEN = st.integers(0, 3_000_000)
RATE = st.integers(0, 10_000).map(bp)
SOME_DAYS = st.integers(0, 60)
CARRIED = Tiers(
    TierMode.MARGINAL,
    TierBounds.ABSOLUTE,
    UpperBound.INCLUDED,
    (
        Tier(fen(1_200_000), fen(3_000_000), bp(6_000)),
        Tier(fen(3_000_000), fen(10_000_000), bp(6_533)),
        Tier(fen(10_000_000), None, bp(7_500)),
    ),
)
YEARLY = make_measure(
    CARRIED,
    steps=(Deductible(fen(1_200_000), Accrual.EACH),),
    per=Per.VISIT,
)


def count(value: int) -> Sourced:
    return Sourced(value, Unit.COUNT, "第四条")


def sums_and_limits_hold(terms: Terms, facts: Facts) -> Assessment:
    bounds = dict(limits_of(terms, facts))
    answer = assess(terms, facts, {})
    assert answer.amount_fen == sum(line.amount_fen for line in answer.lines)
    for cover in answer.covers:
        assert cover.amount_fen == sum(line.amount_fen for line in cover.lines) >= 0
    for key, units in answer.used:
        assert key in limits_needed(terms, facts)
        assert key not in bounds or 0 < units <= bounds[key]
    assert all(sentence_zh(line) for line in answer.lines)
    assert from_json(Terms, to_json(terms)) == terms
    assert from_json(Facts, to_json(facts)) == facts
    assert from_json(Assessment, to_json(answer)) == answer
    return answer


# A base that accumulates


@FEW
@given(st.lists(st.integers(0, 20_000_000), min_size=1, max_size=5))
def test_visits_settled_one_by_one_come_to_what_the_year_comes_to(visits: list[int]) -> None:
    terms = make_terms(
        make_cover(measure=replace(YEARLY, accumulates=Accrual.PERSON_YEAR), nature=Nature.FIXED)
    )
    usage: dict[object, int] = {}
    paid = 0
    for borne in visits:
        facts = make_facts(make_bill(borne=borne))
        answer = assess(terms, facts, usage)  # type: ignore[arg-type]
        paid += answer.amount_fen
        for key, units in answer.used:
            usage[key] = usage.get(key, 0) + units
    whole = assess(terms, make_facts(make_bill(borne=sum(visits))), {})

    assert paid == whole.amount_fen


@FEW
@given(st.lists(FEN, min_size=1, max_size=4), st.sampled_from(Accrual))
def test_an_accumulating_base_keeps_lines_and_limits_true(
    visits: list[int], accrual: Accrual
) -> None:
    terms = make_terms(make_cover(measure=replace(YEARLY, accumulates=accrual)))
    bills = [make_bill(f"b{i}", borne) for i, borne in enumerate(visits)]

    answer = sums_and_limits_hold(terms, make_facts(*bills))
    turned = assess(terms, make_facts(*bills[::-1]), {})

    assert turned == answer


# Shares of the bill


@FEW
@given(FEN, FEN, RATE, RATE, FEN)
def test_a_dearer_remainder_never_pays_less_and_never_more_than_is_left(
    borne: int, funds: int, gate: Sourced, kept: Sourced, more: int
) -> None:
    steps = (
        ShareGate("目录外", (Part("fulamt_ownpay_amt", "自费"),), gate, UpperBound.INCLUDED),
        ShareDeductible(kept),
    )
    terms = make_terms(make_cover(measure=make_measure(Ratio(bp(10_000)), steps=steps)))
    total = borne + funds

    answer = sums_and_limits_hold(terms, make_facts(make_bill(borne=borne, total=total)))
    dearer = assess(terms, make_facts(make_bill(borne=borne + more, total=total + more)), {})

    assert answer.amount_fen <= dearer.amount_fen
    assert answer.amount_fen <= borne


# Sums


@FEW
@given(
    st.lists(st.integers(1, 10), min_size=1, max_size=4),
    FEN,
    st.sampled_from(Several),
    st.integers(1, 10),
)
def test_one_more_injury_never_pays_less_and_never_more_than_the_sum(
    grades: list[int], amount: int, several: Several, another: int
) -> None:
    measure = Grades("伤残", fen(amount), Scale.JRT_0083, several, Earlier.NOT_OFFSET)
    terms = make_terms(make_cover(measure=measure, nature=Nature.FIXED))

    def due(found: list[int]) -> int:
        injuries = tuple(Injury(f"i{i}", grade) for i, grade in enumerate(found))
        return sums_and_limits_hold(terms, replace(make_facts(), injuries=injuries)).amount_fen

    assert due(grades) <= due([*grades, another]) <= amount


@FEW
@given(FEN, FEN, st.integers(10_000, 30_000), st.sampled_from(CapsToo))
def test_a_multiplier_never_lowers_and_keeps_to_its_limits(
    amount: int, limit: int, times: int, caps: CapsToo
) -> None:
    doubled = Multiplier("见义勇为", (CauseIs((Cause.BRAVE_ACT,)),), bp(times), caps)
    terms = make_terms(
        make_cover(
            measure=FixedSum("定额", fen(amount)), limits=(make_limit(fen(limit)),),
            nature=Nature.FIXED, multiplier=doubled,
        )
    )  # fmt: skip

    plain = sums_and_limits_hold(terms, make_facts())
    brave = sums_and_limits_hold(terms, make_facts(cause=Cause.BRAVE_ACT))

    assert plain.amount_fen <= brave.amount_fen


@FEW
@given(FEN, FEN, FEN)
def test_an_override_stays_within_the_bill_and_the_limit(
    borne: int, wanted: int, limit: int
) -> None:
    terms = make_terms(make_cover(limits=(make_limit(fen(limit)),)))
    approved = Override("medical", wanted, "一事一议", "批 1", EVENT_ON)
    facts = replace(make_facts(make_bill(borne=borne)), overrides=(approved,))

    assert sums_and_limits_hold(terms, facts).amount_fen == min(borne, wanted, limit)


# Days and services


@FEW
@given(SOME_DAYS, SOME_DAYS, st.integers(1, 20), SOME_DAYS, SOME_DAYS, st.sampled_from(TierMode))
def test_stepped_days_keep_lines_and_limits_true(
    first: int, second: int, flat: int, cap: int, after: int, beyond: TierMode
) -> None:
    measure = Days(
        "住院", fen(5_000), None, LastDay.NOT_COUNTED,
        FirstDays(days(flat), fen(50_000), beyond), days(after),
    )  # fmt: skip
    year = make_limit(days(cap), unit=LimitUnit.DAYS)
    terms = make_terms(make_cover(measure=measure, nature=Nature.FIXED, limits=(year,)))
    stays = tuple(
        Stay(f"s{i}", None, EVENT_ON, EVENT_ON + timedelta(days=length))
        for i, length in enumerate((first, second))
    )
    facts = make_facts(stays=stays)
    ending = replace(facts, enrolment=replace(facts.enrolment, covered_to=EVENT_ON))

    whole = sums_and_limits_hold(terms, facts)
    cut = sums_and_limits_hold(terms, ending)

    # Two stays may earn two flat sums once the first leaves days of the year to the second.
    if beyond is TierMode.MARGINAL and second == 0:
        assert cut.amount_fen <= whole.amount_fen


@FEW
@given(
    st.lists(st.sampled_from(["femur", "wrist"]), min_size=1, max_size=3),
    SOME_DAYS,
    st.sampled_from(SeveralInjuries),
)
def test_days_of_a_table_keep_within_the_year(
    kinds: list[str], cap: int, several: SeveralInjuries
) -> None:
    measure = TableDays("骨折", fen(2_000), {"femur": days(40), "wrist": days(15)}, several)
    year = make_limit(days(cap), unit=LimitUnit.DAYS)
    terms = make_terms(make_cover(measure=measure, nature=Nature.FIXED, limits=(year,)))
    injuries = tuple(Injury(f"i{i}", kind=kind) for i, kind in enumerate(kinds))

    answer = sums_and_limits_hold(terms, replace(make_facts(), injuries=injuries))

    assert answer.amount_fen <= cap * 2_000


@FEW
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 3_000), st.sampled_from(Carer)),
        min_size=1, max_size=5,
    ),
    st.integers(0, 2_000),
    FEN,
)  # fmt: skip
def test_no_month_passes_its_limits_and_none_is_carried_over(
    told: list[tuple[int, int, Carer]], minutes: int, money: int
) -> None:
    rate = ServiceRate(
        "home", "居家", Time.HOUR, fen(6_000),
        {Carer.PROVIDER: bp(8_000), Carer.FAMILY: bp(4_000)},
    )  # fmt: skip
    limits = (
        make_limit(
            Sourced(minutes, Unit.MINUTES, "每月"), code="time",
            scope=Scope.PERSON_MONTH, unit=LimitUnit.MINUTES,
        ),
        make_limit(fen(money), code="money", scope=Scope.PERSON_MONTH),
    )  # fmt: skip
    terms = make_terms(
        make_cover(measure=Services("护理", (rate,)), nature=Nature.FIXED, limits=limits)
    )
    services = tuple(
        Service(f"v{i}", "home", date(2026, month, 1), minutes=spent, carer=carer)
        for i, (month, spent, carer) in enumerate(told)
    )

    answer = sums_and_limits_hold(terms, replace(make_facts(), services=services))
    turned = assess(terms, replace(make_facts(), services=services[::-1]), {})

    assert turned.amount_fen == answer.amount_fen
    assert answer.amount_fen <= money * len({month for month, _, _ in told})


# Things


@FEW
@given(
    st.integers(1, 50), st.integers(0, 99), FEN, st.none() | FEN, FEN, st.sampled_from(Proportion)
)
def test_a_loss_is_never_overpaid_and_a_worse_one_never_pays_less(
    number: int, part: int, loss: int, worth: int | None, own: int, proportion: Proportion
) -> None:
    thing = Thing(
        "house", "房屋", "平方米", fen(30_000), None, None,
        deductible=fen(own), proportion=proportion,
    )  # fmt: skip
    terms = make_terms(make_cover(measure=Things("房屋", {}, (thing,))))

    def due(suffered: int) -> int:
        lost = Loss("l1", "house", number, None, suffered, part, worth)
        return sums_and_limits_hold(terms, make_facts(losses=(lost,))).amount_fen

    assert due(loss) <= loss
    assert due(loss) <= due(loss + 10_000)


# Times


@FEW
@given(st.integers(0, 3), st.integers(0, 4), FEN)
def test_so_many_payments_and_no_more(times: int, before: int, amount: int) -> None:
    limit = make_limit(count(times), scope=Scope.PERSON_LIFE, unit=LimitUnit.COUNT)
    terms = make_terms(
        make_cover(measure=FixedSum("定额", fen(amount)), nature=Nature.FIXED, limits=(limit,))
    )
    (key,) = limits_needed(terms, make_facts())

    answer = assess(terms, make_facts(), {key: before})

    assert answer.amount_fen == (amount if before < times else 0)
    assert dict(answer.used).get(key, 0) == (1 if answer.amount_fen else 0)
