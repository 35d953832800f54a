"""The stand-in behind a partner gateway: signed forms in, signed nodes and notifications out.

One address, form fields, `biz_content` as JSON, RSA-SHA256 both ways, three case numbers, amounts
in whole fen, reject codes of its own; as Chinese open platforms have it.
"""

import base64
import binascii
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from app.sandbox import story
from app.sandbox.books import SHANGHAI
from app.sandbox.insurer import Answer, Insurer

QUERY = "relief.claim.query"
VERIFY = "relief.account.verify"
VERIFIED = {"yes": "MATCH", "no": "MISMATCH", "unknown": "UNKNOWN"}
KINDS = {
    "relief.claim.report": "refer_claim",
    "relief.claim.supplement": "supply_papers",
    "relief.claim.cancel": "withdraw_claim",
    "relief.claim.account.modify": "correct_account",
    "relief.claim.prepay.apply": "request_advance",
}
REFUSED = {
    "idempotency.conflict": "IDENTIFIER_CONFLICT",
    "instruction.not_found": "CASE_NOT_EXIST",
    "claim.unknown": "REPORT_NOT_EXIST",
    "claim.withdrawn": "CASE_CLOSED",
    "instruction.invalid": "isv.invalid-parameter",
}
RESULTS = {
    "full": "PASS",
    "partial": "PARTIAL",
    "goodwill": "EXGRATIA",
    "below_deductible": "BELOW_DEDUCTIBLE",
    "nil": "ZERO",
    "declined": "REJECT",
}
PAID = {"sent": "SENT", "paid": "PAID", "failed": "FAIL", "returned": "RETURN"}
Biz = Mapping[str, Any]


