"""The feed: what commits is told once, in one order, to whoever may see it, and to go on from."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from app.db.events import NewEvent, write_events
from app.db.feed import FeedItem, lag_ms
from app.db.news import look_for_news
from app.db.session import Database, Tx
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import FeedExpired, FeedRestored
from app.domain.feed import Place
from app.services.feed.number_events import number_events
from app.services.feed.read_feed import FeedRead, latest_place, read_feed
from app.services.retention import run_retention
from tests.cases import CHUNAN, county_with, file, notice
from tests.contracts import COUNTY, INSURER, OTHER_COUNTY, OTHER_TOWN, SYSTEM, TOWN, TOWNSHIP

PROVINCE = Caller(Role.PROVINCE, 990000000000, 1000000000000, "key:province")
OTHER_COUNTY_AREA = 990128000000


async def happen(
    tx: Tx, number: str, area: int = TOWN, insurer: str | None = None, count: int = 1
) -> None:
    """Write events of one claim, version after version."""
    told = [
        NewEvent("claim", number, version, "claim.note", area, insurer_code=insurer)
        for version in range(1, count + 1)
    ]
    await write_events(tx, told)


async def commit(database: Database, number: str, **changed: int | str | None) -> None:
    async with database.transaction(SYSTEM) as tx:
        await happen(tx, number, **changed)  # type: ignore[arg-type]


async def number_all(database: Database, most: int = 10_000) -> None:
    while await number_events(database, most):
        pass
    await number_events(database, most)  # what came while a long round was under way


async def read(
    database: Database,
    caller: Caller = COUNTY,
    place: Place | None = None,
    wanted: list[str] | None = None,
    limit: int = 100,
) -> FeedRead:
    return await read_feed(database, caller, None, place, wanted, limit)


def numbers(items: tuple[FeedItem, ...]) -> list[str]:
    return [item.number for item in items]


async def test_what_commits_late_is_told_and_holds_nobody_back(fresh_database: Database) -> None:
    async with fresh_database.transaction(SYSTEM) as slow:
        await happen(slow, "slow")
        await commit(fresh_database, "swift")
        await number_all(fresh_database)
        first = await read(fresh_database)
        assert numbers(first.items) == ["swift"]
    await number_all(fresh_database)
    second = await read(fresh_database, place=first.place)
    assert numbers(second.items) == ["slow"]
    assert numbers((await read(fresh_database)).items) == ["swift", "slow"]


async def test_what_is_rolled_back_is_never_told(fresh_database: Database) -> None:
    async def undone() -> None:
        async with fresh_database.transaction(SYSTEM) as tx:
            await happen(tx, "undone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    await commit(fresh_database, "done")
    await number_all(fresh_database)
    assert numbers((await read(fresh_database)).items) == ["done"]


async def test_a_tail_that_dies_in_its_round_repeats_nothing(fresh_database: Database) -> None:
    await commit(fresh_database, "one", count=3)
    connection = await asyncpg.connect(fresh_database.url)
    dying = connection.transaction()
    await dying.start()
    await connection.execute("SET LOCAL ROLE relief_app")
    taken = "SELECT feed_advance(0, 1000000000000, NULL, 'system', 'test', NULL, 100)"
    assert await connection.fetchval(taken) == 3
    assert await number_events(fresh_database) is False, "another tail is at work: nothing is done"
    connection.terminate()
    await asyncio.sleep(0.2)
    await number_all(fresh_database)
    assert [item.version for item in (await read(fresh_database)).items] == [1, 2, 3]


async def test_much_at_once_is_numbered_in_rounds_while_others_commit(
    fresh_database: Database,
) -> None:
    await commit(fresh_database, "bulk", count=25)
    assert await number_events(fresh_database, 10)
    await commit(fresh_database, "between")
    await number_all(fresh_database, 10)
    told = (await read(fresh_database)).items
    assert numbers(told) == ["bulk"] * 25 + ["between"]
    assert [item.position for item in told] == list(range(1, 27))


async def test_each_sees_what_is_his_to_see(fresh_database: Database) -> None:
    await commit(fresh_database, "here", insurer="demo-insurer")
    await commit(fresh_database, "next-town", area=OTHER_TOWN, insurer="rival")
    await commit(fresh_database, "next-county", area=OTHER_COUNTY_AREA)
    async with fresh_database.transaction(SYSTEM) as tx:
        await write_events(tx, [NewEvent("key", "k", 1, "key.issue", 0)])
        await write_events(tx, [NewEvent("person", "p", 1, "person.reveal", TOWN)])
    await number_all(fresh_database)
    seen = {
        caller.role: numbers((await read(fresh_database, caller)).items)
        for caller in (TOWNSHIP, COUNTY, PROVINCE, INSURER)
    }
    assert seen == {
        Role.TOWNSHIP: ["here"],
        Role.COUNTY: ["here", "next-town"],
        Role.PROVINCE: ["here", "next-town", "next-county"],
        Role.INSURER: ["here"],
    }
    assert numbers((await read(fresh_database, OTHER_COUNTY)).items) == ["next-county"]


async def test_the_wall_beneath_holds_without_the_query(fresh_database: Database) -> None:
    await commit(fresh_database, "here")
    await number_all(fresh_database)
    async with fresh_database.transaction(OTHER_COUNTY) as tx:
        assert (await tx.sql.execute(text("SELECT count(*) FROM feed"))).scalar_one() == 0
    with pytest.raises(Exception, match="row-level security"):
        async with fresh_database.transaction(COUNTY) as tx:
            await tx.sql.execute(
                text(
                    "INSERT INTO feed "
                    "SELECT 99, 99, 990127, :town, NULL, 'claim', 'x', 1, 'y', now()"
                ),
                {"town": TOWN},
            )
    with pytest.raises(Exception, match="never changed, nor deleted"):
        async with fresh_database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text("DELETE FROM feed"))


async def test_only_the_types_that_are_asked_for_come(fresh_database: Database) -> None:
    async with fresh_database.transaction(SYSTEM) as tx:
        await write_events(tx, [NewEvent("claim", "c", 1, "claim.open", TOWN)])
        await write_events(tx, [NewEvent("notice", "n", 1, "notice.submit", TOWN)])
        await write_events(tx, [NewEvent("claim", "c", 2, "claim.decide", TOWN)])
    await number_all(fresh_database)
    by_resource = await read(fresh_database, wanted=["claim"])
    assert [item.version for item in by_resource.items] == [1, 2]
    by_type = await read(fresh_database, wanted=["claim.decide", "notice.submit"])
    assert numbers(by_type.items) == ["n", "c"]


async def test_pages_follow_each_other_without_gap_or_repeat(fresh_database: Database) -> None:
    await commit(fresh_database, "many", count=7)
    await number_all(fresh_database)
    place, found, more = None, [], True
    while more:
        page = await read(fresh_database, place=place, limit=3)
        place, more = page.place, page.more
        found += [item.version for item in page.items]
    assert found == [1, 2, 3, 4, 5, 6, 7]
    assert (await read(fresh_database, place=place)).place == place, "no news: the place stays"


async def test_a_reader_may_begin_with_what_happens_from_now_on(fresh_database: Database) -> None:
    await commit(fresh_database, "before")
    await number_all(fresh_database)
    place = await latest_place(fresh_database, COUNTY, None)
    await commit(fresh_database, "after")
    await number_all(fresh_database)
    assert numbers((await read(fresh_database, place=place)).items) == ["after"]


async def test_ninety_days_are_kept_and_an_older_place_is_refused(
    fresh_database: Database,
) -> None:
    await commit(fresh_database, "old", count=2)
    await number_all(fresh_database)
    place = (await read(fresh_database, limit=1)).place
    connection = await asyncpg.connect(fresh_database.url)
    await connection.execute("UPDATE sandbox_clock SET ahead = interval '89 days'")
    removed = await run_retention(fresh_database, case_days=3653, log_days=1827, draft_days=365)
    assert removed.news == 0
    await connection.execute("UPDATE sandbox_clock SET ahead = interval '91 days'")
    await connection.close()
    await commit(fresh_database, "new")
    await number_all(fresh_database)
    removed = await run_retention(fresh_database, case_days=3653, log_days=1827, draft_days=365)
    assert removed.news == 2
    with pytest.raises(FeedExpired):
        await read(fresh_database, place=place)
    assert numbers((await read(fresh_database)).items) == ["new"]


async def test_a_place_from_after_the_backup_is_refused_and_one_from_before_goes_on(
    fresh_database: Database,
) -> None:
    await commit(fresh_database, "before", count=2)
    await number_all(fresh_database)
    early = (await read(fresh_database, limit=1)).place
    lost = Place(early.life, 99)
    with pytest.raises(FeedRestored):
        await read(fresh_database, place=lost)
    # Restored elsewhere: transaction ids begin anew, far below those of the events that came along.
    connection = await asyncpg.connect(fresh_database.url)
    await connection.execute("ALTER TABLE event DISABLE TRIGGER event_kept")
    await connection.execute(
        """
        INSERT INTO event (txid, area_code, resource, number, version, type, actor)
        VALUES ('9000000000', $1, 'claim', 'unnumbered', 1, 'claim.note', 'test')
        """,
        TOWN,
    )
    await connection.execute("UPDATE feed_tail SET cluster = 'elsewhere'")
    await connection.close()
    await number_all(fresh_database)
    await commit(fresh_database, "after")
    await number_all(fresh_database)
    await number_all(fresh_database)
    page = await read(fresh_database, place=early)
    assert numbers(page.items) == ["before", "unnumbered", "after"]
    assert page.place.life != early.life
    with pytest.raises(FeedRestored):
        await read(fresh_database, place=Place(early.life, 3))


async def test_a_quiet_readers_place_is_moved_on_before_it_is_forgotten(
    fresh_database: Database,
) -> None:
    place = await latest_place(fresh_database, OTHER_COUNTY, None)
    await commit(fresh_database, "loud", count=50)
    await number_all(fresh_database)
    moved = (await read(fresh_database, OTHER_COUNTY, place)).place
    assert moved.position == 50
    await commit(fresh_database, "loud-2", count=10)
    await number_all(fresh_database)
    assert (await read(fresh_database, OTHER_COUNTY, moved)).place == moved


async def test_the_lag_is_the_age_of_what_has_no_place_yet(fresh_database: Database) -> None:
    async def lag() -> int:
        async with fresh_database.transaction(SYSTEM) as tx:
            return await lag_ms(tx)

    await number_all(fresh_database)
    assert await lag() == 0
    await commit(fresh_database, "waiting")
    await asyncio.sleep(0.1)
    assert 100 <= await lag() < 30_000
    await number_all(fresh_database)
    assert await lag() == 0


async def test_a_place_of_the_whole_country_is_looked_at_in_bounded_steps(
    fresh_database: Database,
) -> None:
    country = Caller(Role.DASHBOARD, 0, AREA_END, "key:wall")
    await commit(fresh_database, "c", count=3)
    await number_all(fresh_database)
    connection = await asyncpg.connect(fresh_database.url)
    await connection.execute(
        """
        INSERT INTO feed (position, event_seq, county_code, area_code, resource, number, version,
                          type, at)
        SELECT n, n, 990128, 990128000000, 'notice', 'n', n, 'notice.draft', now()
        FROM generate_series(4, 45000) AS n
        """
    )
    await connection.execute("UPDATE feed_tail SET position = 45000")
    await connection.close()
    place, steps = (await read(fresh_database, country, limit=3)).place, 0
    more = True
    while more:
        page = await read(fresh_database, country, place, wanted=["claim"])
        assert page.items == ()
        place, more, steps = page.place, page.more, steps + 1
    assert (place.position, steps) == (40003, 3), "the rest is near: the place stays"


async def test_what_moves_of_a_person_moves_his_notices_wherever_they_are(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN)
    filed = await file(fresh_database, notice())
    person = filed.notice.person_id
    since = await look_for_news(fresh_database, None)
    assert (since.moved, since.told) == ([], [])
    async with fresh_database.transaction(SYSTEM) as tx:
        moved = NewEvent("person", str(person), 77, "person.reveal", OTHER_COUNTY_AREA)
        await write_events(tx, [moved])
    news = await look_for_news(fresh_database, since)
    assert news.moved is not None
    assert sorted(news.moved) == [
        ["notice", TOWN, filed.notice.notice_no],
        ["person", OTHER_COUNTY_AREA, None],
    ]
    async with fresh_database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE scheme SET name_zh = name_zh || '（新）'"))
    later = await look_for_news(fresh_database, news)
    assert (later.moved, later.cluster == news.cluster) == ([], False)


async def test_a_look_sees_each_commit_once_however_long_others_stay_open(
    fresh_database: Database,
) -> None:
    first = await look_for_news(fresh_database, None)
    async with fresh_database.transaction(SYSTEM) as slow:
        await happen(slow, "slow-1")
        await commit(fresh_database, "swift-1")
        second = await look_for_news(fresh_database, first)
        third = await look_for_news(fresh_database, second)
    fourth = await look_for_news(fresh_database, third)
    fifth = await look_for_news(fresh_database, fourth)
    assert [look.moved for look in (second, third, fourth, fifth)] == [
        [["claim", TOWN, "swift-1"]],
        [],
        [["claim", TOWN, "slow-1"]],
        [],
    ]


async def test_more_news_than_can_be_told_is_told_as_very_much(fresh_database: Database) -> None:
    since = await look_for_news(fresh_database, None)
    await commit(fresh_database, "bulk", count=2_001)
    await number_all(fresh_database)
    news = await look_for_news(fresh_database, since)
    assert (news.moved, news.told, news.tail) == (None, None, 2_001)
