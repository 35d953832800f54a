"""A gateway of a Chinese open platform: what we say to it, and what we believe of it."""

import base64
import json
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from app.domain.callback import (
    Decided,
    EvidenceAsked,
    PayoutTold,
    Pended,
    Unreadable,
    read_callback,
)
from app.domain.errors import SignatureInvalid, TimestampSkew
from app.outside.conformance import run_kit
from app.outside.insurers import (
    DIALECTS,
    Accepted,
    AccountQuestion,
    Endpoint,
    Instruction,
    Match,
    NotSent,
    Rejected,
    SendResult,
    Unknown,
)
from app.outside.insurers.form.words import event_of
from tests.insurer import about, referral

KEY = UUID("0192f0c1-0000-7000-8000-000000000001")
FORM = DIALECTS["form"]
OURS, THEIRS, STRANGER = (rsa.generate_private_key(65537, 2048) for _ in range(3))


def public(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


OWN = f"app_id=2026000001\n{private(OURS)}"
PEER = public(THEIRS)


def signed(text: str, key: rsa.RSAPrivateKey = THEIRS) -> str:
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


VERIFY = "relief.account.verify"


class Gateway:
    """A gateway in a few lines: checks our signature, keeps cases by identifier, signs answers."""

    def __init__(self) -> None:
        self.cases: dict[str, dict[str, Any]] = {}
        self.seen: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        fields = dict(parse_qsl(request.content.decode(), strict_parsing=True))
        text = "&".join(f"{n}={v}" for n, v in sorted(fields.items()) if n != "sign")
        OURS.public_key().verify(
            base64.b64decode(fields["sign"]), text.encode(), PKCS1v15(), hashes.SHA256()
        )
        self.seen.append(fields)
        biz = json.loads(fields["biz_content"])
        if fields["method"] == VERIFY:
            word = "MISMATCH" if biz["receiver"]["account_no"].endswith("4001") else "MATCH"
            return said(VERIFY, verified(word, biz["identifier"]))
        known = self.cases.get(biz["identifier"])
        if known is None and fields["method"] == "relief.claim.query":
            return said(fields["method"], no("CASE_NOT_EXIST"))
        if known is None:
            self.cases[biz["identifier"]] = biz
        elif fields["method"] != "relief.claim.query" and known != biz:
            return said(fields["method"], no("IDENTIFIER_CONFLICT"))
        return said(fields["method"], yes(biz["identifier"], again=known is not None))


def yes(identifier: str = KEY.hex, *, again: bool = False) -> dict[str, Any]:
    return {
        "code": "10000",
        "msg": "Success",
        "identifier": identifier,
        "result": "DUPLICATE" if again else "ACCEPTED",
        "case_no": "PT-1",
        "insurer_case_no": "BX-1",
    }


def no(sub_code: str) -> dict[str, Any]:
    return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "说明"}


def said(
    method: str, node: dict[str, Any], key: rsa.RSAPrivateKey = THEIRS, *, spoil: str = ""
) -> httpx.Response:
    name = method.replace(".", "_") + "_response"
    text = json.dumps(node, ensure_ascii=False)
    raw = f'{{"{name}":{text}{spoil},"sign":"{signed(text, key)}"}}'
    return httpx.Response(
        200, content=raw.encode(), headers={"content-type": "application/json;charset=utf-8"}
    )


async def exchange(
    peer: Callable[[httpx.Request], httpx.Response],
    instruction: Instruction | None = None,
    *,
    ask: bool = False,
) -> SendResult:
    async with httpx.AsyncClient(transport=httpx.MockTransport(peer)) as client:
        endpoint = Endpoint("form-insurer", "http://gw.test/do", OWN, 5.0, peer_keys=(PEER,))
        dialect = FORM.speak(client, endpoint)
        return await (
            dialect.ask(KEY) if ask else dialect.send(instruction or referral("901", KEY))
        )


