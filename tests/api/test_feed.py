"""GET /v1/events: plain and long polling, cursors that hold, named refusals."""

import asyncio

import httpx
import pytest

from app.db.events import NewEvent, write_event
from app.db.session import Database
from app.domain.caller import Role
from app.services.feed.number_events import number_events
from tests.api.conftest import Caller_
from tests.contracts import COUNTY_AREA, OTHER_TOWN, SYSTEM, TOWN, take_on

Client = httpx.AsyncClient
FEED = "/v1/events"


@pytest.fixture
def database(fresh_database: Database) -> Database:
    """With real commits: what has not committed is in no feed."""
    return fresh_database


async def happen(
    database: Database, number: str, area: int = TOWN, type_: str = "claim.note", version: int = 1
) -> None:
    """An event that is in the feed when this returns."""
    resource = type_.partition(".")[0]
    async with database.transaction(SYSTEM) as tx:
        await write_event(
            tx, NewEvent(resource, number, version, type_, area, insurer_code="demo-insurer")
        )
    await number_events(database)


async def follow(client: Client, **asked: object) -> httpx.Response:
    return await client.get(FEED, params={name: str(value) for name, value in asked.items()})


async def test_events_are_thin_and_come_once_in_their_order(
    database: Database, county: Client
) -> None:
    for version in (1, 2, 3):
        await happen(database, "990127-2026-000001-1", type_="claim.note", version=version)
    first = (await follow(county, limit=2)).json()
    assert [(one["seq"], one["version"]) for one in first["items"]] == [(1, 1), (2, 2)]
    assert first["items"][0] | {"at": ""} == {
        "seq": 1,
        "type": "claim.note",
        "label_zh": "添加备注",
        "at": "",
        "resource": "claim",
        "id": "990127-2026-000001-1",
        "version": 1,
    }
    assert first["has_more"] is True
    second = (await follow(county, after=first["next_cursor"])).json()
    assert ([one["seq"] for one in second["items"]], second["has_more"]) == ([3], False)
    third = (await follow(county, after=second["next_cursor"])).json()
    assert third == {"items": [], "has_more": False, "next_cursor": second["next_cursor"]}


async def test_no_news_is_a_304_and_news_of_others_is_no_news(
    database: Database, township: Client
) -> None:
    for version in range(1, 6):
        await happen(database, "mine", version=version)
    cursor = (await follow(township)).json()["next_cursor"]
    quiet = await follow(township, after=cursor)
    etag = {"If-None-Match": quiet.headers["etag"]}
    asked = {"after": cursor}
    assert (await township.get(FEED, params=asked, headers=etag)).status_code == 304
    await happen(database, "others", area=OTHER_TOWN)
    assert (await township.get(FEED, params=asked, headers=etag)).status_code == 304
    await happen(database, "mine", version=6)
    news = await township.get(FEED, params=asked, headers=etag)
    assert (news.status_code, len(news.json()["items"])) == (200, 1)


async def test_a_long_poll_comes_back_with_the_news(database: Database, county: Client) -> None:
    cursor = (await follow(county, after="latest")).json()["next_cursor"]
    waiting = asyncio.create_task(follow(county, after=cursor, wait=10))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await happen(database, "news")
    answer = await waiting
    assert [one["id"] for one in answer.json()["items"]] == ["news"]


async def test_a_long_poll_ends_when_its_time_is_over(database: Database, county: Client) -> None:
    began = asyncio.get_running_loop().time()
    first = await follow(county, wait=1)
    assert 1 <= asyncio.get_running_loop().time() - began < 5
    etag = {"If-None-Match": first.headers["etag"]}
    assert (await county.get(FEED, params={"wait": "1"}, headers=etag)).status_code == 304


async def test_types_and_resources_are_filters_and_unknown_ones_are_refused(
    database: Database, county: Client
) -> None:
    await happen(database, "n", type_="notice.submit")
    await happen(database, "c", type_="claim.open")
    await happen(database, "c", type_="claim.decide", version=2)
    told = (await follow(county, types="notice,claim.decide")).json()["items"]
    assert [one["type"] for one in told] == ["notice.submit", "claim.decide"]
    for wrong in ("claim.unheard_of", "key", "key.issue", "claim,", "*"):
        refused = await follow(county, types=wrong)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["parameter"] == "types"


