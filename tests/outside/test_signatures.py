"""Who sent a callback: every malformed header is a named refusal, every good one is accepted."""

import base64
import hmac
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.domain.errors import SignatureInvalid, TimestampSkew
from app.outside.signatures import Verified, verify

OLD = "whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0LW9sZC1zZWNyZXQ="
NEW = "whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0LW5ldy1zZWNyZXQ="
OTHER = "whsec_b3RoZXItaW5zdXJlci1vdGhlci1pbnN1cmVyLW90aGVy"
BODY = '{"type":"claim.accepted","data":{"reason_zh":"同意"}}'.encode()
NOW = 1_790_000_000


def headers(secret: str = NEW, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    signature = Webhook(secret).sign("evt_1", datetime.fromtimestamp(at, UTC), body.decode())
    return {"webhook-id": "evt_1", "webhook-timestamp": str(at), "webhook-signature": signature}


def part_of(given_headers: dict[str, str], body: bytes = BODY, now: float = NOW) -> str:
    with pytest.raises(SignatureInvalid) as refusal:
        verify(body, given_headers, [NEW], now)
    return refusal.value.part


def test_what_the_reference_library_signs_is_accepted() -> None:
    verified = verify(BODY, headers(), [NEW], NOW)
    assert verified == Verified("evt_1", datetime.fromtimestamp(NOW, UTC))


def test_the_published_example_is_accepted() -> None:
    """The example of the Standard Webhooks specification's reference implementations."""
    signed = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert verify(b'{"test": 2432232314}', signed, [secret], 1614265330).event_id.startswith("msg_")


def test_the_real_clock_is_used_when_none_is_given() -> None:
    verify(BODY, headers(at=int(time.time())), [NEW])
    with pytest.raises(TimestampSkew):
        verify(BODY, headers(at=int(time.time()) - 3600), [NEW])


@given(body=st.binary(max_size=100))
def test_any_bytes_can_be_signed_text_or_not(body: bytes) -> None:
    key = b"raw key bytes"
    digest = hmac.digest(key, b"evt_1.1790000000." + body, "sha256")
    signed = headers() | {"webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}
    assert verify(body, signed, [key], NOW).event_id == "evt_1"


def test_every_active_secret_counts_while_keys_are_rotated() -> None:
    for secret in (OLD, NEW):
        verify(BODY, headers(secret), [OLD, NEW], NOW)
    both = headers(OLD)["webhook-signature"] + " " + headers(NEW)["webhook-signature"]
    for active in ([OLD], [NEW]):
        verify(BODY, headers() | {"webhook-signature": both}, active, NOW)
    assert part_of(headers(OLD)) == "webhook-signature"


def test_another_insurers_key_opens_nothing() -> None:
    assert part_of(headers(OTHER)) == "webhook-signature"
    with pytest.raises(SignatureInvalid):
        verify(BODY, headers(), [], NOW)


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b":", b": "), b"", b"\xff\xfe"])
def test_a_body_that_was_written_anew_is_refused(body: bytes) -> None:
    assert part_of(headers(), body) == "webhook-signature"


GOOD = headers()["webhook-signature"]


@pytest.mark.parametrize(
    "signature",
    ["", " ", "junk", "v1", "v1,", ",", "v1,,", GOOD.replace(",", ",,"), GOOD.replace(",", ""),
     GOOD + ",x", "v1," + GOOD, GOOD + " ", " " + GOOD, GOOD + "  " + GOOD, "v1,A", "v1,====",
     "v1,!!!!", "v1,é", "v1,签名", GOOD.replace("v1", "v1a"), GOOD.replace("v1", "v2"),
     GOOD.replace("v1", "V1"), GOOD.lower(), GOOD[:-1], GOOD[:20], "v1," + "A" * 43 + "=",
     " ".join([GOOD] * 1000), GOOD + "\n", "\x00"],
)  # fmt: skip
def test_a_malformed_or_wrong_signature_is_refused_by_name(signature: str) -> None:
    assert part_of(headers() | {"webhook-signature": signature}) == "webhook-signature"


def test_versions_we_do_not_know_are_passed_over() -> None:
    mixed = "v1a,AAAA v9,AAAA " + GOOD
    verify(BODY, headers() | {"webhook-signature": mixed}, [NEW], NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    signed = headers()
    del signed[name]
    assert part_of(signed) == name


@pytest.mark.parametrize("event_id", ["", " ", "a b", "a\n", "é", "事件", "x" * 201, "a\x00"])
def test_an_unusable_event_id_is_refused(event_id: str) -> None:
    assert part_of(headers() | {"webhook-id": event_id}) == "webhook-id"


@pytest.mark.parametrize(
    "timestamp",
    ["", "nan", "inf", "-inf", "1e400", "1e9", f"{NOW}.0", f"+{NOW}", f"-{NOW}", f" {NOW}",
     f"{NOW} ", f"{NOW}\n", "1_790_000_000", "１７９００００００", "0x6AB13B80", "9" * 400],
)  # fmt: skip
def test_a_timestamp_is_whole_seconds_in_ascii_digits(timestamp: str) -> None:
    assert part_of(headers() | {"webhook-timestamp": timestamp}) == "webhook-timestamp"


@pytest.mark.parametrize("away", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_tolerated(away: int) -> None:
    verify(BODY, headers(at=NOW + away), [NEW], NOW)


@pytest.mark.parametrize("at", [0, NOW - 301, NOW + 301, 999_999_999_999])
def test_a_second_more_is_refused_as_skew(at: int) -> None:
    signed = headers() | {"webhook-timestamp": str(at)}
    with pytest.raises(TimestampSkew) as refusal:
        verify(BODY, signed, [NEW], NOW)
    assert refusal.value.tolerance_seconds == 300
    assert refusal.value.detail_zh
    assert refusal.value.detail_en


@given(
    event_id=st.text(max_size=12),
    timestamp=st.text(max_size=12),
    signature=st.text(max_size=60),
    body=st.binary(max_size=20),
)
def test_whatever_is_sent_only_named_refusals_come_out(
    event_id: str, timestamp: str, signature: str, body: bytes
) -> None:
    sent = {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
    }
    with pytest.raises((SignatureInvalid, TimestampSkew)):
        verify(body, sent, [NEW], NOW)
