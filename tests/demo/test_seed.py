"""The seed: a county, its contracts, its people, and a past in every status that can rest."""

import asyncio
import base64
import os
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.demo.contracts import LEAD, contracts
from app.demo.history import History, plan_cases
from app.demo.names import COUNTY
from app.demo.office import Office
from app.demo.population import residents
from app.demo.processes import HOST, Child, free_port, stop_all
from app.demo.reconciling import Reconciling
from app.demo.seed import COUNTY_OFFICER, SYSTEM, Seeded, seed
from app.demo.telling import Teller
from app.domain.caller import Role
from app.domain.lifecycle import ClaimStatus
from app.domain.notice import NoticeContent, PersonRef
from app.outside.documents import DocumentStore, LocalShelf
from app.services.coverage.respond import match_person
from app.services.keys import authenticate
from tests.database import MASTER_KEY

PEOPLE = 3_000
URL = "http://127.0.0.1:9"


async def counted(database: Database, query: str) -> dict[object, int]:
    async with database.transaction(SYSTEM) as tx:
        return {row[0]: row[1] for row in await tx.sql.execute(text(query))}


async def one(database: Database, table: str) -> int:
    async with database.transaction(SYSTEM) as tx:
        return int((await tx.sql.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def policies_of(database: Database, id_number: str) -> list[str]:
    async with database.transaction(COUNTY_OFFICER) as tx:
        content = NoticeContent(person=PersonRef(id_number=id_number))
        matched = await match_person(tx, content)
    assert matched is not None
    return [spell.policy_no.split("-")[-1] for spell in matched.spells]


async def test_a_second_seed_finds_all_there_and_renews_the_keys(
    fresh_database: Database,
) -> None:
    first = await seed(fresh_database, None, insurer_url=URL, people=PEOPLE)
    tables = ("person", "enrolment", "event WHERE resource <> 'key'")
    before = {name: await one(fresh_database, name) for name in tables}
    second = await seed(fresh_database, None, insurer_url="http://127.0.0.1:10", people=PEOPLE)
    after = {name: await one(fresh_database, name) for name in tables}
    assert before == after
    assert before["person"] == PEOPLE
    assert first.secrets == second.secrets
    assert await authenticate(fresh_database, first.keys["county"]) is None
    caller = await authenticate(fresh_database, second.keys["county"])
    assert caller is not None
    assert caller.role is Role.COUNTY
    await _samples_are_on_their_policies(fresh_database, second)


async def _samples_are_on_their_policies(database: Database, seeded: Seeded) -> None:
    expected = {
        "901": ["BCYL"],
        "908": ["BCYL"],
        "two_policies": ["BCYL", "JKB"],
        "jiangjin": ["JKB"],
        "nursing": ["ZYHL"],
        "fund": ["YLJJ"],
        "house": ["NFTB"],
        "uninsured": [],
    }
    for purpose, policies in expected.items():
        for resident in seeded.samples[purpose]:
            number = resident.person.id_number
            assert number is not None
            assert await policies_of(database, number) == policies


async def test_every_premium_is_paid_to_the_fen(fresh_database: Database) -> None:
    await seed(fresh_database, None, insurer_url=URL, people=PEOPLE)
    await seed(fresh_database, None, insurer_url=URL, people=PEOPLE)
    owing = "SELECT policy_no, 1 FROM policy WHERE premium_due_fen <> premium_paid_fen"
    assert await counted(fresh_database, owing) == {}
    assert await one(fresh_database, "premium_payment") >= 4


async def test_a_seed_that_broke_off_is_finished_by_the_next(fresh_database: Database) -> None:
    running = asyncio.create_task(seed(fresh_database, None, insurer_url=URL, people=PEOPLE))
    while not running.done():
        if await one(fresh_database, "enrolment") > 0:
            running.cancel()
            break
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await one(fresh_database, "enrolment") < 3_200
    await seed(fresh_database, None, insurer_url=URL, people=PEOPLE)
    assert await one(fresh_database, "person") == PEOPLE
    by_person = await counted(
        fresh_database, "SELECT count(*), 1 FROM enrolment GROUP BY person_id, policy_id"
    )
    assert by_person == {1: 1}


async def test_the_past_rests_in_every_status_and_is_written_once(
    fresh_database: Database, tmp_path: Path
) -> None:
    seeded = await seed(fresh_database, None, insurer_url=URL, people=PEOPLE)
    async with fresh_database.transaction(COUNTY_OFFICER) as tx:
        today = await tx.today()
    planned = plan_cases(residents(people=PEOPLE), contracts(today), today)
    cases = [case for case in planned if case.ref.rpartition("-")[2] in ("0", "1")]
    store = DocumentStore(LocalShelf(tmp_path), fresh_database.keyring, 10_000)
    history = History(fresh_database, store, seeded.secrets[LEAD].callbacks)
    await history.write(cases)
    statuses = await counted(fresh_database, "SELECT status, count(*) FROM claim GROUP BY 1")
    assert set(statuses) == {status.value for status in ClaimStatus}
    payouts = await counted(fresh_database, "SELECT status, count(*) FROM payout GROUP BY 1")
    assert set(payouts) == {"sent", "paid", "failed", "returned"}
    told = await counted(fresh_database, "SELECT state, count(*) FROM callback_event GROUP BY 1")
    assert set(told) == {"applied", "ignored_stale"}  # our own answer was there before theirs
    events = await one(fresh_database, "event")
    await history.write(cases)
    assert await one(fresh_database, "event") == events


async def test_the_seed_writes_the_past_when_it_has_room_for_papers(
    fresh_database: Database, tmp_path: Path
) -> None:
    store = DocumentStore(LocalShelf(tmp_path), fresh_database.keyring, 10_000)
    await seed(fresh_database, store, insurer_url=URL, people=200)
    assert await one(fresh_database, "notice") > 10
    assert await one(fresh_database, "document") > 10


async def test_a_day_of_the_past_is_held_against_the_insurers_statement_and_closed(
    fresh_database: Database,
    fresh_database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = DocumentStore(LocalShelf(tmp_path), fresh_database.keyring, 10_000)
    seeded = await seed(fresh_database, store, insurer_url=URL, people=200)
    async with fresh_database.transaction(COUNTY_OFFICER) as tx:
        today = await tx.today()
    port = free_port(18080)
    given = {name: value for name, value in os.environ.items() if not name.startswith("RELIEF_")}
    api = Child(
        "api",
        ("app.cli", "serve"),
        tmp_path / "api.log",
        given
        | {
            "RELIEF_DATABASE_URL": fresh_database_url,
            "RELIEF_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
            "RELIEF_DATA_DIR": str(tmp_path),
            "RELIEF_PORT": str(port),
        },
    )
    url = f"http://{HOST}:{port}"

    def play() -> None:
        api.start()
        try:
            api.wait_ready(f"{url}/readyz")
            with (
                Office(url, seeded.keys["insurer"]) as insurer,
                Office(url, seeded.keys["county"]) as county,
            ):
                told = Reconciling(insurer, county, Teller(), LEAD, f"{COUNTY:012d}", today)
                told.play()
                told.play()  # as a second run on the same day
        finally:
            stop_all([api])

    await asyncio.to_thread(play)
    said = capsys.readouterr().out
    assert said.count("差异无人认领，不能封账") == 1
    assert said.count("封账  9901") == 2
    closed = "SELECT state, count(*) FROM reconciliation_item GROUP BY 1"
    assert await counted(fresh_database, closed) == {"resolved": 1}
    assert await one(fresh_database, "reconciliation WHERE state = 'closed'") == 1
