"""One answer: a view as bytes, its ETag, its headers."""

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.responses import Response

from app.api.refusals import VersionRequired
from app.domain.caller import Caller
from app.domain.errors import VersionStale

_ETAG = re.compile(r'"(\d{1,9})(\.[A-Za-z0-9_-]+)?"', re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an act gives back to the door: the view, its version and where it can be read.

    `view` None: there is nothing to show, as after a removal. `shown_once` is given this time in
    the place of `view`, which is what is kept: a secret is told once and stands in no kept answer.
    """

    view: BaseModel | None
    status: int = 200
    version: int | None = None
    location: str | None = None
    shown_once: BaseModel | None = None


def etag_of(body: bytes, caller: Caller, version: int | None = None) -> str:
    """Make a strong ETag: the version, then a digest of the very bytes and of who may see them.

    Two callers never share one, also when they see the same bytes. The digest covers the bytes
    and not only the version, so that a new build with another view is never answered by a 304.
    """
    scope = f"{caller.actor}|{caller.role}|{caller.area_lo}|{caller.area_hi}|{caller.insurer}"
    key = hashlib.blake2b(scope.encode(), digest_size=16).digest()
    tag = urlsafe_b64encode(hashlib.blake2b(body, key=key, digest_size=12).digest()).decode()
    return f'"{tag}"' if version is None else f'"{version}.{tag}"'


def expected_version(if_match: str | None) -> int:
    """Read the version out of If-Match. Raises VersionRequired without one, VersionStale for a
    tag that is not ours.

    `*` would switch the guard off, so it counts as nothing sent.
    """
    if if_match is None or if_match.strip() in ("", "*"):
        raise VersionRequired
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise VersionStale("")
    return int(found[1])


def matches(if_none_match: str | None, etag: str) -> bool:
    """Tell whether one of the listed tags is this one (weak comparison, RFC 9110 13.1.2)."""
    if if_none_match is None:
        return False
    listed = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in listed)


def json_answer(
    body: bytes, status: int, etag: str | None, *, cache: str = "no-store", **headers: str | None
) -> Response:
    """Give JSON bytes with the headers that every answer carries."""
    sent = {"Cache-Control": cache, "Vary": "Authorization"}
    if etag is not None:
        sent["ETag"] = etag
    sent.update({name.replace("_", "-"): value for name, value in headers.items() if value})
    return Response(body, status, sent, "application/json")
