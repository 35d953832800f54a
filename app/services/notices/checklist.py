"""Which papers a notice needs, which are there, and who asks for them."""

from app.db.claims import ClaimRow, claims_of
from app.db.notices import NoticeRow, read_notice
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus
from app.domain.terms import NeededFor
from app.services.coverage.papers import Item, responses_of, there_of, wanted

ACCOUNT = "payee_account"


async def read_checklist(tx: Tx, notice_no: str) -> list[Item]:
    """Give every paper that the responding covers and the insurers ask for. Raises NotFound."""
    notice = await read_notice(tx, notice_no)
    there = await there_of(tx, notice)
    claims = await claims_of(tx, [notice.id])
    return [
        *wanted(await responses_of(tx, notice), there),
        *asked(claims, there),
        _account_item(notice),
    ]


def asked(claims: list[ClaimRow], there: set[str]) -> list[Item]:
    """Give the papers that an insurer or the county has asked for on top."""
    return [
        Item(
            paper["code"],
            paper["label_zh"],
            NeededFor.PAYMENT.value,
            paper["code"] in there,
            f"{claim.scheme_name_zh}：一次性补充材料",
            claim.due_on,
        )
        for claim in claims
        if claim.status is ClaimStatus.EVIDENCE_REQUIRED
        for paper in claim.papers_asked
    ]


def _account_item(notice: NoticeRow) -> Item:
    return Item(
        ACCOUNT,
        "收款账户",
        NeededFor.PAYMENT.value,
        bool(notice.content.payees),
        "支付赔款所需",
    )
