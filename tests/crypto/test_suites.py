"""Two suites: published answers, data of either readable after a switch, keys that take turns."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crypto import DataKey, Keyring, Tampered, UnknownKey, UnusableKey, is_under_data_key
from app.crypto.gm import GmSuite

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
SUITES = ("intl", "gm")
PLACE = "person.id_sealed.01890a5d-ac96-774b-bcce-b302099a8057"
ID = "990127196005010013"


def test_sm4_gcm_gives_the_published_answer() -> None:
    """RFC 8998, appendix A.1."""
    text = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8)
    text += bytes.fromhex("ee" * 8 + "aa" * 8)
    sealed = (
        GmSuite()
        .cipher(bytes.fromhex("0123456789abcdeffedcba9876543210"))
        .encrypt(
            bytes.fromhex("00001234567800000000abcd"),
            text,
            bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        )
    )
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )


def test_sm3_gives_the_published_answers() -> None:
    """GB/T 32905-2016, appendix A."""
    assert GmSuite().digest(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert GmSuite().digest(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_hmac_sm3_is_the_construction_of_rfc_2104_over_sm3() -> None:
    key, message = bytes(range(32)), ID.encode()
    padded = key.ljust(64, b"\0")
    inner = GmSuite().digest(bytes(b ^ 0x36 for b in padded) + message)
    outer = GmSuite().digest(bytes(b ^ 0x5C for b in padded) + inner)
    assert GmSuite().mac(key, message) == outer
    if "sm3" in hashlib.algorithms_available:
        assert hashlib.new("sm3", message).digest() == GmSuite().digest(message)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("other", SUITES)
def test_what_either_suite_sealed_opens_after_a_switch(suite: str, other: str) -> None:
    blob = Keyring(OLD, suite).seal(ID.encode(), PLACE)
    after = Keyring(OLD, other)
    assert after.open_sealed(blob, PLACE) == ID.encode()
    assert after.is_current(blob) is (suite == other)
    index = Keyring(OLD, suite).blind_index("person.id_number", ID)
    assert index in after.blind_indexes("person.id_number", ID)


@pytest.mark.parametrize("suite", SUITES)
def test_while_keys_rotate_both_open_and_the_first_one_writes(suite: str) -> None:
    before = Keyring.of([(1, "intl", OLD)])
    adding = Keyring.of([(1, "intl", OLD), (2, suite, NEW)])
    during = Keyring.of([(2, suite, NEW), (1, "intl", OLD)])
    after = Keyring.of([(2, suite, NEW)])
    old, new = before.seal(b"x", PLACE), during.seal(b"x", PLACE)
    assert adding.seal(b"x", PLACE)[:2] == old[:2]
    for ring in (adding, during):
        assert ring.open_sealed(old, PLACE) == ring.open_sealed(new, PLACE) == b"x"
        assert before.blind_index("p", ID) in ring.unique_indexes("p", ID)
        assert after.blind_index("p", ID) in ring.unique_indexes("p", ID)
        assert before.cursor_mac(b"c") in ring.cursor_macs(b"c")
    with pytest.raises(UnknownKey):
        after.open_sealed(old, PLACE)
    assert after.open_sealed(new, PLACE) == b"x"
    assert during.versions == (2, 1)


def test_an_api_key_is_known_after_rotation_and_after_a_switch() -> None:
    before = Keyring(OLD).key_digest("rk_live_x")
    assert before in Keyring.of([(2, "gm", NEW)]).key_digests("rk_live_x")
    keyed = Keyring(OLD).key_digests("rk_live_x")[2:]  # how they were stored before
    assert all(len(digest) == 32 for digest in keyed)
    assert set(keyed) <= set(
        Keyring.of([(2, "intl", NEW), (1, "intl", OLD)]).key_digests("rk_live_x")
    )


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [(1, "intl", OLD), (1, "gm", NEW)],
        [(0, "intl", OLD)],
        [(256, "intl", OLD)],
        [(1, "rot13", OLD)],
        [(1, "intl", OLD[:16])],
    ],
)
def test_master_keys_that_cannot_be_held_are_refused(keys: list[tuple[int, str, bytes]]) -> None:
    with pytest.raises(UnusableKey):
        Keyring.of(keys)


@given(text=st.binary(max_size=60), suite=st.sampled_from(SUITES))
def test_a_data_key_opens_its_own_and_nothing_else(text: bytes, suite: str) -> None:
    ring = Keyring(OLD, suite)
    wrapped, key = ring.new_data_key("person.key_sealed.1")
    blob = key.seal(text, PLACE)
    assert is_under_data_key(blob)
    assert not is_under_data_key(ring.seal(text, PLACE))
    opened = ring.open_data_key(wrapped, "person.key_sealed.1")
    assert isinstance(opened, DataKey)
    assert opened.open_sealed(blob, PLACE) == text
    for wrong in (lambda: opened.open_sealed(blob, PLACE + "x"),
                  lambda: ring.new_data_key("person.key_sealed.2")[1].open_sealed(blob, PLACE),
                  lambda: ring.open_data_key(wrapped, "person.key_sealed.2")):  # fmt: skip
        with pytest.raises(Tampered):
            wrong()
    with pytest.raises(UnknownKey):
        ring.open_sealed(blob, PLACE)
    assert repr(key) == "DataKey(...)"
