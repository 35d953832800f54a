"""Polling a claim, against a bare FastAPI route with the same answer; by server CPU per request."""

import asyncio
import itertools
from collections.abc import Iterator

from benchmarks import client, county
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, cpu_seconds, middle, pairwise, tell

FIRST_CLAIM = 100_000
CONNECTIONS = 8
GOALS = {
    "status_poll": 0.25,
    "status_poll_304": 0.5,
    "status_poll_open": 0.45,
    "status_poll_304_open": 0.85,
}
WALLS = 0.5


def measure(house: House, effort: Effort, port: int, pid: int) -> list[Line]:
    """Measure polls that get the claim, and polls that get 304, with walls and without them.

    The server with walls is on `port`. Beside them what one would write first, with objects and
    sessions, and an application of one function.
    """
    tell("filing claims ...")
    numbers = asyncio.run(county.file_claims(house.county, FIRST_CLAIM, effort.polled))
    asyncio.run(county.file_claims(house.open_county, FIRST_CLAIM, effort.polled))
    for url in (house.county.url, house.open_county.url):
        asyncio.run(county.vacuum(url))
    token = house.county.tokens[0]
    body, etag = _first(port, numbers[0], token)
    bare, open_house = house.serve_bare(body), house.serve_open()
    naive, floor = house.serve_naive(), house.serve_bytes(body)
    asked = itertools.cycle([_poll(number, token) for number in numbers])
    known = itertools.repeat(_poll(numbers[0], token, etag))
    open_etag = _first(open_house[0], numbers[0], token)[1]
    open_known = itertools.repeat(_poll(numbers[0], token, open_etag))

    def cpu(served: tuple[int, int], requests: Iterator[bytes], status: int) -> float:
        streams = _dealt(requests, effort.polls)
        before = cpu_seconds(served[1])
        done = client.burst(served[0], streams).all_were(status)
        return (cpu_seconds(served[1]) - before) / done.answered * 1e6

    tell("polling ...")
    rows = alternate(
        effort.rounds,
        [
            lambda: cpu(bare, asked, 200),
            lambda: cpu((port, pid), asked, 200),
            lambda: cpu((port, pid), known, 304),
            lambda: cpu(open_house, asked, 200),
            lambda: cpu(open_house, open_known, 304),
            lambda: cpu(naive, asked, 200),
            lambda: cpu(floor, asked, 200),
        ],
    )
    limit = "bare FastAPI route, same answer"
    unit = "us CPU/request"
    lines = [
        Line(name, unit, middle(rows, at), middle(rows, 0), limit, pairwise(rows, 0, at), goal)
        for at, (name, goal) in enumerate(GOALS.items(), start=1)
    ]
    beside = [
        Line(name, unit, middle(rows, at), middle(rows, 0), limit, pairwise(rows, 0, at))
        for at, name in ((5, "poll_by_orm"), (6, "poll_bare_asgi"))
    ]
    walls = "the same without walls"
    return [
        *lines,
        Line(
            "poll_walls",
            unit,
            middle(rows, 1),
            middle(rows, 3),
            walls,
            pairwise(rows, 3, 1),
            WALLS,
        ),
        Line("poll_304_walls", unit, middle(rows, 2), middle(rows, 4), walls, pairwise(rows, 4, 2)),
        *beside,
    ]


def _first(port: int, claim_no: str, token: str) -> tuple[bytes, str]:
    """Give the answer to a poll, and its ETag."""
    status, headers, body = client.first_answer(port, _poll(claim_no, token))
    if status != 200:
        raise AssertionError(f"a poll was answered {status}")
    return body, headers["etag"]


def _poll(claim_no: str, token: str, etag: str | None = None) -> bytes:
    known = {} if etag is None else {"If_None_Match": etag}
    return client.request("GET", f"/v1/claims/{claim_no}", Authorization=f"Bearer {token}", **known)


def _dealt(requests: Iterator[bytes], count: int) -> list[list[bytes]]:
    """Deal requests out to the connections."""
    each = count // CONNECTIONS
    return [list(itertools.islice(requests, each)) for _ in range(CONNECTIONS)]
