"""What a township files: the notice as it was told, before any rule has looked at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID


class Relation(StrEnum):
    """Who files for whom (代办): relation of the filer to the insured person."""

    SELF = "self"
    FAMILY = "family"
    GUARDIAN = "guardian"
    VILLAGE_CADRE = "village_cadre"
    TOWNSHIP_CLERK = "township_clerk"
    HOSPITAL = "hospital"
    NEIGHBOUR = "neighbour"
    OTHER = "other"


RELATION_ZH: dict[Relation, str] = {
    Relation.SELF: "本人",
    Relation.FAMILY: "家属",
    Relation.GUARDIAN: "监护人",
    Relation.VILLAGE_CADRE: "村（社区）干部",
    Relation.TOWNSHIP_CLERK: "乡镇经办人",
    Relation.HOSPITAL: "医疗机构",
    Relation.NEIGHBOUR: "邻居",
    Relation.OTHER: "其他",
}


@dataclass(frozen=True, slots=True)
class PersonRef:
    """The person as the filer names them; `id_number` is normalised and may be wrong in a draft."""

    person_id: UUID | None = None
    name: str | None = None
    id_type: str = "resident_id"
    id_number: str | None = None


@dataclass(frozen=True, slots=True)
class EventReport:
    """What happened; `on` is a calendar day in Asia/Shanghai.

    `same_as` and `occurrence` are words that tie the notices of one accident or illness, and of
    one disaster, together; `liable` says whether somebody else must answer for it.
    """

    kind: str | None = None
    cause: str | None = None
    on: date | None = None
    place: str | None = None
    note: str | None = None
    same_as: str | None = None
    occurrence: str | None = None
    liable: str | None = None


class BillSource(StrEnum):
    """Where a bill's figures are from: the family's papers, or the medical insurance office."""

    FAMILY = "family"
    MEDICAL_INSURANCE = "medical_insurance"


@dataclass(frozen=True, slots=True)
class NoticeBill:
    """One medical settlement or invoice. Amounts in fen, under the national field names.

    `stay` is the place (from 1) of the stay it belongs to; `hospital_area` an area code.
    """

    kind: str
    total_fen: int
    category: str | None = None
    hospital: str | None = None
    hospital_level: str | None = None
    settlement_id: str | None = None
    invoice_no: str | None = None
    settled_on: date | None = None
    amounts: Mapping[str, int] = field(default_factory=dict)
    paid_by: tuple[tuple[str, int], ...] = ()
    stay: int | None = None
    hospital_area: str | None = None
    source: BillSource | None = None


@dataclass(frozen=True, slots=True)
class NoticeStay:
    """One stay in hospital; days are calendar days, both ends named."""

    admitted_on: date
    discharged_on: date | None = None
    hospital: str | None = None
    hospital_level: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeLoss:
    """Damaged property: `count` units of `item` (room, kitchen...), or a valued loss in fen.

    `hundredths` are added to the count; `worth_fen` is what the things were worth before.
    """

    item: str
    count: int = 1
    grade: str | None = None
    value_fen: int | None = None
    hundredths: int = 0
    worth_fen: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeInjury:
    """One injury: its grade of disability (1 worst, 10) or its kind."""

    grade: int | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeService:
    """Care given in the calendar month of `month_on`: bed-days, or hours in minutes."""

    kind: str
    month_on: date
    days: int = 0
    minutes: int = 0
    carer: str = "provider"


@dataclass(frozen=True, slots=True)
class FiledBy:
    """The proxy: name, phone and relation, and whether an authorisation paper is at hand.

    `near_relative` marks a cadre who files for a relative (近亲属备案).
    """

    name: str | None = None
    phone: str | None = None
    relation: Relation = Relation.SELF
    authorised: bool = False
    near_relative: bool = False


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is to receive what share (basis points) of the money, on which account."""

    name: str
    account: str
    bank: str
    relation: str = "self"
    share_bp: int = 10_000


@dataclass(frozen=True, slots=True)
class NoticeContent:
    """Everything a notice holds; a draft may leave nearly all of it open."""

    person: PersonRef = field(default_factory=PersonRef)
    event: EventReport = field(default_factory=EventReport)
    bills: tuple[NoticeBill, ...] = ()
    stays: tuple[NoticeStay, ...] = ()
    losses: tuple[NoticeLoss, ...] = ()
    filed_by: FiledBy = field(default_factory=FiledBy)
    payees: tuple[Payee, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    injuries: tuple[NoticeInjury, ...] = ()
    services: tuple[NoticeService, ...] = ()
