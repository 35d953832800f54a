"""Payouts: what they are for, and what of a decision is still to be paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.advances import balance_fen
from app.domain.lifecycle import PayoutStatus


class PayoutKind(StrEnum):
    """What a payout is for."""

    BENEFIT = "benefit"
    TOP_UP = "top_up"  # a later decision is higher: the difference
    REPEAT = "repeat"  # a part of an earlier payment was reversed and is paid once more
    ADVANCE = "advance"
    INSTALMENT = "instalment"


class AdvanceBasis(StrEnum):
    """Why money goes before a decision."""

    TERMS = "terms"
    LAW = "law"  # Insurance Law art. 25: what is certain, after 60 days


class AdvanceState(StrEnum):
    """Where an advance stands; its payouts tell whether it was paid.

    A fund's is proposed by one person and granted by another; an insurer is asked.
    """

    PROPOSED = "proposed"
    GRANTED = "granted"
    ASKED = "asked"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class RecoveryState(StrEnum):
    """Where money that was paid wrongly stands."""

    DEMANDED = "demanded"
    RECEIVED = "received"
    WAIVED = "waived"


class Receipt(StrEnum):
    """What is known of a payment from whoever it was for."""

    RECEIVED = "received"
    NOT_RECEIVED = "not_received"


class ReceiptWay(StrEnum):
    """Who found out: the recipient said so, or it was looked into by a sample."""

    RECIPIENT = "recipient"
    SAMPLE = "sample"


KIND_ZH: dict[PayoutKind, str] = {
    PayoutKind.BENEFIT: "赔款",
    PayoutKind.TOP_UP: "补差",
    PayoutKind.REPEAT: "冲正后重付",
    PayoutKind.ADVANCE: "预付赔款",
    PayoutKind.INSTALMENT: "分期给付",
}
BASIS_ZH: dict[AdvanceBasis, str] = {
    AdvanceBasis.TERMS: "条款约定的预付",
    AdvanceBasis.LAW: "保险法第二十五条：先行支付可以确定的部分",
}
ADVANCE_ZH: dict[AdvanceState, str] = {
    AdvanceState.PROPOSED: "待另一人确认",
    AdvanceState.GRANTED: "已同意，待发放",
    AdvanceState.ASKED: "已请保险公司预付",
    AdvanceState.REFUSED: "保险公司未同意",
    AdvanceState.CANCELLED: "已取消",
}
RECOVERY_ZH: dict[RecoveryState, str] = {
    RecoveryState.DEMANDED: "追回中",
    RecoveryState.RECEIVED: "已追回",
    RecoveryState.WAIVED: "不再追回",
}
RECEIPT_ZH: dict[Receipt, str] = {
    Receipt.RECEIVED: "已确认收到",
    Receipt.NOT_RECEIVED: "反映未收到",
}
WAY_ZH: dict[ReceiptWay, str] = {
    ReceiptWay.RECIPIENT: "受益人确认",
    ReceiptWay.SAMPLE: "抽查确认",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A payout as far as sums go; fen. What was reversed of it is paid by another payout."""

    status: PayoutStatus
    kind: PayoutKind
    amount_fen: int
    reversed_fen: int = 0

    @property
    def counts_fen(self) -> int:
        """What it is good for: nothing once it is cancelled."""
        return 0 if self.status is PayoutStatus.CANCELLED else self.amount_fen - self.reversed_fen


def still_to_open_fen(
    decided_fen: int, payouts: Sequence[Standing], planned_fen: int = 0
) -> tuple[int, int]:
    """Give (to open payouts for, advanced too much) in fen, of a claim decided for `decided_fen`.

    `planned_fen` are instalments that are not due yet. What was advanced too much is reported and
    never clawed back by itself.
    """
    return balance_fen(decided_fen, planned_fen + sum(one.counts_fen for one in payouts))


def sample_size(count: int, share_bp: int) -> int:
    """Give how many of `count` payouts a sample of `share_bp` basis points takes: rounded up."""
    return -(-count * share_bp // 10_000)
