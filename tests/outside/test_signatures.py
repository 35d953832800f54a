"""Who sent a callback: every malformed header is a named refusal, every good one is accepted."""

import ast
import base64
import hmac
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.domain.errors import SignatureInvalid, TimestampSkew
from app.outside.signatures import Verified, is_public_key, is_shared_secret, verify

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


def test_f46_every_active_secret_counts_while_keys_are_rotated() -> None:
    for secret in (OLD, NEW):
        verify(BODY, headers(secret), [OLD, NEW], NOW)
    both = headers(OLD)["webhook-signature"] + " " + headers(NEW)["webhook-signature"]
    for active in ([OLD], [NEW]):
        verify(BODY, headers() | {"webhook-signature": both}, active, NOW)
    assert part_of(headers(OLD)) == "webhook-signature"


def test_f47_another_insurers_key_opens_nothing() -> None:
    assert part_of(headers(OTHER)) == "webhook-signature"
    with pytest.raises(SignatureInvalid):
        verify(BODY, headers(), [], NOW)


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b":", b": "), b"", b"\xff\xfe"])
def test_f48_a_body_that_was_written_anew_is_refused(body: bytes) -> None:
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
def test_f43_a_malformed_or_wrong_signature_is_refused_by_name(signature: str) -> None:
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
def test_f45_a_timestamp_is_whole_seconds_in_ascii_digits(timestamp: str) -> None:
    assert part_of(headers() | {"webhook-timestamp": timestamp}) == "webhook-timestamp"


@pytest.mark.parametrize("away", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_tolerated(away: int) -> None:
    verify(BODY, headers(at=NOW + away), [NEW], NOW)


@pytest.mark.parametrize("at", [0, NOW - 301, NOW + 301, 999_999_999_999])
def test_f45_a_second_more_is_refused_as_skew(at: int) -> None:
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


# RFC 8032, section 7.1, tests 1 to 3: secret key, public key, message, signature.
RFC_8032 = {
    "empty": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "one byte": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    "two bytes": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
}
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def public_text(signer: Ed25519PrivateKey) -> str:
    raw = signer.public_key().public_bytes_raw()
    return "whpk_" + base64.b64encode(raw).decode()


def signed_by(signer: Ed25519PrivateKey, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    signature = base64.b64encode(signer.sign(f"evt_1.{at}.".encode() + body)).decode()
    return headers() | {"webhook-timestamp": str(at), "webhook-signature": f"v1a,{signature}"}


@pytest.mark.parametrize("vector", RFC_8032.values(), ids=RFC_8032)
def test_the_published_vectors_of_ed25519_hold(vector: tuple[str, str, str, str]) -> None:
    """The library beneath v1a says what RFC 8032 says."""
    secret, public, message, signature = (bytes.fromhex(text) for text in vector)
    signer = Ed25519PrivateKey.from_private_bytes(secret)
    assert signer.public_key().public_bytes_raw() == public
    assert signer.sign(message) == signature
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


def test_an_insurers_own_signature_is_accepted() -> None:
    assert verify(BODY, signed_by(SIGNER), [public_text(SIGNER)], NOW).event_id == "evt_1"


def test_who_has_only_a_public_key_cannot_speak_for_the_insurer() -> None:
    """We hold `whpk_` and nothing else: an HMAC made with it is not believed."""
    public = public_text(SIGNER)
    raw = SIGNER.public_key().public_bytes_raw()
    for key in (raw, public.encode(), public.removeprefix("whpk_").encode()):
        forged = base64.b64encode(
            hmac.digest(key, f"evt_1.{NOW}.".encode() + BODY, "sha256")
        ).decode()
        for version in ("v1", "v1a"):
            with pytest.raises(SignatureInvalid):
                verify(
                    BODY, headers() | {"webhook-signature": f"{version},{forged}"}, [public], NOW
                )


@pytest.mark.parametrize("body", [BODY + b" ", b"", b"\xff"])
def test_f48_a_body_written_anew_is_refused_under_ed25519_too(body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify(body, signed_by(SIGNER), [public_text(SIGNER)], NOW)


def test_f46_keys_of_both_kinds_count_side_by_side_while_they_are_rotated() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    active = [NEW, public_text(SIGNER), public_text(other)]
    for signed in (headers(), signed_by(SIGNER), signed_by(other)):
        verify(BODY, signed, active, NOW)
    with pytest.raises(SignatureInvalid):
        verify(BODY, signed_by(other), active[:2], NOW)


def test_only_keys_of_the_right_size_are_usable() -> None:
    assert is_public_key(public_text(SIGNER))
    assert is_shared_secret(NEW)
    for text in ("", "whpk_", "whpk_AAAA", "whsec_AAAA", "whpk_!", "whsec_签", NEW[6:]):
        assert not is_public_key(text)
        assert not is_shared_secret(text)


def test_f49_signatures_are_compared_in_constant_time_and_nowhere_else() -> None:
    """Ed25519 is verified with public data; every other comparison is `hmac.compare_digest`.

    Whether there is a secret at all (`is None`) may be compared.
    """
    for path in Path("app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                names = {
                    getattr(part, "attr", getattr(part, "id", ""))
                    for side in (node.left, *node.comparators)
                    if not isinstance(side, ast.Compare)
                    for part in ast.walk(side)
                }
                equality = any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
                assert not (equality and names & SECRET_NAMES), f"{path}:{node.lineno}"


SECRET_NAMES = {"signature", "presented", "mac", "secret", "expected_mac", "token", "hmac"}
