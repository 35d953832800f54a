"""The description of the interface (OpenAPI 3.1): what the framework knows, and what it does not.

Every error answer is described as the problem it is, by looking at which dependency a route has.
"""

from collections.abc import Collection, Iterator
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app import __version__
from app.api.gate import PROBES
from app.api.problems import MEDIA_TYPE
from app.api.reading import Reads
from app.api.registry import REGISTRY
from app.api.writing import Writes

TITLE = "救助保险理赔 / Relief insurance claims"
DESCRIPTION = (
    "乡镇一次报案，服务找出全部保障、逐分理算、报送保险公司并跟踪到款项到账。\n\n"
    "One notice, every cover, to the fen, until the money has arrived. Amounts are yuan strings "
    "with two decimals; instants are UTC; days are days in Asia/Shanghai. Answers to repeated "
    "idempotency keys are kept for 30 days. Clients must accept new members and new words."
)
TAGS = {
    "notices": "报案 · what a township files",
    "claims": "赔案 · one notice under one policy",
    "payouts": "赔款 · money on its way",
    "contracts": "项目与保单 · schemes, policies and rosters",
    "people": "被保险人 · people and their covers",
    "feed": "变更流 · what happens, once each and in one order",
    "exchange": "往来 · callbacks from insurers and instructions to them",
    "access": "身份与权限 · tokens, keys and who stands aside",
    "meta": "字典 · words and errors",
    "operation": "运维 · for machines that watch",
}
TEXT = {"type": "string"}
PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; titles and details are for people.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "errors", "trace_id", "retryable"],
    "properties": {
        "type": {**TEXT, "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer"},
        "code": {**TEXT, "examples": ["validation.failed"]},
        "detail": TEXT,
        "detail_en": TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message", "message_en"],
                "properties": {
                    "pointer": {**TEXT, "description": "JSON pointer into the body"},
                    "parameter": {**TEXT, "description": "the parameter, when it is none of it"},
                    "code": TEXT,
                    "message": TEXT,
                    "message_en": TEXT,
                    "hint": TEXT,
                },
            },
        },
        "trace_id": TEXT,
        "retryable": {"type": "boolean"},
        "docs": TEXT,
        "allowed": {"type": "array", "items": TEXT},
        "missing": {"type": "array", "items": {"$ref": "#/components/schemas/Labelled"}},
        "existing": {"type": ["string", "null"]},
        "current": TEXT,
        "limit": {"type": "integer"},
        "error": {**TEXT, "description": "RFC 6749, at the token endpoint"},
    },
}
SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "接口密钥、/v1/oauth/token 的访问令牌或统一身份认证的令牌"
        " · an API key, a token of /v1/oauth/token or one of the bureau's identity provider",
    }
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "幂等号：重试时保持不变 · chosen by the caller and kept on retries",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "最近一次读到的 ETag · the ETag last read",
    "schema": {
        "type": "string",
        "pattern": r'^"\d{1,9}(\.[A-Za-z0-9_-]+)?"$',
        "examples": ['"3.Zm9vYmFyYmF6"'],
    },
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "手里已有的 ETag，未变则返回 304 · the ETag at hand; unchanged gives a 304",
    "schema": {"type": "string"},
}
ETAG = {"ETag": {"description": "强校验 · strong validator", "schema": {"type": "string"}}}
MALFORMED = ("request.malformed",)
UNREADABLE = (
    "request.malformed",
    "request.timeout",
    "request.too_large",
    "http.unsupported_media_type",
)
EVERYWHERE = (
    "request.malformed",
    "request.misdirected",
    "request.headers_too_large",
    "rate.limited",
)
KEYED = ("idempotency.key_missing", "idempotency.in_progress", "idempotency.key_reused")


def describe(routes: list[APIRoute], servers: list[str]) -> dict[str, Any]:
    """Give the whole description of the routes."""
    document = get_openapi(
        title=TITLE,
        version=__version__,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=routes,
        servers=[{"url": url} for url in servers],
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        separate_input_output_schemas=False,
        license_info={"name": "UNLICENSED", "identifier": "LicenseRef-UNLICENSED"},
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = SECURITY
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                _complete(operation, route)
    return document


def _complete(operation: dict[str, Any], route: APIRoute) -> None:
    operation["operationId"] = route.name
    door = next(doors(route), None)
    operation["security"] = [{"bearer": []}] if door else []
    parameters = operation.setdefault("parameters", [])
    if isinstance(door, Writes):
        parameters.extend([IDEMPOTENCY_KEY] if door.keyed else [])
        parameters.extend([IF_MATCH] if door.versioned else [])
    if isinstance(door, Reads) and "GET" in (route.methods or ()):
        parameters.append(IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "未变 · unchanged", "headers": ETAG}
        operation["responses"]["200"]["headers"] = ETAG
    if not parameters:
        del operation["parameters"]
    operation.pop("x-problems", None)
    responses = operation["responses"]
    responses.pop("422", None)
    for status, codes in _problems(operation, route, door).items():
        responses[str(status)] = {
            "description": " · ".join(REGISTRY[code].title_zh for code in codes),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def doors(route: APIRoute) -> Iterator[Reads | Writes]:
    """Give what stands before a route: which act its caller must be allowed."""
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Reads | Writes):
            yield dependency.call


def _problems(
    operation: dict[str, Any], route: APIRoute, door: Reads | Writes | None
) -> dict[int, list[str]]:
    """Give the codes that a route may answer with, by status."""
    writes = door if isinstance(door, Writes) else None
    extra = route.openapi_extra or {}
    told: list[tuple[object, Collection[str]]] = [
        (True, ("internal", "service.not_ready", "http.method_not_allowed")),
        (route.path_format not in PROBES, EVERYWHERE),
        (door, ("auth.missing", "auth.invalid", "http.not_acceptable")),
        (door and door.act, ("auth.forbidden",)),
        (route.param_convertors, ("resource.not_found",)),
        (any(p["name"] == "cursor" for p in operation.get("parameters", ())), MALFORMED),
        (operation.get("parameters") or "requestBody" in operation, ("validation.failed",)),
        ("requestBody" in operation, UNREADABLE),
        (writes, ("claim.invalid_transition", "auth.out_of_area")),
        (writes and writes.keyed, KEYED),
        (writes and writes.versioned, ("version.required", "version.stale")),
        (True, extra.get("x-problems", ())),
    ]
    codes = {code for applies, listed in told if applies for code in listed}
    by_status: dict[int, list[str]] = {}
    for code in REGISTRY:
        status = REGISTRY[code].status
        if code in codes and status is not None:
            by_status.setdefault(status, []).append(code)
    return by_status
