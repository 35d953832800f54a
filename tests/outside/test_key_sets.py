"""Keys of an identity provider fetched from its address: kept, renewed, within bounds."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.crypto.tokens import TokenRefused
from app.outside import key_sets
from app.outside.key_sets import KeyAddress
from tests.tokens import EC, STRANGER, identity, public, signed

TOKEN = signed(identity())
ROTATED = signed(identity(), STRANGER, kid="new")


class Provider:
    """A provider on this machine that answers what it is told to."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, b"", 0
        provider = self

        class Answering(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                self.send_response(provider.status)
                self.send_header("Content-Length", str(len(provider.body)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(provider.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"

    def publish(self, *keys: dict[str, Any]) -> None:
        self.body = json.dumps({"keys": keys}).encode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    answering = Provider()
    thread = threading.Thread(target=answering.server.serve_forever, args=(0.05,))
    thread.start()
    yield answering
    answering.server.shutdown()
    thread.join()
    answering.server.server_close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the key set sees; a test moves it on."""
    now = [1000.0]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(key_sets, "time", Clock)
    return now


def kids(keys: Any) -> list[str]:
    return [key["kid"] for key in keys]


async def test_a_set_is_asked_for_once_and_again_when_a_new_key_turns_up(
    provider: Provider, clock: list[float]
) -> None:
    provider.publish(public(EC))
    source = KeyAddress(provider.url)
    for _ in range(3):
        assert kids(await source.keys_for(TOKEN)) == ["k-1"]
    assert provider.asked == 1
    provider.publish(public(EC), public(STRANGER, "new"))
    assert kids(await source.keys_for(ROTATED)) == ["k-1"]  # asked a moment ago
    clock[0] += key_sets.UNKNOWN_SECONDS + 1
    assert kids(await source.keys_for(ROTATED)) == ["k-1", "new"]
    assert provider.asked == 2


async def test_a_key_that_was_taken_out_is_gone_after_ten_minutes(
    provider: Provider, clock: list[float]
) -> None:
    provider.publish(public(EC), public(STRANGER, "new"))
    source = KeyAddress(provider.url)
    await source.keys_for(TOKEN)
    provider.publish(public(EC))
    clock[0] += key_sets.FRESH_SECONDS + 1
    assert kids(await source.keys_for(TOKEN)) == ["k-1"]


async def test_a_provider_that_is_away_leaves_the_last_set_for_a_day(
    provider: Provider, clock: list[float]
) -> None:
    provider.publish(public(EC))
    source = KeyAddress(provider.url)
    await source.keys_for(TOKEN)
    provider.status = 500
    clock[0] += key_sets.FRESH_SECONDS + 1
    assert kids(await source.keys_for(TOKEN)) == ["k-1"]
    clock[0] += key_sets.STALE_SECONDS
    with pytest.raises(TokenRefused):
        await source.keys_for(TOKEN)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (302, b"{}"),
        (404, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k-1"}]}'),
        (200, b" " * 70_000),
    ],
)
async def test_what_is_no_set_of_public_keys_gives_none(
    provider: Provider, clock: list[float], status: int, body: bytes
) -> None:
    provider.status, provider.body = status, body
    with pytest.raises(TokenRefused):
        await KeyAddress(provider.url).keys_for(TOKEN)
    assert provider.asked == 1  # a redirect is not followed
