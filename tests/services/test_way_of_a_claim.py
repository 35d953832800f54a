"""The way of one claim: from a township's notice to money in the family's account."""

from app.db.session import Database
from app.domain.lifecycle import ClaimStatus, NoticeStatus, Outcome, PayoutStatus
from app.services.notices.read_notice import read_notice
from tests.cases import (
    CHUNAN,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY


async def test_one_notice_becomes_money(database: Database) -> None:
    await county_with(database, CHUNAN)
    filed = await file(database, notice())
    assert [claim.claim_no for claim in filed.claims] == [f"{filed.notice.notice_no}-1"]
    claim_no = filed.claims[0].claim_no

    wire = await work(database)
    assert wire.kinds() == ["refer_claim"]
    assert wire.sent[0].content["assessment"]["amount"] == "2000.00"  # type: ignore[index]
    under_review = await claim_view(database, claim_no)
    assert under_review.claim.status is ClaimStatus.UNDER_REVIEW
    assert under_review.claim.insurer_case_no == "CASE-1"

    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    paying = await claim_view(database, claim_no)
    assert paying.claim.status is ClaimStatus.PAYING
    assert [one.amount_fen for one in paying.payouts] == [200_000]

    await deliver(database, claim_no, "payout.sent", **payout())
    await deliver(database, claim_no, "payout.paid", **payout(settlement_no="N-1"))
    await work(database)
    closed = await claim_view(database, claim_no)
    assert closed.claim.status is ClaimStatus.CLOSED
    assert (closed.claim.outcome, closed.claim.paid_fen) == (Outcome.FULL, 200_000)
    assert closed.payouts[0].status is PayoutStatus.PAID
    assert "2,000.00 元" in closed.sentence_zh
    assert "1234" in closed.sentence_zh
    async with database.transaction(COUNTY) as tx:
        assert (await read_notice(tx, filed.notice.notice_no)).notice.status is NoticeStatus.CLOSED
