"""Nothing that can be sent makes a 500: every place of a form, every parameter of a list."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from app.api.writing import Writes
from tests.api.conftest import Client
from tests.api.story import keyed, notice
from tests.api.test_contract import DOCUMENT
from tests.api.test_matrix import CLOSED, FORMS, NAMES, example

NASTY: list[Any] = [
    None,
    False,
    0,
    -1,
    2**63,
    1.5,
    "",
    "\x00",
    "\u202e",
    "𝟙😀",
    "x" * 5000,
    "-0",
    "1e2",
    "9" * 40,
    "2026-02-30",
    "9999-12-31",
    "0001-01-01",
    "'; DROP TABLE claim; --",
    [],
    [[]],
    {},
    {"a": {"b": []}},
]


def whole(schema: dict[str, Any]) -> Any:
    """A form with everything in it that the description names."""
    if "$ref" in schema:
        return whole(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return whole(schema["anyOf"][0])
    if "properties" in schema:
        return {name: whole(member) for name, member in schema["properties"].items()}
    if schema.get("type") == "array":
        return [whole(schema["items"])]
    return example(schema)


def spoiled(value: Any, nasty: Any) -> Iterator[Any]:
    """The value with one place after another taken by something nasty."""
    yield nasty
    if isinstance(value, dict):
        for name, member in value.items():
            for bad in spoiled(member, nasty):
                yield {**value, name: bad}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for bad in spoiled(item, nasty):
                yield [*value[:index], bad, *value[index + 1 :]]


def places(value: Any) -> int:
    return sum(1 for _ in spoiled(value, None))


@pytest.mark.parametrize("case", FORMS, ids=[route.name for route, _ in FORMS])
async def test_f69_f73_no_value_anywhere_in_a_form_makes_a_500(
    case: tuple[APIRoute, Any], county: Client
) -> None:
    route, door = case
    (method,) = route.methods
    body = DOCUMENT["paths"][route.path_format][method.lower()]["requestBody"]
    (schema,) = [each["schema"] for each in body["content"].values()]
    # A notice begins with one that is kept: what is nasty then gets as far as it can.
    form = notice() if route.name == "draft_notice" else whole(schema)
    assert places(form) > 1
    named = {name: NAMES.get(name, "P-1") for name in route.param_convertors}
    path = route.path_format.format(**named)
    for nasty in NASTY:
        for bad in spoiled(form, nasty):
            headers = {**keyed(), "If-Match": '"1"'} if isinstance(door, Writes) else {}
            answer = await county.request(method, path, json=bad, headers=headers)
            assert answer.status_code < 500, (bad, answer.text)


LISTS = [
    (route.path_format, [p["name"] for p in operation["parameters"] if p["in"] == "query"])
    for route, _ in CLOSED
    if "GET" in route.methods
    for operation in [DOCUMENT["paths"][route.path_format]["get"]]
    if any(p["in"] == "query" for p in operation.get("parameters", []))
]


@pytest.mark.parametrize(("path", "names"), LISTS, ids=[path for path, _ in LISTS])
async def test_f85_no_parameter_of_a_list_makes_a_500(
    path: str, names: list[str], county: Client
) -> None:
    there = path.format_map(defaultdict(lambda: "P-1", NAMES))
    for name in names:
        for nasty in ("", "\x00", "-1", "9" * 30, "1.0", "x" * 600, "中", "2026-13-01", "a&b=c"):
            answer = await county.get(there, params={name: nasty})
            assert answer.status_code < 500, (name, nasty, answer.text)
