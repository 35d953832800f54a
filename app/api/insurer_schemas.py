"""What goes between us and an insurer of the `rest` dialect, as schemas: instructions, callbacks.

Written out, because the other side is not our code; the words come from the rule book, and tests
hold instructions that we really send and callbacks that we really read against them.
"""

from typing import Any

from app.domain.callback import FAILURES
from app.domain.lifecycle import Outcome
from app.domain.payout import AdvanceBasis
from app.domain.pend_words import PEND_ZH

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 500}
WORD: Schema = {"type": "string", "minLength": 1, "maxLength": 64}
YUAN: Schema = {"type": "string", "pattern": r"^\d{1,13}\.\d{2}$", "examples": ["1600.00"]}
DAY: Schema = {"type": "string", "format": "date"}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
CLAIM_NO: Schema = {**WORD, "examples": ["330127-2026-000123-1"]}


def _either(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def thing(needed: Schema, more: Schema | None = None) -> Schema:
    return {"type": "object", "required": list(needed), "properties": {**needed, **(more or {})}}


def _list(of: Schema, fewest: int = 0) -> Schema:
    return {"type": "array", "items": of, **({"minItems": fewest} if fewest else {})}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _instruction(kind: str, needed: Schema, more: Schema | None = None) -> Schema:
    own = {"instruction_id": {"type": "string", "format": "uuid"}, "kind": {"const": kind}}
    return thing({**own, "claim_no": CLAIM_NO, **needed}, more)


PAYEE = thing({"name": TEXT, "account": TEXT, "bank": TEXT})
# Of a payee whose account was found to be somebody else's: another follows as a correction.
MAYBE: Schema = {
    "type": "string",
    "maxLength": 500,
    "description": "空：户名核验不符，更正后另行告知"
    " · empty: not in this name, a correction follows",
}
PAYEES = _list(
    thing({"name": TEXT, "account": MAYBE, "bank": MAYBE, "share_bp": {"type": "integer"}})
)
PAPERS = _list(thing({"kind": WORD, "sha256": SHA256}))
AMOUNTS: Schema = {"type": "object", "additionalProperties": YUAN}
CARE: Schema = {
    "injuries": _list(thing({"grade": {}, "kind": {}})),
    "services": _list({"type": "object"}),
}
SCHEMAS: dict[str, Schema] = {
    "ReferClaim": _instruction(
        "refer_claim",
        {
            "notice_no": WORD,
            "policy_no": WORD,
            "sent_at": {"type": "string", "format": "date-time"},
            "person": thing(
                {
                    "name": TEXT,
                    "id_type": WORD,
                    "id_number": _either(TEXT),
                    "birth_on": _either(DAY),
                },
                {"category": _either(WORD)},
            ),
            "event": thing(
                {"kind": WORD, "cause": _either(WORD), "on": DAY, "place": _either(TEXT)}
            ),
            "bills": _list(
                thing({"kind": WORD, "total": YUAN, "components": AMOUNTS, "paid_by": AMOUNTS})
            ),
            "stays": _list(thing({"admitted_on": _either(DAY), "discharged_on": _either(DAY)})),
            "losses": _list(thing({"item": WORD, "count": {"type": "integer"}})),
            "assessment": thing(
                {
                    "amount": YUAN,
                    "covers": _list(
                        thing(
                            {"code": WORD, "amount": YUAN, "sentences": _list({"type": "string"})}
                        )
                    ),
                }
            ),
            "payees": PAYEES,
            "documents": PAPERS,
        },
        CARE,
    ),
    "SupplyPapers": _instruction("supply_papers", {"documents": PAPERS}),
    "WithdrawClaim": _instruction("withdraw_claim", {"reason_zh": _either(TEXT)}, {"from_on": DAY}),
    # Without a reference: of the payment that waits for its first account.
    "CorrectAccount": _instruction(
        "correct_account", {"payout_reference": _either(WORD), "payee": PAYEE}
    ),
    "RequestAdvance": _instruction(
        "request_advance",
        {
            "basis": {"enum": [basis.value for basis in AdvanceBasis]},
            "amount": YUAN,
            "reason_zh": _either(TEXT),
            "payees": PAYEES,
        },
    ),
    "AccountQuestion": thing(
        {
            "check_id": {"type": "string", "format": "uuid"},
            "name": TEXT,
            "account": TEXT,
            "bank": TEXT,
        }
    ),
    "AccountAnswer": thing(
        {
            "check_id": {"type": "string", "format": "uuid"},
            "match": {"enum": ["yes", "no", "unknown"]},
        }
    ),
    "Receipt": thing(
        {"accepted": {"const": True}, "insurer_case_no": WORD, "duplicate": {"type": "boolean"}}
    ),
    "Known": thing(
        {
            "instruction_id": {"type": "string", "format": "uuid"},
            "state": {"const": "accepted"},
            "insurer_case_no": WORD,
        }
    ),
    "Register": thing(
        {
            "insurer": WORD,
            "instructions": _list(
                thing(
                    {
                        "instruction_id": {"type": "string", "format": "uuid"},
                        "kind": WORD,
                        "claim_no": CLAIM_NO,
                        "insurer_case_no": _either(WORD),
                        "received_at": {"type": "string", "format": "date-time"},
                    }
                )
            ),
        },
        {"next": _either(WORD)},
    ),
    "Refusal": thing({"code": WORD, "message": TEXT}),
    "Statement": thing(
        {
            "insurer": WORD,
            "area_code": {"type": "string", "pattern": r"^\d{12}$"},
            "day": DAY,
            "totals": thing(
                {
                    "paid_count": {"type": "integer"},
                    "paid_amount": YUAN,
                    "returned_count": {"type": "integer"},
                    "returned_amount": YUAN,
                }
            ),
            "lines": _list(
                thing(
                    {
                        "claim_no": CLAIM_NO,
                        "payout_reference": _either(WORD),
                        "settlement_no": WORD,
                        "insurer_case_no": _either(WORD),
                        "direction": {"enum": ["paid", "returned"]},
                        "amount": YUAN,
                        "settled_on": DAY,
                    }
                )
            ),
        }
    ),
}
KINDS = ("ReferClaim", "SupplyPapers", "WithdrawClaim", "CorrectAccount", "RequestAdvance")
_CASE: Schema = {"claim_no": CLAIM_NO, "insurer_case_no": WORD}
_PAYOUT: Schema = {**_CASE, "payout_reference": WORD, "amount": YUAN}
_LAST4: Schema = {"account_last4": {"type": "string", "pattern": r"^\d{4}$"}}
_PURPOSE: Schema = {"purpose": {"enum": ["benefit", "advance"]}}
_FAILED: Schema = {
    **_LAST4,
    **_PURPOSE,
    "failure_code": {"enum": sorted(FAILURES)},
    "reason_zh": TEXT,
}
_PEND: Schema = {"enum": list(PEND_ZH), "description": "；".join(
    f"{code.value} {label}" for code, label in PEND_ZH.items()
)}  # fmt: skip
CALLBACKS: dict[str, tuple[str, Schema]] = {
    "claim.accepted": ("受理 · taken on", thing(_CASE)),
    "claim.under_review": (
        "审核中，说明在等什么 · what it waits for",
        thing({**_CASE, "pend_code": _PEND}, {"reason_zh": TEXT}),
    ),
    "claim.evidence_requested": (
        "请补材料（一次告知，保险法第二十二条）· papers, asked for once",
        thing(
            {**_CASE, "items": _list(thing({"code": WORD, "label_zh": TEXT}), 1)},
            {"due_on": DAY, "reason_zh": TEXT, "pend_code": _PEND},
        ),
    ),
    "claim.decided": (
        "核赔结论；不赔须附条款和理由 · the decision; a refusal has clause and reason",
        thing(
            {
                **_CASE,
                "outcome": {"enum": [one.value for one in Outcome]},
                "amount": YUAN,
                "decided_on": DAY,
            },
            {"currency": {"const": "CNY"}, "clause": TEXT, "reason_zh": TEXT},
        ),
    ),
    "payout.sent": ("已送银行 · sent to the bank", thing(_PAYOUT, {**_LAST4, **_PURPOSE})),
    "payout.paid": (
        "已到账 · credited",
        thing({**_PAYOUT, "settlement_no": WORD, "paid_on": DAY}, {**_LAST4, **_PURPOSE}),
    ),
    "payout.failed": (
        "发放失败 · not credited",
        thing(_PAYOUT, {"settlement_no": WORD, **_FAILED}),
    ),
    "payout.returned": (
        "退汇 · credited and sent back",
        thing({**_PAYOUT, "settlement_no": WORD}, _FAILED),
    ),
}
