"""令牌: access tokens for clients (RFC 6749, 7523), and the keys that they are verified with."""

import base64
import binascii
from urllib.parse import parse_qs, unquote_plus

from fastapi import APIRouter, Request
from pydantic import JsonValue
from starlette.responses import Response

from app.api.answers import json_answer
from app.api.fields import View
from app.api.refusals import TokenAskedWrongly, TokenDenied
from app.crypto.tokens import TokenRefused
from app.observe import get_logger
from app.services.tokens import issue_token as issue
from app.services.tokens.issue_token import ASSERTION_TYPE

router = APIRouter(tags=["access"])

FIELDS_MAX = 16
TEXT = {"type": "string"}
BODY = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "client_id": TEXT,
                    "client_secret": {**TEXT, "description": "接口密钥 · the API key"},
                    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
                    "client_assertion": {
                        **TEXT,
                        "description": "private_key_jwt（RFC 7523），最长 5 分钟，只用一次"
                        " · at most 5 minutes, used once",
                    },
                },
            }
        }
    },
}

_log = get_logger("relief.door")


class TokenView(View):
    """An access token and the seconds that it lives."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the word of RFC 6749
    expires_in: int


class KeySet(View):
    """Public keys (RFC 7517)."""

    keys: list[dict[str, JsonValue]]


@router.post(
    "/v1/oauth/token",
    response_model=TokenView,
    openapi_extra={
        "requestBody": BODY,
        "x-problems": [
            "request.malformed",
            "auth.invalid",
            "rate.limited",
            "request.too_large",
            "http.unsupported_media_type",
        ],
    },
)
async def issue_token(request: Request) -> Response:
    """Give an access token (client_credentials) for an API key or for a signed assertion.

    The API key is sent as `client_secret`, by HTTP Basic or in the form, with the key's id or
    beginning as `client_id`.
    """
    form = _form(await request.body())
    client_id, secret = _client(form, request.headers.get("authorization"))
    assertion = _assertion(form)
    if (secret is None) == (assertion is None):
        raise _wrong("invalid_request", "请用一种方式证明客户端身份。", "Prove the client one way.")
    state, address = request.app.state, request.state.address
    who = client_id or "assertion"
    await state.limits.attempt(who, address)
    try:
        token = await issue(
            state.database,
            state.trust,
            client_id,
            secret=secret,
            assertion=assertion,
            address=address,
        )
    except TokenRefused as refused:
        _log.info("token.denied", reason=refused.reason)
        await state.limits.wrong_proof(who, address)
        raise TokenDenied from None
    shown = TokenView(access_token=token.token, expires_in=token.seconds)
    return json_answer(shown.model_dump_json().encode(), 200, None, Pragma="no-cache")


@router.get("/v1/oauth/jwks", response_model=KeySet)
async def list_token_keys(request: Request) -> Response:
    """Give the public keys that our access tokens are signed with."""
    shown = KeySet.model_validate({"keys": request.app.state.trust.keys.public()})
    body = shown.model_dump_json().encode()
    return json_answer(body, 200, None, cache="public, max-age=300")


def _form(raw: bytes) -> dict[str, str]:
    """Read the form; each field once."""
    try:
        found = parse_qs(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=FIELDS_MAX,
            errors="strict",
        )
    except ValueError:
        raise _wrong("invalid_request", "表单无法读取。", "The form cannot be read.") from None
    if any(len(values) > 1 for values in found.values()):
        raise _wrong("invalid_request", "同一字段出现多次。", "A field is given twice.")
    if found.get("grant_type") != ["client_credentials"]:
        raise _wrong(
            "unsupported_grant_type", "只支持 client_credentials。", "client_credentials only."
        )
    return {name: values[0] for name, values in found.items()}


def _client(form: dict[str, str], authorization: str | None) -> tuple[str | None, str | None]:
    """Give the client's id and secret, from the header or from the form, never from both."""
    if authorization is None:
        return form.get("client_id"), form.get("client_secret")
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic" or "client_secret" in form:
        raise _wrong("invalid_request", "请用一种方式证明客户端身份。", "Prove the client one way.")
    try:
        told = base64.b64decode(coded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise _wrong("invalid_request", "Basic 认证无法读取。", "Basic cannot be read.") from None
    client_id, _, secret = told.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _assertion(form: dict[str, str]) -> str | None:
    assertion = form.get("client_assertion")
    if assertion is not None and form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _wrong(
            "invalid_request",
            f"client_assertion_type 应为 {ASSERTION_TYPE}。",
            f"client_assertion_type must be {ASSERTION_TYPE}.",
        )
    return assertion


def _wrong(error: str, detail_zh: str, detail_en: str) -> TokenAskedWrongly:
    return TokenAskedWrongly(error, detail_zh, detail_en)
