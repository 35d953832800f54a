import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid
from app.domain.money import half_up, parse_yuan, share_fen, split_fen, yuan, yuan_zh

FEN = st.integers(0, 10**13)


@given(FEN)
def test_an_amount_written_as_yuan_reads_back_to_the_fen(amount: int) -> None:
    assert parse_yuan(yuan(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"), [("0", 0), ("1600", 160_000), ("1600.5", 160_050), ("0.01", 1)]
)
def test_yuan_may_have_up_to_two_decimals(text: str, amount: int) -> None:
    assert parse_yuan(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "1.005", "-1", "+1", "1,600", "1e3", ".5", "5.", "１００", "1 ", "1\n", "NaN", "1" * 14],
)
def test_anything_else_is_no_amount_and_is_not_echoed(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_yuan(text, "/bills/0/total")

    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/bills/0/total", "money.precision")
    assert not text or text not in fault.message_en


def test_yuan_for_reading_has_thousands_and_a_sign() -> None:
    assert yuan_zh(123_456_789) == "1,234,567.89 元"
    assert yuan_zh(-5) == "-0.05 元"
    assert yuan(-123_45) == "-123.45"


@pytest.mark.parametrize(
    ("base", "rate", "share"), [(84_525, 1_000, 8_453), (16_323, 9_500, 15_507), (4, 1_000, 0)]
)
def test_f59_half_a_fen_is_rounded_up(base: int, rate: int, share: int) -> None:
    assert share_fen(base, rate) == share


@given(st.integers(0, 10**18), st.integers(1, 10**8))
def test_rounding_never_moves_more_than_half(numerator: int, denominator: int) -> None:
    assert abs(2 * half_up(numerator, denominator) * denominator - 2 * numerator) <= denominator


@given(FEN, st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_f59_split_parts_sum_to_the_whole(total: int, weights: list[int]) -> None:
    parts = split_fen(total, weights)

    assert sum(parts) == total
    assert all(part >= 0 for part in parts)


@given(FEN, st.lists(st.integers(1, 10**9), min_size=2, max_size=12))
def test_no_split_part_is_a_fen_away_from_its_share(total: int, weights: list[int]) -> None:
    whole = sum(weights)

    for part, weight in zip(split_fen(total, weights), weights, strict=True):
        assert abs(part * whole - total * weight) < whole


def test_the_left_over_fen_goes_to_the_largest_remainder_then_to_the_first() -> None:
    assert split_fen(100, [1, 1, 1]) == (34, 33, 33)
    assert split_fen(10, [2, 3, 2]) == (3, 4, 3)


def test_without_weights_the_first_takes_all() -> None:
    assert split_fen(7, [0, 0]) == (7, 0)


EXACT_ROOMS = ("domain", "services", "db")
# Gauges are floats by their format; a pause and the skew of a clock are no money.
FIGURES_FOR_MACHINES = ("guard.py", "races.py", "checkup.py", "fitness.py")


def test_f59_where_money_is_reckoned_there_is_no_float_and_no_division_with_a_rest() -> None:
    for room in EXACT_ROOMS:
        for path in Path("app", room).rglob("*.py"):
            if path.name in FIGURES_FOR_MACHINES:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                assert not is_inexact(node), f"{path}:{getattr(node, 'lineno', '?')}"


def is_inexact(node: ast.AST) -> bool:
    """Tell whether a node makes or takes a binary fraction."""
    match node:
        case ast.BinOp(op=ast.Div()) | ast.Constant(value=float()):
            return True
        case ast.Name(id="float" | "round" | "Decimal"):
            return True
    return False
