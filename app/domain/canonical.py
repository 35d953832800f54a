"""Facts, terms and assessments as canonical JSON and back, exactly.

Canonical: keys sorted, no spaces, no floats, dates as ISO strings, UTF-8 unescaped. A field that
equals its default is left out, so a field added later leaves old texts and hashes as they are. A
tagged class writes its TAG as `type`. Reading is strict: unknown or missing keys and wrong types
are Faults with a JSON pointer; nothing is coerced, `true` is no number. Readers are built once per
class from its annotations.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import TypeVar, get_args, get_origin, get_type_hints

from app.domain.errors import Fault, Invalid

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Reader = Callable[[object], object]  # its faults point into the value it was given
T = TypeVar("T")


def to_json(value: object) -> str:
    """Write a dataclass of the rule book as canonical JSON."""
    return json.dumps(
        encode(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def from_json(kind: type[T], text: str) -> T:
    """Read canonical JSON; raises Invalid with a Fault for the first wrong place of each object."""
    return decode(kind, json.loads(text))


def digest(value: object) -> str:
    """Give the SHA-256 of the canonical JSON in hex."""
    return sha256(to_json(value).encode()).hexdigest()


def encode(value: object) -> Json:
    """Turn a dataclass into plain JSON values."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    tag, plan = _plan(type(value))
    found: dict[str, Json] = {} if tag is None else {"type": tag}
    for name, default in plan:
        item = getattr(value, name)
        if item != default:
            found[name] = encode(item)
    return found


_PLANS: dict[type, tuple[str | None, tuple[tuple[str, object], ...]]] = {}


def _plan(kind: type) -> tuple[str | None, tuple[tuple[str, object], ...]]:
    """Give a dataclass's tag and its fields with their defaults (MISSING where there is none)."""
    found = _PLANS.get(kind)
    if found is None:
        assert is_dataclass(kind)
        pairs = tuple((item.name, _default(item)) for item in fields(kind))
        found = _PLANS[kind] = (getattr(kind, "TAG", None), pairs)
    return found


def _default(item: "Field[object]") -> object:
    return item.default if item.default_factory is MISSING else item.default_factory()


def decode(kind: type[T], value: object) -> T:
    """Build a dataclass from plain JSON values; raises Invalid with one Fault per wrong place."""
    found = _reader(kind)(value)
    assert isinstance(found, kind)
    return found


def _wrong(message_zh: str, message_en: str, pointer: str = "") -> Invalid:
    return Invalid(Fault(pointer, "validation.failed", message_zh, message_en))


def _inside(name: str | int, wrong: Invalid) -> tuple[Fault, ...]:
    """Give faults of a member as faults of what holds it; only what is wrong pays for its place."""
    return tuple(replace(fault, pointer=f"/{name}{fault.pointer}") for fault in wrong.faults)


NO_OBJECT_ZH = "此处应为对象。"
_READERS: dict[object, Reader] = {}


def _reader(kind: object) -> Reader:
    """Give the reader for an annotation, built on first use."""
    found = _READERS.get(kind)
    if found is None:
        found = _READERS[kind] = _built(kind)
    return found


def _built(kind: object) -> Reader:
    origin = get_origin(kind)
    if origin is UnionType:
        return _union_reader(get_args(kind))
    if origin is tuple:
        return _tuple_reader(get_args(kind))
    if origin is Mapping:
        return _mapping_reader(*get_args(kind))
    assert isinstance(kind, type)
    if is_dataclass(kind):
        return _class_reader(kind)
    if issubclass(kind, StrEnum):
        return _enum_reader(kind)
    return _date if kind is date else _plain_reader(kind)


_PLAIN_ZH = {"int": "整数", "str": "文字", "bool": "true 或 false", "NoneType": "空"}


def _plain_reader(kind: type) -> Reader:
    name = _PLAIN_ZH[kind.__name__]

    def read(value: object) -> object:
        if type(value) is not kind:
            raise _wrong(f"此处应为{name}。", f"Expected {kind.__name__}.")
        return value

    return read


def _date(value: object) -> object:
    try:
        assert isinstance(value, str)
        return date.fromisoformat(value)
    except (AssertionError, ValueError):
        raise _wrong("此处应为日期，如 2026-01-31。", "Expected an ISO date.") from None


