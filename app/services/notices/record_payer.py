"""Record what another payer has paid of a bill after the notice was filed; claims follow."""

from dataclasses import replace

from app.db.events import NewEvent, write_event
from app.db.jobs import enqueue
from app.db.notices import lock_notice, rewrite_content
from app.db.session import Tx
from app.domain.bill_checks import mismatches
from app.domain.errors import Fault, Invalid
from app.domain.lifecycle import NoticeStatus, not_admitted
from app.domain.notice import NoticeBill, NoticeContent
from app.domain.notice_facts import bill_facts, bill_ref
from app.services.claims.send_on import ASSESS
from app.services.notices.view import NoticeView, view_notice

OPEN = frozenset({NoticeStatus.SUBMITTED, NoticeStatus.CLOSED})


async def record_payer(
    tx: Tx, notice_no: str, bill: str, payer: str, amount_fen: int
) -> NoticeView:
    """Set what a payer has paid of a bill (`bill-1`), in fen; zero takes the payer off.

    Claims that no insurer has yet are assessed anew; for the others a difference is recorded, never
    clawed back. Raises NotFound, IllegalMove, Invalid for an unknown bill or sums above its total.
    """
    notice = await lock_notice(tx, notice_no)
    if notice.status not in OPEN:
        raise not_admitted(notice.status)
    content = _with_payer(notice.content, bill, payer, amount_fen)
    version = await rewrite_content(tx, notice, content)
    await write_event(
        tx,
        NewEvent(
            "notice",
            notice_no,
            version,
            "notice.payer",
            notice.area_code,
            detail={"bill": bill, "amount_fen": amount_fen},
        ),
    )
    await enqueue(tx, ASSESS, notice_no)
    return await view_notice(tx, replace(notice, content=content, version=version))


def _with_payer(content: NoticeContent, ref: str, payer: str, amount_fen: int) -> NoticeContent:
    bills = list(content.bills)
    for index, bill in enumerate(bills):
        if bill_ref(index) == ref:
            bills[index] = _paid(bill, payer, amount_fen)
            faults = mismatches(bill_facts(bills[index], index), (), f"/bills/{index}")
            if faults:
                raise Invalid(*faults)
            return replace(content, bills=tuple(bills))
    raise Invalid(
        Fault("/bill", "validation.failed", "报案中没有这张单据。", "The notice has no such bill.")
    )


def _paid(bill: NoticeBill, payer: str, amount_fen: int) -> NoticeBill:
    others = tuple(line for line in bill.paid_by if line[0] != payer)
    return replace(bill, paid_by=(*others, (payer, amount_fen)) if amount_fen else others)
