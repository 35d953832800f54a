"""JSON from a peer, read without benefit of the doubt: one meaning or none."""

import json
from collections.abc import Iterable
from typing import NoReturn

MAX_INTEGER = 2**53


class NotStrictJson(ValueError):
    """The bytes are no strict JSON object; the message never quotes them."""


def parse_object(raw: bytes) -> dict[str, object]:
    """Read one JSON object. Amounts are strings in our contracts, so no float has a place in it.

    Raises NotStrictJson for: not UTF-8, not JSON, no object, duplicate keys, floats, NaN, integers
    beyond 2**53, nesting deeper than the interpreter allows, text that no database stores (NUL,
    lone surrogates).
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_float=_refuse_number,
            parse_int=_small_integer,
            parse_constant=_refuse_number,
        )
    except NotStrictJson:
        raise
    except (ValueError, RecursionError):
        raise NotStrictJson("not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise NotStrictJson("not a JSON object")
    _refuse_unstorable(value)
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJson("the same key twice")
    return members


def _refuse_number(_text: str) -> NoReturn:
    raise NotStrictJson("a number that is no integer")


def _small_integer(text: str) -> int:
    if len(text) > len(str(MAX_INTEGER)) + 1 or abs(int(text)) > MAX_INTEGER:
        raise NotStrictJson("an integer beyond 2**53")
    return int(text)


def _refuse_unstorable(value: dict[str, object]) -> None:
    waiting: list[object] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            _refuse_unstorable_text(item)
        elif isinstance(item, dict):
            waiting.extend(_members(item))
        elif isinstance(item, list):
            waiting.extend(item)


def _members(members: dict[str, object]) -> Iterable[object]:
    yield from members.keys()
    yield from members.values()


def _refuse_unstorable_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise NotStrictJson("text with NUL or half a character")
