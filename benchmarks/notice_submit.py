"""Submitting a notice over HTTP at 8 clients, against pgbench writing the same rows plainly."""

import asyncio
import uuid
from collections.abc import Iterator

import asyncpg

from benchmarks import client, county, plain_form
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, cpu_seconds, middle, pairwise, tell

FIRST_DRAFT = 200_000
GOAL = 0.5
SCHEMAS = ("public", "plain")
# Rows of one submission: the notice, its settlement, a claim, a job, a kept answer, two events and
# two audit rows. The head of the audit chain, updated in both, is no new row.
_COUNT = """
SELECT (SELECT count(*) FROM {0}.notice WHERE status = 'submitted' AND version = 2)
    + (SELECT count(*) FROM {0}.notice_settlement)
    + (SELECT count(*) FROM {0}.claim WHERE version = 1)
    + (SELECT count(*) FROM {0}.job) + (SELECT count(*) FROM {0}.idempotency)
    + (SELECT count(*) FROM {0}.event WHERE type IN ('notice.submit', 'claim.open'))
    + (SELECT count(*) FROM {0}.audit WHERE action IN ('notice.submit', 'claim.open'))
"""


def measure(house: House, effort: Effort, port: int, pid: int) -> list[Line]:
    """Measure submissions a second; the server is the one on `port`."""
    bursts = effort.rounds + 1
    tell("filing drafts ...")
    each = effort.submits // plain_form.CLIENTS
    drafts = asyncio.run(
        county.file_drafts(house.county, FIRST_DRAFT, each * plain_form.CLIENTS * bursts)
    )
    asyncio.run(plain_form.lay(house.county, each * bursts))
    asyncio.run(county.vacuum(house.url))
    script = plain_form.write_script(house.county, house.folder)
    ours = [
        iter([_submission(house, place, no) for no in numbers])
        for place, numbers in enumerate(drafts)
    ]
    used = 0
    cpu: list[float] = []

    def submit() -> float:
        before = cpu_seconds(pid)
        done = client.burst(port, [_some(stream, each) for stream in ours]).all_were(200)
        cpu.append((cpu_seconds(pid) - before) / done.answered * 1e6)
        return done.answered / done.seconds

    def plainly() -> float:
        nonlocal used
        rate = house.pgbench(script, plain_form.CLIENTS, each, n=used)
        used += each
        return rate

    tell("submitting ...")
    rows = alternate(effort.rounds, [plainly, submit])
    check(house, effort)
    return [
        Line(
            "notice_submit",
            "submissions/s",
            middle(rows, 1),
            middle(rows, 0),
            "pgbench, one statement per row, 8 clients",
            pairwise(rows, 1, 0),
            GOAL,
        ),
        Line(
            "notice_submit_cpu",
            "us of the API process",
            sorted(cpu[1:])[len(cpu[1:]) // 2],
            1e6 / middle(rows, 1),
            "wall clock per submission",
            sorted(cpu[1:])[len(cpu[1:]) // 2] / (1e6 / middle(rows, 1)),
        ),
    ]


def check(house: House, effort: Effort) -> None:
    """Hold both sides to what they claim to have written."""
    each = effort.submits // plain_form.CLIENTS * plain_form.CLIENTS * (effort.rounds + 1)
    ours, plain = asyncio.run(_written(house))
    if (ours, plain) != (each * plain_form.ROWS, each * plain_form.ROWS):
        raise AssertionError(f"rows written: ours {ours}, plain {plain}, of {each} submissions")


async def _written(house: House) -> tuple[int, int]:
    """Count the rows that submissions wrote, ours and the plain ones."""
    connection = await asyncpg.connect(house.url)
    try:
        ours, plain = [await connection.fetchval(_COUNT.format(schema)) for schema in SCHEMAS]
    finally:
        await connection.close()
    return ours, plain


def _some(stream: Iterator[bytes], count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield next(stream)


def _submission(house: House, place: int, notice_no: str) -> bytes:
    return client.request(
        "POST",
        f"/v1/notices/{notice_no}:submit",
        Authorization=f"Bearer {house.county.tokens[place]}",
        Idempotency_Key=str(uuid.uuid4()),
    )
