"""What the rest dialect says, and what it believes of the answers."""

import asyncio
import json
import socket
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from standardwebhooks import Webhook

from app.outside.insurers import (
    DIALECTS,
    Accepted,
    AccountQuestion,
    Endpoint,
    InsurerDialect,
    Match,
    NotSent,
    Rejected,
    RestDialect,
    SendResult,
    Unknown,
    open_client,
)
from tests.contracts import LOOPBACK
from tests.insurer import SECRET, referral

KEY = UUID("0192f0c1-0000-7000-8000-000000000001")
INSTRUCTION = referral("901", KEY)
NEVER = "insurer_never_had_it"
YES = {"accepted": True, "insurer_case_no": "PA1", "duplicate": False}

Handler = Callable[[httpx.Request], httpx.Response]


async def exchange(handler: Handler, *, ask: bool = False, deadline: float = 5.0) -> SendResult:
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
        dialect: InsurerDialect = RestDialect(
            client, Endpoint("demo-insurer", "http://insurer.test/api/", SECRET, deadline)
        )
        return await (dialect.ask(KEY) if ask else dialect.send(INSTRUCTION))


def answering(status: int, body: object, **headers: str) -> Handler:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(
        status, content=raw, headers={"content-type": "application/json", **headers}
    )


async def test_an_instruction_is_posted_under_its_own_key_and_signed() -> None:
    seen: list[httpx.Request] = []

    def insurer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        Webhook(SECRET).verify(request.content, dict(request.headers))
        return httpx.Response(202, json=YES)

    assert await exchange(insurer) == Accepted("PA1", duplicate=False)
    [request] = seen
    assert str(request.url) == "http://insurer.test/api/v1/instructions"
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == str(KEY)
    assert json.loads(request.content)["instruction_id"] == str(KEY)
    assert json.loads(request.content)["person"]["name"] == "测试甲"


