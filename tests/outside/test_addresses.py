"""F50: no address of an insurer leads into the house, when it is saved and when it is called."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest

from app.outside.addresses import AddressRefused, Resolve, check_url
from app.outside.insurers import Endpoint, NotSent, RestDialect, SendResult, Unknown, open_client
from tests.contracts import LOOPBACK
from tests.insurer import SECRET, referral

INSIDE = {
    "loopback": "http://127.0.0.1/",
    "loopback of v6": "http://[::1]:8080/",
    "loopback in hex": "http://0x7f000001/",
    "loopback as one number": "http://2130706433/",
    "loopback cut short": "http://127.1/",
    "everything": "http://0.0.0.0/",
    "everything of v6": "http://[::]/",
    "IPv4 written as IPv6 of old": "http://[::7f00:1]/",
    "translated without a prefix of its own": "http://[::ffff:0:7f00:1]/",
    "local NAT64": "http://[64:ff9b:1::a00:1]/",
    "site-local": "http://[fec0::1]/",
    "documentation": "http://[3fff::1]/",
    "segment routing": "http://[5f00::1]/",
    "anycast of 6to4": "http://192.88.99.1/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "mapped in hex": "http://[::ffff:7f00:1]/",
    "translated": "http://[64:ff9b::7f00:1]/",
    "6to4": "http://[2002:7f00:1::]/",
    "cloud metadata": "http://169.254.169.254/latest/meta-data",
    "link-local of v6": "http://[fe80::1]/",
    "private 10": "https://10.1.2.3/",
    "private 172": "https://172.16.0.1/",
    "private 192": "https://192.168.1.1/",
    "unique local": "https://[fd00::1]/",
    "shared": "https://100.64.0.1/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "a name of ours": "http://localhost/",
}
MALFORMED = {
    "file": "file:///etc/passwd",
    "gopher": "gopher://insurer.test/",
    "no scheme": "insurer.test/api",
    "no host": "http:///api",
    "user": "http://10.0.0.1@insurer.test/",
    "user and password": "https://a:b@insurer.test/",
    "backslash": "http://insurer.test\\@10.0.0.1/",
    "query": "https://insurer.test/?next=http://10.0.0.1",
    "fragment": "https://insurer.test/#x",
    "line end": "https://insurer.test/\r\nHost: x",
    "bad bracket": "http://[",
    "octal": "http://0177.0.0.1/",
    "bad port": "http://insurer.test:99999999/",
}


def told(*answers: str) -> Resolve:
    """A resolver whose answers change from one question to the next; the last one stays."""
    left = list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return (left.pop(0) if len(left) > 1 else left[0]).split()

    return resolve


async def reason(url: str, resolve: Resolve | None = None) -> str:
    with pytest.raises(AddressRefused) as refused:
        await check_url(url, (), resolve)
    return refused.value.reason


@asynccontextmanager
async def listener(answer: bytes = b"") -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on the loopback that notes what it hears."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


async def send(url: str, allowed: object = (), resolve: Resolve | None = None) -> SendResult:
    async with open_client(allowed, resolve) as client:  # type: ignore[arg-type]
        return await RestDialect(client, Endpoint("demo-insurer", url, SECRET, 5.0)).send(
            referral()
        )


@pytest.mark.parametrize("url", INSIDE.values(), ids=INSIDE)
async def test_f50_an_inside_address_is_refused_when_saved_and_when_connecting(url: str) -> None:
    assert await reason(url) == "address_inside"
    assert await send(url) == NotSent("address_inside")


@pytest.mark.parametrize("url", MALFORMED.values(), ids=MALFORMED)
async def test_f50_an_address_that_says_more_than_where_is_refused(url: str) -> None:
    assert await reason(url, told("93.184.216.34")) == "address_malformed"


async def test_f50_a_name_that_leads_inside_is_refused() -> None:
    assert await reason("https://insurer.test/", told("10.0.0.7")) == "address_inside"
    both = "93.184.216.34 10.0.0.7"
    assert await reason("https://insurer.test/", told(both)) == "address_inside"
    assert await reason("https://insurer.test/", told("")) == "address_unresolved"
    await check_url("https://insurer.test/api/", (), told("93.184.216.34"))


async def test_f50_a_name_that_changes_its_mind_after_saving_reaches_nobody() -> None:
    """DNS rebinding: public when it is checked, the loopback when it is called."""
    resolve = told("93.184.216.34", "127.0.0.1")
    async with listener() as (port, heard):
        url = f"http://insurer.test:{port}/"
        await check_url(url, (), resolve)
        assert await send(url, (), resolve) == NotSent("address_inside")
        assert heard == []


async def test_f50_what_was_judged_is_what_is_connected_to() -> None:
    """The resolver is asked once for a connection; a second answer would not matter."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1" if len(asked) == 1 else "10.0.0.7"]

    async with listener(b"HTTP/1.1 500 no\r\ncontent-length: 0\r\n\r\n") as (port, heard):
        result = await send(f"http://insurer.test:{port}/", LOOPBACK, resolve)
    assert result == Unknown("not_json_status_500")
    assert asked == ["insurer.test"]
    assert b"host: insurer.test" in heard[0].lower()


async def test_f50_f31_a_redirect_to_the_inside_is_not_followed() -> None:
    async with listener() as (inner_port, inner_heard):
        moved = f"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inner_port}/\r\n"
        async with listener(f"{moved}content-length: 0\r\n\r\n".encode()) as (port, heard):
            result = await send(f"http://127.0.0.1:{port}/", LOOPBACK)
    assert result == Unknown("not_json_status_302")
    assert (len(heard), inner_heard) == (1, [])


async def test_an_inside_network_is_open_when_the_operator_lists_it() -> None:
    await check_url("http://127.0.0.1:9/", LOOPBACK)
    await check_url("http://[::ffff:127.0.0.1]/", LOOPBACK)
    await check_url("http://[::1]/", [ip_network("::1/128")])
    await check_url("http://[fd00::7]/", [ip_network("fd00::/8"), *LOOPBACK])
    with pytest.raises(AddressRefused):
        await check_url("http://10.0.0.1/", LOOPBACK)


async def test_another_address_of_the_name_is_tried_when_the_first_does_not_answer() -> None:
    async with listener(b"HTTP/1.1 500 no\r\ncontent-length: 0\r\n\r\n") as (port, heard):
        result = await send(f"http://insurer.test:{port}/", LOOPBACK, told("127.0.0.3 127.0.0.1"))
    assert result == Unknown("not_json_status_500")
    assert len(heard) == 1
