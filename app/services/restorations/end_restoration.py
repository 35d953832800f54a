"""End a restoration, once every party was heard and nothing is lost without an answer."""

from app.db.restorations import dismiss, end, list_cases, open_restoration, unheard
from app.db.session import Tx
from app.domain.errors import IllegalMove, NotFound
from app.services.restorations.tell import tell

SHOWN = 5


async def end_restoration(tx: Tx, reason: str) -> None:
    """Let what leaves leave again; for the operator. Raises IllegalMove, which says what is left.

    An insurer that was not heard, or a case of its that nobody here has, could be paid twice.
    """
    if await open_restoration(tx) is None:
        raise IllegalMove("没有进行中的恢复核对", ("begin",))
    left = await unheard(tx)
    if left:
        raise IllegalMove(f"尚未核对 {'、'.join(left)}", ("hear",))
    lost = await list_cases(tx, state="lost")
    if lost:
        named = "、".join(sorted({one.claim_no for one in lost})[:SHOWN])
        raise IllegalMove(f"保险公司有而我方没有的赔案 {len(lost)} 件（{named}）", ("dismiss",))
    await end(tx, reason)
    await tell(tx, "lane.reconciled", {"reason": reason})


async def dismiss_case(tx: Tx, claim_no: str, note: str) -> int:
    """Settle what an insurer has of a lost claim by a person's word. Raises IllegalMove, NotFound.

    For one that the insurer has closed, or that is seen to outside of this house.
    """
    if await open_restoration(tx) is None:
        raise IllegalMove("没有进行中的恢复核对", ("begin",))
    settled = await dismiss(tx, claim_no, note)
    if not settled:
        raise NotFound("没有这样的待处理赔案。", "There is no such case.")
    await tell(tx, "lane.case_dismissed", {"claim_no": claim_no, "note": note})
    return settled
