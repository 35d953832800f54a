"""What a township may fill in about a notice, and the same as the domain's content."""

import json
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue

from app.api.fields import (
    AreaCode,
    BasisPoints,
    Day,
    Form,
    Identifier,
    Line,
    Money,
    Name,
    Text,
    Word,
    later,
)
from app.crypto import normalise_account, normalise_id, normalise_phone
from app.domain.money import yuan
from app.domain.notice import (
    BillSource,
    EventReport,
    FiledBy,
    NoticeBill,
    NoticeContent,
    NoticeInjury,
    NoticeLoss,
    NoticeService,
    NoticeStay,
    Payee,
    PersonRef,
    Relation,
)

BILLS_MAX, STAYS_MAX, LOSSES_MAX, PAYEES_MAX, PAYERS_MAX, EXTRAS_MAX = 200, 100, 100, 20, 30, 30

INJURIES_MAX, SERVICES_MAX = 50, 200

IdType = Literal["resident_id", "passport", "none"]
# The national names of the medical settlement (2303); labels stand in the domain's words.
NationalField = Literal[
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "hosp_part_amt",
    "psn_part_amt",
    "acct_pay",
    "acct_mulaid_pay",
    "psn_cash_pay",
]
# What a paper says, right or wrong: a draft keeps a number with a wrong check digit, and warns.
IdNumber = Annotated[Name, Field(max_length=32)]
AreaDigits = Annotated[Word, Field(pattern="^[0-9]{2,12}$")]
AnyRelation = Annotated[Relation, Field(strict=False)]


class PersonForm(Form):
    """Who it happened to; by our id, or by name and number."""

    person_id: Identifier | None = None
    name: Name | None = None
    id_type: IdType = "resident_id"
    id_number: IdNumber | None = None


class EventForm(Form):
    """What happened; `on` is a day in Asia/Shanghai.

    `same_as` and `occurrence` are words that tie the notices of one accident or illness, or of one
    disaster, together; `liable` is nobody, able, unable or not_found.
    """

    kind: Word | None = None
    cause: Word | None = None
    on: Day | None = None
    place: Line | None = None
    note: Text | None = None
    same_as: Word | None = None
    occurrence: Word | None = None
    liable: Word | None = None


class PaidForm(Form):
    """What one payer has paid of a bill, after the settlement."""

    payer: Word
    amount: Money


class BillForm(Form):
    """One medical settlement or invoice; `amounts` under their national names.

    `stay` is the place, from 1, of the stay that it belongs to. `source` medical_insurance: the
    figures come from that office, so a ground for using them must be on record at the submission.
    """

    kind: Word
    total: Money
    category: Word | None = None
    hospital: Line | None = None
    hospital_level: Word | None = None
    settlement_id: Word | None = None
    invoice_no: Word | None = None
    settled_on: Day | None = None
    amounts: dict[NationalField, Money] = Field(default_factory=dict)
    paid_by: list[PaidForm] = Field(default_factory=list, max_length=PAYERS_MAX)
    stay: Annotated[int, Field(ge=1, le=STAYS_MAX)] | None = None
    hospital_area: AreaDigits | None = None
    source: Annotated[BillSource, Field(strict=False)] | None = later()


class StayForm(Form):
    """One stay in hospital or in a nursing home."""

    admitted_on: Day
    discharged_on: Day | None = None
    hospital: Line | None = None
    hospital_level: Word | None = None


class LossForm(Form):
    """Damaged property: `count` units of `item` (and `hundredths` of one), or a valued loss.

    `worth` is what the things were worth before the loss.
    """

    item: Word
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    grade: Word | None = None
    value: Money | None = None
    hundredths: Annotated[int, Field(ge=0, le=99)] = 0
    worth: Money | None = None


class InjuryForm(Form):
    """One injury: its grade of disability from 1 (worst) to 10, or its kind in the terms' words."""

    grade: Annotated[int, Field(ge=1, le=10)] | None = None
    kind: Word | None = None


class ServiceForm(Form):
    """Care given in the calendar month that holds `month_on`: bed-days, or minutes."""

    kind: Word
    month_on: Day
    days: Annotated[int, Field(ge=0, le=31)] = 0
    minutes: Annotated[int, Field(ge=0, le=44_640)] = 0
    carer: Word = "provider"


class FiledByForm(Form):
    """Who files for whom; `near_relative` marks a cadre who files for a relative."""

    name: Name | None = None
    phone: Annotated[Name, Field(max_length=32)] | None = None
    relation: AnyRelation = Relation.SELF
    authorised: bool = False
    near_relative: bool = False


class PayeeForm(Form):
    """Who is to receive the money; shares in basis points, together 10000."""

    name: Name
    account: Annotated[Name, Field(min_length=4, max_length=40)]
    bank: Line
    relation: Word = "self"
    share_bp: BasisPoints = 10_000


