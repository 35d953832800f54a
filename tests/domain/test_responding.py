from datetime import date

import pytest

from app.domain.assess import (
    assess,
    documents_needed,
    fields_used,
    limits_needed,
    limits_of,
    responds,
)
from app.domain.assessment import ReasonCode
from app.domain.clauses.bills import Accrual, Deductible, Part
from app.domain.clauses.conditions import CauseIs, EventIs, ExtraIs, HasBill, Newcomers, Waiting
from app.domain.clauses.sums import FixedSum
from app.domain.figures import Selector, Table
from app.domain.limits import LimitKey, Scope, bill_key
from app.domain.terms import Document, Nature, NeededFor
from app.domain.words import BillKind, Cause, EventKind
from tests.domain.facts_made import (
    days,
    fen,
    make_bill,
    make_cover,
    make_facts,
    make_limit,
    make_measure,
    make_terms,
)

FEN_BY_CATEGORY = Table(Selector.CATEGORY, "", {"dibao": fen(1_000)}, None)


def amount(*covers: object, facts: object = None) -> int:
    terms = make_terms(*covers)  # type: ignore[arg-type]
    return assess(terms, facts or make_facts(make_bill()), {}).amount_fen  # type: ignore[arg-type]


# Which covers respond


@pytest.mark.parametrize(
    ("changes", "facts", "answer"),
    [
        ({}, make_facts(make_bill()), ("medical",)),
        ({}, make_facts(), ()),
        ({}, make_facts(make_bill(), kind=EventKind.DEATH), ()),
        ({"causes": (Cause.TRAFFIC,)}, make_facts(make_bill()), ()),
        ({"causes": (Cause.DISEASE,)}, make_facts(make_bill()), ("medical",)),
        ({"categories": ("tekun",)}, make_facts(make_bill()), ()),
        ({"categories": ("dibao",)}, make_facts(make_bill()), ("medical",)),
        ({"measure": FixedSum("定额", fen(1))}, make_facts(), ("medical",)),
    ],
)
def test_a_cover_responds_to_its_own_events_only(
    changes: dict[str, object], facts: object, answer: tuple[str, ...]
) -> None:
    assert responds(make_terms(make_cover(**changes)), facts) == answer  # type: ignore[arg-type]


def test_a_cover_responds_though_it_will_pay_nothing() -> None:
    cover = make_cover(waiting=Waiting(days(400), Newcomers.EVERYONE))
    terms = make_terms(cover)

    assert responds(terms, make_facts(make_bill())) == ("medical",)
    answer = assess(terms, make_facts(make_bill()), {})
    assert answer.amount_fen == 0
    assert [reason.code for reason in answer.reasons] == [ReasonCode.WAITING_PERIOD]


def test_the_first_roster_does_not_wait_where_only_newcomers_do() -> None:
    cover = make_cover(waiting=Waiting(days(400), Newcomers.NEWCOMERS_ONLY))
    newcomer = make_facts(make_bill(), first_covered_on=date(2026, 1, 2))

    assert amount(cover) == 20_000
    assert amount(cover, facts=newcomer) == 0


# Which papers and counters


def test_papers_are_asked_for_once_and_only_when_their_conditions_hold() -> None:
    always = Document("settlement", "结算单", NeededFor.SUBMIT)
    documents = (
        always,
        Document("police", "证明", NeededFor.PAYMENT, (CauseIs((Cause.TRAFFIC,)),)),
        Document("bill", "单据", NeededFor.PAYMENT, (HasBill((BillKind.INPATIENT,)),)),
        Document("ill", "病历", NeededFor.PAYMENT, (EventIs((EventKind.ILLNESS,)),)),
        Document("pupil", "在校", NeededFor.PAYMENT, (ExtraIs("student", "学生", ("yes",)),)),
    )
    terms = make_terms(make_cover("a", documents=documents), make_cover("b", documents=(always,)))

    found = documents_needed(terms, make_facts(make_bill()))

    assert [document.code for document in found] == ["settlement", "bill", "ill"]


def test_counters_come_in_lock_order_with_what_bounds_them() -> None:
    year = make_limit(fen(500))
    policy = make_limit(fen(900), code="all", scope=Scope.POLICY_YEAR, covers=("a", "b"))
    claim = make_limit(fen(400), code="each", scope=Scope.CLAIM)
    eaten = make_measure(steps=(Deductible(fen(50), Accrual.PERSON_YEAR),))
    terms = make_terms(
        make_cover("a", limits=(year, claim), measure=eaten), make_cover("b"), limits=(policy,)
    )
    facts = make_facts(make_bill("z", 700), make_bill("y", 800))

    assert limits_of(terms, facts) == (
        (LimitKey(Scope.POLICY_YEAR, "all", "2026-01-01"), 900),
        (LimitKey(Scope.PERSON_YEAR, "a.cap", "2026-01-01"), 500),
        (LimitKey(Scope.PERSON_YEAR, "a.deductible", "2026-01-01"), 50),
        (bill_key("y"), 800),
        (bill_key("z"), 700),
    )
    assert limits_needed(terms, facts) == tuple(key for key, _ in limits_of(terms, facts))


def test_a_limit_that_the_table_does_not_name_needs_no_counter() -> None:
    limit = make_limit(FEN_BY_CATEGORY)
    eaten = make_measure(steps=(Deductible(FEN_BY_CATEGORY, Accrual.PERSON_YEAR),))
    terms = make_terms(make_cover(limits=(limit,), measure=eaten, nature=Nature.FIXED))

    assert limits_needed(terms, make_facts(make_bill(), category="tekun")) == ()


def test_what_an_assessment_takes_is_among_the_counters_it_needs() -> None:
    terms = make_terms(make_cover(limits=(make_limit(fen(500)),)))
    facts = make_facts(make_bill())

    assert {key for key, _ in assess(terms, facts, {}).used} <= set(limits_needed(terms, facts))


def test_the_parts_that_responding_covers_use_are_told_by_bill() -> None:
    other = make_measure(parts=(Part("fulamt_ownpay_amt", "丙"),))
    terms = make_terms(make_cover("a"), make_cover("b", measure=other))

    assert fields_used(terms, make_facts(make_bill("b1"))) == {
        "b1": frozenset({"psn_part_amt", "fulamt_ownpay_amt"})
    }
    assert fields_used(make_terms(make_cover(measure=FixedSum("x", fen(1)))), make_facts()) == {}
