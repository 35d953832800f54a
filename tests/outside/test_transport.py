"""A peer that hangs up while we connect is a broken connection, whatever loop we run on."""

import asyncio
from collections import Counter
from io import BytesIO
from typing import Any

import httpcore
import httpx
import pytest
import uvloop

from app.domain.errors import StorageUnavailable
from app.outside.documents import S3Place, S3Shelf
from app.outside.insurers import NotSent, Unknown, open_client
from app.outside.insurers.exchange import exchange
from app.outside.transport import Transport
from tests.contracts import LOOPBACK
from tests.rude import RudePeer

AT_ONCE, ROUNDS = 16, 12  # of a bare client every sixth call then fails by an error of no kind
KEY = "0123456789abcdef" * 2


def test_a_peer_that_hangs_up_while_we_connect_leaves_doubt_and_no_strange_error() -> None:
    async def call(url: str) -> Counter[str]:
        seen: Counter[str] = Counter()
        async with open_client(LOOPBACK) as client:
            for _ in range(ROUNDS):
                for came in await asyncio.gather(
                    *(exchange(client, 5.0, "POST", url, {}, b"{}") for _ in range(AT_ONCE))
                ):
                    assert isinstance(came, NotSent | Unknown)
                    seen[came.reason] += 1
        return seen

    with RudePeer().open() as peer:
        seen = uvloop.run(call(peer.url))
    assert set(seen) <= {"connection_broken", "no_connection"}
    assert seen.total() == AT_ONCE * ROUNDS


class _Stream(httpcore.AsyncNetworkStream):
    """What is left of a connection that ended while it was made: somebody asks None for more."""

    def __init__(self, asked: str) -> None:
        self._asked = asked

    def get_extra_info(self, info: str) -> Any:
        return getattr(None, self._asked)


class _Backend(httpcore.AnyIOBackend):
    def __init__(self, asked: str) -> None:
        self._asked = asked

    async def connect_tcp(self, *args: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        return _Stream(self._asked)


async def _posted(asked: str) -> object:
    transport = Transport(trust_env=False)
    transport._pool = httpcore.AsyncConnectionPool(network_backend=_Backend(asked))
    async with httpx.AsyncClient(transport=transport) as client:
        return await exchange(client, 5.0, "POST", "http://insurer.test/", {}, b"{}")


async def test_a_connection_without_a_socket_may_have_carried_something() -> None:
    assert await _posted("getpeername") == Unknown("connection_broken")


async def test_a_mistake_of_our_own_is_no_broken_connection() -> None:
    with pytest.raises(AttributeError):
        await _posted("misspelt")


def test_a_paper_store_that_hangs_up_while_we_connect_is_unavailable() -> None:
    async def put(url: str) -> list[BaseException | None]:
        shelf = S3Shelf(S3Place(url, "cn-test-1", "AKID", "s3cret"))
        came: list[BaseException | None] = []
        for _ in range(ROUNDS):
            puts = (shelf.put(KEY, BytesIO(b"paper")) for _ in range(AT_ONCE))
            came += await asyncio.gather(*puts, return_exceptions=True)
        return came

    with RudePeer().open() as peer:
        came = uvloop.run(put(peer.url))
    assert {type(one) for one in came} == {StorageUnavailable}
