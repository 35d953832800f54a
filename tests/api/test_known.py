"""Remembered answers: believed while somebody watches, forgotten by what moved, never shared."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.api import known
from app.api.known import Known
from app.db.news import News
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from tests.contracts import (
    COUNTY,
    COUNTY_AREA,
    INSURER,
    OTHER_COUNTY,
    OTHER_INSURER,
    OTHER_TOWN,
    TOWN,
    TOWNSHIP,
)

CLAIM, NOTICE, OTHER = "990127-2026-000001-1", "990127-2026-000001", "990127-2026-000002-1"
FAR = "990128-2026-000001-1"
FAR_AREA = 990128101000
ETAG = '"1.abc"'
COUNTRY = Caller(Role.DASHBOARD, 0, AREA_END, "key:wall")
FIRST = News("1:1:", "here", date(2026, 6, 10), timedelta(), 10, (), ())


@pytest.fixture
async def memory(database: Database) -> Known:
    """A memory somebody has just looked for; the test's own looks are given to it by hand."""
    memory = Known(database)
    memory.take(None, FIRST)
    memory._looked_at = asyncio.get_running_loop().time()
    await asyncio.sleep(0.002)
    return memory


def now() -> float:
    return asyncio.get_running_loop().time()


def remember(memory: Known, caller: Caller = COUNTY, began: float | None = None) -> None:
    began = now() if began is None else began
    for number, area in ((CLAIM, TOWN), (OTHER, OTHER_TOWN), (FAR, FAR_AREA)):
        memory.remember_item("claim", number, area, caller, ETAG, began)
    memory.remember_item("notice", NOTICE, TOWN, caller, ETAG, began)
    memory.remember_listing("/v1/claims?", caller, ETAG, began)


def held(memory: Known, caller: Caller = COUNTY) -> set[str]:
    """What a caller would be answered 304."""
    items = [("claim", CLAIM), ("claim", OTHER), ("claim", FAR), ("notice", NOTICE)]
    found = {number for kind, number in items if memory.item(kind, number, caller, ETAG)}
    return found | ({"list"} if memory.listing("/v1/claims?", caller, ETAG) else set())


ALL = {CLAIM, OTHER, FAR, NOTICE, "list"}


async def test_what_is_remembered_is_given_to_whoever_has_it_and_to_nobody_else(
    memory: Known,
) -> None:
    remember(memory)
    assert held(memory) == ALL
    assert memory.item("claim", CLAIM, COUNTY, '"0.old"') is None
    assert memory.item("claim", CLAIM, COUNTY, None) is None
    for other in (
        TOWNSHIP,
        OTHER_COUNTY,
        INSURER,
        replace(COUNTY, actor="key:colleague"),
        replace(COUNTY, role=Role.TOWNSHIP),
        replace(COUNTY, area_hi=AREA_END),
        replace(COUNTY, insurer="demo-insurer"),
    ):
        assert held(memory, other) == set()


@pytest.mark.parametrize(
    ("moved", "left"),
    [
        (("claim", TOWN, CLAIM), {OTHER, FAR}),
        (("notice", TOWN, NOTICE), {OTHER, FAR}),
        (("payout", TOWN, CLAIM), {OTHER, FAR}),
        (("claim", FAR_AREA, FAR), {CLAIM, OTHER, NOTICE, "list"}),
        (("person", TOWN, None), {FAR}),
        (("payout", TOWN, None), {FAR}),
        (("policy", COUNTY_AREA, None), {FAR}),
        (("policy", 990100000000, None), set()),
        (("calendar", 0, None), set()),
        (("something new", 0, None), set()),
        (("key", 0, None), ALL),
        (("lane", 0, None), ALL),
    ],
)
async def test_what_moved_is_forgotten_with_all_that_shows_it(
    memory: Known, moved: tuple[str, int, str | None], left: set[str]
) -> None:
    remember(memory)
    memory.take(FIRST, replace(FIRST, moved=(moved,)))
    assert held(memory) == left


