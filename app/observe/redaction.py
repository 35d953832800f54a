"""The last thing before a line is written: what could name a person is taken out of it.

Two nets. Members whose name says that they hold personal data or a secret are dropped whole.
Every other text is searched for numbers of the shape of an identity card, a bank card or a mobile
phone. Our own numbers (area codes, notice and claim numbers, UUIDs, digests) pass. Nothing can tell
a person's name inside a sentence, so event names are fixed words and errors lose their messages
(see `traces`).
"""

import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache

MASK = "[…]"
DEPTH_MAX = 6
SHORTEST_NUMBER = 11  # a mobile phone's: shorter texts cannot hold anything that is masked

_PRIVATE = frozenset(
    {
        "name", "id_number", "id_no", "account", "account_no", "bank", "phone", "mobile", "address",
        "birth_on", "payee", "payees", "person", "body", "payload", "raw", "headers", "content",
        "filename", "authorization", "cookie", "password", "secret", "token", "api_key",
        "master_key", "plaintext", "args", "kwargs", "parameters", "message_zh",
    }
)  # fmt: skip
_PRIVATE_ENDINGS = (
    "_name", "_name_zh", "_id_number", "_account", "_phone", "_address", "_password", "_secret",
    "_token", "_plain", "_payload", "_body",
)  # fmt: skip

_NUMBERS = re.compile(
    r"""
    (?P<ours>
        (?<![0-9A-Za-z])
        (?: [0-9a-f]{64} | [0-9a-f]{32} | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}
          | \d{6}-\d{4}-\d{6}(?:-\d{1,3})? )
        (?![0-9A-Za-z])
    )
    # identity card of 18, bank card in groups of four, mobile phone, any longer run of digits
    | (?<!\d) \d{6}[ -]?\d{8}[ -]?\d{3}[\dXxＸｘ] (?!\d)
    | (?<!\d) \d{4}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{1,7})+ (?!\d)
    | (?<!\d) (?:\+?86[ -]?)? 1[3-9]\d[ -]?\d{4}[ -]?\d{4} (?!\d)
    | (?<!\d) \d{14,} (?!\d)
    """,
    re.VERBOSE,
)


def redact(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Clean one log event (a structlog processor): drop members, mask numbers, at any depth."""
    return _clean_members(event, 0)


def mask_numbers(text: str) -> str:
    """Mask every number in a text that could be a person's."""
    if len(text) < SHORTEST_NUMBER:
        return text
    return _NUMBERS.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    return match["ours"] or MASK


@lru_cache(maxsize=1_000)
def is_private(key: str) -> bool:
    """Tell whether a member of this name is dropped; remembered, as the names are our own few."""
    lowered = key.lower()
    return lowered in _PRIVATE or lowered.endswith(_PRIVATE_ENDINGS)


def _clean_members(members: Mapping[str, object], depth: int) -> dict[str, object]:
    return {
        mask_numbers(key) if len(key) >= SHORTEST_NUMBER else key: _clean(value, depth + 1)
        for key, value in members.items()
        if not is_private(key)
    }


def _clean(value: object, depth: int) -> object:
    if depth > DEPTH_MAX:
        return MASK
    if type(value) is str:  # nearly all are: first, and without a further call for short ones
        return value if len(value) < SHORTEST_NUMBER else _NUMBERS.sub(_masked, value)
    if isinstance(value, Mapping):
        return _clean_members({str(key): item for key, item in value.items()}, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item, depth + 1) for item in value]
    return _clean_scalar(value)


def _clean_scalar(value: object) -> object:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = str(value)
    clean = mask_numbers(text)
    if value is None or (isinstance(value, bool | int | float) and clean == text):
        return value
    return clean
