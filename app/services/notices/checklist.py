"""Which papers a notice needs, which are there, and who asks for them."""

from dataclasses import dataclass
from datetime import date

from app.db.claims import ClaimRow, claims_of
from app.db.documents import documents_of
from app.db.notices import NoticeRow, read_notice
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus
from app.domain.terms import Document, NeededFor
from app.services.coverage.respond import Response, respond

ACCOUNT = "payee_account"


@dataclass(frozen=True, slots=True)
class Item:
    """One paper: needed for submitting or for payment, present or missing, and why it is asked."""

    code: str
    label_zh: str
    needed_for: str
    present: bool
    source_zh: str
    due_on: date | None = None


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


async def there_of(tx: Tx, notice: NoticeRow) -> set[str]:
    """Give the kinds of papers that a notice has."""
    return {document.kind for document in await documents_of(tx, notice.id)}


async def responses_of(tx: Tx, notice: NoticeRow) -> tuple[Response, ...]:
    """Give the responding policies of a notice; none while the event is not told yet."""
    event = notice.content.event
    if event.kind is None or event.cause is None or event.on is None:
        return ()
    return (await respond(tx, notice.content)).found


def wanted(responses: tuple[Response, ...], there: set[str]) -> list[Item]:
    """Give the papers that terms ask for, each once, with the schemes that ask."""
    found: dict[str, tuple[Document, list[str]]] = {}
    for response in responses:
        for document in response.documents:
            known = found.setdefault(document.code, (document, []))
            known[1].append(response.spell.scheme_name_zh)
    return [
        Item(code, document.label_zh, document.needed_for.value, code in there, "、".join(schemes))
        for code, (document, schemes) in found.items()
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
