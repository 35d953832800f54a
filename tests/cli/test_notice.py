"""relief notice: what the township is told at the counter."""

import argparse
from typing import Any, cast

import pytest

from app.cli.notice import _estimated, _tell

WHY = {"code": "coverage.not_insured", "sentence_zh": "此人不在名单中。", "policy_no": None}


def test_who_is_not_covered_is_told_why_when_estimating() -> None:
    found = {"policies": [], "remarks": [WHY], "missing": [], "total": "0.00"}
    told = _estimated(cast(Any, found | {"self_borne_left": "8000.00"}))
    assert told.splitlines()[0] == "此人不在名单中。"


def test_who_is_not_covered_is_told_why_when_filing(capsys: pytest.CaptureFixture[str]) -> None:
    notice = {"notice_no": "1", "status": {"label_zh": "已报案"}, "claims": [], "coverage": [WHY]}
    _tell(argparse.Namespace(json=False), cast(Any, notice))
    assert capsys.readouterr().out == "1 已报案\n  此人不在名单中。\n"
