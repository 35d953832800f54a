"""From the form library's findings to faults in Chinese and English, by kind, without the input."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.api.refusals import Malformed
from app.domain.errors import Fault, Invalid, ReliefError

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
PARAMETER = "parameter:"

# kind of finding -> Chinese, English; {limit} is the bound that the form states, never the input.
SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("必填。", "Required."),
    "extra_forbidden": ("没有这个字段。", "There is no such field."),
    "string_type": ("应为文字。", "Must be a string."),
    "string_unicode": ("含有无效字符。", "Contains invalid characters."),
    "string_too_short": ("至少 {limit} 个字。", "At least {limit} characters."),
    "string_too_long": ("最多 {limit} 个字。", "At most {limit} characters."),
    "string_pattern_mismatch": ("格式不正确。", "Has the wrong form."),
    "unusable_character": (
        "含有不允许的控制字符或方向控制符。",
        "Contains control or direction characters.",
    ),
    "int_type": ("应为整数。", "Must be an integer."),
    "int_parsing": ("应为整数。", "Must be an integer."),
    "int_from_float": ("应为整数。", "Must be an integer."),
    "bool_type": ("应为 true 或 false。", "Must be true or false."),
    "list_type": ("应为列表。", "Must be a list."),
    "too_long": ("最多 {limit} 项。", "At most {limit} items."),
    "too_short": ("至少 {limit} 项。", "At least {limit} items."),
    "dict_type": ("应为对象。", "Must be an object."),
    "model_type": ("应为对象。", "Must be an object."),
    "model_attributes_type": ("应为对象。", "Must be an object."),
    "enum": ("不是可选的值。", "Is not one of the allowed values."),
    "literal_error": ("不是可选的值。", "Is not one of the allowed values."),
    "uuid_parsing": ("应为 UUID。", "Must be a UUID."),
    "uuid_type": ("应为 UUID。", "Must be a UUID."),
    "greater_than_equal": ("不能小于 {limit}。", "Must be at least {limit}."),
    "less_than_equal": ("不能大于 {limit}。", "Must be at most {limit}."),
    "day_form": ("应为 YYYY-MM-DD 形式的真实日期。", "Must be a real date as YYYY-MM-DD."),
    "instant_form": (
        "应为带时区的时间，例如 2026-01-31T08:00:00Z。",
        "Must be a time with its zone, as 2026-01-31T08:00:00Z.",
    ),
    "area_form": ("应为 12 位统计用区划代码。", "Must be a 12-digit area code."),
    "money_form": (
        '金额应为字符串，例如 "1234.50"，不超过 13 位整数。',
        'Must be a string such as "1234.50", at most 13 digits before the point.',
    ),
    "money_precision": ("金额最多两位小数。", "At most two decimals."),
}
GENERIC = ("填写有误。", "Is not filled in correctly.")
CODES = {"money_precision": "money.precision", "money_form": "money.precision"}
HINTS = {
    "money_precision": "请按元填写，精确到分。",
    "missing": "请补填后重试。",
    "instant_form": "网址中时区的加号（+）须写成 %2B，否则会被当作空格。",
}
LIMITS = ("max_length", "min_length", "ge", "le")


def translate(findings: Sequence[Mapping[str, Any]]) -> ReliefError:
    """Make one refusal of all findings; a body that is no JSON is malformed, not wrongly filled."""
    if any(finding["type"] == "json_invalid" for finding in findings):
        return Malformed("请求内容不是有效的 JSON。", "The body is not valid JSON.")
    return Invalid(*(_fault(finding) for finding in findings))


def place(pointer: str) -> dict[str, str]:
    """Give the members that say where: a JSON pointer into the body, or a parameter's name."""
    if pointer.startswith(PARAMETER):
        return {"pointer": "", "parameter": pointer.removeprefix(PARAMETER)}
    return {"pointer": pointer}


def _fault(finding: Mapping[str, Any]) -> Fault:
    kind = str(finding["type"])
    bounds = finding.get("ctx") or {}
    if bounds.get("field_type") == "Value":  # a text that is looked at first has its length told so
        kind = {"too_short": "string_too_short", "too_long": "string_too_long"}.get(kind, kind)
    zh, en = SENTENCES.get(kind, GENERIC)
    limit = next((str(bounds[name]) for name in LIMITS if name in bounds), "")
    return Fault(
        _pointer(finding["loc"], unknown=kind == "extra_forbidden" or "[key]" in finding["loc"]),
        CODES.get(kind, "validation.failed"),
        zh.format(limit=limit),
        en.format(limit=limit),
        HINTS.get(kind, ""),
    )


def _pointer(location: Sequence[str | int], *, unknown: bool) -> str:
    """Point at the place; a name that is not ours is shown only when it looks like a field's."""
    where, *steps = [step for step in location if step != "[key]"]
    if unknown and steps and not FIELD_NAME.fullmatch(str(steps[-1])):
        steps = steps[:-1]
    if where != "body":
        return PARAMETER + (str(steps[0]) if steps else "")
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
