from dataclasses import replace
from datetime import date

import pytest

from app.domain.ceilings import death_warnings, minor_ceiling_fen, minor_warning
from app.domain.clauses.conditions import NotUnder
from app.domain.clauses.sums import FixedSum
from app.domain.exclusive import entered_as, excludes, schemes_named
from app.domain.terms import DeathBasis, Nature, TermsKind
from app.domain.words import Cause, EventKind
from tests.domain.facts_made import fen, make_cover, make_terms

ON = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("born", "ceiling"),
    [
        (date(2016, 6, 16), 20_000_000),
        (date(2016, 6, 15), 50_000_000),
        (date(2008, 6, 16), 50_000_000),
        (date(2008, 6, 15), None),
    ],
)
def test_the_ceiling_changes_on_the_tenth_and_ends_on_the_eighteenth_birthday(
    born: date, ceiling: int | None
) -> None:
    assert minor_ceiling_fen(born, ON) == ceiling


def test_before_2016_the_notice_was_not_in_force() -> None:
    assert minor_ceiling_fen(date(2010, 1, 1), date(2015, 12, 31)) is None


def test_the_sums_of_all_policies_together_are_held_against_the_ceiling() -> None:
    born = date(2020, 1, 1)

    warning = minor_warning(born, ON, Cause.TRAFFIC, [12_000_000, 8_000_001])

    assert warning is not None
    assert "200,000.00" in warning.message_zh
    assert minor_warning(born, ON, Cause.TRAFFIC, [12_000_000, 8_000_000]) is None
    assert minor_warning(born, ON, Cause.EARTHQUAKE, [90_000_000]) is None


def test_a_death_sum_for_others_needs_a_stated_basis() -> None:
    death = make_cover(
        events=(EventKind.DEATH,), nature=Nature.FIXED, measure=FixedSum("身故", fen(1))
    )
    bare = make_terms(death)
    based = make_terms(replace(death, death_basis=DeathBasis.CONSENT))

    assert [fault.pointer for fault in death_warnings(bare)] == ["/covers/0/death_basis"]
    assert death_warnings(based) == ()
    assert death_warnings(make_terms()) == ()
    assert death_warnings(replace(bare, kind=TermsKind.FUND)) == ()


# One person once


def test_a_person_in_several_categories_is_entered_once_in_the_terms_first() -> None:
    terms = make_terms()

    assert entered_as(terms, ["tekun", "dibao", "orphan"]) == "dibao"
    assert entered_as(terms, ["orphan"]) is None


def test_another_agency_s_scheme_keeps_a_person_out() -> None:
    barred = NotUnder(("other",), "未参加同类保险")
    whole = replace(make_terms(), conditions=(barred,))
    part = make_terms(make_cover(conditions=(barred,)))

    assert excludes(whole, ["other", "third"]) == {"other"}
    assert excludes(part, ["other"]) == frozenset()
    assert schemes_named(whole) == schemes_named(part) == {"other"}
