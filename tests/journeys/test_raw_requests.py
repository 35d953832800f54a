"""F81, F82 on the wire: what no client library would send, to the API as it is served."""

import json
import socket
import time

import httpx
import pytest

from tests.journeys.conftest import World

SECONDS = 10


def send(world: World, raw: bytes, *, pause: float = 0) -> bytes:
    """Write bytes to the API and give what it answers until it closes or is silent."""
    host, port = world.house.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as wire:
        wire.sendall(raw)
        time.sleep(pause)
        answer = b""
        wire.settimeout(1.5)
        try:
            while chunk := wire.recv(65536):
                answer += chunk
        except TimeoutError:
            pass
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


SMUGGLED = b"0\r\n\r\nGET /v1/claims HTTP/1.1\r\nHost: localhost\r\n\r\n"
RAW: dict[str, tuple[bytes, set[int]]] = {
    "two lengths that differ": (
        b"GET /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\na",
        {400},
    ),
    "a length and chunks": (
        b"POST /v1/notices HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + SMUGGLED,
        {400},
    ),
    "chunks spelt otherwise": (
        b"POST /v1/notices HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n"
        + SMUGGLED,
        {400},
    ),
    "no version": (b"GET /v1/claims\r\n\r\n", {0, 400, 421}),
    "no host": (b"GET /v1/claims HTTP/1.1\r\n\r\n", {400, 421}),
    "a foreign host": (b"GET /v1/claims HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
    "two hosts": (
        b"GET /v1/claims HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        {400},
    ),
    "a whole address": (
        b"GET http://evil.example/v1/claims HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        {400, 421},
    ),
    "a folded header": (
        b"GET /v1/claims HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n",
        {400, 401},
    ),
    "ten thousand headers": (
        b"GET /v1/claims HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n",
        {400, 431},
    ),
    "a NUL in the address": (b"GET /v1/\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00", {0, 400}),
}


@pytest.mark.parametrize("case", RAW.values(), ids=RAW.keys())
def test_f82_what_can_be_read_in_two_ways_is_read_in_none(
    world: World, case: tuple[bytes, set[int]]
) -> None:
    raw, expected = case
    answer = send(world, raw)
    assert status(answer) in expected, answer[:300]
    assert answer.count(b"HTTP/1.1 ") <= 1  # nothing smuggled was answered
    assert httpx.get(f"{world.house.url}/livez", trust_env=False).is_success


def test_f81_a_body_longer_than_told_or_chunked_for_ever_is_cut(world: World) -> None:
    head = (
        b"POST /v1/notices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer " + world.keys["township"].encode() + b"\r\n"
        b"Idempotency-Key: raw\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    answer = send(world, head + chunk * 20)
    assert status(answer) == 413
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert body["code"] == "request.too_large"


def test_f81_an_announced_gigabyte_is_refused_before_it_comes(world: World) -> None:
    head = (
        b"POST /v1/notices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer " + world.keys["township"].encode() + b"\r\n"
        b"Idempotency-Key: raw\r\nContent-Length: 1073741824\r\n\r\n"
    )
    began = time.monotonic()
    assert status(send(world, head)) == 413
    assert time.monotonic() - began < SECONDS


def test_f81_slow_callers_keep_nobody_else_waiting(world: World) -> None:
    host, port = world.house.url.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port)), timeout=SECONDS) for _ in range(100)]
    try:
        for wire in slow:
            wire.sendall(b"GET /v1/claims HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        took = []
        for _ in range(20):
            began = time.monotonic()
            assert httpx.get(f"{world.house.url}/readyz", trust_env=False).is_success
            took.append(time.monotonic() - began)
        assert sorted(took)[10] < 1.0
    finally:
        for wire in slow:
            wire.close()
