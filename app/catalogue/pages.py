"""YAML with positions: plain values by JSON pointer, and the line each stands on.

A number is written with its unit, `{yuan: 5000, clause: …}` (or percent, days, months, hours,
count), and becomes {value, unit, clause, unconfirmed}. An `origin` on any mapping (`{clause: …}` or
`{unconfirmed: …}`) holds for the numbers below it that state none of their own.
"""

import re
from dataclasses import dataclass, field

import yaml

from app.domain.canonical import NO_OBJECT_ZH
from app.domain.errors import Fault, Invalid
from app.domain.money import parse_yuan

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_UNITS = {
    "yuan": "fen",
    "percent": "bp",
    "days": "days",
    "count": "count",
    "months": "months",
    "hours": "minutes",
}
_WRITTEN = {
    "percent": "百分数写成 40 或 12.5，不带 %",
    "days": "天数须为整数",
    "count": "次数或倍数须为整数",
    "months": "月数须为整数",
    "hours": "小时数须为整数",
}
# libyaml's loader is about fifteen times as fast; it is in PyYAML's wheels, if not everywhere.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 50
_ORIGIN = ("clause", "unconfirmed")
_TAG = "tag:yaml.org,2002:"
_BOOLEANS = {"true": True, "false": False}


@dataclass(slots=True)
class Page:
    """One YAML file as plain values; `lines` gives the line (from 1) by JSON pointer."""

    name: str
    value: Plain = None
    lines: dict[str, int] = field(default_factory=dict)

    def at(self, pointer: str) -> Plain:
        """Give the value at a pointer; None where there is none."""
        value = self.value
        for step in pointer.split("/")[1:]:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def line(self, pointer: str) -> int:
        """Give the line of a pointer, or of the nearest thing that holds it."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def read_page(name: str, text: str | bytes) -> Page:
    """Read one YAML document (bytes: UTF-8). Raises Invalid; its pointers are paths in there.

    Aliases, repeated keys and tags of other types are refused: a page means what it shows.
    """
    page = Page(name)
    try:
        _refuse_odd(page, text)
        node = yaml.compose(text, _LOADER)
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        line = page.lines[""] = 1 if mark is None else min(mark.line + 1, _count(text))
        told = f"YAML 格式不正确。{_likely(text, line)}"
        raise _wrong(page, "", told, "This is not well-formed YAML.") from None
    if node is None:
        raise _wrong(page, "", "文件是空的。", "The file is empty.")
    page.value = _value(page, node, "", {})
    return page


def _likely(text: str | bytes, line: int) -> str:
    """Say what most often is behind a page that is no YAML; empty where nothing is plain."""
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError:
            return "文件不是 UTF-8 编码，请另存为 UTF-8。"
    near = "".join(text.splitlines()[max(0, line - 2) : line])
    if "\t" in near:
        return "缩进不能用制表符（Tab），请改用空格。"
    if "：" in near:
        return "键的后面须用半角冒号加空格，不能用全角“：”。"
    return ""


def _count(text: str | bytes) -> int:
    """Count lines: libyaml puts what is missing at the end on the line after the last."""
    return max(1, len(text.splitlines()))


def _refuse_odd(page: Page, text: str | bytes) -> None:
    """Refuse aliases, and a depth that only an attack has: composing it would exhaust the stack."""
    depth = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise _wrong(page, "", "不支持 YAML 别名。", "YAML aliases are not supported.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _wrong(page, "", "嵌套太深。", "This is nested too deeply.")


def located(page: Page, fault: Fault) -> Fault:
    """Give the fault with file and line in front of its messages."""
    place = f"{page.name}:{page.line(fault.pointer)}"
    said = fault.message_zh
    if said == NO_OBJECT_ZH and str(page.at(fault.pointer)).replace(".", "").isdecimal():
        said = "数字须带单位和出处，如 {yuan: 800, clause: 第五条}。"
    return Fault(
        fault.pointer,
        "terms.invalid",
        f"{place}: {fault.pointer or '/'} {said}",
        f"{place}: {fault.pointer or '/'} {fault.message_en}",
        fault.hint_zh,
    )


def _wrong(page: Page, pointer: str, message_zh: str, message_en: str) -> Invalid:
    return Invalid(located(page, Fault(pointer, "terms.invalid", message_zh, message_en)))


def _value(page: Page, node: yaml.Node, pointer: str, origin: dict[str, Plain]) -> Plain:
    page.lines.setdefault(pointer, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(page, node, pointer, origin)
    if isinstance(node, yaml.SequenceNode):
        return [_value(page, each, f"{pointer}/{i}", origin) for i, each in enumerate(node.value)]
    return _scalar(page, node, pointer)


def _scalar(page: Page, node: yaml.Node, pointer: str) -> Plain:
    text = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "int" if _WHOLE.fullmatch(text):
            return int(text)
        case "null":
            return None
        case "bool" if text in _BOOLEANS:
            return _BOOLEANS[text]
        case "str" | "timestamp" | "float":
            return text
    raise _wrong(page, pointer, "不支持这种写法。", "This way of writing a value is not supported.")


def _mapping(
    page: Page, node: yaml.MappingNode, pointer: str, origin: dict[str, Plain]
) -> dict[str, Plain]:
    children: dict[str, yaml.Node] = {}
    for key, child in node.value:
        name = str(key.value)
        page.lines[f"{pointer}/{name}"] = key.start_mark.line + 1
        if name in children:
            raise _wrong(page, f"{pointer}/{name}", "键重复。", "Repeated key.")
        if node.flow_style and child.start_mark.index == child.end_mark.index:
            told = "没有值：文字里有逗号或冒号时，请用引号把整段文字括起来。"
            raise _wrong(page, f"{pointer}/{name}", told, "No value: quote a text with a comma.")
        children[name] = child
    if "origin" in children:
        found = _value(page, children.pop("origin"), f"{pointer}/origin", {})
        if not isinstance(found, dict) or not found.keys() <= {*_ORIGIN}:
            raise _wrong(page, f"{pointer}/origin", "只能写 clause 或 unconfirmed。", "Bad origin.")
        origin = found
    values = {
        name: _value(page, child, f"{pointer}/{name}", origin) for name, child in children.items()
    }
    units = values.keys() & _UNITS.keys()
    if len(units) == 1 and values.keys() <= {*_UNITS, *_ORIGIN}:
        return _number(page, values, units.pop(), pointer, origin)
    return values


def _number(
    page: Page, values: dict[str, Plain], unit: str, pointer: str, origin: dict[str, Plain]
) -> dict[str, Plain]:
    stated = {name: values[name] for name in _ORIGIN if name in values}
    return {
        "value": _read(page, str(values[unit]), unit, f"{pointer}/{unit}"),
        "unit": _UNITS[unit],
        **(stated or origin),
    }


def _read(page: Page, text: str, unit: str, pointer: str) -> int:
    if unit == "yuan":
        try:
            return parse_yuan(text)
        except Invalid as wrong:
            raise Invalid(
                *(located(page, Fault(pointer, *_told(f))) for f in wrong.faults)
            ) from None
    if unit == "percent" and _PERCENT.fullmatch(text):
        whole, _, cents = text.partition(".")
        return int(whole) * 100 + int(cents.ljust(2, "0"))
    if unit in {"days", "count", "months"} and _WHOLE.fullmatch(text):
        return int(text)
    if unit == "hours" and _WHOLE.fullmatch(text):
        return int(text) * 60
    raise _wrong(
        page, pointer, f"数字写法不正确：{_WRITTEN[unit]}。", "This is not a number of that unit."
    )


def _told(fault: Fault) -> tuple[str, str, str]:
    return fault.code, fault.message_zh, fault.message_en
