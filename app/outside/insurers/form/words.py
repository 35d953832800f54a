"""Our words and the gateway's: translated here, both ways, and nowhere else."""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.callback import Unreadable
from app.domain.errors import Invalid
from app.domain.money import parse_yuan, yuan

METHODS = {
    "refer_claim": "relief.claim.report",
    "supply_papers": "relief.claim.supplement",
    "withdraw_claim": "relief.claim.cancel",
    "correct_account": "relief.claim.account.modify",
    "request_advance": "relief.claim.prepay.apply",
}
QUERY = "relief.claim.query"
VERIFY = "relief.account.verify"
MATCHES = {"MATCH": "yes", "MISMATCH": "no", "UNKNOWN": "unknown"}
CERT_TYPES = {"resident_id": "IDENTITY_CARD", "passport": "PASSPORT"}
NO_SUCH_CASE = "CASE_NOT_EXIST"

# The gateway's reject codes: ours, and whether it was turned away unread.
REJECTIONS: dict[str, tuple[str, bool]] = {
    "POLICY_NOT_EXIST": ("policy.unknown", False),
    "POLICY_EXPIRED": ("coverage.out_of_period", False),
    "INSURED_NOT_MATCH": ("coverage.not_insured", False),
    "IDENTIFIER_CONFLICT": ("idempotency.conflict", False),
    "MATERIAL_INCOMPLETE": ("evidence.missing", False),
    "ACCOUNT_NAME_MISMATCH": ("payout.account_name_mismatch", False),
    "CASE_CLOSED": ("claim.closed", False),
    "isv.invalid-signature": ("signature.invalid", True),
    "isp.flow-limited": ("rate.limited", True),
}
OUTCOMES = {
    "PASS": "full",
    "PARTIAL": "partial",
    "EXGRATIA": "goodwill",
    "BELOW_DEDUCTIBLE": "below_deductible",
    "ZERO": "nil",
    "REJECT": "declined",
}
REJECT_ZH = {
    "NOT_INSURED": "不在被保人名单",
    "OUT_OF_PERIOD": "不在保险期间",
    "WAITING_PERIOD": "等待期内",
    "EXCLUDED": "属于责任免除",
    "NOT_COVERED": "不属于保险责任",
    "LIMIT_USED_UP": "年度限额已用完",
}
PENDS = {
    "MATERIAL_LACK": "papers_missing",
    "MATERIAL_UNCLEAR": "papers_unclear",
    "IDENTITY_VERIFY": "identity_check",
    "POLICY_VERIFY": "cover_check",
    "SITE_SURVEY": "site_survey",
    "HOSPITAL_VERIFY": "hospital_check",
    "CAUSE_VERIFY": "cause_in_question",
    "WAIT_OTHER_PAYER": "other_payer",
    "JUDICIAL": "court_or_police",
    "ACCOUNT_VERIFY": "account_check",
    "REVIEW": "second_review",
}
PAY_STATES = {"SENT": "sent", "PAID": "paid", "FAIL": "failed", "RETURN": "returned"}
PAY_TYPES = {"NORMAL": "benefit", "PREPAY": "advance"}
PAY_FAILURES = {
    "NAME_MISMATCH": "name_mismatch",
    "ACCOUNT_WRONG": "account_wrong",
    "ACCOUNT_CLOSED": "account_closed",
    "ACCOUNT_FROZEN": "account_frozen",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FEN_MAX = 10**15


def business(identifier: str, content: Mapping[str, Any]) -> dict[str, object]:
    """Give the `biz_content` of an instruction; raises ValueError for amounts that are no yuan."""
    known: dict[str, object] = {
        "identifier": identifier,
        "out_case_no": content["claim_no"],
        "attachments": [
            {"type": paper["kind"], "sha256": paper["sha256"]}
            for paper in content.get("documents", ())
        ],
    }
    match content["kind"]:
        case "refer_claim":
            return known | _report(content)
        case "withdraw_claim":
            return known | {"reason": content.get("reason_zh") or ""}
        case "correct_account":
            payee = content["payee"]
            return known | {
                "pay_no": content["payout_reference"] or "",
                "receiver": receiver(payee),
            }
        case "request_advance":
            return known | _prepayment(content)
    return known


def _prepayment(content: Mapping[str, Any]) -> dict[str, object]:
    return {
        "prepay_fee": _fen(content["amount"]),
        "reason": content.get("reason_zh") or "",
        "receivers": [
            {**receiver(payee), "share_bp": payee["share_bp"]} for payee in content["payees"]
        ],
    }


def _report(content: Mapping[str, Any]) -> dict[str, object]:
    person, event = content["person"], content["event"]
    return {
        "out_report_no": content["notice_no"],
        "policy_no": content["policy_no"],
        "insured": {
            "name": person["name"],
            "cert_type": CERT_TYPES.get(person["id_type"], "OTHER"),
            "cert_no": person["id_number"] or "",
            "birthday": person["birth_on"],
        },
        "accident": {
            "type": event["kind"],
            "cause": event["cause"] or "",
            "date": event["on"],
            "address": event["place"] or "",
        },
        "fees": [
            {"type": bill["kind"], "hospital": bill["hospital"] or "", "fee": _fen(bill["total"])}
            for bill in content.get("bills", ())
        ],
        "claim_fee": _fen(content["assessment"]["amount"]),
        "receivers": [
            {**receiver(payee), "share_bp": payee["share_bp"]} for payee in content["payees"]
        ],
    }


def receiver(payee: Mapping[str, Any]) -> dict[str, object]:
    """Give somebody who is paid, as the gateway is told of one."""
    return {
        "name": payee["name"],
        "account_no": payee.get("account") or "",
        "bank_name": payee.get("bank") or "",
    }


def _fen(amount: str) -> int:
    try:
        return parse_yuan(amount)
    except Invalid:
        raise ValueError("an amount of ours is no yuan string") from None


def event_of(method: str, biz: Mapping[str, object]) -> dict[str, object]:
    """Give a notification in our words: {type, data}. Raises Unreadable for what is unknown."""
    data: dict[str, object] = {
        "claim_no": biz.get("out_case_no"),
        "platform_case_no": biz.get("case_no"),
        "insurer_case_no": biz.get("insurer_case_no"),
    }
    match method:
        case "relief.claim.accepted.notify":
            return {"type": "claim.accepted", "data": data}
        case "relief.claim.supplement.notify":
            return {"type": "claim.evidence_requested", "data": data | _supplement(biz)}
        case "relief.claim.pending.notify":
            return {"type": "claim.under_review", "data": data | _pending(biz)}
        case "relief.claim.settled.notify":
            return {"type": "claim.decided", "data": data | _settled(biz)}
        case "relief.claim.payment.notify":
            state = _word(PAY_STATES, biz, "pay_status")
            return {"type": f"payout.{state}", "data": data | _payment(biz, state)}
    raise Unreadable("unknown_type")


def _supplement(biz: Mapping[str, object]) -> dict[str, object]:
    materials = biz.get("materials")
    if not isinstance(materials, list):
        raise Unreadable("items_missing")
    items = [
        {"code": one.get("type"), "label_zh": one.get("name")}
        for one in materials
        if isinstance(one, dict)
    ]
    if len(items) != len(materials):
        raise Unreadable("items_malformed")
    return {"items": items, "due_on": biz.get("deadline"), "reason_zh": biz.get("remark")}


def _pending(biz: Mapping[str, object]) -> dict[str, object]:
    """A reason that is new here is told as another one, with the gateway's own words beside it."""
    reason = biz.get("pend_reason")
    if not isinstance(reason, str):
        raise Unreadable("pend_reason_missing")
    return {"pend_code": PENDS.get(reason, "other"), "reason_zh": biz.get("remark")}


def _settled(biz: Mapping[str, object]) -> dict[str, object]:
    reject = biz.get("reject_code")
    reason = biz.get("reject_msg") or (REJECT_ZH.get(reject) if isinstance(reject, str) else None)
    return {
        "outcome": _word(OUTCOMES, biz, "result"),
        "amount": _yuan(biz, "claim_fee"),
        "currency": "CNY",
        "clause": biz.get("clause"),
        "reason_zh": reason,
        "decided_on": _day(biz, "settle_time"),
    }


def _payment(biz: Mapping[str, object], state: str) -> dict[str, object]:
    failure = biz.get("fail_code")
    told: dict[str, object] = {
        "payout_reference": biz.get("pay_no"),
        "settlement_no": biz.get("settle_no"),
        "amount": _yuan(biz, "amount"),
        "account_last4": biz.get("account_tail"),
        "paid_on": _day(biz, "pay_time"),
    }
    if biz.get("pay_type") is not None:
        told["purpose"] = _word(PAY_TYPES, biz, "pay_type")
    if state in ("failed", "returned"):
        code = PAY_FAILURES.get(failure, "other") if isinstance(failure, str) else "other"
        told |= {"failure_code": code, "reason_zh": biz.get("fail_msg")}
    return told


def _word(words: Mapping[str, str], biz: Mapping[str, object], name: str) -> str:
    value = biz.get(name)
    if not isinstance(value, str) or value not in words:
        raise Unreadable(f"{name}_unknown")
    return words[value]


def _yuan(biz: Mapping[str, object], name: str) -> str:
    value = biz.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < FEN_MAX:
        raise Unreadable("amount_malformed")
    return yuan(value)


def _day(biz: Mapping[str, object], name: str) -> str | None:
    """The day of a local time such as 2026-06-20 09:00:00 (Asia/Shanghai)."""
    value = biz.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _DAY.match(value):
        raise Unreadable(f"{name}_malformed")
    return value[:10]