async def test_absurd_limits_and_unknown_parameters_are_refused_by_name(county: Client) -> None:
    for asked in (
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "999999999999999999999"},
        {"wait": "11"},
        {"wait": "-1"},
        {"since": "yesterday"},
        {"after": ""},
    ):
        told = (await county.get(FEED, params=asked)).json()
        assert (told["status"], told["code"]) == (422, "validation.failed")
        assert told["errors"][0].get("parameter") in (*asked, None)


async def test_a_cursor_is_bound_to_its_scope_and_not_to_its_key(
    database: Database, client_of: Caller_, county: Client
) -> None:
    await happen(database, "c")
    cursor = (await follow(county)).json()["next_cursor"]
    replaced = await client_of(Role.COUNTY, COUNTY_AREA)
    assert (await follow(replaced, after=cursor)).status_code == 200
    for other in (
        await client_of(Role.TOWNSHIP, TOWN),
        await client_of(Role.DASHBOARD, COUNTY_AREA),
        await client_of(Role.COUNTY, COUNTY_AREA + 10**6),
    ):
        refused = await follow(other, after=cursor)
        assert (refused.status_code, refused.json()["code"]) == (400, "request.malformed")


async def test_a_bent_cursor_is_refused_by_name(county: Client) -> None:
    cursor = (await follow(county)).json()["next_cursor"]
    other = "A" if cursor[0] != "A" else "B"
    for bent in (cursor[:-2], cursor[::-1], other + cursor[1:], "AAAA", "新", "x" * 400):
        refused = await follow(county, after=bent)
        assert (refused.status_code, refused.json()["code"]) == (400, "request.malformed")


async def test_a_cursor_of_what_is_gone_or_was_undone_is_refused_by_name(
    database: Database, county: Client
) -> None:
    for version in (1, 2, 3):
        await happen(database, "c", version=version)
    early = (await follow(county, limit=1)).json()["next_cursor"]
    late = (await follow(county)).json()["next_cursor"]
    async with database.transaction(SYSTEM) as tx:
        await tx.row("UPDATE feed_tail SET forgotten = 2")
    expired = await follow(county, after=early)
    assert (expired.status_code, expired.json()["code"]) == (410, "feed.expired")
    async with database.transaction(SYSTEM) as tx:
        await tx.row("UPDATE feed_tail SET position = 2")
    undone = await follow(county, after=late)
    assert (undone.status_code, undone.json()["code"]) == (410, "feed.restored")


async def test_a_key_of_no_reader_follows_nothing(client_of: Caller_) -> None:
    for role in (Role.SYSTEM, Role.SECURITY, Role.AUDIT):
        client = await client_of(role)
        assert (await follow(client)).status_code == 403


async def test_an_insurer_follows_its_own_policies_only(
    database: Database, client_of: Caller_
) -> None:
    await happen(database, "theirs")
    async with database.transaction(SYSTEM) as tx:
        await write_event(tx, NewEvent("claim", "fund", 1, "claim.open", TOWN))
        await write_event(
            tx, NewEvent("claim", "rivals", 1, "claim.open", TOWN, insurer_code="rival")
        )
    await number_events(database)
    await take_on(database)
    client = await client_of(Role.INSURER, 0, "demo-insurer")
    assert [one["id"] for one in (await follow(client)).json()["items"]] == ["theirs"]


async def test_the_lag_is_a_figure_for_machines(database: Database, client_of: Caller_) -> None:
    watcher = await client_of(Role.SYSTEM)
    await happen(database, "told")
    assert "relief_feed_lag_seconds 0.0" in (await watcher.get("/metrics")).text
    async with database.transaction(SYSTEM) as tx:
        await write_event(tx, NewEvent("claim", "untold", 1, "claim.note", TOWN))
    await asyncio.sleep(0.05)
    (told,) = [
        line
        for line in (await watcher.get("/metrics")).text.splitlines()
        if line.startswith("relief_feed_lag_seconds")
    ]
    assert float(told.rpartition(" ")[2]) > 0
