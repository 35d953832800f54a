"""A family's situation as a file tells it: a person, what happened, policies in payer order, usage.

What `relief estimate` works on: the same engine as the service, without server and database.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.domain.assess import assess, documents_needed, limits_needed, responds
from app.domain.assessment import Assessment
from app.domain.coverage import Spell, covered_on
from app.domain.errors import Fault, Invalid
from app.domain.explanation import LimitUse, left_with_family_fen, limit_uses
from app.domain.facts import (
    Bill,
    EnrolmentFacts,
    EventFacts,
    Facts,
    Injury,
    LocalStandard,
    Loss,
    PersonFacts,
    Service,
    Stay,
)
from app.domain.facts_checks import facts_faults
from app.domain.limits import LimitKey, LimitUnit, Scope
from app.domain.money import parse_yuan
from app.domain.nearest_change import NearestChange, nearest_change
from app.domain.terms import Document, Terms, limit_units
from app.domain.words import BillKind, Level, OutpatientKind, Sex

Money = str | int  # yuan as text with at most two decimals, or whole yuan


@dataclass(frozen=True, slots=True)
class ToldPerson:
    """`category` may be given per policy instead."""

    category: str = ""
    birth_on: date | None = None
    died_on: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class ToldBill:
    """`amounts` are yuan by national field name; `paid_by` yuan by payer after the settlement.

    `stay` is the place (from 1) of the stay that the bill belongs to.
    """

    kind: BillKind
    total: Money
    amounts: Mapping[str, Money] = field(default_factory=dict)
    paid_by: Mapping[str, Money] = field(default_factory=dict)
    category: OutpatientKind | None = None
    hospital_level: Level | None = None
    hospital_area: str = ""
    stay: int | None = None


@dataclass(frozen=True, slots=True)
class ToldStay:
    """A stay; both days are days of it."""

    admitted_on: date
    discharged_on: date
    hospital_level: Level | None = None


@dataclass(frozen=True, slots=True)
class ToldLoss:
    """Damaged things; `value` is the assessed loss, `worth` what they were worth, in yuan."""

    item: str
    count: int
    grade: str | None = None
    value: Money | None = None
    hundredths: int = 0
    worth: Money | None = None


@dataclass(frozen=True, slots=True)
class ToldStandard:
    """A local standard in force at the place on the day, in yuan, with where it was read."""

    code: str
    value: Money
    source_zh: str
    unconfirmed: str = ""


@dataclass(frozen=True, slots=True)
class ToldPolicy:
    """A policy: `scheme` is a code of the catalogue, or `terms` a file beside this one.

    Of a scheme the version that holds on the event day counts, unless `version` names another.

    Days are inclusive; `policy_from` defaults to `covered_from`, as does `first_covered_on`. `used`
    is what is used of limits before this event, by counter code: yuan, or whole days.
    """

    covered_from: date
    covered_to: date | None = None
    scheme: str = ""
    version: str = ""
    terms: str = ""
    policy_no: str = ""
    category: str = ""
    policy_from: date | None = None
    first_covered_on: date | None = None
    used: Mapping[str, Money] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """The file. Policies stand in payer order; `papers` are the codes of those at hand.

    `holidays` are weekdays off and `workdays` weekend days worked, for terms that count them.
    """

    person: ToldPerson
    event: EventFacts
    policies: tuple[ToldPolicy, ...]
    bills: tuple[ToldBill, ...] = ()
    stays: tuple[ToldStay, ...] = ()
    losses: tuple[ToldLoss, ...] = ()
    injuries: tuple[Injury, ...] = ()
    services: tuple[Service, ...] = ()
    standards: tuple[ToldStandard, ...] = ()
    extra: Mapping[str, str | int] = field(default_factory=dict)
    papers: tuple[str, ...] = ()
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """What one policy would pay; a silent policy has no assessment and says why in `remark_zh`."""

    policy_no: str
    terms: Terms
    assessment: Assessment | None
    limits: tuple[LimitUse, ...] = ()
    missing: tuple[Document, ...] = ()
    nearest: NearestChange | None = None
    remark_zh: str = ""


@dataclass(frozen=True, slots=True)
class SituationAnswer:
    """All policies in payer order, their sum, and what stays with the family; in fen."""

    policies: tuple[PolicyAnswer, ...]
    total_fen: int
    left_fen: int


def answer_situation(
    told: Told, terms: tuple[Terms, ...], standards: tuple[LocalStandard, ...] = ()
) -> SituationAnswer:
    """Assess a situation under its policies, whose terms are given in the same order.

    `standards` are those of the place and day that the file itself does not tell.
    Raises Invalid with every fault (pointers into the file) before anything is assessed.
    """
    matter = _matter(told)
    matter = replace(matter, standards=(*matter.standards, *standards))
    cases = [
        (policy, its, _facts(told, policy, _others(told, policy, terms), matter))
        for policy, its in zip(told.policies, terms, strict=True)
    ]
    faults = [fault for i, case in enumerate(cases) for fault in _faults(i, *case)]
    if faults:
        raise Invalid(*dict.fromkeys(faults))
    held: dict[LimitKey, int] = {}
    found = [_answered(policy, its, facts, told.papers, held) for policy, its, facts in cases]
    total = sum(one.assessment.amount_fen for one in found if one.assessment is not None)
    return SituationAnswer(tuple(found), total, left_with_family_fen(matter, held))


def _matter(told: Told) -> Facts:
    """Give the facts that all policies share. Raises Invalid where an amount is no money."""
    wrong: list[Fault] = []

    def fen(value: Money, pointer: str) -> int:
        try:
            return parse_yuan(str(value), pointer)
        except Invalid as refused:
            wrong.extend(refused.faults)
            return 0

    bills = tuple(_bill(bill, i, fen) for i, bill in enumerate(told.bills))
    losses = tuple(
        Loss(
            f"loss-{i + 1}",
            loss.item,
            loss.count,
            loss.grade,
            None if loss.value is None else fen(loss.value, f"/losses/{i}/value"),
            loss.hundredths,
            None if loss.worth is None else fen(loss.worth, f"/losses/{i}/worth"),
        )
        for i, loss in enumerate(told.losses)
    )
    standards = tuple(
        LocalStandard(
            one.code, fen(one.value, f"/standards/{i}/value"), one.source_zh, one.unconfirmed
        )
        for i, one in enumerate(told.standards)
    )
    if wrong:
        raise Invalid(*wrong)
    person = told.person
    return Facts(
        event=told.event,
        person=PersonFacts(person.category, person.birth_on, person.sex, person.died_on),
        enrolment=EnrolmentFacts(told.event.on, told.event.on, None, told.event.on),
        bills=bills,
        stays=tuple(
            Stay(f"stay-{i + 1}", stay.hospital_level, stay.admitted_on, stay.discharged_on)
            for i, stay in enumerate(told.stays)
        ),
        losses=losses,
        extra=told.extra,
        injuries=told.injuries,
        services=told.services,
        standards=standards,
        holidays=told.holidays,
        workdays=told.workdays,
    )


def _bill(bill: ToldBill, index: int, fen: Callable[[Money, str], int]) -> Bill:
    at = f"/bills/{index}"
    return Bill(
        ref=f"bill-{index + 1}",
        kind=bill.kind,
        total_fen=fen(bill.total, f"{at}/total"),
        amounts={name: fen(yuan, f"{at}/amounts/{name}") for name, yuan in bill.amounts.items()},
        paid_by=tuple(
            (payer, fen(yuan, f"{at}/paid_by/{payer}")) for payer, yuan in bill.paid_by.items()
        ),
        category=bill.category,
        hospital_level=bill.hospital_level,
        area=bill.hospital_area,
        stay_ref="" if bill.stay is None else f"stay-{bill.stay}",
    )


def _others(told: Told, policy: ToldPolicy, terms: tuple[Terms, ...]) -> tuple[str, ...]:
    """Name the schemes of the other policies that cover the person on the event day."""
    on = told.event.on
    return tuple(
        its.scheme_code
        for other, its in zip(told.policies, terms, strict=True)
        if other is not policy
        and other.covered_from <= on
        and (other.covered_to is None or on <= other.covered_to)
    )


def _facts(told: Told, policy: ToldPolicy, others: tuple[str, ...], matter: Facts) -> Facts:
    """Give the facts under one policy."""
    first = policy.covered_from
    return replace(
        matter,
        person=replace(matter.person, category=policy.category or told.person.category),
        enrolment=EnrolmentFacts(
            policy.policy_from or first,
            first,
            policy.covered_to,
            policy.first_covered_on or first,
        ),
        other_schemes=others,
    )


def _faults(index: int, policy: ToldPolicy, terms: Terms, facts: Facts) -> Iterator[Fault]:
    at = f"/policies/{index}"
    for fault in facts_faults(terms, facts):
        own = fault.pointer == "/person/category" and policy.category
        yield replace(fault, pointer=f"{at}/category") if own else fault
    keys = _counters(terms, facts)
    for code, value in policy.used.items():
        if code not in keys:
            known = "、".join(keys)
            yield Fault(
                f"{at}/used/{code}",
                "validation.failed",
                "此事故用不到这个限额。",
                "This event reads no such limit.",
                f"可写：{known}。" if known else "此事故不涉及累计限额。",
            )
        elif _units(terms, code, value) is None:
            yield Fault(
                f"{at}/used/{code}",
                "validation.failed",
                "已用额度写成金额（元）或整天数。",
                "What is used is yuan, or whole days.",
            )


def _counters(terms: Terms, facts: Facts) -> dict[str, LimitKey]:
    """Give the counters of the policy's own that the event reads, by code."""
    keys = limits_needed(terms, facts)
    return {key.code: key for key in keys if key.scope is not Scope.BILL}


