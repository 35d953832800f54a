"""What must hold on the wire of the `rest` dialect: signatures, statuses."""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID, uuid4

from standardwebhooks import Webhook

from app.outside.conformance.kit import Check, Kit
from app.outside.insurers.port import Accepted, Instruction
from app.outside.insurers.rest import render


async def _bad_signature(kit: Kit) -> str:
    instruction = kit.new()
    forger = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    body = render(instruction)
    key = instruction.instruction_id
    headers = kit.signed(key, body)
    forged = Webhook(forger).sign(str(key), datetime.now(UTC), body.decode())
    status = await kit.post(body, headers | {"webhook-signature": forged})
    return _no(status) or await _had_no_effect(kit, key)


async def _no_signature(kit: Kit) -> str:
    instruction = kit.new()
    headers = kit.signed(instruction.instruction_id, render(instruction))
    del headers["webhook-signature"]
    status = await kit.post(render(instruction), headers)
    return _no(status) or await _had_no_effect(kit, instruction.instruction_id)


async def _old_signature(kit: Kit) -> str:
    instruction = kit.new()
    body = render(instruction)
    headers = kit.signed(instruction.instruction_id, body, ago=timedelta(hours=1))
    return _no(await kit.post(body, headers))


async def _changed_on_the_way(kit: Kit) -> str:
    instruction = kit.new()
    body = render(instruction)
    headers = kit.signed(instruction.instruction_id, body)
    return _no(await kit.post(body + b" ", headers))


async def _rotation(kit: Kit) -> str:
    instruction = kit.new()
    body = render(instruction)
    wrong = "v1," + base64.b64encode(bytes(32)).decode()
    headers = kit.signed(instruction.instruction_id, body, extra=wrong)
    status = await kit.post(body, headers)
    return "" if status == HTTPStatus.ACCEPTED else str(status)


async def _unreadable(kit: Kit) -> str:
    key = uuid4()
    body = b'{"kind": "refer_claim"}'
    status = await kit.post(body, kit.signed(key, body))
    wanted = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
    return "" if status in wanted else str(status)


async def _conflict(kit: Kit) -> str:
    other = Instruction(kit.first.instruction_id, {**kit.first.content, "policy_no": "OTHER-2"})
    body = render(other)
    status = await kit.post(body, kit.signed(other.instruction_id, body))
    return "" if status == HTTPStatus.CONFLICT else str(status)


def _no(status: int) -> str:
    return "" if status == HTTPStatus.UNAUTHORIZED else f"status {status}"


async def _had_no_effect(kit: Kit, key: UUID) -> str:
    result = await kit.ask(key)
    return "it took effect" if isinstance(result, Accepted) else ""


WIRE_CHECKS: dict[str, tuple[str, str, Check]] = {
    "conflict_409": ("同号异文答 409", "same key, other body: 409", _conflict),
    "bad_signature": (
        "错误签名答 401 且不生效",
        "a wrong signature: 401, no effect",
        _bad_signature,
    ),
    "no_signature": ("缺少签名答 401 且不生效", "no signature: 401, no effect", _no_signature),
    "old_signature": ("一小时前的签名答 401", "a signature of an hour ago: 401", _old_signature),
    "changed": ("途中改动一字节答 401", "a byte more than was signed: 401", _changed_on_the_way),
    "rotation": ("多个签名中一个有效即可", "one valid signature of two", _rotation),
    "unreadable": ("读不懂的指令答 400 或 422", "an unreadable one: 400 or 422", _unreadable),
}
