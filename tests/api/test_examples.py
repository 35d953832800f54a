"""openapi/examples: what each party sends first, as the interface takes it today."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from app.api.insurer_schemas import SCHEMAS
from app.cli.openapi import FOLDER, contract
from tests.insurer_side import check_callback

EXAMPLES = FOLDER / "examples"
DOCUMENT: dict[str, Any] = json.loads(contract())
FORMS = {
    "township/estimate.json": "EstimateForm",
    "township/notice.json": "DraftForm",
    "township/corrected-account.json": "AccountForm",
    "county/policy.json": "PolicyForm",
    "county/members.json": "RosterForm",
    "county/endorsement.json": "EndorsementForm",
    "county/delegation.json": "DelegationForm",
    "insurer/statement.json": "StatementForm",
}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_an_example_is_a_form_that_is_taken(name: str, form: str) -> None:
    schema = {"$ref": f"#/components/schemas/{form}", "components": DOCUMENT["components"]}
    jsonschema_rs.validate(schema, read(EXAMPLES / name))


@pytest.mark.parametrize("path", sorted((EXAMPLES / "insurer").glob("*.*.json")), ids=str)
def test_an_example_of_a_callback_is_one(path: Path) -> None:
    event = read(path)
    assert path.stem == event["type"]
    check_callback(event)


ANSWERS = {"instruction-answer.json": "Receipt", "statement-answer.json": "Statement"}


@pytest.mark.parametrize(("name", "schema"), ANSWERS.items())
def test_an_example_of_an_insurers_answer_is_one(name: str, schema: str) -> None:
    jsonschema_rs.validate(SCHEMAS[schema], read(EXAMPLES / "insurer" / name))


def test_no_example_is_left_unlooked_at() -> None:
    found = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*.json")}
    looked_at = {*FORMS, *(f"insurer/{name}" for name in ANSWERS)}
    assert {name for name in found - looked_at if not name.startswith("insurer/")} == set()
    assert looked_at <= found
