from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.scale_back import held_back, scaled_back

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


@FEW
@given(st.integers(0, 10**9), DUES, st.integers(0, 10_000))
def test_what_is_held_back_comes_later_and_is_not_lost(
    limit: int, dues: list[tuple[str, int]], rate_bp: int
) -> None:
    now, later = held_back(limit, dues, rate_bp)

    assert now + later == min(limit, sum(fen for _, fen in dues))
    assert min(now, later) >= 0


def test_nothing_due_is_nothing_scaled() -> None:
    assert scaled_back(100, []) == ()
    assert held_back(100, [], 2_000) == (0, 0)