def _units(terms: Terms, code: str, value: Money) -> int | None:
    if limit_units(terms).get(code, LimitUnit.FEN) is not LimitUnit.FEN:
        return value if isinstance(value, int) and value >= 0 else None
    try:
        return parse_yuan(str(value))
    except Invalid:
        return None


def _answered(
    policy: ToldPolicy,
    terms: Terms,
    facts: Facts,
    papers: tuple[str, ...],
    held: dict[LimitKey, int],
) -> PolicyAnswer:
    """Assess one policy; what it takes of bills is added to `held` for those that pay later."""
    remark = _silence_zh(policy, terms, facts)
    if remark:
        return PolicyAnswer(policy.policy_no, terms, None, remark_zh=remark)
    keys = _counters(terms, facts)
    usage = dict(held)
    for code, value in policy.used.items():
        usage[keys[code]] = _units(terms, code, value) or 0
    assessment = assess(terms, facts, usage)
    for key, units in assessment.used:
        if key.scope is Scope.BILL:
            held[key] = held.get(key, 0) + units
    needed = documents_needed(terms, facts)
    return PolicyAnswer(
        policy.policy_no,
        terms,
        assessment,
        limit_uses(terms, facts, usage, assessment),
        tuple(document for document in needed if document.code not in papers),
        nearest_change(terms, facts, usage, assessment),
    )


def _silence_zh(policy: ToldPolicy, terms: Terms, facts: Facts) -> str:
    """Say why a policy has nothing to say of the event; empty when it has."""
    spell = Spell(
        policy.policy_no or terms.scheme_code,
        terms.name_zh,
        facts.person.category,
        policy.covered_from,
        policy.covered_to,
    )
    coverage = covered_on((spell,), facts.event.on)
    if coverage.reason is not None:
        return coverage.sentence_zh
    return "" if responds(terms, facts) else "保障有效，但其保障责任不含此类事故。"
