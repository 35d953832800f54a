"""Estimate a notice: every policy's amount, reasons and missing papers; stores nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.db.session import Tx
from app.db.usage import Counter, used_asked
from app.domain.assess import assess, limits_needed
from app.domain.assessment import Assessment
from app.domain.errors import Invalid
from app.domain.explanation import LimitUse, limit_uses
from app.domain.facts import Bill
from app.domain.limits import LimitKey, Scope
from app.domain.nearest_change import NearestChange, nearest_change
from app.domain.notice import NoticeContent
from app.domain.notice_checks import life_faults, submit_faults
from app.domain.notice_facts import Insured, bill_facts
from app.domain.terms import Document
from app.services.claims.counters import counter_for
from app.services.coverage.respond import (
    Response,
    Responses,
    ask_for_person,
    identity_faults,
    respond_for,
)

DRAFT = UUID(int=0)  # stands for the notice that is not filed yet: nothing is held of its bills


@dataclass(frozen=True, slots=True)
class PolicyEstimate:
    """What one policy would pay, the limits it reads, and the nearest change of its amount."""

    response: Response
    assessment: Assessment
    limits: tuple[LimitUse, ...]
    nearest: NearestChange | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The whole answer; `left_fen` is what stays with the family of all bills together."""

    policies: tuple[PolicyEstimate, ...]
    remarks: tuple[Mapping[str, str], ...]
    missing: tuple[Document, ...]
    total_fen: int
    left_fen: int


async def estimate(tx: Tx, content: NoticeContent, papers: frozenset[str]) -> Estimate:
    """Estimate as `:submit` and the worker would do it, in payer order; `papers` are those at hand.

    Needs no transaction: `tx` may be one of `Database.asking`.

    Raises Invalid for what keeps even an estimate from being made (no event, impossible days).
    """
    matched = await ask_for_person(tx, content)
    today = await tx.today() if matched is None else matched.seen_on
    faults = submit_faults(content, today)
    if faults:
        raise Invalid(*faults)
    responses = await respond_for(tx, content, matched)
    if matched is None:
        return _of_nobody(content, responses)
    impossible = (
        *life_faults(content, Insured(matched.birth_on, matched.sex, matched.died_on)),
        *identity_faults(tx, content, matched),
    )
    if impossible:
        raise Invalid(*impossible)
    counters = {
        response.spell.policy_id: _counters(response, responses) for response in responses.found
    }
    asked = [
        counter
        for named in counters.values()
        for counter in named.values()
        if counter.key.scope is not Scope.BILL  # of a draft's bills nothing is held
    ]
    usage = await used_asked(tx, asked)
    found = []
    for response in responses.found:
        named = counters[response.spell.policy_id]
        before = {key: usage.get(counter, 0) for key, counter in named.items()}
        assessment = assess(response.terms, response.facts, before)
        for key, units in assessment.used:
            usage[named[key]] = usage.get(named[key], 0) + units
        terms, facts = response.terms, response.facts
        found.append(
            PolicyEstimate(
                response,
                assessment,
                limit_uses(terms, facts, before, assessment),
                nearest_change(terms, facts, before, assessment),
            )
        )
    return _answer(content, responses, tuple(found), papers)


def _counters(response: Response, responses: Responses) -> dict[LimitKey, Counter]:
    assert responses.matched is not None
    return {
        key: counter_for(
            key,
            policy_id=response.spell.policy_id,
            line_id=response.spell.line_id,
            notice_id=DRAFT,
            person_id=responses.matched.id,
            household_id=responses.matched.household_id,
        )
        for key in limits_needed(response.terms, response.facts)
    }


def _of_nobody(content: NoticeContent, responses: Responses) -> Estimate:
    left = sum(bill.left_fen for bill in _bills(content))
    return Estimate((), responses.remarks, (), 0, left)


def _answer(
    content: NoticeContent,
    responses: Responses,
    found: tuple[PolicyEstimate, ...],
    papers: frozenset[str],
) -> Estimate:
    missing = {
        document.code: document
        for response in responses.found
        for document in response.documents
        if document.code not in papers
    }
    paid_on_bills = sum(fen for one in found for _, fen in one.assessment.by_bill)
    left = sum(bill.left_fen for bill in _bills(content))
    return Estimate(
        found,
        responses.remarks,
        tuple(missing.values()),
        sum(one.assessment.amount_fen for one in found),
        max(0, left - paid_on_bills),
    )


def _bills(content: NoticeContent) -> list[Bill]:
    return [bill_facts(bill, index) for index, bill in enumerate(content.bills)]