class Gateway:
    """The platform's side of one partner: its key, the partner's public key, its words."""

    def __init__(self, own_key_pem: str, partner_key_pem: str) -> None:
        """Raise ValueError for keys that are no RSA keys in PEM."""
        own = serialization.load_pem_private_key(own_key_pem.encode(), None)
        partner = serialization.load_pem_public_key(partner_key_pem.encode())
        if not (isinstance(own, RSAPrivateKey) and isinstance(partner, RSAPublicKey)):
            raise ValueError("RSA keys are needed")  # noqa: TRY004 - the file is wrong, not its type
        self._own = own
        self._partner = partner

    def answer(self, insurer: Insurer, raw: bytes) -> bytes:
        """Carry out one call; give the signed answer, whatever became of it."""
        fields = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
        method = fields.get("method", "")
        if not self._signed_by_partner(fields):
            return self._said(method, _no("40002", "isv.invalid-signature", "验签出错"))
        if method == VERIFY:
            return self._said(method, _verified(fields))
        if method != QUERY and method not in KINDS:
            return self._said(method, _no("40006", "isv.invalid-method", "不支持的方法"))
        try:
            biz = json.loads(fields["biz_content"])
            key = str(UUID(biz["identifier"]))
            order = b"" if method == QUERY else _order(KINDS[method], key, biz)
        except (KeyError, ValueError, TypeError):
            return self._said(method, _no("40002", "isv.invalid-parameter", "参数有误"))
        answer = insurer.known(key) if method == QUERY else insurer.receive(key, order)
        return self._said(method, _node(biz["identifier"], answer))

    def letter(self, row: sqlite3.Row) -> tuple[dict[str, str], bytes]:
        """Give a letter as a signed notification: headers and form."""
        event = json.loads(row["body"])
        method, biz = _told(event["type"], event["data"])
        fields = {
            "notify_id": row["event_id"],
            "method": method,
            "timestamp": datetime.now(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "charset": "utf-8",
            "sign_type": "RSA2",
            "biz_content": json.dumps(biz, ensure_ascii=False),
        }
        body = urlencode(fields | {"sign": self._sign(_signed_text(fields))})
        return {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}, body.encode()

    def _said(self, method: str, node: Mapping[str, object]) -> bytes:
        name = method.replace(".", "_") + "_response"
        text = json.dumps(node, ensure_ascii=False)
        return f'{{"{name}":{text},"sign":"{self._sign(text)}"}}'.encode()

    def _sign(self, text: str) -> str:
        return base64.b64encode(self._own.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()

    def _signed_by_partner(self, fields: Mapping[str, str]) -> bool:
        try:
            signature = base64.b64decode(fields.get("sign", ""), validate=True)
            signed = _signed_text(fields).encode()
            self._partner.verify(signature, signed, PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error):
            return False
        return True


def _verified(fields: Mapping[str, str]) -> Mapping[str, object]:
    """Say whether an account belongs to a name."""
    try:
        biz = json.loads(fields["biz_content"])
        match = story.whose(biz["receiver"]["account_no"])
        return {
            "code": "10000",
            "msg": "Success",
            "identifier": biz["identifier"],
            "verify_result": VERIFIED[match],
        }
    except (KeyError, ValueError, TypeError):
        return _no("40002", "isv.invalid-parameter", "参数有误")


def _signed_text(fields: Mapping[str, str]) -> str:
    named = sorted((name, value) for name, value in fields.items() if name != "sign" and value)
    return "&".join(f"{name}={value}" for name, value in named)


def _order(kind: str, key: str, biz: Biz) -> bytes:
    """Give a call as the desk's own order; raises KeyError, TypeError for what is missing."""
    order: dict[str, object] = {
        "instruction_id": key,
        "kind": kind,
        "claim_no": biz["out_case_no"],
    }
    if kind == "refer_claim":
        order |= {
            "person": {"id_number": biz["insured"]["cert_no"] or None},
            "bills": [{"total": story.yuan(fee["fee"])} for fee in biz["fees"]],
            "assessment": {"amount": story.yuan(biz["claim_fee"]), "covers": []},
            "payees": _receivers(biz),
        }
    if kind == "request_advance":
        order |= {"amount": story.yuan(biz["prepay_fee"]), "payees": _receivers(biz)}
    if kind == "correct_account":
        order |= {
            "payout_reference": biz["pay_no"] or None,
            "payee": {"account": biz["receiver"]["account_no"]},
        }
    # Of what the desk does not read only the digest counts: another call is another order.
    return json.dumps(order | {"call": biz}, ensure_ascii=False, sort_keys=True).encode()


def _receivers(biz: Biz) -> list[dict[str, object]]:
    return [{"account": one["account_no"], "share_bp": one["share_bp"]} for one in biz["receivers"]]


def _node(identifier: str, answer: Answer) -> dict[str, object]:
    if answer.status in (HTTPStatus.ACCEPTED, HTTPStatus.OK):
        again = answer.body.get("duplicate", True)
        case_no = str(answer.body["insurer_case_no"])
        return {
            "code": "10000",
            "msg": "Success",
            "identifier": identifier,
            "result": "DUPLICATE" if again else "ACCEPTED",
            "case_no": platform_no(case_no),
            "insurer_case_no": case_no,
        }
    code = str(answer.body["code"])
    return _no("40004", REFUSED.get(code, "BUSINESS_REFUSED"), str(answer.body["message"]))


def _no(code: str, sub_code: str, sub_msg: str) -> dict[str, object]:
    return {"code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": sub_msg}


def platform_no(case_no: str) -> str:
    """Give the platform's number of a case of the insurer's."""
    return f"PT{case_no}"


def _told(kind: str, told: Biz) -> tuple[str, dict[str, object]]:
    """Give an event of the desk as method and content of a notification."""
    named: dict[str, object] = {
        "out_case_no": told["claim_no"],
        "case_no": platform_no(told["insurer_case_no"]),
        "insurer_case_no": told["insurer_case_no"],
    }
    match kind:
        case "claim.evidence_requested":
            materials = [{"type": one["code"], "name": one["label_zh"]} for one in told["items"]]
            asked = {
                "materials": materials,
                "deadline": told["due_on"],
                "remark": told["reason_zh"],
            }
            return "relief.claim.supplement.notify", named | asked
        case "claim.decided":
            return "relief.claim.settled.notify", named | _settled(told)
        case "claim.accepted":
            return "relief.claim.accepted.notify", named
    return "relief.claim.payment.notify", named | _paid(kind.removeprefix("payout."), told)


def _settled(told: Biz) -> dict[str, object]:
    refused = {"reject_code": "EXCLUDED"} if told["outcome"] == "declined" else {}
    return {
        "result": RESULTS[told["outcome"]],
        "claim_fee": story.fen(told["amount"]),
        "clause": told["clause"],
        "reject_msg": told["reason_zh"],
        "settle_time": f"{told['decided_on']} 09:00:00",
        **refused,
    }


def _paid(state: str, told: Biz) -> dict[str, object]:
    said: dict[str, object] = {
        "pay_status": PAID[state],
        "pay_no": told["payout_reference"],
        "amount": story.fen(told["amount"]),
    }
    for ours, theirs in (("settlement_no", "settle_no"), ("account_last4", "account_tail")):
        if ours in told:
            said[theirs] = told[ours]
    if told.get("purpose") == "advance":
        said["pay_type"] = "PREPAY"
    if "paid_on" in told:
        said["pay_time"] = f"{told['paid_on']} 10:00:00"
    if "failure_code" in told:
        said |= {"fail_code": told["failure_code"].upper(), "fail_msg": told["reason_zh"]}
    return said
