"""A peer that hangs up while we connect is a broken connection, whatever loop we run on."""

import asyncio
from collections import Counter
from io import BytesIO
from typing import Any

import httpcore
import httpx
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


class _WithoutSocket(httpcore.AsyncNetworkStream):
    """What uvloop and anyio leave of a connection that ended while it was made."""

    def get_extra_info(self, info: str) -> Any:
        raise AttributeError(info)


class _Backend(httpcore.AnyIOBackend):
    async def connect_tcp(self, *args: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        return _WithoutSocket()


async def test_a_connection_without_a_socket_may_have_carried_something() -> None:
    transport = Transport(trust_env=False)
    transport._pool = httpcore.AsyncConnectionPool(network_backend=_Backend())
    async with httpx.AsyncClient(transport=transport) as client:
        came = await exchange(client, 5.0, "POST", "http://insurer.test/", {}, b"{}")
    assert came == Unknown("connection_broken")


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
