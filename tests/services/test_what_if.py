"""A year under other terms: the same engine, the same order, limits kept, whatever the workers."""

from dataclasses import replace

import pytest

from app.catalogue import load_all
from app.db.session import Database
from app.domain.clauses.bills import Bills, Ratio
from app.domain.errors import Invalid, NotFound
from app.domain.limits import Limit, LimitUnit, Scope
from app.domain.replay import Replay
from app.domain.terms import Terms
from app.services.assessments import what_if as module
from app.services.assessments.what_if import WhatIf, what_if
from tests.cases import CHUNAN, JIKUNBAO, bill, county_with, file, notice, work
from tests.contracts import SYSTEM
from tests.domain.facts_made import bp, fen

TERMS = load_all()[CHUNAN]


def paying(rate_bp: int, *limits: Limit, terms: Terms = TERMS) -> Terms:
    """The terms with another rate for stays in hospital, and limits."""
    inpatient, *rest = terms.covers
    assert isinstance(inpatient.measure, Bills)
    measure = replace(inpatient.measure, pay=Ratio(bp(rate_bp)))
    changed = replace(inpatient, measure=measure, limits=limits)
    return replace(terms, version="what-if", covers=(changed, *rest))


def yearly(amount: int, scope: Scope = Scope.PERSON_YEAR) -> Limit:
    return Limit("year", "年度", scope, LimitUnit.FEN, fen(amount))


async def year(database: Database, *schemes: str) -> None:
    """Three people; the first has two bills, each of 2,000 yuan under Chun'an's terms."""
    await county_with(database, *(schemes or (CHUNAN,)), people=3)
    for person, settlement in ((1, "A"), (2, "B"), (3, "C"), (1, "D")):
        await file(database, notice(person, bills=(bill(settlement),)))
        await work(database)


async def asked(database: Database, *others: Terms, workers: int = 1) -> WhatIf:
    return await what_if(database, SYSTEM, f"P-{CHUNAN}", others, workers)


async def test_the_same_terms_change_nothing(database: Database) -> None:
    await year(database)
    was, now = (await asked(database, TERMS)).tallies
    assert was == now
    assert (was.claims, was.fen, was.better, was.worse) == (4, 800_000, 0, 0)
    assert was.left_fen == 4_000_000 - 800_000


async def test_other_terms_are_told_by_cover_township_and_month(database: Database) -> None:
    await year(database)
    was, now = (await asked(database, paying(1_000))).tallies
    assert (now.fen, now.better, now.worse) == (400_000, 0, 4)
    assert (now.families, now.families_worse) == (3, 3)
    assert now.by_cover == {"inpatient": 400_000}
    assert now.by_area == {990127103000: 400_000}
    assert now.by_month == {"2026-06": 400_000}
    assert {one.now_fen - one.was_fen for one in now.largest} == {-100_000}
    assert now.left_fen == was.left_fen + 400_000


async def test_limits_run_down_through_the_year(database: Database) -> None:
    await year(database)
    person = (await asked(database, paying(2_000, yearly(250_000)))).tallies[1]
    assert person.fen == 250_000 + 2 * 200_000
    policy = (await asked(database, paying(2_000, yearly(500_000, Scope.POLICY_YEAR)))).tallies[1]
    assert policy.fen == 500_000
    assert policy.worse == 2


async def test_what_other_policies_hold_of_a_bill_stays_held(database: Database) -> None:
    await year(database, JIKUNBAO, CHUNAN)
    whole = (await asked(database, paying(10_000))).tallies
    paid_before = 175_000  # of each bill, by the policy that pays first
    assert whole[1].left_fen == 0
    assert whole[1].fen == 4 * (1_000_000 - paid_before)


async def test_workers_never_change_the_result(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 1)
    await year(fresh_database)
    other = paying(2_000, yearly(250_000))
    assert (await asked(fresh_database, other, workers=2)).tallies == (
        await asked(fresh_database, other)
    ).tallies


async def test_the_pool_gives_what_one_sheet_gives(database: Database) -> None:
    await year(database)
    other = paying(1_500, yearly(250_000))
    found = await asked(database, other)
    async with database.transaction(SYSTEM) as tx:
        claims = [claim async for claim in module.past_claims(tx, found.policy.id, by_family=True)]
    sheet = Replay((TERMS, other))
    sheet.run(module.Chunk(tuple(claims), ()))
    assert sheet.end() == found.tallies


async def test_terms_that_do_not_know_a_category_are_refused(database: Database) -> None:
    await year(database)
    strangers = replace(TERMS, categories={"tekun": "特困供养人员"})
    with pytest.raises(Invalid) as refused:
        await asked(database, strangers)
    assert "dibao" in refused.value.detail_zh


async def test_an_unknown_policy_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await what_if(database, SYSTEM, "P-none", (TERMS,), 1)
