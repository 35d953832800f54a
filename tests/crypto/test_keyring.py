"""Seals stay where they were put; indexes find; keys for one purpose serve no other."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from app.crypto import Keyring, Tampered, UnknownKey, UnusableKey, new_api_key, same_digest
from app.crypto.intl import IntlSuite
from tests import database as databases

INTL = Keyring(bytes(range(32)))
RING = databases.keyring()
PLACES = st.tuples(
    st.sampled_from(["person", "payee"]),
    st.sampled_from(["name", "id_number"]),
    st.uuids().map(str),
).map(".".join)


def hkdf_sha256(master_key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 written out once more, to check the library and our labels against."""
    pseudo_random_key = hmac.digest(bytes(32), master_key, "sha256")
    block, output = b"", b""
    for counter in range(1, length // 32 + 2):
        block = hmac.digest(pseudo_random_key, block + info + bytes((counter,)), "sha256")
        output += block
    return output[:length]


@given(text=st.binary(max_size=200), place=PLACES)
def test_what_was_sealed_opens_in_its_own_place(text: bytes, place: str) -> None:
    assert RING.open_sealed(RING.seal(text, place), place) == text


@given(text=st.binary(max_size=200), here=PLACES, there=PLACES)
def test_a_seal_moved_to_another_row_or_column_does_not_open(
    text: bytes, here: str, there: str
) -> None:
    assume(here != there)
    with pytest.raises(Tampered):
        RING.open_sealed(RING.seal(text, here), there)


@given(text=st.binary(max_size=60), place=PLACES, bit=st.integers(min_value=0))
def test_one_flipped_bit_anywhere_is_noticed(text: bytes, place: str, bit: int) -> None:
    blob = bytearray(RING.seal(text, place))
    bit %= len(blob) * 8
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Tampered, UnknownKey)):
        RING.open_sealed(bytes(blob), place)


@pytest.mark.parametrize("length", range(30))
def test_a_seal_cut_short_is_tampered_with(length: int) -> None:
    with pytest.raises(Tampered):
        RING.open_sealed(RING.seal(b"", "person.name.1")[:length], "person.name.1")


def test_another_master_key_opens_nothing() -> None:
    with pytest.raises(Tampered):
        Keyring(bytes(32)).open_sealed(RING.seal(b"x", "person.name.1"), "person.name.1")


@pytest.mark.parametrize("head", [b"\x03\x01", b"\x01\x02", b"\x02\x02", b"\x00\x00", b"\x01\x00"])
def test_a_suite_or_key_version_nobody_holds_is_named(head: bytes) -> None:
    blob = head + RING.seal(b"x", "person.name.1")[2:]
    with pytest.raises(UnknownKey):
        RING.open_sealed(blob, "person.name.1")


def test_the_shape_of_a_seal_is_suite_version_nonce_cipher_text_and_tag() -> None:
    blob = INTL.seal(b"twelve bytes", "person.name.1")
    key = hkdf_sha256(bytes(range(32)), b"relief/seal", 32)
    assert blob[:2] == b"\x01\x01"
    assert len(blob) == 2 + 12 + 12 + 16
    assert AESGCM(key).decrypt(blob[2:14], blob[14:], b"\x01\x01person.name.1") == b"twelve bytes"


def test_the_same_text_sealed_twice_gives_different_bytes() -> None:
    assert RING.seal(b"same", "person.name.1") != RING.seal(b"same", "person.name.1")


def test_aes_256_gcm_gives_the_published_answers() -> None:
    """Test cases 13, 14 and 16 of McGrew and Viega, The Galois/Counter Mode of Operation."""
    zero = IntlSuite().cipher(bytes(32))
    assert zero.encrypt(bytes(12), b"", b"").hex() == "530f8afbc74536b9a963b4f1c4cb738b"
    assert zero.encrypt(bytes(12), bytes(16), b"").hex() == (
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    )
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    text = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = IntlSuite().cipher(key).encrypt(bytes.fromhex("cafebabefacedbaddecaf888"), text, aad)
    assert sealed.hex() == (
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )


def test_hmac_sha256_gives_the_published_answers() -> None:
    """RFC 4231, test cases 1 and 2."""
    assert IntlSuite().mac(b"\x0b" * 20, b"Hi There").hex() == (
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    )
    assert IntlSuite().mac(b"Jefe", b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_equal_numbers_have_equal_indexes_and_purposes_cannot_be_joined() -> None:
    index = RING.blind_index("person.id_number", "990101199001010015")
    assert index == databases.keyring().blind_index("person.id_number", "990101199001010015")
    assert index != RING.blind_index("payee.id_number", "990101199001010015")
    assert index != RING.blind_index("person.id_number", "990101199001010023")
    assert index != Keyring(bytes(32)).blind_index("person.id_number", "990101199001010015")
    assert len(index) == 32


def test_an_index_is_keyed_and_no_bare_hash() -> None:
    key = hkdf_sha256(bytes(range(32)), b"relief/blind/person.id_number", 32)
    index = INTL.blind_index("person.id_number", "990101199001010015")
    assert index == hmac.digest(key, b"990101199001010015", "sha256")
    assert index != hashlib.sha256(b"990101199001010015").digest()


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert len({RING.key_digest("x"), RING.cursor_mac(b"x"), RING.blind_index("api-key", "x")}) == 3


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(UnusableKey, match="32 bytes"):
        Keyring(bytes(length))


def test_a_suite_nobody_built_is_refused() -> None:
    with pytest.raises(UnusableKey, match="intl"):
        Keyring(bytes(32), suite="rot13")


def test_a_keyring_shows_no_key_when_printed() -> None:
    assert repr(RING) == "Keyring(...)"


def test_digests_are_compared_whole() -> None:
    digest = RING.key_digest("rk_test_x")
    assert same_digest(digest, bytes(digest))
    assert not same_digest(digest, digest[:-1])
    assert not same_digest(digest, RING.key_digest("rk_test_y"))


def test_api_keys_are_long_random_and_say_what_they_are_for() -> None:
    keys = {new_api_key("rk_test") for _ in range(100)} | {new_api_key("rk_test_")}
    assert len(keys) == 101
    assert all(key.startswith("rk_test_") and key[8:].isalnum() for key in keys)
    assert {len(key) for key in keys} == {51}


@pytest.mark.parametrize("prefix", ["", "_", "RK", "rk test", "rk__test", "rk1", "rk\n"])
def test_a_prefix_of_another_form_is_refused(prefix: str) -> None:
    with pytest.raises(UnusableKey):
        new_api_key(prefix)
