"""The words of the interface are complete: every code, every event, every label, every field."""

import re
from pathlib import Path
from typing import get_args

import pytest

from app.api.meta import ENUMS
from app.api.notice_forms import NationalField
from app.api.registry import REGISTRY
from app.db.tables.exchange import CALLBACK_STATES, INSTRUCTION_STATES
from app.domain.callback import FAILURES
from app.domain.event_words import EVENT_TYPE_ZH
from app.domain.exchange_words import FAILURE_ZH
from app.domain.lifecycle import Move
from app.domain.words import FIELD_ZH

APP = Path(__file__).parents[2] / "app"
SOURCES = [
    path.read_text()
    for room in ("domain", "services", "db")
    for path in sorted((APP / room).rglob("*.py"))
]
CODE = re.compile(
    r'"((?:auth|claim|notice|person|money|evidence|coverage|payout|document|terms|version)'
    r'\.[a-z_]+)"'
)
EVENT = re.compile(r'"((?:notice|claim|payout|policy|person)\.[a-z_]+)"')
# Purposes of blind indexes, events of insurers and columns of SQL look alike but are no codes.
NO_CODES = {"notice.settlement", "payout.account", "person.id_number", "person.name"}


def test_every_code_that_a_fault_or_a_reason_bears_is_in_the_registry() -> None:
    found = {code for source in SOURCES for code in CODE.findall(source)}
    told = found - EVENT_TYPE_ZH.keys() - NO_CODES
    told -= {code for code in told if code.endswith(".id")}
    told -= {"claim.accepted", "claim.decided", "claim.evidence_requested", "claim.under_review"}
    assert told - REGISTRY.keys() == set()


def test_every_move_and_every_written_event_has_its_label() -> None:
    assert {f"claim.{move.value}" for move in Move} <= EVENT_TYPE_ZH.keys()
    notes = {f"claim.{n}" for source in SOURCES for n in re.findall(r'note="([a-z_]+)"', source)}
    assert notes <= EVENT_TYPE_ZH.keys()
    types = {
        event
        for source in SOURCES
        for block in re.findall(r"NewEvent\((.*?)\)", source, re.DOTALL)
        for event in EVENT.findall(block)
    }
    assert len(types) > 5
    assert types <= EVENT_TYPE_ZH.keys()


def test_the_form_of_a_bill_knows_exactly_the_national_fields() -> None:
    assert set(get_args(NationalField)) == FIELD_ZH.keys()


def test_every_state_that_may_be_stored_has_its_label() -> None:
    assert set(CALLBACK_STATES) == ENUMS["callback_state"].keys()
    assert set(INSTRUCTION_STATES) == ENUMS["instruction_state"].keys()
    assert FAILURE_ZH.keys() == {*FAILURES, "reversed"}  # which no insurer says


@pytest.mark.parametrize("name", ENUMS)
def test_every_label_is_chinese(name: str) -> None:
    assert ENUMS[name]
    for label in ENUMS[name].values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in label)