async def test_a_referral_is_a_signed_form_in_the_gateways_words() -> None:
    gateway = Gateway()
    accepted = Accepted("BX-1", duplicate=False, platform_case_no="PT-1")
    assert await exchange(gateway) == accepted
    (fields,) = gateway.seen
    assert (fields["app_id"], fields["method"]) == ("2026000001", "relief.claim.report")
    assert (fields["sign_type"], fields["charset"]) == ("RSA2", "utf-8")
    biz = json.loads(fields["biz_content"])
    assert (biz["identifier"], biz["out_case_no"]) == (KEY.hex, "990127-2026-000123-1")
    assert biz["insured"]["name"] == "测试甲"
    assert (biz["claim_fee"], biz["fees"][0]["fee"]) == (160001, 5_000_000)  # fen, as integers
    assert biz["receivers"][0]["account_no"] == "6200000000001234"


async def test_the_same_instruction_again_is_a_duplicate_and_another_content_a_conflict() -> None:
    gateway = Gateway()
    await exchange(gateway)
    again = Accepted("BX-1", duplicate=True, platform_case_no="PT-1")
    assert await exchange(gateway) == again
    assert gateway.seen[0]["biz_content"] == gateway.seen[1]["biz_content"]
    other = referral("901", KEY, policy_no="P-2")
    assert await exchange(gateway, other) == Rejected("idempotency.conflict", "说明")


async def test_a_gateway_is_asked_by_identifier() -> None:
    gateway = Gateway()
    assert await exchange(gateway, ask=True) == NotSent("insurer_never_had_it")
    await exchange(gateway)
    again = Accepted("BX-1", duplicate=True, platform_case_no="PT-1")
    assert await exchange(gateway, ask=True) == again


@pytest.mark.parametrize(
    ("instruction", "method", "part"),
    [
        (about("withdraw_claim", KEY, reason_zh="重复报案"), "cancel", {"reason": "重复报案"}),
        (
            about("supply_papers", KEY, documents=[{"kind": "id_card", "sha256": "00"}]),
            "supplement",
            {"attachments": [{"type": "id_card", "sha256": "00"}]},
        ),
        (
            about(
                "correct_account",
                KEY,
                payout_reference="PAY-1",
                payee={"name": "测试甲", "account": "62", "bank": "农商行"},
            ),
            "account.modify",
            {
                "pay_no": "PAY-1",
                "receiver": {"name": "测试甲", "account_no": "62", "bank_name": "农商行"},
            },
        ),
    ],
    ids=["withdraw", "papers", "account"],
)
async def test_every_other_instruction_has_its_method(
    instruction: Instruction, method: str, part: dict[str, object]
) -> None:
    gateway = Gateway()
    assert isinstance(await exchange(gateway, instruction), Accepted)
    assert gateway.seen[0]["method"] == f"relief.claim.{method}"
    assert json.loads(gateway.seen[0]["biz_content"]).items() >= part.items()


async def test_what_the_gateway_has_no_method_for_is_refused_before_it_is_sent() -> None:
    gateway = Gateway()
    result = await exchange(gateway, about("sing_a_song", KEY))
    assert isinstance(result, Rejected)
    assert (result.code, gateway.seen) == ("kind_unsupported", [])


REJECTED = {
    "POLICY_NOT_EXIST": ("policy.unknown", False),
    "INSURED_NOT_MATCH": ("coverage.not_insured", False),
    "MATERIAL_INCOMPLETE": ("evidence.missing", False),
    "isv.invalid-signature": ("signature.invalid", True),
    "isp.flow-limited": ("rate.limited", True),
    "SOMETHING_NEW": ("platform.SOMETHING_NEW", False),
}


@pytest.mark.parametrize("sub_code", REJECTED)
async def test_reject_codes_become_ours(sub_code: str) -> None:
    code, may_retry = REJECTED[sub_code]
    answer = said("relief.claim.report", no(sub_code))
    assert await exchange(lambda _: answer) == Rejected(code, "说明", may_retry=may_retry)


