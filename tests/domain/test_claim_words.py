from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.domain.assess import assess
from app.domain.claim_words import ClaimState, sentence_zh, whose_turn_zh
from app.domain.lifecycle import ClaimStatus, Outcome
from app.domain.notice import (
    EventReport,
    NoticeBill,
    NoticeContent,
    NoticeInjury,
    NoticeLoss,
    NoticeService,
    NoticeStay,
    Payee,
)
from app.domain.referral import payee_document, referral
from tests.domain.facts_made import make_bill, make_facts, make_terms

DUE = date(2026, 7, 1)
BARE = ClaimState(
    ClaimStatus.SUBMITTED, None, None, 0, 0, None, None, None,
    payout_stopped=False, waits_for=None, clause=None, reason_zh=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (BARE, "已收到报案，等待受理"),
        (replace(BARE, waits_for="330127-2026-000001-1"),
         "已收到报案，等待先行赔付的 330127-2026-000001-1 定论后送审"),
        (replace(BARE, status=ClaimStatus.EVIDENCE_REQUIRED, papers_asked=2, due_on=DUE),
         "还缺 2 份材料，请在 2026 年 7 月 1 日前补齐"),
        (replace(BARE, status=ClaimStatus.EVIDENCE_REQUIRED, papers_asked=1), "还缺 1 份材料"),
        (replace(BARE, status=ClaimStatus.UNDER_REVIEW), "保险公司正在核实"),
        (replace(BARE, status=ClaimStatus.PENDING_APPROVAL, due_on=DUE),
         "正在由民政核实或审批，最迟 2026 年 7 月 1 日"),
        (replace(BARE, status=ClaimStatus.PENDING_APPROVAL), "正在由民政核实或审批"),
        (replace(BARE, status=ClaimStatus.PAYING), "款项正在发放"),
        (replace(BARE, status=ClaimStatus.PAYING, payout_stopped=True),
         "银行未能入账，请核对并更正收款账户，更正后重新发放"),
        (replace(BARE, status=ClaimStatus.PAYING, payout_stopped=True, paid_fen=80_000),
         "银行未能入账，请核对并更正收款账户，更正后重新发放（此前已到账 800.00 元）"),
        (replace(BARE, status=ClaimStatus.PAYING, account_wrong=True),
         "收款户名与账号不符，请核对并更正收款账户，更正后发放"),
        (replace(BARE, status=ClaimStatus.PAID, paid_fen=160_000, paid_on=DUE,
                 account_last4="1234"),
         "1,600.00 元已于 2026 年 7 月 1 日到账尾号 1234 的账户"),
        (replace(BARE, status=ClaimStatus.CLOSED, outcome=Outcome.DECLINED, decided_fen=0,
                 clause="第七条", reason_zh="不属责任范围"),
         "已办结：不予赔付（第七条：不属责任范围）"),
        (replace(BARE, status=ClaimStatus.CLOSED), "已办结：—"),
        (replace(BARE, status=ClaimStatus.WITHDRAWN), "已撤回，可重新报案"),
    ],
)  # fmt: skip
def test_the_family_is_told_in_one_sentence(state: ClaimState, told: str) -> None:
    assert sentence_zh(state) == told


def test_a_decision_is_told_with_its_amount() -> None:
    decided = replace(
        BARE, status=ClaimStatus.DECIDED, outcome=Outcome.PARTIAL, decided_fen=160_000
    )

    assert sentence_zh(decided).startswith("已定论：")
    assert sentence_zh(decided).endswith("1,600.00 元")


@pytest.mark.parametrize("status", list(ClaimStatus))
@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_every_state_has_a_sentence_and_somebody_to_act(
    status: ClaimStatus, outcome: Outcome | None
) -> None:
    state = replace(BARE, status=status, outcome=outcome)

    assert sentence_zh(state)
    assert whose_turn_zh(state, insured=True)


def test_a_submitted_claim_waits_for_whoever_carries_it() -> None:
    assert whose_turn_zh(BARE, insured=True) == "保险公司"
    assert whose_turn_zh(BARE, insured=False) == "县民政"


def test_a_stopped_payout_waits_for_the_bureau() -> None:
    stopped = replace(BARE, status=ClaimStatus.PAYING, payout_stopped=True)

    assert "更正账户" in whose_turn_zh(stopped, insured=True)


# What an insurer is told

PAYEE = Payee("张某某", "6222000011112222", "示范农商银行", share_bp=10_000)
CONTENT = NoticeContent(
    event=EventReport("illness", "disease", date(2026, 6, 1), "某村"),
    bills=(
        NoticeBill(
            "inpatient",
            100_000,
            hospital="县医院",
            settlement_id="S-1",
            amounts={"psn_part_amt": 100_000},
            paid_by=(("慈善", 5),),
        ),
    ),
    stays=(NoticeStay(date(2026, 6, 1)),),
    losses=(NoticeLoss("room", 2, "severe"),),
    injuries=(NoticeInjury(5),),
    services=(NoticeService("home", date(2026, 5, 1), minutes=90),),
    payees=(PAYEE,),
)


def test_a_referral_writes_money_as_yuan_and_tells_every_line() -> None:
    answer = assess(make_terms(), make_facts(make_bill()), {})

    told = referral(
        {"claim_no": "c-1", "notice_no": "n-1", "policy_no": "p-1"},
        datetime(2026, 6, 15, 1, 2, 3, tzinfo=UTC),
        {"name": "张某某", "birth_on": None},
        CONTENT,
        answer,
        [("settlement", "ab" * 32)],
    )

    assert (told["kind"], told["claim_no"]) == ("refer_claim", "c-1")
    assert told["sent_at"] == "2026-06-15T01:02:03Z"
    assert told["bills"] == [
        {
            "kind": "inpatient",
            "hospital": "县医院",
            "settlement_id": "S-1",
            "invoice_no": None,
            "total": "1000.00",
            "components": {"psn_part_amt": "1000.00"},
            "paid_by": {"慈善": "0.05"},
        }
    ]
    assert told["stays"] == [{"level": None, "admitted_on": "2026-06-01", "discharged_on": None}]
    assert told["assessment"] == {
        "amount": "200.00",
        "covers": [
            {
                "code": "medical",
                "amount": "200.00",
                "sentences": [
                    "个人负担：个人负担 1,000.00 元 = 1,000.00 元",
                    "个人负担 1,000.00 元 × 20% = 200.00 元",
                ],
            }
        ],
    }
    assert told["injuries"] == [{"grade": 5, "kind": None}]
    assert told["services"] == [
        {"kind": "home", "month_on": "2026-05-01", "days": 0, "minutes": 90, "carer": "provider"}
    ]
    assert told["payees"] == [{**payee_document(PAYEE), "share_bp": 10_000}]
    assert told["documents"] == [{"kind": "settlement", "sha256": "ab" * 32}]
