"""What an insurer is told of a claim: a document in our words, amounts as yuan strings."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.domain.assessment import Assessment
from app.domain.money import yuan
from app.domain.notice import NoticeContent, Payee
from app.domain.sentences import sentence_zh


def referral(
    numbers: Mapping[str, str],
    sent_at: datetime,
    person: Mapping[str, str | None],
    content: NoticeContent,
    assessment: Assessment,
    documents: Sequence[tuple[str, str]],
) -> dict[str, object]:
    """Give the content of a `refer_claim` instruction.

    `numbers` holds claim_no, notice_no and policy_no; `sent_at` is UTC; `documents` are (kind,
    SHA-256) pairs.
    """
    return {
        "kind": "refer_claim",
        **numbers,
        "sent_at": sent_at.isoformat().replace("+00:00", "Z"),
        "person": dict(person),
        "event": {
            "kind": content.event.kind,
            "cause": content.event.cause,
            "on": _day(content.event.on),
            "place": content.event.place,
        },
        "bills": [
            {
                "kind": bill.kind,
                "hospital": bill.hospital,
                "settlement_id": bill.settlement_id,
                "invoice_no": bill.invoice_no,
                "total": yuan(bill.total_fen),
                "components": {name: yuan(fen) for name, fen in bill.amounts.items()},
                "paid_by": {payer: yuan(fen) for payer, fen in bill.paid_by},
            }
            for bill in content.bills
        ],
        "stays": [
            {
                "level": stay.hospital_level,
                "admitted_on": _day(stay.admitted_on),
                "discharged_on": _day(stay.discharged_on),
            }
            for stay in content.stays
        ],
        "losses": [
            {"item": loss.item, "count": loss.count, "grade": loss.grade} for loss in content.losses
        ],
        **_care(content),
        "assessment": {
            "amount": yuan(assessment.amount_fen),
            "covers": [
                {
                    "code": cover.cover,
                    "amount": yuan(cover.amount_fen),
                    "sentences": [sentence_zh(line) for line in cover.lines],
                }
                for cover in assessment.covers
            ],
        },
        "payees": [
            {**payee_document(payee), "share_bp": payee.share_bp} for payee in content.payees
        ],
        "documents": [{"kind": kind, "sha256": sha256} for kind, sha256 in documents],
    }


def _care(content: NoticeContent) -> dict[str, object]:
    """Give injuries and services, where there are any: most claims have neither."""
    found: dict[str, object] = {}
    if content.injuries:
        found["injuries"] = [
            {"grade": injury.grade, "kind": injury.kind} for injury in content.injuries
        ]
    if content.services:
        found["services"] = [
            {
                "kind": service.kind,
                "month_on": _day(service.month_on),
                "days": service.days,
                "minutes": service.minutes,
                "carer": service.carer,
            }
            for service in content.services
        ]
    return found


def payee_document(payee: Payee) -> dict[str, str]:
    """Give a payee as an insurer is told of one."""
    return {"name": payee.name, "account": payee.account, "bank": payee.bank}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
