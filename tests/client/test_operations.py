"""The client has what the interface has: made again by `make client` whenever that changes."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from client import Relief, schemas

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "openapi" / "openapi.json").read_text(encoding="utf-8")
)
OPERATIONS = {
    operation["operationId"]: (verb, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for verb, operation in item.items()
}
HINT = "run: make client"


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_a_method_with_its_parameters(name: str) -> None:
    verb, path, operation = OPERATIONS[name]
    method = getattr(Relief, name, None)
    assert method is not None, HINT
    assert f"{verb.upper()} {path}" in (method.__doc__ or ""), HINT
    told = {re.sub(r"\W", "_", one["name"]).lower() for one in operation.get("parameters", ())}
    taken = {one.rstrip("_") for one in inspect.signature(method).parameters} - {"self"}
    assert told <= taken, HINT
    assert taken - told <= {"form", "fields", "signed"}, HINT


def test_no_method_is_left_over() -> None:
    made = {name for name, _ in inspect.getmembers(Relief, inspect.isfunction) if name[0] != "_"}
    assert made - {"close"} == set(OPERATIONS), HINT


def test_every_form_and_view_has_its_type() -> None:
    assert [name for name in DOCUMENT["components"]["schemas"] if not hasattr(schemas, name)] == []
