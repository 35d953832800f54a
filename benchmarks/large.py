"""A database that has had many claims: the rows of one, multiplied by set-based statements.

`open_large` keeps such a database beside the service's own data and finds it again: 1,000,000
claims and 1,150,000 people take some minutes once. Every row is one of the services' own making
with another identity; texts that are enciphered stay those of the row they were copied from.
"""

import asyncio
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import asyncpg

from app.cli.migrate import upgrade
from app.crypto import Keyring
from app.db.session import Database
from app.db.summaries import SUMMARIES, mend
from app.domain.caller import AREA_END, Caller, Role
from app.launcher import ensure_server, stop_server
from app.settings import state_dir
from benchmarks import walk
from benchmarks.house import MASTER_KEY, House
from benchmarks.measure import tell

# What tells one row from another, by table and column; every other column is that of the row there
# is. `g` is the number of the copy; rows of one claim, person or notice meet by it.
PERSON = "md5('person' || g)::uuid"
NOTICE = "md5('notice' || g)::uuid"
CLAIM = "md5('claim' || g)::uuid"
NOTICE_NO = "'990127-2025-' || g"
CLAIM_NO = "'990127-2025-' || g || '-1'"
PEOPLE: dict[str, Mapping[str, str]] = {
    "person": {
        "id": PERSON,
        "id_index": "decode(md5('number' || g), 'hex')",
        "name_index": "decode(md5('name' || g % 60000), 'hex')",
    },
    "enrolment": {"id": "md5('enrolment' || g)::uuid", "person_id": PERSON},
}
CLAIMS: dict[str, Mapping[str, str]] = {
    "notice": {"id": NOTICE, "notice_no": NOTICE_NO, "person_id": PERSON, "client_ref": "NULL"},
    "notice_settlement": {
        "notice_id": NOTICE,
        "settlement_index": "decode(md5('settlement' || g), 'hex')",
    },
    "document": {"id": "md5('document' || g)::uuid", "notice_id": NOTICE},
    "claim": {"id": CLAIM, "claim_no": CLAIM_NO, "notice_id": NOTICE},
    "assessment": {"id": "md5('assessment' || g)::uuid", "claim_id": CLAIM},
    "instruction": {"id": "md5('instruction' || g)::uuid", "claim_id": CLAIM},
    "decision": {"id": "md5('decision' || g)::uuid", "claim_id": CLAIM},
    "payout": {"id": "md5('payout' || g)::uuid", "claim_id": CLAIM, "reference": "'PAY-X' || g"},
    "payout_attempt": {
        "id": "md5('attempt' || g)::uuid",
        "payout_id": "md5('payout' || g)::uuid",
        "settlement_no": "'SETTLED-X' || g",
    },
    "usage_entry": {"id": "1000000 + g", "claim_id": CLAIM, "subject_id": PERSON},
    "usage_counter": {"subject_id": PERSON},
    "event": {"seq": "1000000 + g", "number": CLAIM_NO},
    "job": {"id": "1000000 + g", "subject": NOTICE_NO, "state": "'done'"},
    "callback_event": {
        "id": "1000000 + g",
        "event_id": "'evt_x' || g",
        "claim_no": CLAIM_NO,
        "state": "'applied'",
    },
}
OWN = {**PEOPLE, **CLAIMS}
# One claim in 49 waits for somebody, each in its way; its notice is open, and no other.
_WAITS, _HOW = "g % 49 = 0", "g / 392 % 4"
LIVELY = OWN | {
    "notice": CLAIMS["notice"]
    | {"status": f"CASE WHEN {_WAITS} THEN 'submitted' ELSE 'closed' END"},
    "claim": CLAIMS["claim"]
    | {
        "status": f"CASE WHEN {_WAITS} THEN (array['evidence_required', 'pending_approval', "
        f"'under_review', 'paying'])[1 + {_HOW}] ELSE one.status END",
        "outcome": f"CASE WHEN {_WAITS} AND {_HOW} < 3 THEN NULL ELSE one.outcome END",
        "held_from": f"CASE WHEN {_WAITS} AND {_HOW} = 0 THEN 'under_review' END",
        "due_on": f"CASE WHEN {_WAITS} AND {_HOW} < 2 THEN current_date + (g % 30)::integer END",
    },
}
# Wherever a table has these: eight counties of 120 townships, a claim moved every ten seconds.
SPREAD = {
    "area_code": "990121000000 + (g % 8) * 1000000 + (101 + g / 8 % 120) * 1000",
    "updated_at": "timestamptz '2025-01-01 00:00:00Z' + g * interval '10 s'",
}
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""
_COPY = """
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {values} FROM {table} AS one, generate_series({first}, {last}) AS g
WHERE one.ctid = (SELECT ctid FROM {table} LIMIT 1)
"""
_SLEEP = """
UPDATE pg_index SET indisready = false, indisvalid = false
WHERE indrelid = ANY (SELECT name::regclass FROM unnest($1::text[]) AS t (name))
"""
SHAPE = 3  # of the rows: one more when what is built here is built otherwise
BYTES_OF_A_CLAIM = 15_000  # on disk while it is built, with its person, its trail and its log
SLICE = 100_000  # rows of one statement, each its own transaction
HASTE = {  # while it is built: a crash then costs only the building
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many claims and people the copies come to."""

    claims: int
    people: int


LARGE = Size(claims=1_000_000, people=1_150_000)
QUICK = Size(claims=50_000, people=60_000)


async def multiply(
    url: str,
    claims: int,
    people: int | None = None,
    *,
    spread: Mapping[str, str] = MappingProxyType({}),
    rows: Mapping[str, Mapping[str, str]] = MappingProxyType(OWN),
) -> None:
    """Give every table of a claim's way so many rows more, with the planner told of them.

    `spread` tells columns apart wherever they are; without it all lie where the first one does.
    `rows` tells by table what is a row's own.
    A table in which nobody has written yet stays empty. Constraints between tables are not asked,
    but they hold: there is a person for every claim (`people` counts as many as `claims` if None).
    """
    people = claims if people is None else people
    owner = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await owner.execute("SET session_replication_role = replica")
        for table, own in rows.items():
            await _copies(owner, table, {**spread, **own}, people if table in PEOPLE else claims)
        await owner.execute("ANALYZE")
    finally:
        await owner.close()


async def _copies(
    owner: asyncpg.Connection, table: str, own: Mapping[str, str], count: int
) -> None:
    columns = [row["attname"] for row in await owner.fetch(_COLUMNS, table)]
    chosen = {name: value for name, value in own.items() if name in columns}
    values = ", ".join(chosen.get(name, f"one.{name}") for name in columns)
    for first in range(1, count + 1, SLICE):
        last = min(count, first + SLICE - 1)
        await owner.execute(
            _COPY.format(
                table=table, columns=", ".join(columns), values=values, first=first, last=last
            ),
            timeout=None,
        )


@contextmanager
def open_large(size: Size) -> Generator[House]:
    """Open the house with so many rows, built on the first call and found on later ones.

    It lies in the data folder of the machine, by its size, and is brought to this revision; what is
    written into it while it is open stays, a few rows at a time.
    """
    folder = state_dir() / "bench" / f"{size.claims}-{size.people}-{SHAPE}"
    whole = folder / "whole"
    if not whole.exists():
        _build(folder, size)
        whole.touch()
    house = None
    try:
        url = ensure_server(folder)
        upgrade(url)
        house = House(folder, url, found=True)
        yield house
    finally:
        if house is not None:
            house.close()
        stop_server(folder)


def _build(folder: Path, size: Size) -> None:
    """Build it anew; what an earlier, broken building left is removed."""
    tell(f"building {size.claims:,} claims and {size.people:,} people in {folder} ...")
    _remove(folder)
    _make_room(folder, size)
    folder.mkdir(parents=True, mode=0o711)
    url = ensure_server(folder, settings=HASTE)
    try:
        upgrade(url)
        house = House(folder, url)
        asyncio.run(walk.first_claims(house.county))
        asyncio.run(put_indexes_to_sleep(url, list(OWN)))
        asyncio.run(multiply(url, size.claims, size.people, spread=SPREAD, rows=LIVELY))
        asyncio.run(wake_indexes(url, list(OWN)))
        asyncio.run(_settle_down(url))
    finally:
        stop_server(folder)


def _make_room(folder: Path, size: Size) -> None:
    """Remove databases of another shape or size where there is no room beside them."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    for other in sorted(folder.parent.glob("*-*")):
        if shutil.disk_usage(folder.parent).free >= size.claims * BYTES_OF_A_CLAIM:
            return
        if other != folder:
            tell(f"removing {other}: there is no room beside it ...")
            _remove(other)


def _remove(folder: Path) -> None:
    stop_server(folder)
    shutil.rmtree(folder, ignore_errors=True)


async def _count_up(url: str) -> None:
    """Bring the totals up to the copies, which no trigger saw."""
    database = Database(url, Keyring(MASTER_KEY), pool_size=1)
    try:
        async with database.transaction(Caller(Role.SYSTEM, 0, AREA_END, "bench")) as tx:
            for summary in SUMMARIES:
                await mend(tx, summary)
    finally:
        await database.close()


async def put_indexes_to_sleep(url: str, tables: Sequence[str]) -> None:
    """Let no insert look after an index: each is built once, sorted, when all rows are there.

    A row at a time in no order into twenty indexes takes three times as long. A constraint wakes
    with its index; what it forbids is found then.
    """
    owner = await asyncpg.connect(url)
    try:
        await owner.execute(_SLEEP, list(tables))
    finally:
        await owner.close()


async def wake_indexes(url: str, tables: Sequence[str]) -> None:
    """Build every index of these tables, and check what it forbids."""
    owner = await asyncpg.connect(url)
    try:
        for table in tables:
            await owner.execute(f"REINDEX TABLE {table}", timeout=None)
    finally:
        await owner.close()


async def _settle_down(url: str) -> None:
    await _count_up(url)
    owner = await asyncpg.connect(url)
    try:
        await owner.execute("VACUUM ANALYZE", timeout=None)
        await owner.execute("CHECKPOINT", timeout=None)
    finally:
        await owner.close()
