"""What the desk tells the rules of a spell of cover."""

import hashlib
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.db.enrolments import Matched, Spell
from app.db.session import Database
from app.domain.canonical import to_json
from app.domain.clauses.conditions import NotUnder
from app.domain.clauses.sums import FixedSum
from app.domain.figures import OfStandard, Sourced, StandardMissing, Unit
from app.domain.standards import Standard, StandardRow
from app.domain.terms import Terms
from app.services.coverage.respond import (
    _cover_spell,
    _standards_for,
    first_covered,
    lapsed_before,
)
from app.services.schemes import load_standard
from tests.contracts import COUNTY
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
    False,
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

    assert _cover_spell((NOW, OTHER), under(naming), naming, ON, ()).other_schemes == ("theirs",)
    assert _cover_spell((NOW, over), under(naming), naming, ON, ()).other_schemes == ()
    assert _cover_spell((NOW, OTHER), under(make_terms()), make_terms(), ON, ()).other_schemes == ()


async def test_the_standards_of_the_person_s_place_and_the_event_s_day_are_told(
    database: Database,
) -> None:
    terms = make_terms(make_cover(measure=FixedSum("救助", SIX_TIMES)))
    async with database.transaction(COUNTY) as tx:
        (standard,) = await _standards_for(tx, under(terms), terms, JILIN.area_code, ON)

        assert standard.value_fen == 64_300
        assert _cover_spell((NOW,), under(terms), terms, ON, (standard,)).standards == (standard,)


async def test_a_recorded_standard_counts_before_the_one_that_came_with_the_service(
    database: Database,
) -> None:
    terms = make_terms(make_cover(measure=FixedSum("救助", SIX_TIMES)))
    row = StandardRow("2202", date(2024, 1, 1), Sourced(66_600, Unit.FEN, "吉林市更正"))
    mended = replace(row, value=Sourced(66_700, Unit.FEN, "再次更正"))
    async with database.transaction(COUNTY) as tx:
        told = [
            await load_standard(tx, Standard("dibao_month_urban", "城市低保月标准", (each,)))
            for each in (row, row, mended)
        ]
        (standard,) = await _standards_for(tx, under(terms), terms, JILIN.area_code, ON)

    assert told == [1, 0, 1]
    assert standard.value_fen == 66_700
    assert "再次更正" in standard.source_zh


async def test_a_place_without_the_standard_is_refused_by_name_and_told_the_way(
    database: Database,
) -> None:
    terms = make_terms(make_cover(measure=FixedSum("救助", SIX_TIMES)))
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(StandardMissing) as refused:
            await _standards_for(tx, under(terms), terms, 990_127_001_000, ON)

    (fault,) = refused.value.faults
    assert "990127001000 2026-06-15 适用的当地标准（dibao_month_urban）" in fault.message_zh
    assert "relief schemes load" in fault.hint_zh


async def test_the_premium_of_a_policy_is_what_is_due_of_it(database: Database) -> None:
    thrice = OfStandard("policy_premium", Sourced(3, Unit.COUNT, "保费的三倍"))
    terms = make_terms(make_cover(measure=FixedSum("救助", thrice)))
    spell = replace(under(terms), premium_due_fen=4_000_000)
    async with database.transaction(COUNTY) as tx:
        (standard,) = await _standards_for(tx, spell, terms, JILIN.area_code, ON)

    assert (standard.code, standard.value_fen) == ("policy_premium", 4_000_000)
    assert standard.source_zh == "保单 P-1 应收保费合计"
