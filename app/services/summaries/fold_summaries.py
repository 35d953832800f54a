"""Fold what acts have appended into the totals."""

from app.db.session import Tx
from app.db.summaries import MOST, SUMMARIES, fold


async def fold_summaries(tx: Tx, most: int = MOST) -> bool:
    """Fold one batch of every kind; tell whether there is more to fold.

    One batch to a transaction: totals are then locked in one order, and nobody waits in a circle.
    """
    folded = [await fold(tx, summary, most) for summary in SUMMARIES]
    return max(folded) >= most
