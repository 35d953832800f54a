"""Polling a claim, against a bare FastAPI route with the same answer; by server CPU per request."""

import asyncio
import itertools
from collections.abc import Iterator

from benchmarks import client, county
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, cpu_seconds, middle, pairwise, tell

FIRST_CLAIM = 100_000
CLAIMS = 5_000
CONNECTIONS = 8
GOAL = 0.2


def measure(house: House, effort: Effort, port: int, pid: int) -> list[Line]:
    """Measure polls that get the claim, and polls that get 304; the server is on `port`."""
    tell("filing claims ...")
    numbers = asyncio.run(county.file_claims(house.county, FIRST_CLAIM, CLAIMS))
    asyncio.run(county.vacuum(house.url))
    token = house.county.tokens[0]
    status, headers, body = client.first_answer(port, _poll(numbers[0], token))
    if status != 200:
        raise AssertionError(f"a poll was answered {status}")
    bare_port, bare_pid = house.serve_bare(body)
    asked = itertools.cycle([_poll(number, token) for number in numbers])
    known = itertools.repeat(_poll(numbers[0], token, headers["etag"]))

    def cpu(where: int, who: int, requests: Iterator[bytes], status: int) -> float:
        streams = _dealt(requests, effort.polls)
        before = cpu_seconds(who)
        done = client.burst(where, streams).all_were(status)
        return (cpu_seconds(who) - before) / done.answered * 1e6

    tell("polling ...")
    rows = alternate(
        effort.rounds,
        [
            lambda: cpu(bare_port, bare_pid, asked, 200),
            lambda: cpu(port, pid, asked, 200),
            lambda: cpu(port, pid, known, 304),
        ],
    )
    limit = "bare FastAPI route, same answer"
    unit = "us CPU/request"
    return [
        Line(
            "status_poll", unit, middle(rows, 1), middle(rows, 0), limit, pairwise(rows, 0, 1), GOAL
        ),
        Line(
            "status_poll_304", unit, middle(rows, 2), middle(rows, 0), limit, pairwise(rows, 0, 2)
        ),
    ]


def _poll(claim_no: str, token: str, etag: str | None = None) -> bytes:
    known = {} if etag is None else {"If_None_Match": etag}
    return client.request("GET", f"/v1/claims/{claim_no}", Authorization=f"Bearer {token}", **known)


def _dealt(requests: Iterator[bytes], count: int) -> list[list[bytes]]:
    """Deal requests out to the connections."""
    each = count // CONNECTIONS
    return [list(itertools.islice(requests, each)) for _ in range(CONNECTIONS)]
