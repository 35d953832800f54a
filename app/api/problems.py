"""From an exception to an RFC 9457 answer. The only place that knows HTTP numbers of errors.

No answer repeats what was sent: faults carry a place and a sentence, an unexpected exception only
the request id under which the log holds its trace.
"""

import json
import re
from collections.abc import Mapping

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.api import faults
from app.api.refusals import (
    BodyTooLarge,
    TokenAskedWrongly,
    TokenDenied,
    Unserved,
    WrongContentType,
)
from app.api.registry import REGISTRY
from app.domain.errors import (
    DocumentTooLarge,
    DocumentTypeUnsupported,
    DuplicateNotice,
    EvidenceMissing,
    Fault,
    FundExhausted,
    IllegalMove,
    Invalid,
    OverDelegation,
    PeriodBlocked,
    PeriodClosed,
    RateLimited,
    ReliefError,
    SignatureInvalid,
    TimestampSkew,
    VersionStale,
)
from app.domain.money import yuan

MEDIA_TYPE = "application/problem+json"
DOCS = "/v1/meta/errors"
RETRY_SECONDS = {"idempotency.in_progress": "1", "service.not_ready": "5"}
QUOTE = '"'
PARAMETER = re.compile(r"\{[^}]+\}")
PLAIN_MEMBERS: tuple[tuple[type[ReliefError], str, str], ...] = (
    (IllegalMove, "allowed", "allowed"),
    (DocumentTooLarge, "limit_bytes", "limit"),
    (BodyTooLarge, "limit_bytes", "limit"),
    (DocumentTypeUnsupported, "accepted", "accepted"),
    (WrongContentType, "accepted", "accepted"),
    (SignatureInvalid, "part", "part"),
    (TokenDenied, "error", "error"),
    (TokenAskedWrongly, "error", "error"),
    (TimestampSkew, "tolerance_seconds", "tolerance_seconds"),
    (PeriodClosed, "last_closed", "closed_on"),
    (PeriodBlocked, "first_day", "first_open"),
    (PeriodBlocked, "blocking", "blocking"),
)
FRAMEWORK = {
    400: "request.malformed",
    404: "resource.not_found",
    405: "http.method_not_allowed",
    406: "http.not_acceptable",
    408: "request.timeout",
    413: "request.too_large",
    415: "http.unsupported_media_type",
    422: "validation.failed",
}


def problem(scope: Scope, error: ReliefError) -> Response:
    """Make the answer to a refusal, in the language that the caller prefers."""
    code = _code(error)
    scope.setdefault("state", {})["problem"] = code  # for the log line of the request
    entry = REGISTRY[code]
    status = entry.status or 422
    english = prefers_english(scope)
    body = {
        "type": f"{DOCS}#{code}",
        "title": entry.title_en if english else entry.title_zh,
        "status": status,
        "code": code,
        "detail": error.detail_en if english else error.detail_zh,
        "detail_en": error.detail_en,
        "errors": [_fault(fault, english=english) for fault in _faults(error)],
        "trace_id": scope["state"].get("request_id", ""),
        "retryable": entry.retryable,
        "docs": f"{DOCS}#{code}",
        **_members(error),
    }
    return Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        status,
        _headers(code, error, english=english),
        MEDIA_TYPE,
    )


async def refuse(request: Request, error: Exception) -> Response:
    """Answer a refusal of the domain or of the door."""
    assert isinstance(error, ReliefError)
    return problem(request.scope, error)


async def refuse_form(request: Request, error: Exception) -> Response:
    """Answer a form that is not well filled: 400 when it is no JSON at all, otherwise 422."""
    assert isinstance(error, RequestValidationError)
    return problem(request.scope, faults.translate(error.errors()))


async def refuse_http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses by number: unknown path, wrong method, unreadable body."""
    assert isinstance(error, HTTPException)
    refusal = request.scope["state"].get("refusal")
    if refusal is not None:  # the envelope stopped a body that was too long
        return problem(request.scope, refusal)
    code = FRAMEWORK.get(error.status_code, "internal")
    answer = problem(
        request.scope,
        Unserved(
            code, "请检查请求的地址、方法与内容。", "Check the path, the method and the body."
        ),
    )
    if code == "http.method_not_allowed":
        answer.headers["Allow"] = ", ".join(_methods_at(request))
    return answer


def _methods_at(request: Request) -> list[str]:
    """Give every method of the path, over all its routes; the framework names the first only.

    `/notices/{no}:submit` also looks like `/notices/{no}`: the path with the most words is meant.
    """
    found: dict[str, set[str]] = {}
    for route in request.app.routes:
        if isinstance(route, APIRoute) and route.path_regex.match(request.url.path):
            found.setdefault(route.path_format, set()).update(route.methods or ())
    return sorted(found[max(found, key=lambda path: len(PARAMETER.sub("", path)))])


def prefers_english(scope: Scope) -> bool:
    """Tell whether Accept-Language puts English before Chinese; nothing said means Chinese."""
    best = {"zh": 0.0, "en": 0.0}
    for name, value in scope["headers"]:
        if name == b"accept-language":
            for part in value.decode("latin-1").split(","):
                tag, _, weight = part.strip().partition(";q=")
                language = tag[:2].lower()
                if language in best:
                    best[language] = max(best[language], _weight(weight))
    return best["en"] > best["zh"]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _code(error: ReliefError) -> str:
    """A lone fault's own code says more than that the form is wrong."""
    if isinstance(error, Invalid) and len(error.faults) == 1:
        code = error.faults[0].code
        if code in REGISTRY and REGISTRY[code].status is not None:
            return code
    return error.code if error.code in REGISTRY else "internal"


def _faults(error: ReliefError) -> tuple[Fault, ...]:
    return error.faults if isinstance(error, Invalid) else ()


def _fault(fault: Fault, *, english: bool) -> dict[str, str]:
    place = faults.place(fault.pointer)
    return {
        **place,
        "code": fault.code,
        "message": fault.message_en if english else fault.message_zh,
        "message_en": fault.message_en,
        "hint": fault.hint_zh,
    }


def _members(error: ReliefError) -> Mapping[str, object]:
    """Give the extra members that some errors carry."""
    if isinstance(error, DuplicateNotice):
        return {"existing": f"/v1/notices/{error.existing}" if error.existing else None}
    if isinstance(error, EvidenceMissing):
        return {"missing": [{"code": c, "label_zh": label} for c, label in error.missing]}
    if isinstance(error, OverDelegation):
        return {"limit": yuan(error.limit_fen)}
    if isinstance(error, FundExhausted):
        return {"left": yuan(error.left_fen)}
    if isinstance(error, VersionStale):
        return {"current": f'"{error.current.strip(QUOTE)}"'} if error.current else {}
    return {
        member: getattr(error, attribute)
        for kind, attribute, member in PLAIN_MEMBERS
        if isinstance(error, kind)
    }


def _headers(code: str, error: ReliefError, *, english: bool) -> Mapping[str, str]:
    headers = {
        "Content-Language": "en" if english else "zh-CN",
        "Vary": "Authorization, Accept-Language",
        "Cache-Control": "no-store",
    }
    if REGISTRY[code].status == 401:  # noqa: PLR2004 - RFC 9110 asks for the scheme with a 401
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_seconds)
    elif code in RETRY_SECONDS:
        headers["Retry-After"] = RETRY_SECONDS[code]
    return headers
