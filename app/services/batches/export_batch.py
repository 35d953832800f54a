"""Hand a batch over to the bank: the same file every time it is asked for."""

from hashlib import sha256

from app.db.batches import BatchRow, change_batch, lock_batch
from app.db.events import NewEvent, write_event
from app.db.payouts import payouts_of_batch
from app.db.policies import read_policy, touch_policy
from app.db.session import Tx
from app.domain.bank_file import Order, bank_file
from app.domain.errors import IllegalMove
from app.services.holds.refuse_held import refuse_held


async def export_batch(tx: Tx, batch_no: str) -> tuple[BatchRow, str]:
    """Give the batch and its file (CSV text with names and accounts in clear: for the bank only).

    Each hand-over is an event with the file's digest. Raises NotFound; PayoutsHeld; IllegalMove
    once settled, as corrected payouts may have left the batch.
    """
    batch = await lock_batch(tx, batch_no)
    if batch.status == "settled":
        raise IllegalMove("已回盘", ())
    await refuse_held(tx, batch.policy_id)
    orders = [
        Order(
            payout.reference or "",
            payout.payee.name,
            payout.payee.account,
            payout.payee.bank,
            payout.amount_fen,
        )
        for payout in await payouts_of_batch(tx, batch.id)
        if payout.payee is not None
    ]
    text = bank_file(batch_no, orders)
    digest = sha256(text.encode()).hexdigest()
    assert batch.sha256 in (None, digest)
    policy = await read_policy(tx, batch.policy_no)
    version = await touch_policy(tx, policy.id)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy.policy_no,
            version,
            "policy.export_batch",
            policy.area_lo,
            detail={"batch_no": batch_no, "sha256": digest},
        ),
    )
    return await change_batch(tx, batch, "exported", sha256=digest), text
