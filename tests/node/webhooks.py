"""Other people's libraries sign and verify against us, both ways: part of `make check-node`.

Run as `python -m tests.node.webhooks NODE`. What we sign an instruction with is read off a request
as the dialect makes it; what verifies a callback is the very function of the door.
"""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx

from app.domain.errors import ReliefError
from app.outside.insurers import Endpoint, Instruction, RestDialect
from app.outside.signatures import verify
from app.outside.webhooks import Messenger, message

TOOLS = Path(__file__).parents[2] / "tools" / "node"
LIBRARIES = ("standardwebhooks", "svix")
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
STRANGE = "whsec_" + base64.b64encode(bytes(range(64, 96))).decode()
KEY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
BODIES = {
    "ascii": '{"type":"claim.accepted"}',
    "chinese": '{"reason_zh":"同意，属于保险责任","name":"张·试"}',
    "rare character": '{"name":"𠮷田"}',
    "spaces and line ends": '{ "a" : "b",\r\n "c": 1 }\n',
    "empty object": "{}",
}
Ask = Callable[..., dict[str, object]]
Row = tuple[str, bool]


def node(program: str) -> tuple[Ask, Callable[[], None]]:
    """Start the other side; give how to ask it, and how to end it."""
    process = subprocess.Popen(
        [program, "webhooks.mjs"],
        cwd=TOOLS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def ask(**question: object) -> dict[str, object]:
        asks.write(json.dumps(question) + "\n")
        asks.flush()
        answer: dict[str, object] = json.loads(answers.readline())
        return answer

    def end() -> None:
        asks.close()
        process.wait(10)

    return ask, end


def instruction_headers(*old: str) -> tuple[str, dict[str, str]]:
    """Give the body and the headers of an instruction as our dialect sends it."""
    sent: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(503)

    async def send() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(keep)) as client:
            endpoint = Endpoint("demo", "http://insurer.example", SECRET, 5.0, old)
            content = {"kind": "withdraw_claim", "claim_no": "1", "reason_zh": "填错"}
            await RestDialect(client, endpoint).send(Instruction(KEY, content))

    asyncio.run(send())
    (request,) = sent
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return request.content.decode(), {name: request.headers[name] for name in names}


def event_headers(*old: str) -> tuple[str, dict[str, str]]:
    """Give the body and the headers of an event as it is told to an endpoint."""
    sent: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(204)

    async def tell() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(keep)) as client:
            told = {"resource": "claim", "id": "990127-2026-000001-1", "version": 3, "seq": 17}
            body = message("claim.decide", datetime(2026, 6, 20, 4, 30, tzinfo=UTC), told)
            await Messenger(client, 5.0).tell(
                str(KEY), "https://receiver.example/hook", body, [SECRET, *old]
            )

    asyncio.run(tell())
    (request,) = sent
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return request.content.decode(), {name: request.headers[name] for name in names}


def rows(ask: Ask, library: str) -> Iterator[Row]:
    """Give every check of one library as (what, whether it held)."""
    now = int(time.time())
    for name, body in BODIES.items():
        signed = ask(party=library, act="sign", secret=SECRET, id="evt_1", at=now, body=body)
        headers = _headers("evt_1", now, str(signed["signature"]))
        yield f"{library} signs, we verify: {name}", _we_verify(body.encode(), headers)
        yield (
            f"{library} signs, altered, we refuse: {name}",
            not _we_verify(body.encode() + b" ", headers),
        )
        yield f"{library} verifies what both accept: {name}", _they(ask, library, body, headers)
    for what, made in (("an instruction", instruction_headers), ("an event", event_headers)):
        body, headers = made()
        yield f"we sign {what}, {library} verifies", _they(ask, library, body, headers)
        yield (
            f"we sign {what}, altered, {library} refuses",
            not _they(ask, library, body + " ", headers),
        )
        yield (
            f"we sign {what}, another secret, {library} refuses",
            not _they(ask, library, body, headers, STRANGE),
        )
        body, headers = made(OLD)
        for secret in (SECRET, OLD):
            yield (
                f"we sign {what} while keys rotate, {library} verifies",
                _they(ask, library, body, headers, secret),
            )
    yield from _hostile(ask, library, now)


def _hostile(ask: Ask, library: str, now: int) -> Iterator[Row]:
    """Both sides say no to the same bad headers."""
    body = BODIES["chinese"]
    signed = ask(party=library, act="sign", secret=SECRET, id="evt_1", at=now, body=body)
    good = _headers("evt_1", now, str(signed["signature"]))
    for name, bad in {
        "no signature": {**good, "webhook-signature": ""},
        "junk": {**good, "webhook-signature": "junk"},
        "v1a only": {**good, "webhook-signature": "v1a," + str(signed["signature"])[3:]},
        "another id": {**good, "webhook-id": "evt_2"},
        "five minutes and a second old": _headers("evt_1", now - 302, str(signed["signature"])),
        "no time": {**good, "webhook-timestamp": "nan"},
        "of the future": _headers("evt_1", now + 400, str(signed["signature"])),
    }.items():
        yield (
            f"{library} and we refuse: {name}",
            not (_we_verify(body.encode(), bad) or _they(ask, library, body, bad)),
        )


def _headers(event_id: str, at: int, signature: str) -> dict[str, str]:
    return {"webhook-id": event_id, "webhook-timestamp": str(at), "webhook-signature": signature}


def _we_verify(raw: bytes, headers: dict[str, str]) -> bool:
    try:
        verify(raw, headers, [SECRET])
    except ReliefError:
        return False
    return True


def _they(ask: Ask, library: str, body: str, headers: dict[str, str], secret: str = SECRET) -> bool:
    answer = ask(party=library, act="verify", secret=secret, body=body, headers=headers)
    return answer["verified"] is True


def main() -> int:
    """Exit status 0 when every check held."""
    ask, end = node(sys.argv[1])
    try:
        found = [row for library in LIBRARIES for row in rows(ask, library)]
    finally:
        end()
    for what, held in found:
        if not held:
            print(f"✗ {what}")
    print(f"webhooks: {sum(held for _, held in found)} of {len(found)} checks held")
    return 0 if all(held for _, held in found) else 1


if __name__ == "__main__":
    sys.exit(main())
