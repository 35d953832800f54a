"""The kit finds out what a system can do; a system that cheats is found out."""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.outside.conformance import Report, run_kit
from app.outside.insurers import Endpoint, open_client
from tests.contracts import LOOPBACK
from tests.insurer import INSURER, SECRET, Mailbox, running_insurer

NOTHING_RETURNED = {"returned_count": "0", "returned_amount": "0.00"}


class Peer:
    """A well-behaved insurer in a few lines; `ways` names where it cheats."""

    def __init__(self, *ways: str) -> None:
        self.ways = frozenset(ways)
        self.taken: dict[str, tuple[bytes, str]] = {}
        self.cases = 0
        self.statements = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.05 if "slow" in self.ways else 0)
        if "trusting" not in self.ways:
            try:
                Webhook(SECRET).verify(request.content, dict(request.headers), json_parse=False)
            except (WebhookVerificationError, KeyError):
                return _said(401, code="signature.invalid")
        if request.url.path == "/v1/statements":
            return self._statement(request)
        if request.url.path == "/v1/account-checks":
            return self._whose(json.loads(request.content))
        if request.method == "GET":
            return self._known(request.url.path.rpartition("/")[2])
        body = json.loads(request.content)
        if "instruction_id" not in body:
            return _said(422, code="instruction.invalid")
        return self._take(request.headers["idempotency-key"], request.content)

    def _known(self, key: str) -> httpx.Response:
        if "knows everything" in self.ways or key in self.taken:
            case_no = self.taken.get(key, (b"", "C-0"))[1]
            return _said(200, instruction_id=key, state="accepted", insurer_case_no=case_no)
        return _said(404, code="nothing" if "mute" in self.ways else "instruction.not_found")

    def _statement(self, request: httpx.Request) -> httpx.Response:
        self.statements += 1
        told = {"insurer": "test", **request.url.params, "lines": []}
        paid = "0.01" if "adds wrongly" in self.ways else "0.00"
        paid = f"0.0{self.statements}" if "unsteady" in self.ways else paid
        totals = {"paid_count": "0", "paid_amount": paid}
        return _said(200, **told, totals=totals | NOTHING_RETURNED)

    def _whose(self, asked: dict[str, str]) -> httpx.Response:
        if "knows no accounts" in self.ways:
            return _said(404, code="not_found")
        yes = "agrees" in self.ways or asked["account"].endswith("0000")
        return _said(200, check_id=asked["check_id"], match="yes" if yes else "no")

    def _take(self, key: str, raw: bytes) -> httpx.Response:
        known = self.taken.get(key)
        if known is not None and known[0] != raw and "forgetful" not in self.ways:
            return _said(409, code="idempotency.conflict")
        if known is None or "twice" in self.ways:
            self.cases += 1
            self.taken[key] = (raw, f"C-{self.cases}")
        return _said(
            202,
            accepted=True,
            insurer_case_no=self.taken[key][1],
            duplicate=known is not None,
        )


def _said(status: int, **body: object) -> httpx.Response:
    return httpx.Response(HTTPStatus(status), json=body)


async def tried(peer: Callable[..., object], deadline: float = 2.0) -> Report:
    transport = httpx.MockTransport(peer)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as client:
        endpoint = Endpoint("test", "http://insurer.test", SECRET, deadline)
        return await run_kit(client, "rest", endpoint)


CHEATS: dict[str, tuple[bool, bool, set[str]]] = {
    "twice": (False, False, {"same_key", "side_by_side", "answer_lost", "other_body", "ask_known"}),
    "forgetful": (False, True, {"other_body", "conflict_409"}),
    "mute": (True, False, {"ask_unknown"}),
    "knows everything": (True, False, {"ask_unknown", "bad_signature", "no_signature"}),
    "trusting": (
        True,
        True,
        {"bad_signature", "no_signature", "old_signature", "changed"},
    ),
}


async def test_a_system_that_keeps_the_contract_passes() -> None:
    for way in ("", "slow"):
        report = await tried(Peer(way))
        assert [one.code for one in report.findings if not one.held] == []
        assert (report.passed, report.honours_key, report.can_be_asked) == (True, True, True)
        assert (report.gives_statements, report.can_check_account) == (True, True)


@pytest.mark.parametrize(
    ("way", "gives_statements", "can_check_account", "passed"),
    [
        ("adds wrongly", False, True, True),
        ("unsteady", False, True, True),
        ("agrees", True, False, True),
        ("knows no accounts", True, False, True),
        ("trusting", False, False, False),
    ],
)
async def test_an_ability_is_had_only_by_whom_it_was_seen_of(
    way: str, gives_statements: bool, can_check_account: bool, passed: bool
) -> None:
    report = await tried(Peer(way))
    assert report.gives_statements is gives_statements
    assert report.can_check_account is can_check_account
    assert report.passed is passed


@pytest.mark.parametrize("way", CHEATS)
async def test_a_system_that_breaks_the_contract_is_found_out(way: str) -> None:
    honours_key, can_be_asked, failed = CHEATS[way]
    report = await tried(Peer(way))
    assert {one.code for one in report.findings if not one.held} >= failed - {"ask_known"}
    assert report.honours_key is honours_key
    if way != "twice":
        assert report.can_be_asked is can_be_asked
    assert not report.passed


async def test_a_system_that_answers_nothing_proves_nothing() -> None:
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    report = await tried(gone)
    assert [one.code for one in report.findings] == ["accept"]
    assert not any((report.reached, report.honours_key, report.can_be_asked))
    assert not any((report.gives_statements, report.can_check_account))


async def test_the_stand_in_passes(tmp_path: Path) -> None:
    with (
        Mailbox().open() as mailbox,
        running_insurer(tmp_path / "insurer", mailbox.url) as (url, _),
    ):
        async with open_client(LOOPBACK) as client:
            report = await run_kit(client, "rest", Endpoint(INSURER, url, SECRET, 5.0))
    assert [(one.code, one.seen) for one in report.findings if not one.held] == []
    assert report.passed
