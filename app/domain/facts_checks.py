"""What keeps facts from being assessed at all: named faults, so that nothing is assessed by half.

A submitted notice has passed these in `notice_checks` and at enrolment; facts that come from a file
pass them here.
"""

from collections.abc import Iterator

from app.domain.assess import fields_used
from app.domain.bill_checks import mismatches
from app.domain.errors import Fault
from app.domain.extra_checks import extra_faults
from app.domain.facts import Facts
from app.domain.terms import Terms

HUNDRED = 100
WORST, BEST = 1, 10  # grades of disability


def facts_faults(terms: Terms, facts: Facts) -> tuple[Fault, ...]:
    """Give every contradiction; pointers are JSON pointers into the facts, empty tuple: none.

    Refused: a day before birth or after death, a category that the terms do not know, stays that
    end before they begin or overlap, negative amounts or times, bills whose used parts do not add
    up, grades beyond 1 to 10, extra fields of a wrong type. What is merely missing is no fault:
    covers then pay less and say why.
    """
    return tuple(_faults(terms, facts))


def _faults(terms: Terms, facts: Facts) -> Iterator[Fault]:
    yield from _life(facts)
    if facts.person.category not in terms.categories:
        known = "、".join(f"{code}（{label}）" for code, label in terms.categories.items())
        yield _fault(
            "/person/category",
            f"“{terms.name_zh}”没有这类被保人。",
            "The terms know no such category.",
            f"可选：{known}。",
        )
    yield from _stays(facts)
    yield from _bills(terms, facts)
    yield from _losses(facts)
    yield from _bodies_and_care(facts)
    said = {f"/extra/{name}" for name in facts.extra}
    yield from (fault for fault in extra_faults(terms, facts) if fault.pointer in said)


def _fault(pointer: str, message_zh: str, message_en: str, hint_zh: str = "") -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en, hint_zh)


def _life(facts: Facts) -> Iterator[Fault]:
    on, died_on = facts.event.on, facts.person.died_on
    if facts.person.birth_on is not None and on < facts.person.birth_on:
        told = "出险日期早于被保险人出生日期。"
        yield _fault("/event/on", told, "The event is before the person's birth.")
    if died_on is not None and on > died_on:
        told = "出险日期晚于被保险人死亡日期。"
        yield _fault("/event/on", told, "The event is after the person's death.")


def _stays(facts: Facts) -> Iterator[Fault]:
    for i, stay in enumerate(facts.stays):
        if stay.discharged_on < stay.admitted_on:
            told = "出院日期早于入院日期。"
            yield _fault(f"/stays/{i}/discharged_on", told, "The stay ends before it begins.")
        for j, other in enumerate(facts.stays[:i]):
            # The day of moving from one house to the next belongs to both.
            if stay.admitted_on < other.discharged_on and other.admitted_on < stay.discharged_on:
                told = f"与第 {j + 1} 段住院日期重叠。"
                yield _fault(f"/stays/{i}", told, f"The stay overlaps stay {j + 1}.")


def _bills(terms: Terms, facts: Facts) -> Iterator[Fault]:
    used = fields_used(terms, facts)
    refs = [bill.ref for bill in facts.bills]
    for i, bill in enumerate(facts.bills):
        if bill.ref in refs[:i]:
            yield _fault(f"/bills/{i}/ref", "单据编号重复。", "The bill's ref is taken.")
        amounts = [bill.total_fen, *bill.amounts.values(), *(fen for _, fen in bill.paid_by)]
        if min(amounts) < 0:
            yield _fault(f"/bills/{i}", "金额不能为负数。", "Amounts cannot be negative.")
        yield from mismatches(bill, used.get(bill.ref, frozenset()), f"/bills/{i}")


def _losses(facts: Facts) -> Iterator[Fault]:
    for i, loss in enumerate(facts.losses):
        wrong_part = not 0 <= loss.hundredths < HUNDRED
        if loss.count < 1 or wrong_part or min(loss.loss_fen or 0, loss.worth_fen or 0) < 0:
            yield _fault(f"/losses/{i}", "数量或金额不正确。", "A count or amount is out of range.")


def _bodies_and_care(facts: Facts) -> Iterator[Fault]:
    for i, injury in enumerate(facts.injuries):
        if injury.grade is not None and not WORST <= injury.grade <= BEST:
            yield _fault(f"/injuries/{i}/grade", "伤残等级为 1 至 10。", "Grades are 1 to 10.")
    for i, service in enumerate(facts.services):
        if min(service.days, service.minutes) < 0:
            yield _fault(f"/services/{i}", "时间不能为负数。", "Times cannot be negative.")
