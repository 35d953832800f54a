"""Facts that contradict themselves are named, and nothing is assessed by half."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.facts import Facts, Loss, PersonFacts, Stay
from app.domain.facts_checks import facts_faults
from app.domain.words import Level
from tests.domain.facts_made import EVENT_ON, make_bill, make_facts, make_terms

TERMS = make_terms()


def stay(first: int, last: int, ref: str = "s1") -> Stay:
    return Stay(ref, Level.COUNTY, date(2026, 6, first), date(2026, 6, last))


def person(**changed: object) -> Facts:
    facts = make_facts(make_bill())
    return replace(facts, person=PersonFacts("dibao", **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "pointer", "said"),
    [
        (person(birth_on=EVENT_ON + timedelta(1)), "/event/on", "早于被保险人出生"),
        (person(died_on=EVENT_ON - timedelta(1)), "/event/on", "晚于被保险人死亡"),
        (make_facts(make_bill(), category="rich"), "/person/category", "没有这类"),
        (make_facts(stays=(stay(5, 4),)), "/stays/0/discharged_on", "早于入院"),
        (make_facts(stays=(stay(1, 5), stay(4, 9, "s2"))), "/stays/1", "重叠"),
        (make_facts(make_bill("a"), make_bill("a")), "/bills/1/ref", "重复"),
        (make_facts(make_bill(total=-1)), "/bills/0", "负数"),
        (make_facts(make_bill(paid_by=(("慈善", -1),))), "/bills/0", "负数"),
        (make_facts(make_bill(borne=100, total=50)), "/bills/0", "对不上"),
        (make_facts(losses=(Loss("l1", "house", 0),)), "/losses/0", "数量"),
    ],
)
def test_a_contradiction_is_named_with_its_place(facts: Facts, pointer: str, said: str) -> None:
    found = facts_faults(TERMS, facts)
    assert pointer in [fault.pointer for fault in found]
    assert said in "".join(fault.message_zh for fault in found)


@pytest.mark.parametrize(
    "facts",
    [
        person(birth_on=EVENT_ON, died_on=EVENT_ON),
        make_facts(stays=(stay(1, 5), stay(5, 9, "s2"))),
        make_facts(make_bill("a"), make_bill("b")),
        make_facts(),
    ],
)
def test_what_only_looks_odd_is_no_contradiction(facts: Facts) -> None:
    assert facts_faults(TERMS, facts) == ()