async def test_sending_again_sends_the_same_bytes() -> None:
    seen: list[bytes] = []

    def insurer(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return httpx.Response(202, json={**YES, "duplicate": len(seen) > 1})

    assert await exchange(insurer) == Accepted("PA1", duplicate=False)
    assert await exchange(insurer) == Accepted("PA1", duplicate=True)
    assert seen[0] == seen[1]


async def test_asking_is_signed_over_nothing() -> None:
    def insurer(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET"
        assert request.url.path == f"/api/v1/instructions/{KEY}"
        Webhook(SECRET).verify(b"", dict(request.headers), json_parse=False)
        known = {"instruction_id": str(KEY), "state": "accepted", "insurer_case_no": "PA1"}
        return httpx.Response(200, json=known)

    assert await exchange(insurer, ask=True) == Accepted("PA1", duplicate=True)


HTML = {"content-type": "text/html"}
ASKED = {
    "its own no": (answering(404, {"code": "instruction.not_found"}), NotSent(NEVER)),
    "another no": (answering(404, {"detail": "Not Found"}), Unknown("status_404")),
    "a page": (answering(404, b"<html>", **HTML), Unknown("not_json_status_404")),
    "another key": (
        answering(200, {"instruction_id": "x", "state": "accepted", "insurer_case_no": "1"}),
        Unknown("status_200"),
    ),
    "another state": (
        answering(200, {"instruction_id": str(KEY), "state": "?", "insurer_case_no": "1"}),
        Unknown("status_200"),
    ),
    "a refused signature": (answering(401, {"code": "signature.invalid"}), Unknown("status_401")),
}
REFUSED = {
    "unprocessable": (
        answering(422, {"code": "policy.unknown", "message": "保单不存在"}),
        Rejected("policy.unknown", "保单不存在"),
    ),
    "other body": (
        answering(409, {"code": "idempotency.conflict", "message": "x"}),
        Rejected("idempotency.conflict", "x"),
    ),
    "no words": (answering(400, {"code": 7, "message": None}), Rejected("status_400", "")),
    "signature": (
        answering(401, {"code": "signature.invalid", "message": ""}),
        Rejected("signature.invalid", "", may_retry=True),
    ),
    "F31 rate": (
        answering(429, {"code": "busy"}, **{"retry-after": "30"}),
        Rejected("busy", "", may_retry=True, retry_after_seconds=30),
    ),
    "many words": (
        answering(422, {"code": "c" * 1000, "message": "m" * 1000}),
        Rejected("c" * 100, "m" * 500),
    ),
}
BIG = b'{"accepted":true,"insurer_case_no":"PA1","duplicate":false,"x":%s}'
TWICE = b'{"accepted":false,"accepted":true,"insurer_case_no":"PA1","duplicate":false}'
NAN = b'{"accepted":true,"insurer_case_no":"PA1","duplicate":false,"x":NaN}'
DOUBTS = {
    "F24 server error": (answering(500, {"code": "internal"}), "status_500"),
    "F24 F30 gateway page": (answering(502, b"<html>", **HTML), "not_json_status_502"),
    "200 instead of 202": (answering(200, YES), "status_200"),
    "no content": (answering(204, b""), "not_json_status_204"),
    "not found": (answering(404, {"code": "x"}), "status_404"),
    "refusal that is no JSON": (answering(422, b"no"), "not_json_status_422"),
    "F30 page": (answering(202, b"<html>", **HTML), "not_json_status_202"),
    "other type": (answering(202, YES, **{"content-type": "text/plain"}), "not_json_status_202"),
    "F27 empty": (answering(202, b""), "not_json_status_202"),
    "list": (answering(202, b"[]"), "not_json_status_202"),
    "F27 cut": (answering(202, b'{"accepted":true,"insurer_case_no":'), "not_json_status_202"),
    "F30 same key twice": (answering(202, TWICE), "not_json_status_202"),
    "F30 float": (answering(202, {**YES, "fee": 1.5}), "not_json_status_202"),
    "F30 not a number": (answering(202, NAN), "not_json_status_202"),
    "F30 19 digits": (answering(202, BIG % (b"9" * 19)), "not_json_status_202"),
    "F30 1e400": (answering(202, BIG % b"1e400"), "not_json_status_202"),
    "not accepted": (answering(202, {**YES, "accepted": False}), "status_202"),
    "accepted is 1": (answering(202, {**YES, "accepted": 1}), "status_202"),
    "duplicate is 0": (answering(202, {**YES, "duplicate": 0}), "status_202"),
    "F30 case number is a number": (answering(202, {**YES, "insurer_case_no": 7}), "status_202"),
    "no case number": (answering(202, {**YES, "insurer_case_no": ""}), "case_no_unusable"),
    "long number": (answering(202, {**YES, "insurer_case_no": "9" * 65}), "case_no_unusable"),
    "F29 too large": (answering(202, {**YES, "x": "x" * 2**20}), "answer_too_large"),
    "F29 packed": (answering(202, b"packed", **{"content-encoding": "br"}), "answer_packed"),
}


@pytest.mark.parametrize(("answer", "expected"), ASKED.values(), ids=ASKED)
async def test_only_the_insurers_own_no_means_that_it_never_had_it(
    answer: Handler, expected: SendResult
) -> None:
    assert await exchange(answer, ask=True) == expected


@pytest.mark.parametrize(("answer", "expected"), REFUSED.values(), ids=REFUSED)
async def test_a_clear_no_is_a_rejection(answer: Handler, expected: SendResult) -> None:
    assert await exchange(answer) == expected


@pytest.mark.parametrize(("answer", "reason"), DOUBTS.values(), ids=DOUBTS)
async def test_after_any_doubt_the_outcome_is_unknown(answer: Handler, reason: str) -> None:
    assert await exchange(answer) == Unknown(reason)


async def test_f31_a_busy_insurer_says_when_to_come_back() -> None:
    busy = {"code": "busy"}
    assert await exchange(answering(503, busy, **{"retry-after": "9"})) == Unknown("status_503", 9)
    later = answering(503, busy, **{"retry-after": "9" * 30})
    assert await exchange(later) == Unknown("status_503", 3600)
    date = answering(503, busy, **{"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"})
    assert await exchange(date) == Unknown("status_503")


async def test_f31_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    def insurer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(307, headers={"location": "http://elsewhere.test/"}, json={})

    assert await exchange(insurer) == Unknown("status_307")
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("refused"), NotSent("no_connection")),
        (httpx.ConnectTimeout("slow"), NotSent("no_connection")),
        (httpx.PoolTimeout("full"), NotSent("too_many_at_once")),
        (httpx.ReadTimeout("slow"), Unknown("timeout")),
        (httpx.WriteTimeout("slow"), Unknown("timeout")),
        (httpx.ReadError("reset"), Unknown("connection_broken")),
        (httpx.RemoteProtocolError("half a body"), Unknown("connection_broken")),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_f25_nothing_was_sent_only_when_there_was_no_connection(
    error: Exception, expected: SendResult
) -> None:
    def insurer(_: httpx.Request) -> httpx.Response:
        raise error

    assert await exchange(insurer) == expected


async def test_a_question_that_reached_nobody_tells_nothing_of_the_instruction() -> None:
    def insurer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    assert await exchange(insurer, ask=True) == Unknown("no_connection")


async def test_f28_a_drip_of_bytes_ends_at_the_deadline() -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(100):
            await asyncio.sleep(0.02)
            yield b" "

    def insurer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(202, content=drip())

    assert await exchange(insurer, deadline=0.1) == Unknown("deadline")


async def test_f26_an_insurer_that_hangs_for_ever_ends_at_the_deadline() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    assert await exchange(never, deadline=0.1) == Unknown("deadline")  # type: ignore[arg-type]


async def test_f29_an_answer_that_unpacks_without_end_is_not_unpacked() -> None:
    """A gzip bomb: a megabyte that would be a gigabyte."""
    bomb = zlib.compress(b" " * 2**28, 9)
    packed = answering(202, bomb, **{"content-encoding": "deflate"})
    assert await exchange(packed) == Unknown("answer_packed")


async def test_a_cancelled_worker_is_cancelled_and_told_no_outcome() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    async with httpx.AsyncClient(transport=httpx.MockTransport(never)) as client:
        dialect = RestDialect(client, Endpoint("demo-insurer", "http://insurer.test", SECRET))
        task = asyncio.create_task(dialect.send(INSTRUCTION))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("address", ["insurer.test", "ftp://insurer.test", "http://[", "http://"])
async def test_an_unusable_address_reaches_nobody(address: str) -> None:
    async with open_client(LOOPBACK) as client:
        dialect = RestDialect(client, Endpoint("demo-insurer", address, SECRET))
        assert isinstance(await dialect.send(INSTRUCTION), NotSent)


async def test_a_refused_connection_is_certain() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with open_client(LOOPBACK) as client:
        dialect = RestDialect(client, Endpoint("demo-insurer", f"http://127.0.0.1:{port}", SECRET))
        assert await dialect.send(INSTRUCTION) == NotSent("no_connection")


async def test_f27_a_real_server_that_stops_half_way_leaves_us_in_doubt() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\n")
        writer.write(b"content-length: 100\r\n\r\n{")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(half, "127.0.0.1", 0)
    async with server, open_client(LOOPBACK) as client:
        port = server.sockets[0].getsockname()[1]
        dialect = RestDialect(client, Endpoint("demo-insurer", f"http://127.0.0.1:{port}", SECRET))
        assert await dialect.send(INSTRUCTION) == Unknown("connection_broken")


def test_what_is_confidential_is_not_shown_when_printed() -> None:
    shown: list[Any] = [
        Endpoint("demo-insurer", "http://insurer.test", SECRET),
        INSTRUCTION,
        Rejected("x", "测试甲 没有参保"),
    ]
    assert SECRET not in repr(shown)
    assert "测试甲" not in repr(shown)


def test_the_dialect_is_found_by_its_name() -> None:
    assert DIALECTS["rest"].speak is RestDialect


async def test_f46_while_our_key_rotates_a_signature_of_each_is_sent() -> None:
    old = "whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0LW9sZC1zZWNyZXQ="

    def insurer(request: httpx.Request) -> httpx.Response:
        for key in (SECRET, old):
            Webhook(key).verify(request.content, dict(request.headers))
        return httpx.Response(202, json=YES)

    async with httpx.AsyncClient(transport=httpx.MockTransport(insurer)) as client:
        endpoint = Endpoint("demo-insurer", "http://insurer.test", SECRET, old_secrets=(old,))
        assert isinstance(await RestDialect(client, endpoint).send(INSTRUCTION), Accepted)


QUESTION = AccountQuestion(KEY, "测试甲", "6200000000001234", "示范农商行")


async def whose(handler: Handler) -> Match | Unknown | NotSent:
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
        endpoint = Endpoint("demo-insurer", "http://insurer.test/api/", SECRET, 5.0)
        return await RestDialect(client, endpoint).check_account(QUESTION)


async def test_whose_an_account_is_is_asked_under_our_signature() -> None:
    seen: list[httpx.Request] = []

    def insurer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        Webhook(SECRET).verify(request.content, dict(request.headers))
        return httpx.Response(200, json={"check_id": str(KEY), "match": "no"})

    assert await whose(insurer) is Match.NO
    assert str(seen[0].url) == "http://insurer.test/api/v1/account-checks"
    assert json.loads(seen[0].content) == {
        "check_id": str(KEY),
        "name": "测试甲",
        "account": "6200000000001234",
        "bank": "示范农商行",
    }
    assert "1234" not in repr(QUESTION)
    assert "测试甲" not in repr(QUESTION)


NO_ANSWERS: dict[str, tuple[Handler, str]] = {
    "of another question": (
        answering(200, {"check_id": "0192f0c1-0000-7000-8000-000000000002", "match": "no"}),
        "status_200",
    ),
    "of no question": (answering(200, {"match": "no"}), "status_200"),
    "a word of its own": (answering(200, {"check_id": str(KEY), "match": "NO"}), "status_200"),
    "a truth value": (answering(200, {"check_id": str(KEY), "match": False}), "status_200"),
    "said twice": (
        answering(200, f'{{"check_id":"{KEY}","match":"yes","match":"no"}}'.encode()),
        "not_json_status_200",
    ),
    "accepted instead": (answering(202, YES), "status_202"),
    "not there": (answering(404, {"code": "not_found"}), "status_404"),
    "not made": (answering(501, {"code": "not_supported"}), "status_501"),
    "refused": (answering(401, {"code": "signature.invalid"}), "status_401"),
    "a page": (lambda _: httpx.Response(200, html="<html></html>"), "not_json_status_200"),
    "elsewhere": (answering(307, {}, location="http://127.0.0.1:9/"), "status_307"),
}


@pytest.mark.parametrize(("answer", "reason"), NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_an_answer_that_is_none_tells_nothing_of_an_account(
    answer: Handler, reason: str
) -> None:
    assert await whose(answer) == Unknown(reason)


async def test_an_insurer_that_is_not_reached_tells_nothing_of_an_account() -> None:
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    assert await whose(gone) == NotSent("no_connection")
