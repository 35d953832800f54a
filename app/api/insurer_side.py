"""The insurer's side of the `rest` dialect as a document of its own: what it serves and sends."""

from typing import Any

from app import __version__
from app.api.insurer_schemas import CALLBACKS, DAY, KINDS, SCHEMAS, WORD, Schema, ref, thing

TITLE = "救助保险理赔：保险公司一侧 / Relief claims: the insurer's side"
DESCRIPTION = (
    "保险公司实现 `paths`，并按 `webhooks` 发出回调到 `POST /v1/callbacks/{insurer}/events`。"
    "双方都按 Standard Webhooks 签名（`v1` HMAC，或 `v1a` Ed25519）。金额为两位小数的字符串。"
    "签名内容为 `{webhook-id}.{webhook-timestamp}.{原始字节}`，时间为 UTC 秒数，"
    "密钥为 `whsec_` 之后的 base64；Ed25519 公钥登记为 `whpk_` 加 32 字节的 base64。"
    "回调至多 64 KiB；202 表示已存、此后应用，是否已应用、为何搁置见 "
    "`GET /v1/callback-events?state=parked`（本公司密钥）。\n\n"
    "An insurer serves the paths and sends the webhooks to `POST /v1/callbacks/{insurer}/events`. "
    "Both sides sign as Standard Webhooks says (`v1` HMAC or `v1a` Ed25519). Amounts are yuan "
    "strings with two decimals. An instruction's id is its idempotency key for ever: the same key "
    "again is answered with `duplicate: true` and does nothing. Callbacks may come in any order "
    "and repeatedly; whatever is answered with 202 need not be sent again: it is stored, and "
    "applied afterwards; `GET /v1/callback-events?state=parked` with your own key tells what "
    "rests, and why. Signed is `{webhook-id}.{webhook-timestamp}.{raw bytes}`, the time in "
    "seconds, with the base64 that follows `whsec_`; an Ed25519 public key is registered as "
    "`whpk_` and the base64 of its 32 bytes. A callback has at most 64 KiB."
)


def _signed(name: str) -> Schema:
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


SIGNATURE = [_signed(f"webhook-{part}") for part in ("id", "timestamp", "signature")]


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _answer(told: str, schema: str) -> Schema:
    return {"description": told, "content": _json(ref(schema))}


PATHS: dict[str, Any] = {
    "/v1/instructions": {
        "post": {
            "operationId": "take_instruction",
            "summary": "收一条指令 · take an instruction, once however often it comes",
            "parameters": [_signed("Idempotency-Key"), *SIGNATURE],
            "requestBody": {
                "required": True,
                "content": _json(
                    {
                        "oneOf": [ref(kind) for kind in KINDS],
                        "discriminator": {"propertyName": "kind"},
                    }
                ),
            },
            "responses": {
                "202": _answer("已收，或此前已收 · taken, or known already", "Receipt"),
                "400": _answer("格式不正确 · malformed", "Refusal"),
                "401": _answer("签名不符，可再送 · signature; may come again", "Refusal"),
                "409": _answer("同一指令号内容不同 · the same key with another body", "Refusal"),
                "422": _answer("不能受理，说明原因 · cannot be taken, and why", "Refusal"),
                "429": _answer("请稍后，可带 Retry-After · later", "Refusal"),
            },
        },
        "get": {
            "operationId": "list_instructions",
            "summary": "某时起收到的全部指令，供恢复后核对（可不实现，可改用文件）"
            " · what was taken since an instant, for after a restoration (optional, or a file)",
            "parameters": [
                {
                    "name": "since",
                    "in": "query",
                    "required": True,
                    "schema": {"type": "string", "format": "date-time"},
                },
                {"name": "after", "in": "query", "required": False, "schema": WORD},
                *SIGNATURE,
            ],
            "responses": {
                "200": _answer(
                    "按收到的先后；next 为下一页的 after · in the order of arrival", "Register"
                ),
                "401": _answer("签名不符 · signature", "Refusal"),
            },
        },
    },
    "/v1/instructions/{instruction_id}": {
        "get": {
            "operationId": "ask_instruction",
            "summary": "答复丢失之后：是否收到过 · after a lost answer: was it ever taken",
            "parameters": [
                {
                    "name": "instruction_id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                },
                *SIGNATURE,
            ],
            "responses": {
                "200": _answer("收到过 · it was", "Known"),
                "404": _answer(
                    "从未收到，code 为 instruction.not_found · never; the code says so", "Refusal"
                ),
            },
        }
    },
    "/v1/account-checks": {
        "post": {
            "operationId": "check_account",
            "summary": "户名与账号是否相符（可不实现）· is the account in this name (optional)",
            "parameters": SIGNATURE,
            "requestBody": {"required": True, "content": _json(ref("AccountQuestion"))},
            "responses": {
                "200": _answer("是、否、不知道 · yes, no, unknown", "AccountAnswer"),
                "401": _answer("签名不符 · signature", "Refusal"),
            },
        }
    },
    "/v1/statements": {
        "get": {
            "operationId": "give_statement",
            "summary": "某县某日的对账单 · one county's statement of one day",
            "parameters": [
                {
                    "name": "area_code",
                    "in": "query",
                    "required": True,
                    "schema": {"type": "string", "pattern": r"^\d{12}$"},
                },
                {"name": "day", "in": "query", "required": True, "schema": DAY},
                *SIGNATURE,
            ],
            "responses": {
                "200": _answer("合计与明细，须相符 · totals and lines, which add up", "Statement"),
                "404": _answer("没有这一天 · no such day", "Refusal"),
            },
        }
    },
}


def insurer_side() -> dict[str, Any]:
    """Give the whole document (OpenAPI 3.1)."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "description": DESCRIPTION,
            "version": __version__,
            "license": {"name": "UNLICENSED", "identifier": "LicenseRef-UNLICENSED"},
        },
        "servers": [{"url": "https://insurer.example"}],
        "security": [],
        "paths": PATHS,
        "webhooks": {name: _callback(name, *told) for name, told in CALLBACKS.items()},
        "components": {"schemas": SCHEMAS},
    }


def _callback(name: str, summary: str, told: Schema) -> Schema:
    body = thing(
        {
            "type": {"const": name},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": told,
        }
    )
    accepted = thing(
        {"accepted": {"const": True}, "duplicate": {"type": "boolean"}, "event_id": WORD}
    )
    return {
        "post": {
            "operationId": name.replace(".", "_"),
            "summary": summary,
            "parameters": SIGNATURE,
            "requestBody": {"required": True, "content": _json(body)},
            "responses": {
                "202": {"description": "已存 · stored, once", "content": _json(accepted)},
                "401": _answer("签名或时间不符 · signature or time", "Refusal"),
                "409": _answer("同一事件号内容不同 · the same id with another body", "Refusal"),
            },
        }
    }
