"""What must hold in every dialect before an instruction may be sent twice or asked after."""

import asyncio
from uuid import uuid4

from app.outside.conformance.kit import Check, Kit
from app.outside.insurers.port import Accepted, Instruction, NotSent, Rejected, SendResult

SIDE_BY_SIDE = 5
LOST_AFTER_SECONDS = (0.001, 0.02, 0.1)  # an answer that is lost early, in the middle, late
SETTLE_SECONDS = 0.3  # what was cut off may still be at work


async def _accept(kit: Kit) -> str:
    result = await kit.send(kit.first)
    if not isinstance(result, Accepted):
        return str(result)
    kit.case_no = result.insurer_case_no
    return "duplicate: true" if result.duplicate else ""


async def _same_key(kit: Kit) -> str:
    result = await kit.send(kit.first)
    return "" if result == _again(kit.case_no, result) else str(result)


async def _side_by_side(kit: Kit) -> str:
    instruction = kit.new()
    results = await asyncio.gather(*(kit.send(instruction) for _ in range(SIDE_BY_SIDE)))
    last = await kit.send(instruction)
    if not isinstance(last, Accepted):
        return str(last)
    numbers = {one.insurer_case_no for one in results if isinstance(one, Accepted)}
    return "" if numbers <= {last.insurer_case_no} else f"{len(numbers)} case numbers"


async def _answer_lost(kit: Kit) -> str:
    for seconds in LOST_AFTER_SECONDS:
        instruction = kit.new()
        kit.lost.append(instruction)
        cut = await kit.send(instruction, deadline_seconds=seconds)
        await asyncio.sleep(SETTLE_SECONDS)
        first, second = await kit.send(instruction), await kit.send(instruction)
        if not isinstance(first, Accepted) or second != _again(first.insurer_case_no, second):
            return f"{first}, {second}"
        if isinstance(cut, Accepted) and cut.insurer_case_no != first.insurer_case_no:
            return "two case numbers"
    return ""


async def _other_body(kit: Kit) -> str:
    other = Instruction(kit.first.instruction_id, {**kit.first.content, "policy_no": "OTHER"})
    result = await kit.send(other)
    if not isinstance(result, Rejected) or result.may_retry:
        return str(result)
    return await _same_key(kit)


async def _ask_known(kit: Kit) -> str:
    result = await kit.ask(kit.first.instruction_id)
    return "" if result == _again(kit.case_no, result) else str(result)


async def _ask_unknown(kit: Kit) -> str:
    result = await kit.ask(uuid4())
    return "" if isinstance(result, NotSent) else str(result)


async def _ask_after_lost(kit: Kit) -> str:
    for instruction in kit.lost:
        result = await kit.ask(instruction.instruction_id)
        if not isinstance(result, Accepted):
            return str(result)
    return "" if kit.lost else "not tried"


def _again(case_no: str, result: SendResult) -> SendResult:
    """What a repetition must answer; a platform's number may stand beside."""
    platform = result.platform_case_no if isinstance(result, Accepted) else None
    return Accepted(case_no, duplicate=True, platform_case_no=platform)


CHECKS: dict[str, tuple[str, str, Check]] = {
    "accept": ("受理一份新指令", "a new instruction is accepted", _accept),
    "same_key": ("同号同文再发，赔案号不变", "the same key again: the same case", _same_key),
    "side_by_side": (
        "同号并发，只有一个赔案",
        "the same key side by side: one case",
        _side_by_side,
    ),
    "answer_lost": ("应答丢失后重发，只有一个赔案", "after a lost answer: one case", _answer_lost),
    "other_body": ("同号异文被拒，首次为准", "same key, other body: refused", _other_body),
    "ask_known": ("查询已受理的指令", "asked about what it has", _ask_known),
    "ask_unknown": ("查询从未收到的指令", "asked about what it never had", _ask_unknown),
    "ask_after_lost": ("应答丢失后可查询", "asked after a lost answer", _ask_after_lost),
}
