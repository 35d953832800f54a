"""Master keys take turns while everybody goes on working: nothing is lost, nobody is not found."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.crypto import Keyring, UnknownKey
from app.db.ids import new_id
from app.db.inbox import open_callbacks
from app.db.people import read_people
from app.db.relatives import add_declaration, is_declared
from app.db.resealing import COLUMNS, keeper
from app.db.session import Database
from app.db.tables import metadata
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import DuplicateNotice, Invalid, NotFound
from app.services.keys import authenticate, issue_key
from app.services.master_keys import key_state, rotate_keys
from app.services.notices.read_notice import read_notice
from app.services.people import look_up_person, register_person
from tests.cases import (
    CHUNAN,
    INSURER,
    bill,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, COUNTY_AREA, OTHER_COUNTY, SYSTEM, TOWNSHIP
from tests.database import MASTER_KEY, SUITE
from tests.people import id_number, person

PEOPLE = 40
NEXT_KEY = bytes(range(100, 132))
NEXT_SUITE = "gm" if SUITE == "intl" else "intl"
OLD, NEW = (1, SUITE, MASTER_KEY), (2, NEXT_SUITE, NEXT_KEY)
SECURITY = Caller(Role.SECURITY, 0, AREA_END, "key:security")


def test_every_sealed_column_is_brought_over() -> None:
    sealed = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed") and table.name != "person"
    }
    assert sealed == {f"{one.table}.{one.column}" for one in COLUMNS}


async def everything(database: Database) -> tuple[str, str]:
    """People, a claim with instruction, callbacks and payout, an API key, a declaration."""
    await county_with(database, CHUNAN, people=PEOPLE)
    seen = await file(database, notice())
    claim_no = seen.claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.accepted")
    await deliver(database, claim_no, "claim.decided", **decided())
    await deliver(database, claim_no, "payout.sent", **payout())
    await work(database)
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.COUNTY, COUNTY_AREA)
    async with database.transaction(COUNTY) as tx:
        relative = (await look_up_person(tx, "张试2", id_number=id_number(2))).id
        assert await add_declaration(tx, new_id(), relative, COUNTY_AREA, "child")
    return seen.notice.notice_no, key.token


async def look_on(database: Database, start: int, over: asyncio.Event) -> int:
    """Look people up, one after the other, until it is over; one not found fails the test."""
    looked, sequence = 0, start
    while not over.is_set():
        sequence = sequence % PEOPLE + 1
        async with database.transaction(TOWNSHIP) as tx:
            await look_up_person(tx, f"张试{sequence}", id_number=id_number(sequence))
        looked += 1
    return looked


async def registers(database: Database, sequence: int) -> bool:
    try:
        async with database.transaction(TOWNSHIP) as tx:
            await register_person(tx, person(sequence))
    except Invalid:
        return False
    return True


async def test_keys_and_suite_change_under_load_without_one_failed_look_up(
    fresh_database: Database,
) -> None:
    notice_no, token = await everything(fresh_database)
    url, over = fresh_database.url, asyncio.Event()
    adding = Database(url, Keyring.of([OLD, NEW]), pool_size=3)
    during = Database(url, Keyring.of([NEW, OLD]), pool_size=3)
    after = Database(url, Keyring.of([NEW]), pool_size=2)
    try:
        looking = [
            asyncio.create_task(look_on(database, start, over))
            for database, start in ((adding, 0), (adding, 13), (during, 26))
        ]
        # The same newcomers through processes of either phase: each is registered once.
        newcomers = await asyncio.gather(
            *(registers(each, 500 + n) for n in range(5) for each in (adding, during))
        )
        done = await rotate_keys(during)
        over.set()
        assert sum(await asyncio.gather(*looking)) > PEOPLE
        assert sum(newcomers) == 5
        assert done["person"] >= PEOPLE
        await rotate_keys(during)  # rows that somebody held at that moment
        assert (await key_state(during)).clear
        await check_everything(after, notice_no, token)
    finally:
        over.set()
        for database in (adding, during, after):
            await database.close()


async def check_everything(after: Database, notice_no: str, token: str) -> None:
    """With the new key alone: everything opens, everybody is found, nothing is there twice."""
    async with after.transaction(TOWNSHIP) as tx:
        for sequence in (*range(1, PEOPLE + 1), *range(500, 505)):
            found = await look_up_person(tx, f"张试{sequence}", id_number=id_number(sequence))
            assert (await read_people(tx, [found.id]))[found.id].id_number == id_number(sequence)
        with pytest.raises(NotFound):
            await look_up_person(tx, "张试1", id_number=id_number(2))
        seen = await read_notice(tx, notice_no)
        assert seen.notice.content.payees[0].account == "6200000000001234"
    for caller in (TOWNSHIP, OTHER_COUNTY):
        async with after.transaction(caller) as tx:
            with pytest.raises(Invalid):
                await register_person(tx, person(1, area_code=caller.area_lo))
    with pytest.raises(DuplicateNotice):
        await file(after, notice(bills=(bill("S-1"),)))
    async with after.transaction(SYSTEM) as tx:
        assert await open_callbacks(tx, INSURER, f"{notice_no}-1") == []
    caller = await authenticate(after, token)
    assert caller is not None
    async with after.transaction(COUNTY) as tx:
        relative = (await look_up_person(tx, "张试2", id_number=id_number(2))).id
        assert await is_declared(tx, relative)


async def test_an_older_key_is_known_to_be_needed_and_misses_nothing(database: Database) -> None:
    await everything(database)
    database.keyring = Keyring.of([NEW, OLD])
    state = await key_state(database)
    assert not state.clear
    assert state.old_rows["person"] == PEOPLE
    assert state.old_rows["notice.personal_sealed"] == 1
    async with keeper(database) as tx:
        await tx.sql.execute(
            text(
                "INSERT INTO callback_event (insurer_code, event_id, body_sha256, body_sealed, "
                "state) VALUES (:insurer, :id, '', :body, 'parked')"
            ),
            {
                "insurer": INSURER,
                "id": (event := f"evt_{uuid4().hex}"),
                "body": Keyring.of([OLD]).seal(
                    b"{}", f"callback_event.body_sealed.{INSURER}|{event}"
                ),
            },
        )
    done = await rotate_keys(database)
    assert done["callback_event.body_sealed"] >= 1
    assert (await key_state(database)).clear
    database.keyring = Keyring.of([OLD])
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(NotFound):
            await look_up_person(tx, "张试1", id_number=id_number(1))
    async with database.transaction(SYSTEM) as tx:
        ids = list((await tx.sql.execute(text("SELECT id FROM person"))).scalars())
        with pytest.raises(UnknownKey):
            await read_people(tx, ids)


async def test_only_the_keepers_context_may_seal_an_instruction_anew(database: Database) -> None:
    await everything(database)
    async with keeper(database) as tx:
        await tx.sql.execute(text("UPDATE instruction SET body_sealed = body_sealed || ''"))
    with pytest.raises(Exception, match="supersede"):
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text("UPDATE instruction SET body_sealed = '\\x00'"))
