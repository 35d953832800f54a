"""Whoever sent a callback that rests is told why, in words and with the way out."""

import re
from pathlib import Path

import pytest

from app.domain.exchange_words import REASONS, reason_words
from app.domain.tasks import TaskKind, sentences

APP = Path(__file__).parents[2] / "app"
SAID = re.compile(
    r'(?:parked|stale|Unreadable|_park_all)\([^)]*?"([a-z_]+)"\)'
    r'|"(?:parked|failed)", "([a-z_]+)"\)'
)
ROOMS = ("services/callbacks", "services/payouts", "domain", "outside/insurers")
NO_REASON = {"returned"}  # a status beside another


def test_every_reason_that_a_callback_can_rest_for_has_its_words() -> None:
    sources = [path.read_text() for room in ROOMS for path in (APP / room).rglob("*.py")]
    said = {one or other for text in sources for one, other in SAID.findall(text)} - NO_REASON
    assert {"claim_unknown", "amount_not_text", "already_decided", "not_json"} <= said
    assert said <= REASONS.keys(), said - REASONS.keys()
    for zh, en in REASONS.values():
        assert zh
        assert en
        assert not zh.endswith("。")


def test_a_task_says_in_words_why_a_callback_rests() -> None:
    zh, en = sentences(TaskKind.SETTLE_CALLBACK, "680", "claim_unknown")
    assert zh == "回调 680 搁置：没有这个赔案号，请核对 data.claim_no"
    assert en == "Callback 680 is parked: there is no such claim: check `data.claim_no`"


@pytest.mark.parametrize(
    ("kind", "detail", "said"),
    [
        (TaskKind.CORRECT_ACCOUNT, "account_closed", "赔案 1 的赔款未能到账（已销户），"),
        (TaskKind.CORRECT_ACCOUNT, "returned", "赔案 1 的赔款未能到账（退汇），"),
        (TaskKind.OWN_ITEM, "amount_mismatch 2", "对账 1 有差异待认领：金额不符 2"),
        (TaskKind.CONFIRM_CARRY, "only_theirs 2", "对账 1 的挂账待另一人确认：他有我无 2"),
    ],
)
def test_a_task_puts_no_code_into_a_chinese_sentence(
    kind: TaskKind, detail: str, said: str
) -> None:
    zh, en = sentences(kind, "1", detail)
    assert zh.startswith(said)
    assert "_" not in en


def test_a_reason_of_another_version_is_shown_as_it_is() -> None:
    assert reason_words("of_another_day") == ("of_another_day", "of_another_day")
    assert reason_words(None) is None