METHOD = "relief.claim.report"
TWICE = b'{"relief_claim_report_response":{},"relief_claim_report_response":{},"sign":"x"}'
JSON_TYPE = {"content-type": "application/json"}
DOUBTS = {
    "F24 server error": (httpx.Response(500, json={}), "status_500"),
    "F30 a page": (httpx.Response(200, html="<p>"), "not_json_status_200"),
    "F30 twice the node": (
        httpx.Response(200, content=TWICE, headers=JSON_TYPE),
        "not_json_status_200",
    ),
    "F31 moved": (httpx.Response(302, headers={"location": "http://x"}), "status_302"),
    "unsigned": (
        httpx.Response(200, json={"relief_claim_report_response": yes()}),
        "answer_malformed",
    ),
    "signed by a stranger": (said(METHOD, yes(), STRANGER), "answer_signature_invalid"),
    "signed, of another call": (said("relief.claim.cancel", yes()), "answer_malformed"),
    "signed, of another instruction": (said(METHOD, yes("0" * 32)), "answer_of_another"),
    "no case number": (said(METHOD, yes() | {"case_no": ""}), "case_no_unusable"),
    "a case number that is a number": (said(METHOD, yes() | {"case_no": 7}), "answer_unclear"),
    "it does not know": (said(METHOD, {"code": "20000", "msg": "?"}), "answer_unclear"),
    "a float": (said(METHOD, yes() | {"fee": 1.5}), "not_json_status_200"),
}


@pytest.mark.parametrize(("answer", "reason"), DOUBTS.values(), ids=DOUBTS)
async def test_after_any_doubt_the_outcome_is_unknown(answer: httpx.Response, reason: str) -> None:
    assert await exchange(lambda _: answer) == Unknown(reason)


async def test_what_is_believed_is_the_text_that_was_signed() -> None:
    """A nested copy of the node's name before the true one does not get in between."""
    text = json.dumps(yes())
    forged = json.dumps(yes() | {"insurer_case_no": "EVIL"})
    raw = (
        f'{{"x":{{"relief_claim_report_response":{forged}}},'
        f'"relief_claim_report_response":{text},"sign":"{signed(text)}"}}'
    )
    answer = httpx.Response(200, content=raw.encode(), headers=JSON_TYPE)
    assert await exchange(lambda _: answer) == Unknown("answer_signature_invalid")


def test_only_real_keys_of_enough_bits_are_usable() -> None:
    small = rsa.generate_private_key(65537, 1024)
    assert FORM.key_out is not None
    assert FORM.key_in is not None
    assert FORM.key_out.usable(OWN)
    assert FORM.key_in.usable(PEER)
    for text in ("", "app_id=1", private(OURS), f"app_id=\n{private(OURS)}", f"app_id=1\n{PEER}",
                 f"app_id=1\n{private(small)}"):  # fmt: skip
        assert not FORM.key_out.usable(text)
    for text in ("", "whsec_AAAA", private(OURS), public(small)):
        assert not FORM.key_in.usable(text)


def notification(
    method: str,
    biz: object,
    key: rsa.RSAPrivateKey = THEIRS,
    at: int | None = None,
    **changed: str,
) -> bytes:
    at = int(time.time()) if at is None else at
    stamp = datetime.fromtimestamp(at, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")
    fields = {
        "notify_id": "N-1",
        "method": method,
        "timestamp": stamp,
        "sign_type": "RSA2",
        "biz_content": json.dumps(biz, ensure_ascii=False),
    } | changed
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value)
    return urlencode(fields | {"sign": signed(text, key)}).encode()


SETTLED = {
    "out_case_no": "990127-2026-000123-1",
    "case_no": "PT-1",
    "insurer_case_no": "BX-1",
    "result": "PARTIAL",
    "claim_fee": 160000,
    "settle_time": "2026-06-20 09:00:00",
}


def test_a_notification_is_verified_and_read_in_our_words() -> None:
    now = int(time.time())
    raw = notification("relief.claim.settled.notify", SETTLED, at=now)
    verified = FORM.verify(raw, {}, [public(STRANGER), PEER])
    assert (verified.event_id, verified.signed_at.timestamp()) == ("N-1", now)
    event = json.loads(FORM.to_event(raw))
    assert event["data"]["platform_case_no"] == "PT-1"
    news = read_callback(event, datetime.now().date())  # noqa: DTZ005 - stands in for no day here
    assert isinstance(news, Decided)
    assert (news.outcome, news.amount_fen, news.insurer_case_no) == ("partial", 160000, "BX-1")
    assert news.decided_on.isoformat() == "2026-06-20"