def _enum_reader(kind: type[StrEnum]) -> Reader:
    members = {member.value: member for member in kind}
    allowed = ", ".join(members)

    def read(value: object) -> object:
        if not isinstance(value, str) or value not in members:
            raise _wrong(f"此处应为以下之一：{allowed}。", f"Expected one of {allowed}.")
        return members[value]

    return read


def _tuple_reader(args: tuple[object, ...]) -> Reader:
    if len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004 - the form tuple[X, ...]
        each = _reader(args[0])
        return lambda value: tuple([_item(each, item, i) for i, item in enumerate(_list(value))])
    readers = tuple(_reader(arg) for arg in args)

    def read(value: object) -> object:
        items = _list(value)
        if len(items) != len(readers):
            raise _wrong(f"此处应有 {len(readers)} 项。", f"Expected {len(readers)} items.")
        pairs = enumerate(zip(readers, items, strict=True))
        return tuple([_item(reader, item, i) for i, (reader, item) in pairs])

    return read


def _item(reader: Reader, value: object, name: str | int) -> object:
    try:
        return reader(value)
    except Invalid as wrong:
        raise Invalid(*_inside(name, wrong)) from None


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _wrong("此处应为列表。", "Expected a list.")
    return value


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong(NO_OBJECT_ZH, "Expected an object.")
    for key in value:
        if type(key) is not str:
            raise _wrong(NO_OBJECT_ZH, "Expected an object.")
    return value


def _mapping_reader(word: object, item: object) -> Reader:
    named, reader = _reader(word), _reader(item)

    def read(value: object) -> object:
        found = {}
        for key, each in _object(value).items():
            try:
                found[named(key)] = reader(each)
            except Invalid as wrong:
                raise Invalid(*_inside(key, wrong)) from None
        return found

    return read


def _union_reader(args: tuple[object, ...]) -> Reader:
    """Read null, a plain value, a tagged class by its `type`, or the one class without a TAG."""
    plain = [arg for arg in args if not is_dataclass(arg)]
    classes = [arg for arg in args if is_dataclass(arg)]
    tagged = {getattr(arg, "TAG", ""): _reader(arg) for arg in classes}
    known = ", ".join(tag for tag in tagged if tag)
    nullable = NoneType in plain
    others = [_reader(arg) for arg in plain if arg is not NoneType]

    def read(value: object) -> object:
        if value is None and nullable:
            return None
        if tagged and isinstance(value, dict):
            reader = tagged.get(value.get("type", ""))
            if reader is None:
                raise _wrong(f"type 应为：{known}。", f"Unknown type: {known}.", "/type")
            return reader(value)
        for reader in others[:-1]:
            try:
                return reader(value)
            except Invalid:
                continue
        if not others:
            raise _wrong(NO_OBJECT_ZH, "Expected an object.")
        return others[-1](value)

    return read


@cache
def _readers_of(kind: type) -> dict[str, Reader]:
    """Give a dataclass's readers by field; made on first use, as a table's rows may be tables."""
    hints = get_type_hints(kind)
    return {item.name: _reader(hints[item.name]) for item in fields(kind)}


def _class_reader(kind: type) -> Reader:
    tagged = hasattr(kind, "TAG")
    required = frozenset(item.name for item in fields(kind) if _required(item))

    def read(value: object) -> object:
        readers = _readers_of(kind)
        built: dict[str, object] = {}
        faults: list[Fault] = []
        for name, member in _object(value).items():
            reader = readers.get(name)
            if reader is not None:
                try:
                    built[name] = reader(member)
                except Invalid as wrong:
                    faults += _inside(name, wrong)
                    built[name] = None
            elif name != "type" or not tagged:
                faults.append(_fault(name, "没有这个字段。", "Unknown field."))
        if not required <= built.keys():
            faults += [
                _fault(name, _missing_zh(kind, name), "Missing field.")
                for name in readers
                if name in required and name not in built
            ]
        if faults:
            raise Invalid(*faults)
        return kind(**built)

    return read


def _missing_zh(kind: type, name: str) -> str:
    """Say that a field is missing, and what it may be where that is one of some words."""
    hint = get_type_hints(kind)[name]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return f"缺少字段，须写明以下之一：{', '.join(hint)}。"
    return "缺少字段。"


def _fault(name: str, message_zh: str, message_en: str) -> Fault:
    return Fault(f"/{name}", "validation.failed", message_zh, message_en)


def _required(item: "Field[object]") -> bool:
    return item.default is MISSING and item.default_factory is MISSING
