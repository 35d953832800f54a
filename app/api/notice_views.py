"""What is shown of a notice: who is named comes masked, every word comes with its label."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.api.fields import Labelled, View, When, Yuan, labelled
from app.api.reading import Page
from app.db.claims import ClaimRow
from app.db.submission import NewClaim
from app.domain.errors import Fault
from app.domain.lifecycle import NOTICE_ZH, OUTCOME_ZH, STATUS_ZH
from app.domain.masks import ERASED_ZH, Mask, shown_account, shown_id, shown_name
from app.domain.money import yuan
from app.domain.notice import NoticeBill, NoticeContent
from app.services.notices.view import NoticeView as Seen

MASKED_PHONE_DIGITS = 4


class PersonShown(View):
    """The insured person as filed, masked."""

    person_id: UUID | None
    name_masked: str | None
    id_type: str
    id_masked: str | None


class EventShown(View):
    """What happened; `on` is a day in Asia/Shanghai."""

    kind: str | None
    cause: str | None
    on: date | None
    place: str | None
    note: str | None
    same_as: str | None
    occurrence: str | None
    liable: str | None


class PaidShown(View):
    payer: str
    amount: Yuan


class BillShown(View):
    kind: str
    total: Yuan
    category: str | None
    hospital: str | None
    hospital_level: str | None
    settlement_id: str | None
    invoice_no: str | None
    settled_on: date | None
    amounts: dict[str, Yuan]
    paid_by: list[PaidShown]
    stay: int | None
    hospital_area: str | None
    source: str | None


class StayShown(View):
    admitted_on: date
    discharged_on: date | None
    hospital: str | None
    hospital_level: str | None


class LossShown(View):
    item: str
    count: int
    grade: str | None
    value: Yuan | None
    hundredths: int
    worth: Yuan | None


class InjuryShown(View):
    grade: int | None
    kind: str | None


class ServiceShown(View):
    kind: str
    month_on: date
    days: int
    minutes: int
    carer: str


class FiledByShown(View):
    name_masked: str | None
    phone_masked: str | None
    relation: str
    authorised: bool
    near_relative: bool


class PayeeShown(View):
    name_masked: str
    account_masked: str
    bank: str
    relation: str
    share_bp: int


class ClaimShown(View):
    """A claim of the notice in short; `/v1/claims/{claim_no}` tells the rest."""

    claim_no: str
    policy_no: str
    scheme_name_zh: str
    insurer: str | None
    status: Labelled
    outcome: Labelled | None
    version: int


class Remark(View):
    """Why a policy does not answer, with the nearest cover; a reason, no error."""

    code: str
    sentence_zh: str
    policy_no: str | None


class Warned(View):
    """Something to look at again; it stops nothing."""

    pointer: str
    code: str
    message_zh: str
    message_en: str
    hint_zh: str


class NoticeView(View):
    """A notice with its claims."""

    notice_no: str
    area_code: str
    client_ref: str | None
    status: Labelled
    person: PersonShown
    event: EventShown
    bills: list[BillShown]
    stays: list[StayShown]
    losses: list[LossShown]
    injuries: list[InjuryShown]
    services: list[ServiceShown]
    filed_by: FiledByShown
    payees: list[PayeeShown]
    extra: dict[str, str]
    claims: list[ClaimShown]
    coverage: list[Remark]
    warnings: list[Warned]
    created_by: str
    assigned_to: str | None
    created_at: When
    updated_at: When
    submitted_at: When | None
    version: int


class NoticePage(Page[NoticeView]):
    """One page of notices, last changed first."""


def show_notice(seen: Seen) -> NoticeView:
    """Show a notice."""
    notice = seen.notice
    return NoticeView(
        notice_no=notice.notice_no,
        area_code=f"{notice.area_code:012d}",
        client_ref=notice.client_ref,
        status=labelled(NOTICE_ZH, notice.status),
        **_content(notice.content, seen.mask, erased=notice.erased),
        claims=[_claim(claim) for claim in seen.claims],
        coverage=show_remarks(notice.coverage),
        warnings=[show_warning(fault) for fault in seen.warnings],
        created_by=notice.created_by,
        assigned_to=notice.assigned_to,
        created_at=notice.created_at,
        updated_at=notice.updated_at,
        submitted_at=notice.submitted_at,
        version=notice.version,
    )


def show_warning(fault: Fault) -> Warned:
    """Show a warning."""
    return Warned.model_validate(fault)


def _content(content: NoticeContent, mask: Mask, *, erased: bool) -> dict[str, Any]:
    person, filer = content.person, content.filed_by
    return {
        "person": PersonShown(
            person_id=person.person_id,
            name_masked=ERASED_ZH if erased else shown_name(person.name, mask),
            id_type=person.id_type,
            id_masked=shown_id(person.id_number, mask),
        ),
        "event": EventShown.model_validate(content.event),
        "bills": [_bill(bill) for bill in content.bills],
        "stays": [StayShown.model_validate(stay) for stay in content.stays],
        "losses": [
            LossShown(
                item=loss.item,
                count=loss.count,
                grade=loss.grade,
                value=None if loss.value_fen is None else yuan(loss.value_fen),
                hundredths=loss.hundredths,
                worth=None if loss.worth_fen is None else yuan(loss.worth_fen),
            )
            for loss in content.losses
        ],
        "injuries": [InjuryShown.model_validate(injury) for injury in content.injuries],
        "services": [ServiceShown.model_validate(service) for service in content.services],
        "filed_by": FiledByShown(
            name_masked=shown_name(filer.name, mask),
            phone_masked=_filers_phone(filer.phone, mask),
            relation=filer.relation.value,
            authorised=filer.authorised,
            near_relative=filer.near_relative,
        ),
        "payees": [
            PayeeShown(
                name_masked=shown_name(payee.name, mask) or "",
                account_masked=shown_account(payee.account, mask) or "",
                bank=payee.bank,
                relation=payee.relation,
                share_bp=payee.share_bp,
            )
            for payee in content.payees
        ],
        "extra": dict(content.extra),
    }


def _filers_phone(phone: str | None, mask: Mask) -> str | None:
    if not phone:
        return None
    return f"****{phone[-MASKED_PHONE_DIGITS:]}" if mask is Mask.NEAR else "****"


def _bill(bill: NoticeBill) -> BillShown:
    return BillShown(
        kind=bill.kind,
        total=yuan(bill.total_fen),
        category=bill.category,
        hospital=bill.hospital,
        hospital_level=bill.hospital_level,
        settlement_id=bill.settlement_id,
        invoice_no=bill.invoice_no,
        settled_on=bill.settled_on,
        amounts={name: yuan(fen) for name, fen in bill.amounts.items()},
        paid_by=[PaidShown(payer=payer, amount=yuan(fen)) for payer, fen in bill.paid_by],
        stay=bill.stay,
        hospital_area=bill.hospital_area,
        source=bill.source,
    )


def _claim(claim: ClaimRow | NewClaim) -> ClaimShown:
    return ClaimShown(
        claim_no=claim.claim_no,
        policy_no=claim.policy_no,
        scheme_name_zh=claim.scheme_name_zh,
        insurer=claim.insurer_code,
        status=labelled(STATUS_ZH, claim.status),
        outcome=None if claim.outcome is None else labelled(OUTCOME_ZH, claim.outcome),
        version=claim.version,
    )


def show_remarks(coverage: Sequence[Mapping[str, Any]]) -> list[Remark]:
    """Show why policies do not answer."""
    return [
        Remark(
            code=remark["code"],
            sentence_zh=remark["sentence_zh"],
            policy_no=remark.get("policy_no") or None,
        )
        for remark in coverage
    ]
