"""Fields that a scheme asks for on its own: checks of their declaration and of what a notice says.

They travel in the one `extra` object of a notice and are the only way for terms to look at
something that no other scheme knows of.
"""

import re
from collections.abc import Iterator
from datetime import date

from app.domain.clauses.conditions import (
    ExtraAtLeast,
    ExtraAtMost,
    ExtraIs,
    WorkingDaysPassed,
)
from app.domain.conditions import holds
from app.domain.errors import Fault, Invalid
from app.domain.facts import Facts
from app.domain.figures import BandBy, Bands, Selector, Table
from app.domain.findings import Findings
from app.domain.money import parse_yuan
from app.domain.origins import children
from app.domain.terms import ExtraField, ExtraType, Terms

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_HINTS = {
    ExtraType.WHOLE: "请填写整数。",
    ExtraType.YUAN: "请填写金额，单位元，最多两位小数。",
    ExtraType.DAY: "请填写日期，如 2026-01-31。",
    ExtraType.YES_NO: "请填写 yes（是）或 no（否）。",
}


def extra_faults(terms: Terms, facts: Facts) -> tuple[Fault, ...]:
    """Give what is missing or wrong in the fields this scheme declares; pointers are `/extra/…`.

    Fields that other schemes declare are not looked at.
    """
    return tuple(_extra_faults(terms, facts))


def _extra_faults(terms: Terms, facts: Facts) -> Iterator[Fault]:
    for declared in terms.extra:
        said = str(facts.extra.get(declared.code, "")).strip()
        if not said:
            if _required(declared, facts):
                yield Fault(
                    f"/extra/{declared.code}",
                    "validation.failed",
                    f"缺少{declared.label_zh}（“{terms.name_zh}”需要）。",
                    "A field that this scheme asks for is missing.",
                    _hint(declared),
                )
        elif not _fits(declared, said):
            yield Fault(
                f"/extra/{declared.code}",
                "validation.failed",
                f"{declared.label_zh}填写不正确（“{terms.name_zh}”需要）。",
                "A field that this scheme asks for is not of its type.",
                _hint(declared),
            )


def _required(declared: ExtraField, facts: Facts) -> bool:
    return declared.required and all(holds(condition, facts) for condition in declared.when)


def _hint(declared: ExtraField) -> str:
    if declared.type is ExtraType.CHOICE:
        told = "、".join(f"{word}（{label}）" for word, label in declared.choices.items())
        return f"可选：{told}。"
    return _HINTS.get(declared.type, f"请填写{declared.label_zh}。")


def _fits(declared: ExtraField, said: str) -> bool:
    match declared.type:
        case ExtraType.CHOICE:
            return said in declared.choices
        case ExtraType.YES_NO:
            return said in {"yes", "no"}
        case ExtraType.WHOLE:
            return _WHOLE.fullmatch(said) is not None
        case ExtraType.YUAN:
            return _is_yuan(said)
        case ExtraType.DAY:
            return _is_day(said)
        case ExtraType.TEXT:
            return True


def _is_yuan(said: str) -> bool:
    try:
        parse_yuan(said)
    except Invalid:
        return False
    return True


def _is_day(said: str) -> bool:
    try:
        date.fromisoformat(said)
    except ValueError:
        return False
    return True


def check_extra(found: Findings, terms: Terms) -> None:
    """Refuse wrong declarations, and words that the terms look up but no notice can ever say.

    Terms that declare no field at all may name any: their notices are told what to say elsewhere.
    """
    found.unique("/extra", [declared.code for declared in terms.extra])
    for i, declared in enumerate(terms.extra):
        if not declared.label_zh:
            found.add(f"/extra/{i}/label_zh", "名称不能为空。", "A field needs a label.")
        if (declared.type is ExtraType.CHOICE) != bool(declared.choices):
            found.add(
                f"/extra/{i}/choices",
                "选项只用于 type: choice，且不能为空。",
                "Choices go with type: choice, which needs them.",
            )
    if terms.extra:
        _check_words(found, terms)


def _check_words(found: Findings, terms: Terms) -> None:
    declared = {field.code: field for field in terms.extra}
    for pointer, code, words in _looked_up(terms, ""):
        field = declared.get(code)
        if field is None:
            found.add(pointer, "extra 中没有声明这个字段。", "This field is not declared in extra.")
        elif field.type in {ExtraType.CHOICE, ExtraType.YES_NO}:
            for place, word in words:
                if not _fits(field, word):
                    found.add(place, "不在所声明的选项之内。", "Not one of the declared choices.")


Words = tuple[tuple[str, str], ...]


def _looked_up(value: object, pointer: str) -> Iterator[tuple[str, str, Words]]:
    """Give each place that names an extra field: its pointer, the field, and the words it knows.

    Each word comes with its own pointer.
    """
    match value:
        case Table(by=Selector.EXTRA):
            words = tuple((f"{pointer}/rows/{word}", word) for word in value.rows)
            yield f"{pointer}/field", value.field, words
        case ExtraIs():
            words = tuple((f"{pointer}/values/{i}", word) for i, word in enumerate(value.values))
            yield f"{pointer}/field", value.field, words
        case Bands(by=BandBy.EXTRA) | ExtraAtLeast() | ExtraAtMost():
            yield f"{pointer}/field", value.field, ()
        case WorkingDaysPassed():
            yield f"{pointer}/since", value.since, ()
            yield f"{pointer}/until", value.until, ()
        case _:
            pass
    for name, child in children(value):
        yield from _looked_up(child, f"{pointer}/{name}")
