"""A peer's JSON has one meaning or none."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outside.strict_json import MAX_INTEGER, NotStrictJson, parse_object

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_plain_objects_are_read_as_they_are(value: dict[str, object]) -> None:
    assert parse_object(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b'"x"', b"1", b"{", b'{"a":1}x', b"{'a':1}", b'{"a":1,"a":1}',
     b'{"a":{"b":1,"b":2}}', b'{"a":1.0}', b'{"a":1e2}', b'{"a":-0.0}', b'{"a":NaN}',
     b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":1e400}', b'{"a":9007199254740993}',
     b'{"a":' + b"9" * 5000 + b"}", b'{"a":"\\u0000"}', b'{"a\\u0000":1}', b'{"a":["\\ud800"]}',
     b'{"a":"\xff"}', '{"a":1}'.encode("utf-16"), b"\xef\xbb\xbf{}",
     b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"],
)  # fmt: skip
def test_anything_doubtful_is_refused_without_being_quoted(raw: bytes) -> None:
    with pytest.raises(NotStrictJson) as refusal:
        parse_object(raw)
    assert len(str(refusal.value)) < 60


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(raw: bytes) -> None:
    with suppress(NotStrictJson):
        assert isinstance(parse_object(raw), dict)
