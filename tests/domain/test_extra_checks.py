"""Fields a scheme declares of its own: what a notice must say, and what a declaration must hold."""

from dataclasses import replace

import pytest

from app.domain.canonical import decode, encode
from app.domain.clauses.conditions import EventIs
from app.domain.clauses.sums import FixedSum
from app.domain.extra_checks import extra_faults
from app.domain.facts import Facts
from app.domain.figures import Selector, Sourced, Table, Unit
from app.domain.terms import ExtraField, ExtraType, Terms
from app.domain.terms_checks import check_terms
from app.domain.words import EventKind
from tests.contracts import terms
from tests.domain.facts_made import make_facts

ADMISSION = ExtraField(
    "school_level",
    "录取层次",
    ExtraType.CHOICE,
    True,
    (EventIs((EventKind.SCHOOLING,)),),
    {"college": "大专", "bachelor": "本科"},
)


def asking(*fields: ExtraField) -> Terms:
    return replace(terms(), extra=fields)


def said(kind: EventKind = EventKind.SCHOOLING, **extra: str | int) -> Facts:
    return make_facts(kind=kind, extra=extra)


def test_a_field_that_the_event_calls_for_is_asked_with_its_choices() -> None:
    (fault,) = extra_faults(asking(ADMISSION), said())

    assert fault.pointer == "/extra/school_level"
    assert "录取层次" in fault.message_zh
    assert fault.hint_zh == "可选：college（大专）、bachelor（本科）。"


def test_a_field_that_the_event_does_not_call_for_is_not_asked() -> None:
    assert extra_faults(asking(ADMISSION), said(EventKind.DEATH)) == ()


def test_a_field_that_is_never_required_is_checked_when_it_is_there() -> None:
    optional = replace(ADMISSION, required=False)

    assert extra_faults(asking(optional), said()) == ()
    assert len(extra_faults(asking(optional), said(school_level="kindergarten"))) == 1


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (ExtraType.WHOLE, "12", "12.5"),
        (ExtraType.WHOLE, 3, "-3"),
        (ExtraType.YUAN, "8500.00", "8500.001"),
        (ExtraType.DAY, "2026-01-31", "2026-02-31"),
        (ExtraType.YES_NO, "yes", "maybe"),
        (ExtraType.TEXT, "随便", None),
    ],
)
def test_a_value_must_be_of_the_declared_type(
    kind: ExtraType, right: str | int, wrong: str | None
) -> None:
    field = ExtraField("x", "某项", kind, required=True)

    assert extra_faults(asking(field), said(x=right)) == ()
    if wrong is not None:
        (fault,) = extra_faults(asking(field), said(x=wrong))
        assert wrong not in fault.message_zh + fault.hint_zh


def test_fields_of_other_schemes_are_left_alone() -> None:
    assert extra_faults(asking(ADMISSION), said(school_level="college", cows="many")) == ()


def test_terms_with_extra_fields_come_back_from_json_as_they_went() -> None:
    made = asking(ADMISSION, replace(ADMISSION, code="other", required=False))

    assert decode(Terms, encode(made)) == made


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        (replace(ADMISSION, choices={}), "/extra/0/choices"),
        (replace(ADMISSION, type=ExtraType.WHOLE), "/extra/0/choices"),
        (replace(ADMISSION, label_zh=""), "/extra/0/label_zh"),
        (replace(ADMISSION, code="School Level"), "/extra/0"),
    ],
)
def test_a_wrong_declaration_is_told(field: ExtraField, pointer: str) -> None:
    assert [fault.pointer for fault in check_terms(asking(field))] == [pointer]


def graded(rows: dict[str, Sourced], **changed: object) -> Terms:
    """Give terms whose one sum is looked up by an extra field."""
    made = asking(replace(ADMISSION, **changed))  # type: ignore[arg-type]
    table = Table(Selector.EXTRA, "school_level", rows, None)
    cover = replace(made.covers[0], measure=FixedSum("升学补助", table))
    return replace(made, covers=(cover,))


def test_a_table_knows_only_the_declared_choices() -> None:
    college = Sourced(200_000, Unit.FEN, "第一条")

    assert check_terms(graded({"college": college})) == ()
    (fault,) = check_terms(graded({"college": college, "kindergarten": college}))
    assert fault.pointer == "/covers/0/measure/amount/rows/kindergarten"


def test_a_table_by_a_field_that_nobody_declared_is_told() -> None:
    college = Sourced(200_000, Unit.FEN, "第一条")

    (fault,) = check_terms(graded({"college": college}, code="level"))

    assert fault.pointer == "/covers/0/measure/amount/field"