class NoticeForm(Form):
    """A notice as told so far; nearly all of it may be open. Also the form of a merge patch."""

    person: PersonForm = Field(default_factory=PersonForm)
    event: EventForm = Field(default_factory=EventForm)
    bills: list[BillForm] = Field(default_factory=list, max_length=BILLS_MAX)
    stays: list[StayForm] = Field(default_factory=list, max_length=STAYS_MAX)
    losses: list[LossForm] = Field(default_factory=list, max_length=LOSSES_MAX)
    filed_by: FiledByForm = Field(default_factory=FiledByForm)
    payees: list[PayeeForm] = Field(default_factory=list, max_length=PAYEES_MAX)
    extra: dict[Word, Line] = Field(default_factory=dict, max_length=EXTRAS_MAX)
    injuries: list[InjuryForm] = Field(default_factory=list, max_length=INJURIES_MAX)
    services: list[ServiceForm] = Field(default_factory=list, max_length=SERVICES_MAX)

    def content(self) -> NoticeContent:
        """Give the domain's content: amounts in fen, numbers in one spelling."""
        person = self.person
        return NoticeContent(
            person=PersonRef(
                person.person_id,
                person.name,
                person.id_type,
                normalise_id(person.id_number) if person.id_number else None,
            ),
            event=EventReport(**dict(self.event)),
            bills=tuple(_bill(bill) for bill in self.bills),
            stays=tuple(NoticeStay(**dict(stay)) for stay in self.stays),
            losses=tuple(
                NoticeLoss(
                    loss.item, loss.count, loss.grade, loss.value, loss.hundredths, loss.worth
                )
                for loss in self.losses
            ),
            filed_by=_filed_by(self.filed_by),
            payees=tuple(_payee(payee) for payee in self.payees),
            extra=dict(self.extra),
            injuries=tuple(NoticeInjury(**dict(injury)) for injury in self.injuries),
            services=tuple(NoticeService(**dict(service)) for service in self.services),
        )


EXAMPLE: dict[str, JsonValue] = {
    "area_code": "990127103000",
    "client_ref": "2026-0042",
    "person": {"name": "张某某", "id_type": "resident_id", "id_number": "990127196005010016"},
    "event": {"kind": "illness", "cause": "disease", "on": "2026-03-01"},
    "bills": [
        {
            "kind": "inpatient",
            "total": "50000.00",
            "settlement_id": "S-20260301-01",
            "amounts": {"medfee_sumamt": "50000.00", "psn_part_amt": "8000.00"},
        }
    ],
    "filed_by": {"name": "王某某", "relation": "township_clerk"},
    "payees": [{"name": "张某某", "account": "6222000011112222", "bank": "示范农商银行"}],
}


class DraftForm(NoticeForm):
    """A new notice: where it is filed, and the caller's own reference for it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    area_code: AreaCode
    client_ref: Word | None = None
    restored_no: Annotated[str, Field(pattern=r"^\d{6}-\d{4}-\d{6,9}$")] | None = later(
        description="仅用于恢复核对期间补报：保险公司已有、本系统已丢失的原报案号。"
        " Only while a restoration is open: the number that the notice had before.",
    )


def form_of(content: NoticeContent) -> dict[str, Any]:
    """Give content back as the JSON that its form would have been; merge patches start from it."""
    whole: dict[str, Any] = json.loads(json.dumps(asdict(content), default=str))
    for bill in whole["bills"]:
        bill["total"] = yuan(bill.pop("total_fen"))
        bill["amounts"] = {name: yuan(fen) for name, fen in bill["amounts"].items()}
        bill["paid_by"] = [{"payer": payer, "amount": yuan(fen)} for payer, fen in bill["paid_by"]]
    for loss in whole["losses"]:
        for name in ("value", "worth"):
            fen = loss.pop(f"{name}_fen")
            loss[name] = None if fen is None else yuan(fen)
    return whole


def _bill(bill: BillForm) -> NoticeBill:
    return NoticeBill(
        kind=bill.kind,
        total_fen=bill.total,
        category=bill.category,
        hospital=bill.hospital,
        hospital_level=bill.hospital_level,
        settlement_id=bill.settlement_id,
        invoice_no=bill.invoice_no,
        settled_on=bill.settled_on,
        amounts={str(name): fen for name, fen in bill.amounts.items()},
        paid_by=tuple((paid.payer, paid.amount) for paid in bill.paid_by),
        stay=bill.stay,
        hospital_area=bill.hospital_area,
        source=bill.source,
    )


def _filed_by(form: FiledByForm) -> FiledBy:
    phone = normalise_phone(form.phone) if form.phone else None
    return FiledBy(form.name, phone, form.relation, form.authorised, form.near_relative)


def _payee(form: PayeeForm) -> Payee:
    account = normalise_account(form.account)
    return Payee(form.name, account, form.bank, form.relation, form.share_bp)
