"""What a notice must hold to be submitted, and what a draft is warned of."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from app.domain.bill_checks import warnings as bill_warnings
from app.domain.errors import Fault
from app.domain.id_card import read_id
from app.domain.notice import NoticeBill, NoticeContent, NoticeStay
from app.domain.notice_facts import Insured, bill_facts, unknown
from app.domain.words import BillKind, Carer, Cause, EventKind, Level, Liable, OutpatientKind

WHOLE_BP = 10_000
LATE_DAYS = 30


def _missing(pointer: str, label_zh: str, label_en: str) -> Fault:
    return Fault(
        pointer,
        "validation.failed",
        f"缺少{label_zh}。",
        f"{label_en} is missing.",
        f"请补填{label_zh}后再提交。",
    )


def _known(word: str | None, words: type[StrEnum]) -> bool:
    return word is None or word in words.__members__.values()


def word_faults(content: NoticeContent) -> tuple[Fault, ...]:
    """Give the words of a notice that are none of ours; a draft is refused for them too."""
    named = [
        ("/event/kind", content.event.kind, EventKind, "事故类型"),
        ("/event/cause", content.event.cause, Cause, "事故原因"),
        ("/event/liable", content.event.liable, Liable, "第三方责任"),
    ]
    for i, service in enumerate(content.services):
        named.append((f"/services/{i}/carer", service.carer, Carer, "照护者"))
    for i, bill in enumerate(content.bills):
        named.append((f"/bills/{i}/kind", bill.kind, BillKind, "单据类型"))
        named.append((f"/bills/{i}/category", bill.category, OutpatientKind, "门诊类别"))
        named.append((f"/bills/{i}/hospital_level", bill.hospital_level, Level, "医院级别"))
    for i, stay in enumerate(content.stays):
        named.append((f"/stays/{i}/hospital_level", stay.hospital_level, Level, "医院级别"))
    return tuple(
        unknown(pointer, label) for pointer, word, words, label in named if not _known(word, words)
    )


def draft_warnings(content: NoticeContent, today: date) -> tuple[Fault, ...]:
    """Give what a clerk should look at again; none of it stops a draft from being kept."""
    return tuple(_draft_warnings(content, today))


def _draft_warnings(content: NoticeContent, today: date) -> Iterator[Fault]:
    if content.person.id_number and content.person.id_type == "resident_id":
        card = read_id(content.person.id_number, today, "/person/id_number")
        yield from card.faults
        yield from card.warnings
    for index, bill in enumerate(content.bills):
        if not word_faults(NoticeContent(bills=(bill,))):
            yield from bill_warnings(bill_facts(bill, index), f"/bills/{index}")
    on = content.event.on
    if on is not None and (today - on).days > LATE_DAYS:
        yield Fault(
            "/event/on",
            "notice.late",
            f"出险已超过 {LATE_DAYS} 天，属迟报；会如实记录，不因此拒赔（保险法第二十一条）。",
            "The event is long past; this is recorded and is never by itself a refusal.",
        )
    if content.filed_by.near_relative:
        yield Fault(
            "/filed_by/near_relative",
            "notice.near_relative",
            "经办人为近亲属代办，已作备案标记。",
            "Filed for a near relative: marked for the record.",
        )


def submit_faults(content: NoticeContent, today: date) -> tuple[Fault, ...]:
    """Give everything that keeps a notice from being submitted; empty when it may be.

    Days are compared with `today` in Asia/Shanghai. Papers and sums are checked apart, as they
    depend on the covers that respond.
    """
    return tuple(_submit_faults(content, today))


def _submit_faults(content: NoticeContent, today: date) -> Iterator[Fault]:
    yield from word_faults(content)
    yield from _person_faults(content, today)
    yield from _event_faults(content, today)
    for i, bill in enumerate(content.bills):
        yield from _bill_faults(bill, i, today)
    yield from _stay_faults(content.stays, today)
    if content.payees and sum(payee.share_bp for payee in content.payees) != WHOLE_BP:
        yield Fault(
            "/payees",
            "money.sum_mismatch",
            "各收款人的份额合计应为 100%。",
            "The payees' shares must add up to 100 %.",
        )


def _person_faults(content: NoticeContent, today: date) -> Iterator[Fault]:
    person = content.person
    if person.person_id is None and not person.id_number:
        yield _missing("/person", "被保险人（人员编号或证件号码）", "The insured person")
    elif person.id_number and person.id_type == "resident_id":
        yield from read_id(person.id_number, today, "/person/id_number").faults


def _event_faults(content: NoticeContent, today: date) -> Iterator[Fault]:
    event = content.event
    if event.kind is None:
        yield _missing("/event/kind", "事故类型", "The kind of event")
    if event.cause is None:
        yield _missing("/event/cause", "事故原因", "The cause of the event")
    if event.on is None:
        yield _missing("/event/on", "出险日期", "The day of the event")
    elif event.on > today:
        yield _future("/event/on", "出险日期")


def _future(pointer: str, label_zh: str) -> Fault:
    return Fault(
        pointer,
        "validation.failed",
        f"{label_zh}晚于今天。",
        "The day is in the future.",
        "请核对日期。",
    )


def _bill_faults(bill: NoticeBill, index: int, today: date) -> Iterator[Fault]:
    if bill.settled_on is not None and bill.settled_on > today:
        yield _future(f"/bills/{index}/settled_on", "结算日期")


def _stay_faults(stays: tuple[NoticeStay, ...], today: date) -> Iterator[Fault]:
    for i, stay in enumerate(stays):
        end = stay.discharged_on or stay.admitted_on
        if end < stay.admitted_on:
            yield Fault(
                f"/stays/{i}/discharged_on",
                "validation.failed",
                "出院日期早于入院日期。",
                "The stay ends before it begins.",
            )
        elif end > today:
            yield _future(f"/stays/{i}", "住院日期")
        for j, other in enumerate(stays[:i]):
            if stay.admitted_on < (other.discharged_on or other.admitted_on) and (
                other.admitted_on < end
            ):
                yield Fault(
                    f"/stays/{i}",
                    "validation.failed",
                    f"与第 {j + 1} 段住院日期重叠。",
                    f"The stay overlaps stay {j + 1}.",
                )


def life_faults(content: NoticeContent, insured: Insured) -> tuple[Fault, ...]:
    """Give the days of a notice that lie before the person's birth or after their death."""
    on = content.event.on
    if on is None:
        return ()
    if on < insured.birth_on:
        told = ("出险日期早于被保险人出生日期。", "The event is before the person's birth.")
    elif insured.died_on is not None and on > insured.died_on:
        told = ("出险日期晚于被保险人死亡日期。", "The event is after the person's death.")
    else:
        return ()
    return (Fault("/event/on", "validation.failed", *told, "请核对人员和日期。"),)
