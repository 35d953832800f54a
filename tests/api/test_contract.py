"""openapi/openapi.json is what the routes are, and describes every refusal."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app import __version__
from app.cli.openapi import CONTRACT, contract
from tests.api.conftest import Client

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads(contract())
OPERATIONS = [
    (f"{method} {path}", operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]


def test_the_committed_description_is_up_to_date() -> None:
    assert CONTRACT.read_text() == contract(), "run: relief openapi"


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert __version__ == project["version"]


def test_the_framework_s_own_error_model_is_gone() -> None:
    assert "HTTPValidationError" not in json.dumps(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


def test_no_schema_is_there_twice() -> None:
    assert not [name for name in DOCUMENT["components"]["schemas"] if re.search("-|Input$", name)]


def test_no_two_forms_share_a_name_so_that_generated_clients_have_all_of_them() -> None:
    titles = [schema.get("title") for schema in DOCUMENT["components"]["schemas"].values()]
    assert not [name for name in DOCUMENT["components"]["schemas"] if "_" in name]
    assert sorted({title for title in titles if titles.count(title) > 1}) == []


@pytest.mark.parametrize("operation", [o for _, o in OPERATIONS], ids=[n for n, _ in OPERATIONS])
def test_every_operation_is_named_cleanly_and_describes_its_refusals(
    operation: dict[str, Any],
) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+|live|ready", operation["operationId"])
    assert operation["tags"]
    assert operation["summary"]
    assert "security" in operation
    refusals = {s: r for s, r in operation["responses"].items() if s >= "400"}
    assert refusals
    assert all("application/problem+json" in r["content"] for r in refusals.values())


def test_operation_names_are_unique() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(names) == len(set(names))


async def test_the_example_of_a_notice_is_one_that_is_kept(township: Client) -> None:
    (form,) = DOCUMENT["components"]["schemas"]["DraftForm"]["examples"]
    kept = await township.post("/v1/notices", json=form, headers={"Idempotency-Key": "example"})
    assert kept.status_code == 201
    assert [warned["code"] for warned in kept.json()["warnings"]] in (
        ["consent.missing"],
        ["notice.late", "consent.missing"],
    )
