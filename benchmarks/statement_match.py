"""A statement of 100,000 lines: compared in one pass, and taken as a file over HTTP.

The pass is held against a bare join of the same rows on the settlement number alone, the taking
against COPY of the same lines into a table without keys or walls; and the server must not grow by
as much as the file is long, once it has taken a fifth of it.
"""

import asyncio
import csv
import http.client
import io
import time
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg

from app.db.matching import compare
from app.db.reconciliation_books import list_books
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role, county_of
from app.domain.matching import Kind
from app.domain.statement import Side
from app.services.keys import issue_key
from benchmarks import county
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, memory_mb, middle, pairwise, tell

FIRST_CLAIM = 300_000
DAY = date(county.YEAR, 4, 3)
AREA = county_of(county.TOWNSHIPS[0])
BOUNDARY = "statement-of-the-benchmark"
_HEAD = ("claim_no", "payout_reference", "settlement_no", "direction", "amount", "settled_on")
_OWN = {
    "claim": "'id', md5('claim' || g)::uuid, 'notice_id', md5('notice' || g)::uuid,"
    " 'claim_no', 'B' || lpad(g::text, 6, '0')",
    "payout": "'id', md5('payout' || g)::uuid, 'claim_id', md5('claim' || g)::uuid,"
    " 'reference', 'PAY-B' || g",
    "payout_attempt": "'id', md5('attempt' || g)::uuid, 'payout_id', md5('payout' || g)::uuid,"
    " 'settlement_no', 'N-B' || g",
}
_MULTIPLY = """
    INSERT INTO {table}
    SELECT (jsonb_populate_record(one, jsonb_build_object({own}))).*
    FROM {table} AS one, generate_series(1, {count}) AS g WHERE one.{key} = $1
"""
_BARE_JOIN = """
    SELECT count(*), sum(l.amount_fen - a.amount_fen)
    FROM statement_line AS l JOIN payout_attempt AS a USING (settlement_no)
    WHERE l.book_on = $1
"""


