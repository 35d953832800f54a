"""Nine questions that openIMIS 1.11.0, the best open system, was asked for this project.

It answered each of them otherwise, in the amount or in what it counted. Amounts in fen.
"""

from app.domain.assess import assess
from app.domain.assessment import Assessment, ReasonCode
from app.domain.clauses.bills import Accrual, Deductible, Ratio
from app.domain.clauses.sums import FixedSum
from app.domain.facts import Bill
from app.domain.figures import Sourced, Unit
from app.domain.limits import LimitKey, LimitUnit, Scope
from app.domain.terms import Cover, Terms
from tests.domain.facts_made import (
    bp,
    fen,
    make_bill,
    make_cover,
    make_facts,
    make_limit,
    make_measure,
    make_terms,
)

WHOLE = Ratio(bp(10_000))
DEDUCTIBLE = Deductible(fen(15_000), Accrual.EACH)
CEILING = make_limit(fen(25_000))


def covering(cover: Cover | None = None, **changes: object) -> Terms:
    return make_terms(cover or make_cover(measure=make_measure(WHOLE), **changes))


def ask(terms: Terms, *bills: Bill, usage: dict[LimitKey, int] | None = None) -> Assessment:
    return assess(terms, make_facts(*bills), usage or {})


def paid(terms: Terms, *claims: int) -> list[int]:
    """What claims one after another come to, each taking what it uses of the counters."""
    usage: dict[LimitKey, int] = {}
    found = []
    for number, borne in enumerate(claims):
        answer = ask(terms, make_bill(f"b{number}", borne), usage=usage)
        for key, units in answer.used:
            usage[key] = usage.get(key, 0) + units
        found.append(answer.amount_fen)
    return found


def test_co_insurance_of_eighty_percent_on_300_pays_240() -> None:
    terms = covering(make_cover(measure=make_measure(Ratio(bp(8_000)))))
    assert ask(terms, make_bill(borne=30_000)).amount_fen == 24_000


def test_a_deductible_of_150_leaves_nothing_of_a_line_of_100() -> None:
    terms = covering(make_cover(measure=make_measure(WHOLE, steps=(DEDUCTIBLE,))))
    answer = ask(terms, make_bill(borne=10_000))
    assert answer.amount_fen == 0
    assert ReasonCode.BELOW_DEDUCTIBLE in {reason.code for reason in answer.reasons}


def test_a_deductible_of_150_leaves_150_of_lines_of_100_and_200() -> None:
    terms = covering(make_cover(measure=make_measure(WHOLE, steps=(DEDUCTIBLE,))))
    assert ask(terms, make_bill("a", 10_000), make_bill("b", 20_000)).amount_fen == 15_000


def test_a_ceiling_of_250_pays_two_claims_of_200_with_200_and_50() -> None:
    assert paid(covering(limits=(CEILING,)), 20_000, 20_000) == [20_000, 5_000]


def test_a_price_of_10_75_is_paid_to_the_fen_and_counted_to_the_fen() -> None:
    answer = ask(covering(limits=(CEILING,)), make_bill(borne=1_075))
    [taken] = [units for key, units in answer.used if key.scope is Scope.PERSON_YEAR]
    assert (answer.amount_fen, taken) == (1_075, 1_075)


def test_two_items_of_100_and_a_service_of_200_are_400() -> None:
    lines = (make_bill("a", 10_000), make_bill("b", 10_000), make_bill("c", 20_000))
    assert ask(covering(), *lines).amount_fen == 40_000


def test_two_policies_pay_one_loss_of_110_with_110_together() -> None:
    bill = make_bill(borne=11_000)
    first = ask(covering(), bill)
    second = ask(covering(), bill, usage=dict(first.used))
    assert first.amount_fen + second.amount_fen == 11_000


def test_at_most_one_consultation_pays_the_second_nothing_whatever_its_day() -> None:
    once = make_limit(Sourced(1, Unit.COUNT, "第四条"), unit=LimitUnit.COUNT)
    terms = covering(make_cover(measure=FixedSum("门诊", fen(5_000)), limits=(once,)))
    first = ask(terms)
    again = ask(terms, usage=dict(first.used))
    assert (first.amount_fen, again.amount_fen) == (5_000, 0)


def test_a_claim_that_is_assessed_twice_takes_of_the_ceiling_once() -> None:
    terms = covering(limits=(CEILING,))
    first = ask(terms, make_bill("a", 20_000))
    again = ask(terms, make_bill("a", 20_000))  # usage without its own: that is replaced
    following = ask(terms, make_bill("b", 10_000), usage=dict(again.used))
    assert (first, following.amount_fen) == (again, 5_000)