READ: dict[str, tuple[str, dict[str, object], object]] = {
    "refused": (
        "relief.claim.settled.notify",
        SETTLED | {"result": "REJECT", "claim_fee": 0, "reject_code": "NOT_INSURED", "clause": "3"},
        ("declined", 0, "3", "不在被保人名单"),
    ),
    "papers": (
        "relief.claim.supplement.notify",
        {"out_case_no": "1", "materials": [{"type": "invoice", "name": "发票"}],
         "deadline": "2026-07-01", "remark": "缺发票"},
        ((("invoice", "发票"),), "缺发票"),
    ),
    "pending": (
        "relief.claim.pending.notify",
        {"out_case_no": "1", "pend_reason": "SITE_SURVEY", "remark": "已约定时间"},
        ("site_survey", "已约定时间"),
    ),
    "pending for a reason that is new here": (
        "relief.claim.pending.notify",
        {"out_case_no": "1", "pend_reason": "FULL_MOON", "remark": "另有原因"},
        ("other", "另有原因"),
    ),
    "paid": (
        "relief.claim.payment.notify",
        {"out_case_no": "1", "pay_status": "PAID", "pay_no": "P1", "settle_no": "S1",
         "amount": 160000, "account_tail": "1234", "pay_time": "2026-06-21 10:00:00"},
        ("paid", "P1", "S1", 160000, None),
    ),
    "returned": (
        "relief.claim.payment.notify",
        {"out_case_no": "1", "pay_status": "RETURN", "pay_no": "P1", "settle_no": "S1",
         "amount": 160000, "fail_code": "ACCOUNT_CLOSED"},
        ("returned", "P1", "S1", 160000, "account_closed"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("method", "biz", "expected"), READ.values(), ids=READ)
def test_every_notification_has_its_meaning(
    method: str, biz: dict[str, object], expected: object
) -> None:
    event = json.loads(FORM.to_event(notification(method, biz)))
    news = read_callback(event, datetime(2026, 6, 30).date())  # noqa: DTZ001 - only its day
    match news:
        case Decided():
            told: object = (news.outcome, news.amount_fen, news.clause, news.reason_zh)
        case Pended():
            told = (news.reason, news.said_zh)
        case EvidenceAsked():
            told = (news.papers, news.reason_zh)
        case PayoutTold():
            told = (
                news.state,
                news.reference,
                news.settlement_no,
                news.amount_fen,
                news.failure_code,
            )
        case _:
            told = None
    assert told == expected


@pytest.mark.parametrize(
    "biz",
    [
        SETTLED | {"claim_fee": "1600.00"},
        SETTLED | {"claim_fee": True},
        SETTLED | {"claim_fee": -1},
        SETTLED | {"claim_fee": 10**15},
        SETTLED | {"claim_fee": 1600.0},
        SETTLED | {"result": "MAYBE"},
        SETTLED | {"settle_time": "yesterday"},
        [],
        None,
    ],
    ids=str,
)
def test_f40_amounts_and_words_that_are_not_the_contracts_are_unreadable(biz: object) -> None:
    with pytest.raises(Unreadable):
        FORM.to_event(notification("relief.claim.settled.notify", biz))


REFUSED = {
    "F43 no signature": (b"notify_id=1&timestamp=2026-06-20+09%3A00%3A00&sign_type=RSA2", "sign"),
    "F43 no form": (b"\xff\x00", "sign"),
    "F43 nothing": (b"", "sign"),
    "F43 a field twice": (notification("m", {}) + b"&method=x", "sign"),
    "F43 another scheme": (notification("m", {}, sign_type="RSA"), "sign_type"),
    "F45 no time": (notification("m", {}, timestamp=""), "timestamp"),
    "F45 a day that is none": (notification("m", {}, timestamp="2026-13-01 00:00:00"), "timestamp"),
    "no id": (notification("m", {}, notify_id=""), "notify_id"),
    "F47 another's key": (notification("m", {}, STRANGER), "sign"),
    "F48 changed": (notification("m", {"a": 1}).replace(b"a", b"b", 1), "sign"),
}


@pytest.mark.parametrize(("raw", "part"), REFUSED.values(), ids=REFUSED)
def test_a_notification_that_the_gateway_did_not_sign_is_refused(raw: bytes, part: str) -> None:
    with pytest.raises((SignatureInvalid, TimestampSkew)) as refused:
        FORM.verify(raw, {}, [PEER])
    if part != "sign":
        assert isinstance(refused.value, SignatureInvalid)
        assert refused.value.part == part


def test_f34_f45_an_old_notification_is_refused_as_skew() -> None:
    now = int(time.time())
    for at in (now - 400, now + 400):
        with pytest.raises(TimestampSkew):
            FORM.verify(notification("m", {}, at=at), {}, [PEER])


async def test_a_gateway_can_be_proven_like_any_insurer() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(Gateway())) as client:
        endpoint = Endpoint("form-insurer", "http://gw.test/do", OWN, 5.0, peer_keys=(PEER,))
        report = await run_kit(client, "form", endpoint)
    assert [(one.code, one.seen) for one in report.findings if not one.held] == []
    assert (report.passed, report.honours_key, report.can_be_asked) == (True, True, True)


async def test_an_advance_is_asked_and_told_in_the_gateways_words() -> None:
    gateway = Gateway()
    asked = about(
        "request_advance",
        KEY,
        amount="600.00",
        basis="law",
        reason_zh="满六十日",
        payees=[{"name": "测试甲", "account": "6200000000001234", "bank": "", "share_bp": 10_000}],
    )
    await exchange(gateway, asked)
    (fields,) = gateway.seen
    biz = json.loads(fields["biz_content"])
    assert (fields["method"], biz["prepay_fee"]) == ("relief.claim.prepay.apply", 60_000)
    assert biz["receivers"][0]["share_bp"] == 10_000
    paid = {
        "out_case_no": "990127-2026-000123-1",
        "pay_status": "PAID",
        "pay_no": "PRE-1",
        "settle_no": "N-1",
        "amount": 60_000,
        "pay_type": "PREPAY",
    }
    event = event_of("relief.claim.payment.notify", paid)
    told = read_callback(event, date(2026, 11, 22))
    assert isinstance(told, PayoutTold)
    assert (told.advance, told.amount_fen) == (True, 60_000)
    with pytest.raises(Unreadable):
        event_of("relief.claim.payment.notify", paid | {"pay_type": "GIFT"})


QUESTION = AccountQuestion(KEY, "测试甲", "6200000000001234", "示范农商行")


async def whose(
    peer: Callable[[httpx.Request], httpx.Response],
) -> Match | Unknown | NotSent:
    async with httpx.AsyncClient(transport=httpx.MockTransport(peer)) as client:
        endpoint = Endpoint("form-insurer", "http://gw.test/do", OWN, 5.0, peer_keys=(PEER,))
        return await FORM.speak(client, endpoint).check_account(QUESTION)


def verified(word: object, identifier: str = KEY.hex) -> dict[str, Any]:
    return {"code": "10000", "msg": "Success", "identifier": identifier, "verify_result": word}


async def test_whose_an_account_is_is_asked_in_the_gateways_words() -> None:
    seen: list[dict[str, str]] = []

    def gateway(request: httpx.Request) -> httpx.Response:
        seen.append(dict(parse_qsl(request.content.decode(), strict_parsing=True)))
        return said(VERIFY, verified("MISMATCH"))

    assert await whose(gateway) is Match.NO
    assert seen[0]["method"] == VERIFY
    assert json.loads(seen[0]["biz_content"]) == {
        "identifier": KEY.hex,
        "receiver": {
            "name": "测试甲",
            "account_no": "6200000000001234",
            "bank_name": "示范农商行",
        },
    }


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (said(VERIFY, verified("MATCH")), Match.YES),
        (said(VERIFY, verified("UNKNOWN")), Match.UNKNOWN),
        (said(VERIFY, verified("MAYBE")), Unknown("answer_unclear")),
        (said(VERIFY, verified(None)), Unknown("answer_unclear")),
        (said(VERIFY, verified("MATCH", "0" * 32)), Unknown("answer_unclear")),
        (said(VERIFY, no("isv.invalid-method")), Unknown("answer_unclear")),
        (said(VERIFY, verified("MATCH"), STRANGER), Unknown("answer_signature_invalid")),
        (said(METHOD, yes()), Unknown("answer_malformed")),
        (httpx.Response(500, json={}), Unknown("status_500")),
    ],
)
async def test_only_a_signed_answer_tells_whose_an_account_is(
    answer: httpx.Response, result: Match | Unknown
) -> None:
    assert await whose(lambda _: answer) == result
