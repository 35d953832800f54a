"""What happened to invented people: notices with bills whose parts add up, stays, storm damage."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.demo.population import Resident
from app.domain.notice import (
    EventReport,
    FiledBy,
    NoticeBill,
    NoticeContent,
    NoticeLoss,
    NoticeStay,
    Payee,
    PersonRef,
    Relation,
)

HOSPITALS = {
    "township": "示范县云溪镇中心卫生院",
    "county": "示范县人民医院",
    "city": "示范市第一医院",
}
INPATIENT_FEN = {  # what a settlement of the kind comes to
    "inpatient": (6_000_00, 60_000_00),
    "minor": (1_500_00, 6_000_00),
    "costly": (90_000_00, 150_000_00),
}
BANK_ZH = "示范农村商业银行"
PAPERS = {  # what must be there before submitting, by what happened
    "inpatient": ("settlement", "discharge_record"),
    "minor": ("settlement", "discharge_record"),
    "costly": ("settlement", "discharge_record"),
    "outpatient": ("settlement",),
    "care": ("discharge_record",),
    "storm": ("damage_photos",),
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A notice to file, with the kinds of papers that come with it."""

    content: NoticeContent
    papers: tuple[str, ...]


def occur(kind: str, resident: Resident, on: date, random: Random) -> Occurrence:
    """Invent what happened on a day: `outpatient`, `care`, `storm` or an inpatient kind."""
    events = {
        "inpatient": EventReport("illness", "disease", on),
        "minor": EventReport("illness", "disease", on),
        "costly": EventReport("illness", "disease", on),
        "outpatient": EventReport("illness", "disease", on),
        "care": EventReport("care", "disease", on),
        "storm": EventReport("disaster", "typhoon", on),
    }
    person = resident.person
    assert person.id_number is not None
    content = NoticeContent(
        person=PersonRef(name=person.name, id_number=person.id_number),
        event=events[kind],
        bills=_bills(kind, on, random),
        stays=_stays(kind, on, random),
        losses=(NoticeLoss("room", random.randint(1, 4), "severe"),) if kind == "storm" else (),
        filed_by=FiledBy(relation=random.choice((Relation.SELF, Relation.FAMILY))),
        payees=(Payee(person.name, account_of(person.id_number), BANK_ZH),),
    )
    return Occurrence(content, PAPERS[kind])


def account_of(id_number: str) -> str:
    """An invented account in the shape of a bank card, the same for the same person."""
    return f"6299{id_number[8:17]}00{id_number[13:17]}"


def _bills(kind: str, on: date, random: Random) -> tuple[NoticeBill, ...]:
    if kind in INPATIENT_FEN:
        level = random.choice(("county", "city"))
        total = random.randrange(*INPATIENT_FEN[kind])
        return (_bill("inpatient", None, level, total, on, random),)
    if kind == "outpatient":
        category = random.choice(("acute", "special", "chronic"))
        total = random.randrange(200_00, 4_000_00)
        return (_bill("outpatient", category, "township", total, on, random),)
    return ()


def _bill(
    kind: str, category: str | None, level: str, total_fen: int, on: date, random: Random
) -> NoticeBill:
    own = total_fen * random.randint(4, 12) // 100
    over = total_fen * random.randint(0, 3) // 100
    first = total_fen * random.randint(3, 8) // 100
    basic = (total_fen - own - over - first) * random.randint(55, 75) // 100
    serious = (total_fen - own - over - first - basic) * random.randint(10, 40) // 100
    relief = (total_fen - own - over - first - basic - serious) * random.randint(20, 50) // 100
    funds = basic + serious + relief
    return NoticeBill(
        kind=kind,
        category=category,
        total_fen=total_fen,
        hospital=HOSPITALS[level],
        hospital_level=level,
        settlement_id=f"99{random.randrange(10**16):016d}",
        settled_on=on + timedelta(days=random.randint(0, 4)),
        amounts={
            "medfee_sumamt": total_fen,
            "fulamt_ownpay_amt": own,
            "overlmt_selfpay": over,
            "preselfpay_amt": first,
            "inscp_scp_amt": total_fen - own - over - first,
            "hifp_pay": basic,
            "hifmi_pay": serious,
            "maf_pay": relief,
            "fund_pay_sumamt": funds,
            "psn_part_amt": total_fen - funds,
            "psn_cash_pay": total_fen - funds,
        },
    )


def _stays(kind: str, on: date, random: Random) -> tuple[NoticeStay, ...]:
    if kind not in (*INPATIENT_FEN, "care"):
        return ()
    level = random.choice(("township", "county"))
    return (NoticeStay(on, on + timedelta(days=random.randint(3, 4)), HOSPITALS[level], level),)
