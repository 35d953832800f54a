"""An instruction that may have arrived is asked after first, and sent only when it never came."""

import httpx
import pytest

from app.outside.insurers import Accepted, SendResult, Speaker, Unknown
from tests.insurer import SECRET, referral

INSTRUCTION = referral()
KNOWN = {
    "instruction_id": str(INSTRUCTION.instruction_id),
    "state": "accepted",
    "insurer_case_no": "PA1",
}
ASKED = {
    "it has it": (httpx.Response(200, json=KNOWN), Accepted("PA1", duplicate=True), ["GET"]),
    "it never had it": (
        httpx.Response(404, json={"code": "instruction.not_found"}),
        Accepted("PA2", duplicate=False),
        ["GET", "POST"],
    ),
    "it does not say": (httpx.Response(503, json={}), Unknown("status_503"), ["GET"]),
    "nobody answers": (httpx.ConnectError("refused"), Unknown("no_connection"), ["GET"]),
}


async def hand_over(
    answer: httpx.Response | Exception, *, ask_first: bool
) -> tuple[SendResult, list[str]]:
    methods: list[str] = []

    def insurer(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        if request.method == "POST":
            yes = {"accepted": True, "insurer_case_no": "PA2", "duplicate": False}
            return httpx.Response(202, json=yes)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(insurer)) as client:
        speaker = Speaker(client, deadline_seconds=2.0)
        endpoint = speaker.endpoint("demo-insurer", "http://insurer.test", [SECRET])
        assert endpoint.deadline_seconds == 2.0
        result = await speaker.hand_over("rest", endpoint, INSTRUCTION, ask_first=ask_first)
    return result, methods


@pytest.mark.parametrize(("answer", "expected", "methods"), ASKED.values(), ids=ASKED)
async def test_it_is_sent_only_when_the_insurer_says_that_it_never_came(
    answer: httpx.Response | Exception, expected: SendResult, methods: list[str]
) -> None:
    assert await hand_over(answer, ask_first=True) == (expected, methods)


async def test_a_first_sending_asks_nothing() -> None:
    result, methods = await hand_over(httpx.ConnectError("unused"), ask_first=False)
    assert (result, methods) == (Accepted("PA2", duplicate=False), ["POST"])
