"""What a person does about a callback that waits: have it tried again, or set it aside for good."""

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.inbox import CallbackRow, hold_callback, settle_callback
from app.db.jobs import enqueue
from app.db.session import Tx
from app.domain.errors import IllegalMove, NotFound
from app.domain.exchange_words import CALLBACK_ZH

WAITING = frozenset({"parked", "failed"})
# What an insurer reports paid or returned is a difference to be resolved, never set aside.
MONEY = frozenset({"payout.paid", "payout.returned"})


async def retry_callback(tx: Tx, callback_id: int, reason: str) -> CallbackRow:
    """Have a parked callback looked at again; for the operator. Raises NotFound, IllegalMove."""
    held = await _held(tx, callback_id)
    if held.state != "parked" or held.claim_no is None:
        raise IllegalMove(CALLBACK_ZH[held.state], ("discard",) if held.state in WAITING else ())
    await enqueue(tx, "apply", f"{held.insurer_code}/{held.claim_no}")
    await _tell(tx, held, "callback.retry", held.state, reason)
    return held


async def discard_callback(tx: Tx, callback_id: int, reason: str) -> CallbackRow:
    """Set a parked or unreadable callback aside for good; its bytes stay. For the operator.

    Raises NotFound, and IllegalMove for one that is settled or that reports money.
    """
    held = await _held(tx, callback_id)
    if held.state not in WAITING or held.type in MONEY:
        raise IllegalMove(CALLBACK_ZH[held.state], ("retry",) if held.state == "parked" else ())
    await settle_callback(tx, held.id, "discarded", "discarded_by_person")
    await _tell(tx, held, "callback.discard", "discarded", reason)
    return await _held(tx, callback_id)


async def _held(tx: Tx, callback_id: int) -> CallbackRow:
    held = await hold_callback(tx, callback_id)
    if held is None:
        raise NotFound("没有这条回调。", "There is no such callback.")
    return held


async def _tell(tx: Tx, held: CallbackRow, type_: str, state: str, reason: str) -> None:
    await write_act(
        tx,
        NewEvent(
            "callback",
            str(held.id),
            COUNTED,
            type_,
            EVERYWHERE,
            was=held.state,
            now=state,
            insurer_code=held.insurer_code,
            detail={"reason": reason},
        ),
    )
