"""What the database does to us, F08 to F17: 503 and come again under the same key, never a 500."""

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Depends
from sqlalchemy import text
from starlette.responses import Response as Sent

from app.api.answers import Answer
from app.api.fields import Form, View
from app.api.writing import Writes, Writing
from app.db import session
from app.db.session import Tx
from app.domain.caller import Act
from tests.chaos.conftest import Client, Opens, away, keyed
from tests.chaos.severed import Moment, Severed
from tests.contracts import TOWN
from tests.papers import PDF

WAITING = """
    SELECT count(*) FROM pg_locks WHERE NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def submit(client: Client, notice_no: str, key: dict[str, str]) -> httpx.Response:
    return await client.post(f"/v1/notices/{notice_no}:submit", headers=key)


async def draft(client: Client, _: str, key: dict[str, str]) -> httpx.Response:
    return await client.post("/v1/notices", json={"area_code": str(TOWN)}, headers=key)


async def attach(client: Client, notice_no: str, key: dict[str, str]) -> httpx.Response:
    return await client.post(
        f"/v1/notices/{notice_no}/documents",
        data={"kind": "discharge_record"},
        files={"file": ("scan.pdf", PDF, "application/pdf")},
        headers=key,
    )


Writes_ = Callable[[Client, str, dict[str, str]], Awaitable[httpx.Response]]
WRITES: dict[str, tuple[Writes_, str]] = {
    "submit": (submit, "SELECT count(*) FROM claim"),
    "draft": (draft, "SELECT count(*) - 1 FROM notice"),
    "attach": (attach, "SELECT count(*) FROM document WHERE kind = 'discharge_record'"),
}


@pytest.mark.parametrize("moment", ["unheard", "unanswered"])
@pytest.mark.parametrize("write", WRITES)
async def test_f09_a_connection_cut_at_the_commit_leaves_a_doubt_that_the_same_key_resolves(
    fresh_database_url: str,
    keeper: asyncpg.Connection,
    notice_no: str,
    opens: Opens,
    tmp_path: Path,
    write: str,
    moment: Moment,
) -> None:
    act, question = WRITES[write]
    key = keyed()
    async with Severed(fresh_database_url).open() as wire, opens(wire.url) as client:
        wire.cut_next(moment)
        answer = await act(client, notice_no, key)
        assert away(answer), answer.text
        assert wire.cuts == 1
        assert await keeper.fetchval(question) == (moment == "unanswered")
        again = await act(client, notice_no, key)
        while away(again):  # other connections of the pool may have to be opened anew
            again = await act(client, notice_no, key)
    assert again.is_success, again.text
    assert ("idempotency-replayed" in again.headers) is (moment == "unanswered")
    assert await keeper.fetchval(question) == 1
    for row in await keeper.fetch("SELECT storage_key FROM document WHERE kind <> 'settlement'"):
        key_on_shelf = row["storage_key"]
        assert (tmp_path / "documents" / key_on_shelf[:2] / key_on_shelf).is_file()


async def test_f10_a_terminated_backend_is_come_again_and_then_all_is_well(
    fresh_database_url: str, keeper: asyncpg.Connection, notice_no: str, opens: Opens
) -> None:
    key = keyed()
    async with opens(fresh_database_url) as client:
        async with keeper.transaction():
            await keeper.execute("LOCK TABLE claim IN ACCESS EXCLUSIVE MODE")
            waiting = asyncio.create_task(submit(client, notice_no, key))
            await until_one_waits(keeper)
            await keeper.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert away(await waiting)
        again = await submit(client, notice_no, key)
        while away(again):
            again = await submit(client, notice_no, key)
    assert again.status_code == 200
    assert await keeper.fetchval("SELECT count(*) FROM claim") == 1


class Nothing(Form):
    pass


class Done(View):
    attempts: int


Doing = Callable[[Tx, int], Awaitable[None]]


def route_of(doing: Doing) -> APIRouter:
    """A write that does as a test says; told how often it was begun."""
    router, begun = APIRouter(), 0

    @router.post("/v1/hurt")
    async def hurt(
        form: Nothing, door: Annotated[Writing, Depends(Writes(Act.FILE_NOTICE))]
    ) -> Sent:
        async def act(tx: Tx) -> Answer:
            nonlocal begun
            begun += 1
            await doing(tx, begun)
            return Answer(Done(attempts=begun))

        return await door.once(form, act)

    return router


async def exhausted(client: Client, held: asyncio.Event, over: asyncio.Event) -> None:
    """Once a request holds what there is, others are told to come again, until it is over."""
    first = asyncio.create_task(client.post("/v1/hurt", json={}, headers=keyed()))
    await held.wait()
    began = time.monotonic()
    refused = await draft(client, "", keyed())
    assert away(refused), refused.text
    assert away(await client.get("/readyz"))
    assert time.monotonic() - began < 5
    over.set()
    assert (await first).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    assert (await draft(client, "", keyed())).status_code == 201


def holding() -> tuple[APIRouter, asyncio.Event, asyncio.Event]:
    """A write that holds its connection: the route, when it does, and when it may end."""
    held, over = asyncio.Event(), asyncio.Event()

    async def hold(_: Tx, __: int) -> None:
        held.set()
        await over.wait()

    return route_of(hold), held, over


async def test_f11_an_exhausted_pool_is_come_again_in_time_and_told_by_readiness(
    fresh_database_url: str, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "POOL_SECONDS", 0.3)
    router, held, over = holding()
    async with opens(fresh_database_url, router, pool_size=1) as client:
        await exhausted(client, held, over)


async def test_f11_a_server_without_a_connection_left_is_come_again_too(
    fresh_database_url: str, keeper: asyncpg.Connection, opens: Opens
) -> None:
    await keeper.execute(
        "CREATE ROLE limited_app LOGIN PASSWORD 'limited' NOSUPERUSER CONNECTION LIMIT 1"
        " IN ROLE relief_app"
    )
    scheme, _, rest = fresh_database_url.partition("//")
    url = f"{scheme}//limited_app:limited@{rest.partition('@')[2]}"
    router, held, over = holding()
    try:
        async with opens(url, router) as client:
            await exhausted(client, held, over)
    finally:
        await keeper.execute("DROP ROLE limited_app")


async def test_f12_a_deadlock_is_resolved_by_doing_the_whole_act_again(
    fresh_database_url: str, keeper: asyncpg.Connection, opens: Opens
) -> None:
    await keeper.execute("CREATE TABLE pair (id int PRIMARY KEY, times int DEFAULT 0)")
    await keeper.execute("INSERT INTO pair VALUES (1), (2); GRANT ALL ON pair TO relief_app")
    holds, rival_holds = asyncio.Event(), asyncio.Event()

    async def one_then_two(tx: Tx, attempt: int) -> None:
        if attempt == 1:
            await tx.sql.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
        await tx.sql.execute(text("UPDATE pair SET times = times + 1 WHERE id = 1"))
        holds.set()
        await rival_holds.wait()
        await tx.sql.execute(text("UPDATE pair SET times = times + 1 WHERE id = 2"))

    async def two_then_one() -> None:
        async with keeper.transaction():
            await keeper.execute("SET LOCAL deadlock_timeout = '20s'")
            await keeper.execute("UPDATE pair SET times = times + 1 WHERE id = 2")
            rival_holds.set()
            await holds.wait()
            await keeper.execute("UPDATE pair SET times = times + 1 WHERE id = 1")

    await keeper.execute("GRANT SET ON PARAMETER deadlock_timeout TO relief_app")
    try:
        async with opens(fresh_database_url, route_of(one_then_two)) as client:
            rival = asyncio.create_task(two_then_one())
            answer = await client.post("/v1/hurt", json={}, headers=keyed())
            await rival
    finally:
        await keeper.execute("REVOKE SET ON PARAMETER deadlock_timeout FROM relief_app")
    assert (answer.status_code, answer.json()) == (200, {"attempts": 2})
    assert await keeper.fetchval("SELECT array_agg(times) FROM pair") == [2, 2]


RAISE = "DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{}'; END $$"


@pytest.mark.parametrize("code", ["40P01", "40001"], ids=["f12 deadlock", "f13 serialisation"])
@pytest.mark.parametrize("losses", [3, 99], ids=["then won", "never won"])
async def test_f12_f13_a_lost_race_is_run_again_from_its_start_and_not_for_ever(
    fresh_database_url: str, opens: Opens, code: str, losses: int
) -> None:
    async def lose(tx: Tx, attempt: int) -> None:
        if attempt <= losses:
            await tx.sql.execute(text(RAISE.format(code)))

    async with opens(fresh_database_url, route_of(lose)) as client:
        answer = await client.post("/v1/hurt", json={}, headers=keyed())
    if losses == 3:
        assert (answer.status_code, answer.json()) == (200, {"attempts": 4})
    else:
        assert away(answer)


async def test_f14_a_lock_held_too_long_is_come_again(
    fresh_database_url: str,
    keeper: asyncpg.Connection,
    notice_no: str,
    opens: Opens,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(session.SESSION, "lock_timeout", "200ms")
    key = keyed()
    async with opens(fresh_database_url) as client:
        async with keeper.transaction():
            await keeper.execute("LOCK TABLE claim IN ACCESS EXCLUSIVE MODE")
            assert away(await submit(client, notice_no, key))
        assert (await submit(client, notice_no, key)).status_code == 200


async def test_f17_a_statement_that_takes_too_long_is_come_again(
    fresh_database_url: str, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(session.SESSION, "statement_timeout", "200ms")

    async def dawdle(tx: Tx, _: int) -> None:
        await tx.sql.execute(text("SELECT pg_sleep(20)"))

    async with opens(fresh_database_url, route_of(dawdle)) as client:
        began = time.monotonic()
        assert away(await client.post("/v1/hurt", json={}, headers=keyed()))
        assert time.monotonic() - began < 10


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """No file that this process writes may grow beyond `size` bytes: the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_f16_no_room_for_a_paper_is_said_and_no_row_names_what_is_not_there(
    fresh_database_url: str,
    keeper: asyncpg.Connection,
    notice_no: str,
    opens: Opens,
    tmp_path: Path,
) -> None:
    key = keyed()
    before = await keeper.fetchval("SELECT count(*) FROM event")
    async with opens(fresh_database_url) as client:
        with files_at_most(len(PDF) // 2):
            answer = await attach(client, notice_no, key)
        assert away(answer), answer.text
        assert await keeper.fetchval("SELECT count(*) FROM document") == 1  # the one before
        assert await keeper.fetchval("SELECT count(*) FROM event") == before
        assert not [one for one in (tmp_path / "documents").rglob("*") if one.is_file()]
        assert (await attach(client, notice_no, key)).status_code == 201


async def until_one_waits(keeper: asyncpg.Connection) -> None:
    async with asyncio.timeout(10):
        while not await keeper.fetchval(WAITING):  # noqa: ASYNC110 - the database rings no bell
            await asyncio.sleep(0.02)
