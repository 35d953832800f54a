"""Why an insurer has a claim pending: the codes it may send, with their labels.

The list is ours; a code that is not in it is kept as OTHER with the insurer's own words beside it,
never refused.
"""

from enum import StrEnum


class PendReason(StrEnum):
    """What the insurer waits for."""

    PAPERS_MISSING = "papers_missing"
    PAPERS_UNCLEAR = "papers_unclear"
    IDENTITY_CHECK = "identity_check"
    COVER_CHECK = "cover_check"
    SITE_SURVEY = "site_survey"
    HOSPITAL_CHECK = "hospital_check"
    CAUSE_IN_QUESTION = "cause_in_question"
    OTHER_PAYER = "other_payer"
    COURT_OR_POLICE = "court_or_police"
    ACCOUNT_CHECK = "account_check"
    SECOND_REVIEW = "second_review"
    OTHER = "other"


PEND_ZH: dict[PendReason, str] = {
    PendReason.PAPERS_MISSING: "缺少材料",
    PendReason.PAPERS_UNCLEAR: "材料不清晰或不一致",
    PendReason.IDENTITY_CHECK: "核对身份",
    PendReason.COVER_CHECK: "核对保单或名册",
    PendReason.SITE_SURVEY: "现场查勘",
    PendReason.HOSPITAL_CHECK: "向医院核实",
    PendReason.CAUSE_IN_QUESTION: "核实事故原因",
    PendReason.OTHER_PAYER: "等待其他支付方",
    PendReason.COURT_OR_POLICE: "等待司法或公安结论",
    PendReason.ACCOUNT_CHECK: "核对收款账户",
    PendReason.SECOND_REVIEW: "复核",
    PendReason.OTHER: "其他",
}


def pend_reason(code: str | None) -> PendReason | None:
    """Read a code that an insurer sent; unknown ones are OTHER, none is None."""
    if code is None:
        return None
    return PendReason(code) if code in PendReason.__members__.values() else PendReason.OTHER


def pend_zh(code: str) -> str:
    """Give a code's label; one that is new here is shown as it is."""
    return PEND_ZH[PendReason(code)] if code in PendReason.__members__.values() else code
