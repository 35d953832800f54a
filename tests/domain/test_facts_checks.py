from dataclasses import replace
from datetime import date

import pytest

from app.domain.facts import Facts, Injury, Loss, Service
from app.domain.facts_checks import facts_faults
from app.domain.terms import DeathBasis
from app.domain.terms_warnings import terms_warnings
from tests.domain.facts_made import make_cover, make_facts, make_terms

MARCH = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("facts", "pointers"),
    [
        (replace(make_facts(), injuries=(Injury("i", 1), Injury("j", 10))), []),
        (replace(make_facts(), injuries=(Injury("i", 0),)), ["/injuries/0/grade"]),
        (replace(make_facts(), injuries=(Injury("i", 11),)), ["/injuries/0/grade"]),
        (replace(make_facts(), services=(Service("v", "home", MARCH, minutes=-1),)),
         ["/services/0"]),
        (make_facts(losses=(Loss("l", "room", 1, hundredths=99, worth_fen=0),)), []),
        (make_facts(losses=(Loss("l", "room", 1, hundredths=100),)), ["/losses/0"]),
        (make_facts(losses=(Loss("l", "room", 1, worth_fen=-1),)), ["/losses/0"]),
    ],
)  # fmt: skip
def test_grades_times_and_measures_out_of_range_are_named(
    facts: Facts, pointers: list[str]
) -> None:
    assert [fault.pointer for fault in facts_faults(make_terms(), facts)] == pointers


def test_sound_terms_without_death_or_barred_money_raise_no_warning() -> None:
    assert terms_warnings(make_terms(make_cover(death_basis=DeathBasis.CONSENT))) == ()
