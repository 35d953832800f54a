import pytest

from app.domain.caller import (
    AREA_END,
    PERMITTED,
    Act,
    Caller,
    Role,
    area_range,
    county_of,
    worker,
)

COUNTY, TOWNSHIP = 990_127_000_000, 990_127_103_000


@pytest.mark.parametrize(
    ("area", "first", "end"),
    [
        (0, 0, AREA_END),
        (990_000_000_000, 990_000_000_000, 1_000_000_000_000),
        (990_100_000_000, 990_100_000_000, 990_200_000_000),
        (COUNTY, COUNTY, 990_128_000_000),
        (TOWNSHIP, TOWNSHIP, 990_127_104_000),
        (990_127_103_201, 990_127_103_201, 990_127_103_202),
    ],
)
def test_an_area_reaches_as_far_as_its_trailing_zero_groups(
    area: int, first: int, end: int
) -> None:
    assert area_range(area) == (first, end)


def test_a_caller_covers_the_half_open_range_of_its_area() -> None:
    caller = Caller(Role.TOWNSHIP, *area_range(TOWNSHIP), "key:1")

    assert caller.covers(TOWNSHIP)
    assert caller.covers(TOWNSHIP + 999)
    assert not caller.covers(TOWNSHIP + 1_000)
    assert not caller.covers(COUNTY)
    assert county_of(TOWNSHIP) == COUNTY


def test_townships_and_counties_file_and_approve_and_only_counties_decide() -> None:
    filing = {role for role in Role if Caller(role, 0, 1, "x").may(Act.FILE_NOTICE)}
    approving = {role for role in Role if Caller(role, 0, 1, "x").may(Act.APPROVE)}
    deciding = {role for role in Role if Caller(role, 0, 1, "x").may(Act.DECIDE)}

    assert filing == {Role.TOWNSHIP, Role.COUNTY}
    assert approving == {Role.TOWNSHIP, Role.COUNTY}  # a township within its delegation
    assert deciding == {Role.COUNTY}
    assert set(PERMITTED) == set(Act)


def test_the_clock_sees_every_area() -> None:
    assert worker("assess").covers(COUNTY)
    assert worker("assess").actor == "worker:assess"
