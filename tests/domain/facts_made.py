"""Facts and terms for the tests of the rule book, with defaults that most of them share."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from app.domain.clauses.bills import Bills, OtherPayers, Part, Per, Ratio, Step, Tiers
from app.domain.facts import (
    Bill,
    EnrolmentFacts,
    EventFacts,
    Facts,
    Loss,
    PersonFacts,
    Stay,
)
from app.domain.figures import Figure, Sourced, Unit
from app.domain.limits import Limit, LimitUnit, Scope
from app.domain.terms import Cover, Nature, Source, Terms, TermsKind
from app.domain.words import BillKind, Cause, EventKind, Level

NEW_YEAR = date(2026, 1, 1)
EVENT_ON = date(2026, 6, 15)


def fen(value: int) -> Sourced:
    return Sourced(value, Unit.FEN, "第一条")


def bp(value: int) -> Sourced:
    return Sourced(value, Unit.BP, "第二条")


def days(value: int) -> Sourced:
    return Sourced(value, Unit.DAYS, "第三条")


def make_facts(
    *bills: Bill,
    kind: EventKind = EventKind.ILLNESS,
    cause: Cause = Cause.DISEASE,
    category: str = "dibao",
    stays: tuple[Stay, ...] = (),
    losses: tuple[Loss, ...] = (),
    extra: Mapping[str, str | int] | None = None,
    first_covered_on: date = NEW_YEAR,
) -> Facts:
    return Facts(
        EventFacts(kind, cause, EVENT_ON),
        PersonFacts(category),
        EnrolmentFacts(NEW_YEAR, first_covered_on, None, first_covered_on),
        bills,
        stays,
        losses,
        extra or {},
    )


def make_bill(
    ref: str = "b1",
    borne: int = 100_000,
    *,
    total: int | None = None,
    kind: BillKind = BillKind.INPATIENT,
    paid_by: tuple[tuple[str, int], ...] = (),
    level: Level | None = None,
    **amounts: int,
) -> Bill:
    return Bill(
        ref,
        kind,
        borne if total is None else total,
        {"psn_part_amt": borne, **amounts},
        paid_by,
        hospital_level=level,
    )


def make_measure(
    pay: Ratio | Tiers | None = None,
    *,
    steps: tuple[Step, ...] = (),
    per: Per = Per.CLAIM,
    parts: tuple[Part, ...] = (Part("psn_part_amt", "个人负担"),),
    other_payers: OtherPayers = OtherPayers.BASE_BEFORE,
) -> Bills:
    return Bills(
        "个人负担",
        (BillKind.INPATIENT, BillKind.OUTPATIENT),
        (),
        parts,
        other_payers,
        per,
        steps,
        pay or Ratio(bp(2_000)),
    )


def make_cover(code: str = "medical", **changes: object) -> Cover:
    cover = Cover(
        code, "医疗", Nature.INDEMNITY, (EventKind.ILLNESS, EventKind.ACCIDENT), make_measure()
    )
    return replace(cover, **changes)  # type: ignore[arg-type]


def make_limit(
    amount: Figure,
    *,
    code: str = "cap",
    scope: Scope = Scope.PERSON_YEAR,
    unit: LimitUnit = LimitUnit.FEN,
    **changes: object,
) -> Limit:
    return replace(Limit(code, "封顶", scope, unit, amount), **changes)  # type: ignore[arg-type]


def make_terms(*covers: Cover, limits: tuple[Limit, ...] = ()) -> Terms:
    return Terms(
        "test-scheme",
        "1",
        "试验项目",
        "示范县",
        TermsKind.INSURANCE,
        NEW_YEAR,
        None,
        Source("试验条款"),
        {"dibao": "低保对象", "tekun": "特困供养人员"},
        covers or (make_cover(),),
        limits=limits,
    )
