"""The lifecycle of notice, claim and payout: words, labels, and one explicit table per machine."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import IllegalMove


class NoticeStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ClaimStatus(StrEnum):
    SUBMITTED = "submitted"
    EVIDENCE_REQUIRED = "evidence_required"
    UNDER_REVIEW = "under_review"
    PENDING_APPROVAL = "pending_approval"
    DECIDED = "decided"
    PAYING = "paying"
    PAID = "paid"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    FULL = "full"
    PARTIAL = "partial"
    GOODWILL = "goodwill"
    BELOW_DEDUCTIBLE = "below_deductible"
    NIL = "nil"
    DECLINED = "declined"


class PayoutStatus(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What happens to a claim; imperative, as events are."""

    ASK_APPROVAL = "ask_approval"
    PASS_CHECK = "pass_check"  # noqa: S105 - an approval's word, no secret
    ACCEPT = "accept"
    REQUEST_EVIDENCE = "request_evidence"
    RESUME_REVIEW = "resume_review"
    RESUME_APPROVAL = "resume_approval"
    DECIDE = "decide"
    PAY = "pay"
    CONFIRM_PAID = "confirm_paid"
    CLOSE = "close"
    RETURN_PAYMENT = "return_payment"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


_S = ClaimStatus
CLAIM_MOVES: dict[tuple[ClaimStatus, Move], ClaimStatus] = {
    (_S.SUBMITTED, Move.ASK_APPROVAL): _S.PENDING_APPROVAL,
    (_S.SUBMITTED, Move.ACCEPT): _S.UNDER_REVIEW,
    (_S.SUBMITTED, Move.WITHDRAW): _S.WITHDRAWN,
    (_S.PENDING_APPROVAL, Move.PASS_CHECK): _S.SUBMITTED,
    (_S.PENDING_APPROVAL, Move.DECIDE): _S.DECIDED,
    (_S.PENDING_APPROVAL, Move.REQUEST_EVIDENCE): _S.EVIDENCE_REQUIRED,
    (_S.PENDING_APPROVAL, Move.WITHDRAW): _S.WITHDRAWN,
    (_S.UNDER_REVIEW, Move.REQUEST_EVIDENCE): _S.EVIDENCE_REQUIRED,
    (_S.UNDER_REVIEW, Move.DECIDE): _S.DECIDED,
    (_S.UNDER_REVIEW, Move.WITHDRAW): _S.WITHDRAWN,
    (_S.EVIDENCE_REQUIRED, Move.RESUME_REVIEW): _S.UNDER_REVIEW,
    (_S.EVIDENCE_REQUIRED, Move.RESUME_APPROVAL): _S.PENDING_APPROVAL,
    (_S.EVIDENCE_REQUIRED, Move.WITHDRAW): _S.WITHDRAWN,
    (_S.DECIDED, Move.PAY): _S.PAYING,
    (_S.DECIDED, Move.CLOSE): _S.CLOSED,
    (_S.PAYING, Move.CONFIRM_PAID): _S.PAID,
    (_S.PAID, Move.CLOSE): _S.CLOSED,
    (_S.PAID, Move.RETURN_PAYMENT): _S.PAYING,
    (_S.CLOSED, Move.RETURN_PAYMENT): _S.PAYING,
    (_S.CLOSED, Move.REOPEN): _S.UNDER_REVIEW,
}

STATUS_ZH: dict[ClaimStatus, str] = {
    _S.SUBMITTED: "已报案",
    _S.EVIDENCE_REQUIRED: "待补材料",
    _S.UNDER_REVIEW: "审核中",
    _S.PENDING_APPROVAL: "待民政审核",
    _S.DECIDED: "已定论",
    _S.PAYING: "支付中",
    _S.PAID: "已到账",
    _S.CLOSED: "已结案",
    _S.WITHDRAWN: "已撤案",
}
NEXT_ACTOR_ZH: dict[ClaimStatus, str] = {
    _S.SUBMITTED: "县民政 / 保险公司",
    _S.EVIDENCE_REQUIRED: "乡镇",
    _S.UNDER_REVIEW: "保险公司",
    _S.PENDING_APPROVAL: "民政",
    _S.DECIDED: "—",
    _S.PAYING: "银行 / 保险公司",
    _S.PAID: "—",
    _S.CLOSED: "—",
    _S.WITHDRAWN: "—",
}
OUTCOME_ZH: dict[Outcome, str] = {
    Outcome.FULL: "全额赔付",
    Outcome.PARTIAL: "部分赔付",
    Outcome.GOODWILL: "通融赔付",
    Outcome.BELOW_DEDUCTIBLE: "未达起付线",
    Outcome.NIL: "零赔付",
    Outcome.DECLINED: "不予赔付",
}
NOTICE_ZH: dict[NoticeStatus, str] = {
    NoticeStatus.DRAFT: "草稿",
    NoticeStatus.SUBMITTED: "已报案",
    NoticeStatus.CLOSED: "已结案",
    NoticeStatus.WITHDRAWN: "已撤案",
}
NOTICE_ACTS: dict[NoticeStatus, tuple[str, ...]] = {
    NoticeStatus.DRAFT: ("submit", "discard"),
    NoticeStatus.SUBMITTED: ("withdraw",),
    NoticeStatus.CLOSED: (),
    NoticeStatus.WITHDRAWN: (),
}
PAYOUT_ZH: dict[PayoutStatus, str] = {
    PayoutStatus.PENDING: "待发放",
    PayoutStatus.SENT: "已送银行",
    PayoutStatus.PAID: "已到账",
    PayoutStatus.FAILED: "发放失败",
    PayoutStatus.RETURNED: "退汇",
    PayoutStatus.CANCELLED: "已取消",
}


def not_admitted(status: NoticeStatus) -> IllegalMove:
    """Give the refusal of an act that a notice's status does not admit; it names those it does."""
    return IllegalMove(NOTICE_ZH[status], NOTICE_ACTS[status])


@dataclass(frozen=True, slots=True)
class Moved:
    """One move that was made: what, from where, to where."""

    move: Move
    was: ClaimStatus
    now: ClaimStatus


def admits(status: ClaimStatus, move: Move) -> bool:
    """Tell whether a claim in this status may make the move."""
    return (status, move) in CLAIM_MOVES


def next_status(status: ClaimStatus, move: Move) -> ClaimStatus:
    """Give the status after a move; IllegalMove names the moves that are open instead."""
    after = CLAIM_MOVES.get((status, move))
    if after is None:
        raise IllegalMove(
            STATUS_ZH[status], tuple(m.value for (s, m) in CLAIM_MOVES if s is status)
        )
    return after


def path(status: ClaimStatus, *moves: Move) -> tuple[Moved, ...]:
    """Give the chain of moves made one after another, each checked against the table."""
    made = []
    for move in moves:
        after = next_status(status, move)
        made.append(Moved(move, status, after))
        status = after
    return tuple(made)
