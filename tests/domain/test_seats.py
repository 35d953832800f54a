"""Which roles one person may hold together."""

import pytest

from app.domain.caller import Role
from app.domain.seats import FORBIDDEN_PAIRS, HOLDER, go_together


def test_the_three_administrators_and_the_insurer_sit_apart_from_everybody() -> None:
    for alone in (Role.SYSTEM, Role.SECURITY, Role.AUDIT, Role.INSURER):
        for other in set(Role) - {alone}:
            assert frozenset((alone, other)) in FORBIDDEN_PAIRS
            assert not go_together(other, alone)


def test_officers_of_the_bureau_may_serve_in_two_places() -> None:
    assert go_together(Role.TOWNSHIP, Role.COUNTY)
    assert frozenset((Role.COUNTY, Role.DASHBOARD)) not in FORBIDDEN_PAIRS


@pytest.mark.parametrize("holder", ["S-1024", "li.wang", "u@sso", "sys_7"])
def test_a_holder_is_a_number_of_the_bureau_s_own(holder: str) -> None:
    assert HOLDER.fullmatch(holder)


@pytest.mark.parametrize(
    "holder", ["", "x", "330127199001011239", "13800000000", "张三", "a b", "x" * 65, "-x"]
)
def test_a_name_an_id_number_or_a_phone_number_is_no_holder(holder: str) -> None:
    assert not HOLDER.fullmatch(holder)
