"""Submitting a notice over HTTP at 8 clients, against pgbench writing the same rows plainly."""

import asyncio
import itertools
import uuid
from collections.abc import Iterator

import asyncpg

from benchmarks import client, county, plain_form
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, cpu_seconds, middle, pairwise, tell

FIRST_DRAFT = 200_000
GOALS = {"notice_submit": 0.75, "notice_submit_open": 1.0}
WALLS = 0.75
OTHERS = 3  # cases that use the drafts of the plain form: plainly, combined, by objects
FEWER = 4  # by objects only a quarter as many: it takes several times as long
SCHEMAS = ("public", "plain")
# Rows of one submission: the notice, its settlement, a claim and its row for the totals, a job, a
# kept answer, two events and two audit rows. The head of the audit chain, updated, is no new row.
_COUNT = """
SELECT (SELECT count(*) FROM {0}.notice WHERE status = 'submitted' AND version = 2)
    + (SELECT count(*) FROM {0}.notice_settlement)
    + (SELECT count(*) FROM {0}.claim WHERE version = 1)
    + (SELECT count(*) FROM {0}.claim_delta WHERE status = 'submitted')
    + (SELECT count(*) FROM {0}.job) + (SELECT count(*) FROM {0}.idempotency)
    + (SELECT count(*) FROM {0}.event WHERE type IN ('notice.submit', 'claim.open', 'claim.submit'))
    + (SELECT count(*) FROM {0}.audit WHERE action IN ('notice.submit', 'claim.open', 'submit'))
"""


def measure(house: House, effort: Effort, port: int, pid: int) -> list[Line]:
    """Measure submissions a second, with walls (the server on `port`) and without them."""
    bursts = effort.rounds + 1
    tell("filing drafts ...")
    each = effort.submits // plain_form.CLIENTS
    count = each * plain_form.CLIENTS * bursts
    drafts = asyncio.run(county.file_drafts(house.county, FIRST_DRAFT, count))
    open_drafts = asyncio.run(county.file_drafts(house.open_county, FIRST_DRAFT, count))
    asyncio.run(plain_form.lay(house.county, each * bursts * OTHERS))
    for url in (house.county.url, house.open_county.url):
        asyncio.run(county.vacuum(url))
    scripts = plain_form.write_scripts(house.county, house.folder)
    open_port, naive_port = house.serve_open()[0], house.serve_naive()[0]
    ours, opened, naive = (
        _ready(house, drafts),
        _ready(house, open_drafts),
        _objects(2 * each * bursts),
    )
    used = [0, each * bursts]
    cpu: list[float] = []

    def submit(where: int, streams: list[Iterator[bytes]], count: int = each) -> float:
        before = cpu_seconds(pid)
        done = client.burst(where, [_some(stream, count) for stream in streams]).all_were(200)
        if where == port:
            cpu.append((cpu_seconds(pid) - before) / done.answered * 1e6)
        return done.answered / done.seconds

    def by_pgbench(which: int) -> float:
        rate = house.pgbench(scripts[which], plain_form.CLIENTS, each, n=used[which])
        used[which] += each
        return rate

    tell("submitting ...")
    rows = alternate(
        effort.rounds,
        [
            lambda: by_pgbench(0),
            lambda: submit(port, ours),
            lambda: submit(open_port, opened),
            lambda: by_pgbench(1),
            lambda: submit(naive_port, naive, each // FEWER),
        ],
    )
    check(house, effort)
    return _lines(rows, sorted(cpu[1:])[len(cpu[1:]) // 2])


def _lines(rows: list[list[float]], cpu: float) -> list[Line]:
    unit, plain = "submissions/s", "pgbench, one statement per row, 8 clients"
    goals = [
        Line(name, unit, middle(rows, at), middle(rows, 0), plain, pairwise(rows, at, 0), goal)
        for at, (name, goal) in enumerate(GOALS.items(), start=1)
    ]
    return [
        *goals,
        Line(
            "submit_walls",
            unit,
            middle(rows, 1),
            middle(rows, 2),
            "the same without walls",
            pairwise(rows, 1, 2),
            WALLS,
        ),
        Line(
            "submit_to_combined",
            unit,
            middle(rows, 1),
            middle(rows, 3),
            "pgbench, the same rows as one statement",
            pairwise(rows, 1, 3),
        ),
        Line(
            "submit_by_orm",
            unit,
            middle(rows, 4),
            middle(rows, 0),
            plain,
            pairwise(rows, 4, 0),
        ),
        Line(
            "notice_submit_cpu",
            "us of the API process",
            cpu,
            1e6 / middle(rows, 1),
            "wall clock per submission",
            cpu / (1e6 / middle(rows, 1)),
        ),
    ]


def _ready(house: House, drafts: list[list[str]]) -> list[Iterator[bytes]]:
    return [
        iter([_submission(house, place, no) for no in numbers])
        for place, numbers in enumerate(drafts)
    ]


def _objects(first: int) -> list[Iterator[bytes]]:
    """Submissions of the plain form's drafts after `first`, one stream for each client."""

    def stream(place: int) -> Iterator[bytes]:
        for n in itertools.count(first + 1):
            yield client.request("POST", f"/v1/notices/P-{place}-{n}:submit")

    return [stream(place) for place in range(plain_form.CLIENTS)]


def check(house: House, effort: Effort) -> None:
    """Hold all sides to what they claim to have written."""
    each = effort.submits // plain_form.CLIENTS
    bursts = plain_form.CLIENTS * (effort.rounds + 1)
    ours, plain = asyncio.run(_written(house))
    due = each * bursts * plain_form.ROWS
    due_plain = ((OTHERS - 1) * each + each // FEWER) * bursts * plain_form.ROWS
    if (ours, plain) != (due, due_plain):
        raise AssertionError(f"rows written: ours {ours} of {due}, plain {plain} of {due_plain}")


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