def measure(house: House, effort: Effort, port: int, pid: int) -> list[Line]:
    """Measure comparing and taking; the server is the one on `port`."""
    count, fifth = effort.lines, effort.lines // 5
    tell(f"settling {count:,} payouts ...")
    token = asyncio.run(_settle(house, count))
    _send(port, token, _file(fifth, "bank_return"), "bank_return")
    before, whole = memory_mb(pid), _file(count, "statement")
    tell(f"taking {count:,} lines ...")
    began = time.perf_counter()
    _send(port, token, whole, "statement")
    taking = time.perf_counter() - began
    grown, size = max(memory_mb(pid) - before, 0.1), len(whole) / 2**20
    copying = asyncio.run(_copy(house, count))
    tell(f"comparing {count:,} lines ...")
    with asyncio.Runner() as runner:
        desk = runner.run(_Desk.open(house, count))
        rows = alternate(
            effort.rounds, [lambda: runner.run(desk.join()), lambda: runner.run(desk.compare())]
        )
        runner.run(desk.close())
    return [
        Line(
            "statement_match",
            "lines/s",
            middle(rows, 1),
            middle(rows, 0),
            "bare join on the settlement number",
            pairwise(rows, 1, 0),
        ),
        Line(
            "statement_take",
            "lines/s over HTTP, read, checked, stored, compared",
            count / taking,
            count / copying,
            "COPY into a bare table",
            copying / taking,
        ),
        Line(
            "statement_memory",
            f"MB grown from {fifth:,} to {count:,} lines",
            grown,
            size,
            "the file itself",
            grown / size,
            goal=1.0,
            at_most=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Desk:
    """Compares the one day again and again, each time in a transaction that is rolled back."""

    database: Database
    bare: asyncpg.Connection
    lines: int

    @classmethod
    async def open(cls, house: House, lines: int) -> "_Desk":
        """Connect twice: as the service does, and as the owner without walls."""
        await county.vacuum(house.url)
        return cls(
            Database(house.url, house.keyring, pool_size=1),
            await asyncpg.connect(house.url),
            lines,
        )

    async def join(self) -> float:
        """Give the lines a second of the bare join."""
        began = time.perf_counter()
        found = await self.bare.fetchrow(_BARE_JOIN, DAY)
        if found is None or found[0] < self.lines:
            raise AssertionError("the bare join found too little")
        return self.lines / (time.perf_counter() - began)

    async def compare(self) -> float:
        """Give the lines a second of the pass, and see that every line was matched."""
        async with self.database.transaction(Caller(Role.SYSTEM, 0, AREA_END, "bench")) as tx:
            (book,) = await list_books(tx)
            began = time.perf_counter()
            tallies = await compare(tx, book, Side.STATEMENT, DAY, DAY)
            seconds = time.perf_counter() - began
        if {tally.kind: tally.count for tally in tallies} != {Kind.MATCHED: self.lines}:
            raise AssertionError(f"a true statement differs: {tallies}")
        return self.lines / seconds

    async def close(self) -> None:
        """Disconnect."""
        await self.database.close()
        await self.bare.close()


async def _settle(house: House, lines: int) -> str:
    """Multiply one paid claim; give the key of its county."""
    (claim_no,) = await county.file_claims(house.county, FIRST_CLAIM, 1)
    owner = await asyncpg.connect(house.url)
    try:
        claim_id = await owner.fetchval("SELECT id FROM claim WHERE claim_no = $1", claim_no)
        payout_id = await owner.fetchval("SELECT id FROM payout WHERE claim_id = $1", claim_id)
        await owner.execute("SET session_replication_role = replica")
        for (table, own), (key, value) in zip(
            _OWN.items(),
            (("id", claim_id), ("claim_id", claim_id), ("payout_id", payout_id)),
            strict=True,
        ):
            statement = _MULTIPLY.format(table=table, own=own, key=key, count=lines)
            await owner.execute(statement, value)
        # Only the copies move on the day: the claims of other lines are no part of the statement.
        await owner.execute(
            "UPDATE payout_attempt SET paid_on = paid_on - 30 WHERE settlement_no NOT LIKE 'N-B%'"
        )
    finally:
        await owner.close()
    await county.vacuum(house.url)
    database = Database(house.url, house.keyring, pool_size=1)
    try:
        async with database.transaction(Caller(Role.SECURITY, 0, AREA_END, "bench")) as tx:
            return (await issue_key(tx, Role.COUNTY, AREA, None, "bench", test=True)).token
    finally:
        await database.close()


def _lines(count: int) -> list[tuple[str, ...]]:
    return [
        (f"B{g:06d}", f"PAY-B{g}", f"N-B{g}", "paid", "1600.00", DAY.isoformat())
        for g in range(1, count + 1)
    ]


def _file(count: int, side: str) -> bytes:
    """A multipart form with the CSV file in it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    totals = ("paid_count", count, "paid_amount", f"{1600 * count}.00")
    writer.writerow((*totals, "returned_count", 0, "returned_amount", "0"))
    writer.writerow(_HEAD)
    writer.writerows(_lines(count))
    fields = {"insurer": county.INSURER, "day": DAY.isoformat(), "side": side}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="s.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{text.getvalue()}\r\n--{BOUNDARY}--\r\n"
    )
    return "".join(parts).encode()


def _send(port: int, token: str, body: bytes, side: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Idempotency-Key": str(uuid4()),
        "Host": "127.0.0.1",
    }
    connection.request("POST", "/v1/statements/files", body, headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    if answer.status != 201:
        raise AssertionError(f"a {side} was answered {answer.status}: {told!r}")


async def _copy(house: House, lines: int) -> float:
    """Give the seconds of COPY of the same lines, as the owner, into a table without anything."""
    owner = await asyncpg.connect(house.url)
    records: list[tuple[Any, ...]] = [
        (*line[:4], 160_000, date.fromisoformat(line[5])) for line in _lines(lines)
    ]
    try:
        await owner.execute(
            "CREATE TABLE bare_line (claim_no text, reference text, settlement_no text,"
            " direction text, amount_fen bigint, settled_on date)"
        )
        began = time.perf_counter()
        await owner.copy_records_to_table("bare_line", records=records)
        return time.perf_counter() - began
    finally:
        await owner.close()
