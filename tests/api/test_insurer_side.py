"""openapi/insurer-callback.json: what an insurer serves and sends. See also tests/cases.py: every
instruction that a test hands over is held against it.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from app.api.insurer_schemas import CALLBACKS, SCHEMAS
from app.api.insurer_side import insurer_side
from app.cli.openapi import INSURER_SIDE
from app.domain.callback import read_callback
from app.outside.insurers import AccountQuestion
from app.outside.insurers.rest import render_question
from tests.insurer_side import check_callback, check_instruction

INSTRUCTION_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
TODAY = date(2026, 11, 22)
SAMPLES = {
    "claim_no": "330127-2026-000123-1",
    "insurer_case_no": "CASE-1",
    "pend_code": "site_survey",
    "items": [{"code": "invoice", "label_zh": "发票"}],
    "outcome": "full",
    "amount": "1600.00",
    "decided_on": "2026-11-20",
    "payout_reference": "PAY-1",
    "settlement_no": "N-1",
    "paid_on": "2026-11-21",
}


def event(name: str) -> dict[str, Any]:
    """The shortest event that the document allows."""
    data = {part: SAMPLES[part] for part in CALLBACKS[name][1]["required"]}
    return {"type": name, "timestamp": "2026-11-22T08:00:00Z", "data": data}


def test_the_committed_document_is_up_to_date() -> None:
    assert json.loads(Path(INSURER_SIDE).read_text()) == insurer_side(), "run: relief openapi"


@pytest.mark.parametrize("name", CALLBACKS)
def test_the_shortest_event_that_the_document_allows_is_read(name: str) -> None:
    check_callback(event(name))
    read_callback(event(name), TODAY)


@pytest.mark.parametrize(
    "wrong",
    [{"amount": 1600}, {"amount": "1600.001"}, {"outcome": "rejected"}, {"claim_no": ""}],
    ids=str,
)
def test_what_we_would_park_the_document_forbids(wrong: Mapping[str, Any]) -> None:
    told = event("claim.decided")
    with pytest.raises(jsonschema_rs.ValidationError):
        check_callback({**told, "data": {**told["data"], **wrong}})


def test_an_instruction_that_lacks_a_part_is_none() -> None:
    content = {"kind": "withdraw_claim", "claim_no": "330127-2026-000123-1", "reason_zh": None}
    check_instruction(content, INSTRUCTION_ID)
    with pytest.raises(jsonschema_rs.ValidationError):
        check_instruction({"kind": "withdraw_claim"}, INSTRUCTION_ID)


def test_a_question_about_an_account_is_as_the_document_says() -> None:
    question = AccountQuestion(UUID(INSTRUCTION_ID), "张试", "9900123456780018", "示范农商银行")
    jsonschema_rs.validate(SCHEMAS["AccountQuestion"], json.loads(render_question(question)))
