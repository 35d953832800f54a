"""Apply the stored callbacks of one claim: what is legal now is applied, the rest is parked.

Whatever order they arrive in, they end in the same state: after each one that took effect the
parked ones are looked at again.
"""

import json
from collections.abc import Callable, Mapping

from app.db.claims import ClaimRow
from app.db.inbox import CallbackRow, open_callbacks, settle_callback
from app.db.insurers import find_insurer
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.callback import (
    Accepted,
    Decided,
    EvidenceAsked,
    News,
    PayoutTold,
    Pended,
    Unreadable,
    read_callback,
)
from app.domain.effect import Effect, parked
from app.domain.errors import NotFound
from app.outside.insurers import DIALECTS
from app.services.callbacks.apply_claim_news import (
    apply_accepted,
    apply_decided,
    apply_evidence,
    apply_pended,
)
from app.services.claims.held import hold_claim
from app.services.payouts.apply_payout_news import apply_payout


async def apply_callbacks(tx: Tx, insurer_code: str, claim_no: str) -> None:
    """Settle every open callback of a claim, oldest first, until none of them moves any more."""
    try:
        notice, claim = await hold_claim(tx, claim_no)
    except NotFound:
        await _park_all(tx, insurer_code, claim_no, "claim_unknown")
        return
    if claim.insurer_code != insurer_code:
        await _park_all(tx, insurer_code, claim_no, "claim_of_another")
        return
    insurer = await find_insurer(tx, insurer_code)
    assert insurer is not None
    to_event = DIALECTS[insurer.dialect].to_event
    waiting = await open_callbacks(tx, insurer_code, claim_no)
    progress = True
    while waiting and progress:
        progress = False
        for entry in list(waiting):
            effect, claim, notice = await _apply(tx, notice, claim, entry[1], to_event)
            await _record(tx, entry[0], effect)
            if effect.state != "parked":
                waiting.remove(entry)
                progress = progress or effect.state == "applied"


async def _park_all(tx: Tx, insurer_code: str, claim_no: str, reason: str) -> None:
    for callback, _ in await open_callbacks(tx, insurer_code, claim_no):
        await _record(tx, callback, parked(reason))


async def _record(tx: Tx, callback: CallbackRow, effect: Effect) -> None:
    if (callback.state, callback.reason) != (effect.state, effect.reason):
        await settle_callback(tx, callback.id, effect.state, effect.reason)


async def _apply(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    raw: bytes,
    to_event: Callable[[bytes], bytes],
) -> tuple[Effect, ClaimRow, NoticeRow]:
    try:
        news = read_callback(_parsed(to_event(raw)), await tx.today())
    except Unreadable as unreadable:
        return parked(unreadable.reason), claim, notice
    effect = await _dispatch(tx, notice, claim, news)
    if effect.state == "applied":
        notice, claim = await hold_claim(tx, claim.claim_no)
    return effect, claim, notice


async def _dispatch(tx: Tx, notice: NoticeRow, claim: ClaimRow, news: News) -> Effect:
    match news:
        case Accepted():
            return await apply_accepted(tx, claim, news)
        case EvidenceAsked():
            return await apply_evidence(tx, claim, news)
        case Pended():
            return await apply_pended(tx, claim, news)
        case Decided():
            return await apply_decided(tx, notice, claim, news)
        case PayoutTold():
            return await apply_payout(tx, notice, claim, news)


def _parsed(raw: bytes) -> object:
    try:
        return json.loads(raw, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("not_json") from None


def _no_duplicates(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("duplicate_keys")
    return found


def _no_constant(_: str) -> object:
    raise Unreadable("not_json")
