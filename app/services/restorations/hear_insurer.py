"""Hear an insurer: hold each instruction that it took against what is known here."""

from collections import Counter

from app.db.claims import read_claim
from app.db.ids import new_id
from app.db.instructions import hold_instruction, read_instruction
from app.db.restorations import (
    CaseRow,
    RestorationRow,
    has_same_case,
    hear,
    keep_case,
    open_restoration,
    own_unsettled,
    unheard,
)
from app.db.session import Database, Tx
from app.domain.caller import Caller
from app.domain.errors import IllegalMove, NotFound
from app.outside.insurers import Accepted
from app.outside.insurers.register import Listed
from app.services.claims.held import hold_claim
from app.services.instructions.record_answer import accept
from app.services.restorations.tell import tell

UNSETTLED = frozenset({"ready", "sent", "unknown", "parked"})
# What may move money. Anything else that was lost is told, and asked for again by whoever needs it.
MOVES_MONEY = frozenset({"refer_claim", "request_advance"})
COUNTY_SPAN = 10**6
COUNTY_DIGITS = 6


async def hear_insurer(
    database: Database, caller: Caller, insurer_code: str, listed: list[Listed], source: str
) -> Counter[str]:
    """Take an insurer's register, each entry in a transaction of its own; counts what they are.

    `known`: settled here by its word. `adopted`: our own instruction for the same claim, made anew
    since, is settled and will not be sent. `lost`: nobody here has the claim, or asked for it.
    `noted`: lost as well, and moves no money. Hearing it again changes nothing else. Raises
    IllegalMove when no restoration is open.
    """
    found: Counter[str] = Counter()
    for one in listed:
        async with database.transaction(caller) as tx:
            await _must_be_open(tx)
            found[await _take(tx, insurer_code, one)] += 1
    async with database.transaction(caller) as tx:
        await hear_by_word(tx, insurer_code, source, dict(found))
    return found


async def hear_by_word(
    tx: Tx, party: str, source: str, counts: dict[str, int] | None = None
) -> None:
    """Write down that a party was heard: by its register, or by the word of a person.

    Raises IllegalMove, and NotFound for a party that there is not.
    """
    held = await _must_be_open(tx)
    if party not in held.heard and party not in await unheard(tx):
        raise NotFound("没有这家保险公司。", "There is no such insurer.")
    await hear(tx, party, source)
    await tell(tx, "lane.heard", {"party": party, "source": source, "counts": counts or {}})


async def _must_be_open(tx: Tx) -> RestorationRow:
    held = await open_restoration(tx)
    if held is None:
        raise IllegalMove("没有进行中的恢复核对", ("begin",))
    return held


async def _take(tx: Tx, insurer_code: str, one: Listed) -> str:
    seen = await read_instruction(tx, one.instruction_id)
    if seen is not None and seen.insurer_code == insurer_code:
        await _settle(tx, seen.claim_no, one)
        return "known"
    state = await _unknown(tx, insurer_code, one)
    case = CaseRow(
        new_id(),
        insurer_code,
        one.instruction_id,
        one.kind,
        one.claim_no,
        one.insurer_case_no,
        one.received_at,
        state,
        None,
    )
    await keep_case(tx, case, _county_of(one.claim_no))
    return state


async def _unknown(tx: Tx, insurer_code: str, one: Listed) -> str:
    try:
        claim = await read_claim(tx, one.claim_no)
    except NotFound:
        claim = None
    if claim is not None and claim.insurer_code == insurer_code:
        own = await own_unsettled(tx, one.claim_no, one.kind, insurer_code)
        if own is not None:
            adopted = Listed(own, one.kind, one.claim_no, one.insurer_case_no, one.received_at)
            await _settle(tx, one.claim_no, adopted)
            return "adopted"
        asked = (one.claim_no, one.kind, insurer_code, one.insurer_case_no)
        if await has_same_case(tx, *asked):
            return "adopted"
    return "lost" if one.kind in MOVES_MONEY else "noted"


async def _settle(tx: Tx, claim_no: str, one: Listed) -> None:
    """Mark an instruction as accepted, unless it is settled; its claim is held first."""
    await hold_claim(tx, claim_no)
    held = await hold_instruction(tx, one.instruction_id)
    assert held is not None
    if held.state in UNSETTLED:
        await accept(tx, held, None, Accepted(one.insurer_case_no or "", duplicate=True))


def _county_of(claim_no: str) -> tuple[int, int]:
    """Give the range of the county that a claim number begins with; of nobody's when malformed."""
    digits = claim_no[:COUNTY_DIGITS]
    lo = int(digits) * COUNTY_SPAN if digits.isascii() and digits.isdigit() else 0
    return lo, lo + COUNTY_SPAN
