"""What the desk tells the rules of a spell of cover; needs no database."""

import hashlib
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.db.enrolments import Matched, Spell
from app.domain.canonical import to_json
from app.domain.clauses.conditions import NotUnder
from app.domain.clauses.sums import FixedSum
from app.domain.figures import OfStandard, Sourced, StandardMissing, Unit
from app.domain.terms import Terms
from app.services.coverage.respond import _cover_spell, first_covered, lapsed_before
from tests.domain.facts_made import make_cover, make_terms

ON = date(2026, 6, 15)
NOW = Spell(
    policy_id=UUID(int=1),
    line_id=UUID(int=1),
    policy_no="P-1",
    policy_version=1,
    scheme_version_id=UUID(int=2),
    terms_sha256="ab",
    scheme_code="ours",
    scheme_name_zh="本项目",
    kind="insurance",
    insurer_code="X",
    approval="none",
    payer_rank=100,
    waiting_days=15,
    check_days=5,
    exclusive_group=None,
    category="dibao",
    covered_from=date(2026, 3, 1),
    covered_to=date(2026, 12, 31),
    policy_from=date(2026, 1, 1),
    policy_to=date(2026, 12, 31),
    policy_status="active",
)
LAST_YEAR = replace(NOW, covered_from=date(2025, 1, 1), covered_to=date(2025, 12, 31))
UNTIL_MARCH = replace(NOW, covered_from=date(2026, 1, 1), covered_to=date(2026, 2, 28))
OTHER = replace(NOW, scheme_code="theirs")
JILIN = Matched(
    UUID(int=3),
    b"",
    None,
    220_202_001_000,
    None,
    date(1960, 1, 1),
    None,
    None,
    date(2026, 6, 1),
    (),
)
SIX_TIMES = OfStandard("dibao_month_urban", Sourced(6, Unit.COUNT, "六个月"))


def test_cover_that_goes_on_from_day_to_day_is_unbroken() -> None:
    spells = (LAST_YEAR, UNTIL_MARCH, NOW)

    first = first_covered(spells, NOW)

    assert first == date(2025, 1, 1)
    assert lapsed_before(spells, NOW, first) is None


def test_a_gap_is_a_lapse() -> None:
    first = first_covered((LAST_YEAR, NOW), NOW)

    assert first == NOW.covered_from
    assert lapsed_before((LAST_YEAR, NOW), NOW, first) == date(2025, 12, 31)


def under(terms: Terms) -> Spell:
    """The spell under some terms: what a digest names is walked through once."""
    return replace(NOW, terms_sha256=hashlib.sha256(to_json(terms).encode()).hexdigest())


def test_only_the_schemes_that_terms_name_are_told_and_only_while_they_cover() -> None:
    naming = replace(make_terms(), conditions=(NotUnder(("theirs",), "互斥"),))
    over = replace(OTHER, covered_to=date(2026, 5, 31))

    assert _cover_spell((NOW, OTHER), under(naming), naming, JILIN, ON).other_schemes == ("theirs",)
    assert _cover_spell((NOW, over), under(naming), naming, JILIN, ON).other_schemes == ()
    assert (
        _cover_spell((NOW, OTHER), under(make_terms()), make_terms(), JILIN, ON).other_schemes == ()
    )


def test_the_standards_of_the_person_s_place_and_the_event_s_day_are_told() -> None:
    terms = make_terms(make_cover(measure=FixedSum("救助", SIX_TIMES)))

    (standard,) = _cover_spell((NOW,), under(terms), terms, JILIN, ON).standards

    assert standard.value_fen == 64_300


def test_a_place_without_the_standard_is_refused_by_name() -> None:
    terms = make_terms(make_cover(measure=FixedSum("救助", SIX_TIMES)))
    elsewhere = replace(JILIN, area_code=990_127_001_000)

    with pytest.raises(StandardMissing):
        _cover_spell((NOW,), under(terms), terms, elsewhere, ON)
