from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.assess import assess
from app.domain.assessment import Rule
from app.domain.facts import Facts, ScaleBack
from app.domain.limits import Exceeded, LimitKey, Scope
from app.domain.scale_back import due_beside, scalable, scaled_back
from app.domain.terms import Terms
from tests.domain.facts_made import (
    EVENT_ON,
    fen,
    make_bill,
    make_cover,
    make_facts,
    make_limit,
    make_terms,
)

FEW = settings(max_examples=60, deadline=None)
DUES = st.lists(st.integers(0, 10**9), max_size=20).map(
    lambda fens: [(f"c{i}", fen) for i, fen in enumerate(fens)]
)


def test_within_the_limit_everybody_gets_what_is_due() -> None:
    assert scaled_back(300, [("a", 100), ("b", 200)]) == (("a", 100), ("b", 200))


def test_above_it_each_gets_the_same_share_to_the_fen() -> None:
    # 100 over three equal claims: 33.33 each, the fen that is left goes to the first
    assert scaled_back(100, [("a", 70), ("b", 70), ("c", 70)]) == (
        ("a", 34),
        ("b", 33),
        ("c", 33),
    )


@FEW
@given(st.integers(0, 10**9), DUES)
def test_the_parts_sum_to_the_limit_and_none_is_above_what_was_due(
    limit: int, dues: list[tuple[str, int]]
) -> None:
    parts = scaled_back(limit, dues)

    assert sum(fen for _, fen in parts) == min(limit, sum(fen for _, fen in dues))
    for (ref, part), (due_ref, due) in zip(parts, dues, strict=True):
        assert ref == due_ref
        assert 0 <= part <= due


def test_nothing_due_is_nothing_scaled() -> None:
    assert scaled_back(100, []) == ()


# --- a claim's share in its assessment

STORM = LimitKey(Scope.EVENT, "storm", EVENT_ON.isoformat())
YEAR = LimitKey(Scope.PERSON_YEAR, "one.year", "2026-01-01")


def shared() -> Terms:
    """Two covers of 20 % each under one limit of a disaster, one of them with a cap of its own."""
    year = make_limit(fen(15_000), code="year")
    limit = make_limit(
        fen(50_000),
        code="storm",
        scope=Scope.EVENT,
        covers=("one", "two"),
        exceeded=Exceeded.SCALED_BACK,
    )
    covers = (make_cover("one", limits=(year,)), make_cover("two"))
    return make_terms(*covers, limits=(limit,))


def sharing(share: int) -> Facts:
    one = ScaleBack("storm", STORM.period, share, 90_000, 50_000, "P-1 回调第 1 号")
    return replace(make_facts(make_bill(borne=100_000)), scale_backs=(one,))


def test_the_covers_of_a_limit_use_up_the_claims_share_one_after_the_other() -> None:
    answer = assess(shared(), sharing(18_000), {})
    assert [cover.amount_fen for cover in answer.covers] == [15_000, 3_000]
    assert [line.rule for line in answer.lines].count(Rule.SCALED_BACK) == 1
    assert sum(line.amount_fen for line in answer.lines) == answer.amount_fen == 18_000
    assert dict(answer.used)[STORM] == 18_000


def test_a_share_of_another_disaster_or_above_what_is_due_changes_nothing() -> None:
    free = assess(shared(), make_facts(make_bill(borne=100_000)), {})
    assert assess(shared(), sharing(50_000), {}) == free
    (one,) = sharing(1).scale_backs
    other = replace(sharing(1), scale_backs=(replace(one, period="elsewhere"),))
    assert assess(shared(), other, {}) == free


def test_what_is_due_beside_the_limit_keeps_every_other_one() -> None:
    used = {STORM: 50_000, YEAR: 5_000}
    assert due_beside(shared(), sharing(1), used, "storm") == 10_000 + 20_000
    assert list(scalable(shared())) == ["storm"]


@FEW
@given(st.integers(0, 60_000), st.integers(0, 60_000))
def test_a_share_is_never_exceeded_and_the_limit_holds_beside_it(share: int, used: int) -> None:
    answer = assess(shared(), sharing(share), {STORM: used})
    assert answer.amount_fen <= min(share, max(0, 50_000 - used))
    assert sum(line.amount_fen for line in answer.lines) == answer.amount_fen
