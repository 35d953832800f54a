"""The client repeats what is safe to repeat, under one key, and turns refusals into errors."""

import json
from collections.abc import Callable

import httpx
import pytest

from client import Problem, Relief, Unanswered, Upload

Answers = Callable[[httpx.Request], httpx.Response]
BUSY = {"code": "service.not_ready", "title": "服务未就绪", "retryable": True}
REFUSED = {
    "code": "validation.failed",
    "title": "填写有误",
    "detail": "有一处",
    "errors": [{"pointer": "/bills/0/total", "message": "金额最多两位小数"}],
    "retryable": False,
    "trace_id": "t-1",
}


class Service:
    """A service that gives its answers one after another, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(service: Service, patience_seconds: float = 5.0) -> Relief:
    return Relief(
        "http://relief.test",
        "sk_test_x",
        patience_seconds=patience_seconds,
        transport=httpx.MockTransport(service),
    )


def test_a_write_whose_answer_was_lost_is_sent_again_under_the_same_key() -> None:
    service = Service(httpx.ReadError("cut"), httpx.Response(201, json={"notice_no": "n"}))
    answer = client(service).draft_notice({})
    assert answer.body["notice_no"] == "n"
    first, second = (request.headers["Idempotency-Key"] for request in service.asked)
    assert first == second


def test_two_writes_have_two_keys_and_a_chosen_key_is_kept() -> None:
    service = Service(httpx.Response(201, json={}))
    relief = client(service)
    relief.draft_notice({})
    relief.draft_notice({})
    relief.draft_notice({}, idempotency_key="mine")
    keys = [request.headers["Idempotency-Key"] for request in service.asked]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


def test_a_change_guarded_by_its_etag_alone_is_not_sent_twice() -> None:
    service = Service(httpx.ReadError("cut"), httpx.Response(200, json={}))
    with pytest.raises(Unanswered):
        client(service).change_notice("n-1", {}, if_match='"1"')
    assert len(service.asked) == 1


def test_what_may_be_asked_again_is_asked_again_and_what_may_not_is_an_error() -> None:
    service = Service(httpx.Response(503, json=BUSY), httpx.Response(422, json=REFUSED))
    with pytest.raises(Problem) as refused:
        client(service).estimate_notice({})
    problem = refused.value
    assert (problem.status, problem.code, problem.trace_id) == (422, "validation.failed", "t-1")
    assert problem.errors[0]["pointer"] == "/bills/0/total"
    assert "金额最多两位小数" in str(problem)
    assert len(service.asked) == 2


def test_patience_ends() -> None:
    with pytest.raises(Unanswered):
        client(Service(httpx.ConnectError("refused")), 0.0).read_claim("c-1")
    with pytest.raises(Problem):
        client(Service(httpx.Response(503, json=BUSY)), 0.0).read_claim("c-1")


def test_a_page_of_a_proxy_is_a_problem_without_a_code() -> None:
    service = Service(httpx.Response(413, text="<html>too large</html>"))
    with pytest.raises(Problem) as refused:
        client(service).read_claim("c-1")
    assert (refused.value.status, refused.value.code) == (413, "")


def test_a_poll_that_finds_nothing_new_has_no_body() -> None:
    service = Service(
        httpx.Response(200, json={"claim_no": "c-1"}, headers={"ETag": '"3.a"'}),
        httpx.Response(304, headers={"ETag": '"3.a"'}),
    )
    relief = client(service)
    seen = relief.read_claim("c-1")
    again = relief.read_claim("c-1", if_none_match=seen.etag)
    assert service.asked[1].headers["If-None-Match"] == '"3.a"'
    assert again.unchanged
    with pytest.raises(LookupError):
        _ = again.body


def test_numbers_and_filters_are_escaped() -> None:
    service = Service(httpx.Response(200, json={"items": []}))
    relief = client(service)
    relief.read_claim("a/b?c")
    relief.list_claims(limit=5, status="under_review", cursor=None)
    assert service.asked[0].url.raw_path == b"/v1/claims/a%2Fb%3Fc"
    assert dict(service.asked[1].url.params) == {"limit": "5", "status": "under_review"}


def test_a_paper_goes_as_a_file_and_comes_back_as_bytes() -> None:
    service = Service(
        httpx.Response(201, json={"id": "d"}), httpx.Response(200, content=b"%PDF-1.7 \xff")
    )
    relief = client(service)
    paper = Upload("结算单.pdf", b"%PDF-1.7", "application/pdf")
    relief.attach_document("n-1", {"kind": "settlement", "file": paper})
    assert b"%PDF-1.7" in service.asked[0].content
    assert relief.read_document("n-1", "d").body == b"%PDF-1.7 \xff"


def test_a_callback_goes_byte_for_byte() -> None:
    service = Service(httpx.Response(202, json={"accepted": True}))
    signed = json.dumps({"type": "claim.accepted"}, indent=3).encode()
    client(service).receive_callback(
        "picc", signed, webhook_id="e-1", webhook_timestamp="1", webhook_signature="v1,x"
    )
    assert service.asked[0].content == signed
    assert service.asked[0].headers["webhook-id"] == "e-1"