@pytest.mark.parametrize(
    "news",
    [
        replace(FIRST, today=date(2026, 6, 11)),
        replace(FIRST, ahead=timedelta(days=1)),
        replace(FIRST, cluster="elsewhere"),
        replace(FIRST, moved=None),
    ],
)
async def test_a_new_day_another_clock_or_server_or_very_much_news_empties_all(
    memory: Known, news: News
) -> None:
    remember(memory)
    memory.take(FIRST, news)
    assert held(memory) == set()


async def test_what_this_process_wrote_is_forgotten_at_once(memory: Known) -> None:
    remember(memory)
    memory.wrote(TOWNSHIP)
    assert held(memory) == {FAR}
    remember(memory)
    memory.wrote(INSURER)
    assert held(memory) == set()


async def test_a_reading_that_began_before_the_change_is_not_remembered(memory: Known) -> None:
    began = now()
    memory.take(FIRST, replace(FIRST, moved=(("claim", TOWN, CLAIM),)))
    remember(memory, began=began)
    assert held(memory) == {FAR}
    began = now()
    memory.forget_all()
    remember(memory, began=began)
    assert held(memory) == {FAR} - {FAR}


async def test_nothing_is_believed_once_nobody_has_looked_for_a_while(memory: Known) -> None:
    remember(memory)
    memory._looked_at -= known.TRUST_SECONDS
    assert held(memory) == set()
    memory._looked_at = now()
    assert held(memory) == ALL, "a look that came late but saw everything since"


async def test_a_memory_has_bounds(memory: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "ITEMS_MOST", 4)
    monkeypatch.setattr(known, "LISTS_MOST", 1)
    monkeypatch.setattr(known, "MARKS_MOST", 1)
    remember(memory)
    remember(memory, TOWNSHIP)
    assert held(memory) == set()
    await asyncio.sleep(0.002)
    memory.wrote(OTHER_COUNTY)
    memory.wrote(COUNTY)
    remember(memory, TOWNSHIP)
    memory.remember_listing("/v1/claims?", TOWNSHIP, ETAG, now())
    memory.remember_listing("/v1/notices?", TOWNSHIP, ETAG, now())
    assert memory.listing("/v1/claims?", TOWNSHIP, ETAG) is None
    assert memory.listing("/v1/notices?", TOWNSHIP, ETAG) == ETAG


async def test_a_page_of_the_feed_holds_until_there_is_news_for_its_reader(memory: Known) -> None:
    readers = (COUNTY, OTHER_COUNTY, INSURER, OTHER_INSURER, COUNTRY)
    for reader in readers:
        memory.remember_page("/v1/events?", reader, ETAG, 10)

    def unchanged() -> list[Caller]:
        return [one for one in readers if memory.page("/v1/events?", one, ETAG)]

    assert unchanged() == list(readers)
    memory.take(FIRST, replace(FIRST, tail=11, told=((990127, "demo-insurer", 11),)))
    assert unchanged() == [OTHER_COUNTY, OTHER_INSURER]
    memory.take(FIRST, replace(FIRST, tail=5_000, told=None))
    assert unchanged() == []


async def test_waiting_ends_with_news_with_the_time_and_when_too_many_wait(
    memory: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = now()
    waiting = asyncio.create_task(memory.wait_for_news(COUNTY, 10, 5))
    other = asyncio.create_task(memory.wait_for_news(OTHER_COUNTY, 10, 0.2))
    await asyncio.sleep(0.05)
    memory.take(FIRST, replace(FIRST, tail=11, told=((990127, None, 11),)))
    await waiting
    assert not other.done(), "news of another county wakes nobody for good"
    await other
    assert now() - began < 2
    monkeypatch.setattr(known, "WAITING_MOST", 0)
    await memory.wait_for_news(COUNTY, 11, 60)
    assert now() - began < 2
