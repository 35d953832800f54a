"""What is refused by the look of it: the host, the headers, the shape of a JSON body.

Only what reaches an ASGI application can be judged here; the README names the rest, which is the
ingress's duty.
"""

import re
from collections.abc import Collection

from starlette.types import Scope

from app.api.refusals import HeadersTooLarge, Malformed, Misdirected
from app.domain.errors import ReliefError

HEADERS_MAX = 100
HEADER_BYTES = 32 * 1024
TARGET_BYTES = 8 * 1024
DEPTH_MAX = 32
ITEMS_MAX = 200_000
ONCE = frozenset(
    {b"host", b"authorization", b"content-length", b"content-type", b"idempotency-key", b"if-match"}
)
PROBES = frozenset({"/livez", "/readyz"})  # asked by machines, by address and not by name

_PORT = re.compile(r":\d{1,5}$", re.ASCII)
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def check_request(scope: Scope, hosts: Collection[str]) -> None:
    """Check a request's host and headers; `hosts` empty: any host.

    Raises Misdirected, HeadersTooLarge, Malformed.
    """
    _check_size(scope)
    seen: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in ONCE and seen.setdefault(name, value) is not value:
            raise _twice()
    if hosts and scope["path"] not in PROBES:
        _check_host(seen.get(b"host", b"").decode("latin-1").lower(), hosts)


def _check_size(scope: Scope) -> None:
    headers = scope["headers"]
    size = sum(len(name) + len(value) for name, value in headers)
    target = len(scope.get("raw_path") or b"")
    if (
        len(headers) > HEADERS_MAX
        or size > HEADER_BYTES
        or max(target, len(scope["query_string"])) > TARGET_BYTES
    ):
        raise HeadersTooLarge(HEADERS_MAX, HEADER_BYTES)


def _check_host(host: str, hosts: Collection[str]) -> None:
    if host not in hosts and _PORT.sub("", host) not in hosts:
        raise Misdirected


def check_shape(raw: bytes) -> ReliefError | None:
    """Give the refusal of JSON that is nested too deep or has too many members, before it is read.

    Counting brackets and commas costs next to nothing; only a body with many is looked at closer.
    """
    brackets = raw.count(b"[") + raw.count(b"{")
    if brackets <= DEPTH_MAX and raw.count(b",") <= ITEMS_MAX:
        return None
    bare = _STRING.sub(b"", raw)
    if bare.count(b",") > ITEMS_MAX or bare.count(b"[") + bare.count(b"{") > ITEMS_MAX:
        return Malformed(
            f"JSON 中的项超过 {ITEMS_MAX} 个。", f"The JSON has more than {ITEMS_MAX} items."
        )
    return _too_deep() if _is_deep(bare) else None


def _is_deep(bare: bytes) -> bool:
    """Tell whether brackets are nested too deep: take the innermost pairs away, level by level."""
    left = bare.translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(DEPTH_MAX):
        inner, left = left, left.replace(b"[]", b"")
        if left == inner:
            break
    return left.count(b"[") > 0 if left != inner else left.count(b"[") > DEPTH_MAX


def _too_deep() -> Malformed:
    return Malformed(
        f"JSON 嵌套超过 {DEPTH_MAX} 层。", f"The JSON is nested deeper than {DEPTH_MAX} levels."
    )


def _twice() -> Malformed:
    return Malformed(
        "同一请求头出现了两次，无法判断以哪个为准。",
        "A header that may stand once stands twice: which one counts cannot be told.",
    )
