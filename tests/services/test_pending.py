"""Why an insurer has not decided: reasons as data, shown while they last."""

import pytest

from app.db.session import Database
from app.domain.lifecycle import ClaimStatus
from app.domain.pend_words import PEND_ZH, PendReason, pend_reason, pend_zh
from tests.cases import attach, callback_states, claim_view, decided, deliver, work
from tests.services.test_decisions import under_review

PAPERS = {"items": [{"code": "itemised_list", "label_zh": "费用明细清单"}], "reason_zh": "不清晰"}


async def test_an_insurer_says_what_it_waits_for_until_it_decides(database: Database) -> None:
    claim_no = await under_review(database)
    said = {"pend_code": "hospital_check", "reason_zh": "已向医院发函"}
    await deliver(database, claim_no, "claim.under_review", **said)
    await work(database)
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.pending) == (
        ClaimStatus.UNDER_REVIEW,
        ("hospital_check", "已向医院发函"),
    )
    await deliver(database, claim_no, "claim.under_review", pend_code="second_review")
    await work(database)
    assert (await claim_view(database, claim_no)).pending == ("second_review", None)
    await deliver(database, claim_no, "claim.decided", **decided())
    await deliver(database, claim_no, "claim.under_review", **said)
    await work(database)
    assert (await claim_view(database, claim_no)).pending is None
    assert (await callback_states(database, claim_no))[-1] == (
        "claim.under_review",
        "ignored_stale",
    )


async def test_a_request_for_papers_carries_its_reason_until_they_come(database: Database) -> None:
    claim_no = await under_review(database)
    told = {**PAPERS, "pend_code": "papers_unclear"}
    await deliver(database, claim_no, "claim.evidence_requested", **told)
    await work(database)
    assert (await claim_view(database, claim_no)).pending == ("papers_unclear", "不清晰")
    await attach(database, claim_no.rpartition("-")[0], "itemised_list")
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.pending) == (ClaimStatus.UNDER_REVIEW, None)


async def test_a_reason_that_overtakes_the_acceptance_is_taken(database: Database) -> None:
    claim_no = await under_review(database)
    await deliver(database, claim_no, "claim.under_review")
    await deliver(database, claim_no, "claim.under_review", pend_code="site_survey")
    await work(database)
    assert await callback_states(database, claim_no) == [
        ("claim.under_review", "parked"),  # without a code it says nothing
        ("claim.under_review", "applied"),
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [(None, None), ("other_payer", PendReason.OTHER_PAYER), ("Z-17", PendReason.OTHER)],
)
def test_an_unknown_code_is_kept_as_other(code: str | None, reason: PendReason | None) -> None:
    assert pend_reason(code) is reason


def test_every_reason_has_its_label_and_a_new_word_is_shown_as_it_is() -> None:
    assert set(PEND_ZH) == set(PendReason)
    assert pend_zh("site_survey") == "现场查勘"
    assert pend_zh("from_tomorrow") == "from_tomorrow"
