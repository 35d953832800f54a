"""The harness: what a ratio is, when a goal is met, that a refusal never counts as speed."""

import os
from collections import Counter

import pytest

from benchmarks.client import Burst, request
from benchmarks.measure import Line, alternate, cpu_seconds, memory_mb, middle, pairwise, table


def line(ratio: float, goal: float | None, *, at_most: bool = False) -> Line:
    return Line("poll", "us", 10.0, 2.0, "bare", ratio, goal, at_most)


def test_cases_take_turns_and_the_first_round_only_warms_up() -> None:
    seen: list[str] = []
    counts = iter(range(100))

    def case(name: str) -> float:
        seen.append(name)
        return float(next(counts))

    rows = alternate(2, [lambda: case("a"), lambda: case("b")])
    assert seen == ["a", "b"] * 3
    assert rows == [[2.0, 3.0], [4.0, 5.0]]


def test_a_ratio_is_the_median_of_ratios_within_a_round() -> None:
    # The machine was ten times slower in the second round: both cases suffered alike.
    rows = [[100.0, 50.0], [10.0, 5.0], [100.0, 20.0]]
    assert pairwise(rows, 1, 0) == 0.5
    assert middle(rows, 0) == 100.0


@pytest.mark.parametrize(
    ("ratio", "goal", "at_most", "met"),
    [
        (0.5, 0.5, False, True),
        (0.49, 0.5, False, False),
        (1.0, 1.0, True, True),
        (1.01, 1.0, True, False),
        (0.1, None, False, None),
    ],
)
def test_a_goal_is_a_floor_or_a_ceiling(
    ratio: float, goal: float | None, at_most: bool, met: bool | None
) -> None:
    measured = line(ratio, goal, at_most=at_most)
    assert measured.met is met
    assert measured.as_json()["met"] is met


def test_the_table_says_which_goal_was_missed() -> None:
    text = table([line(0.1, 0.2), line(0.3, 0.2), line(0.3, None)])
    assert [row.split()[-1] for row in text.splitlines()] == ["met", "NO", "yes", "-"]


def test_a_burst_with_a_refusal_in_it_is_no_figure() -> None:
    assert Burst(Counter({200: 9}), 1.0).all_were(200).answered == 9
    with pytest.raises(AssertionError, match="503"):
        Burst(Counter({200: 8, 503: 1}), 1.0).all_were(200)


def test_cpu_time_of_a_process_grows_with_its_work() -> None:
    before = cpu_seconds(os.getpid())
    spent = before
    while spent - before < 0.02:  # ends only if work is seen
        sum(range(10_000))
        spent = cpu_seconds(os.getpid())
    assert memory_mb(os.getpid()) > 1


def test_a_request_without_a_body_is_whole() -> None:
    raw = request("POST", "/v1/x", If_None_Match='"1"')
    headers = b'Host: 127.0.0.1\r\nIf-None-Match: "1"\r\nContent-Length: 0'
    assert raw == b"POST /v1/x HTTP/1.1\r\n" + headers + b"\r\n\r\n"
