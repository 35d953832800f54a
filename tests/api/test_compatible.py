"""A client of the landed interface goes on working: nothing it sends or reads is taken away."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from app.cli.openapi import contract
from tests.api.compatible import Schema, breaks, landed

NOTICE = "/v1/notices"


def test_nothing_that_landed_is_taken_away() -> None:
    assert sorted(breaks(landed(), json.loads(contract()))) == []


def _schema(document: Schema, name: str) -> Schema:
    found: Schema = document["components"]["schemas"][name]
    return found


def _needs_more(document: Schema) -> None:
    _schema(document, "PersonForm").setdefault("required", []).append("phone")


def _drops_a_member(document: Schema) -> None:
    del _schema(document, "ClaimView")["properties"]["sentence_zh"]


def _renames_a_field(document: Schema) -> None:
    form = _schema(document, "BillForm")["properties"]
    form["sum"] = form.pop("total")


def _turns_money_into_numbers(document: Schema) -> None:
    _schema(document, "Amounts")["properties"]["paid"] = {"type": "number"}


def _may_be_null(document: Schema) -> None:
    view = _schema(document, "ClaimView")["properties"]
    view["status"] = {"anyOf": [view["status"], {"type": "null"}]}


def _takes_fewer_words(document: Schema) -> None:
    _schema(document, "ClaimStatus")["enum"].remove("paying")


def _drops_a_route(document: Schema) -> None:
    del document["paths"][NOTICE]["post"]


def _drops_a_filter(document: Schema) -> None:
    document["paths"][NOTICE]["get"]["parameters"].pop()


@pytest.mark.parametrize(
    "change",
    [
        _needs_more,
        _drops_a_member,
        _renames_a_field,
        _turns_money_into_numbers,
        _may_be_null,
        _takes_fewer_words,
        _drops_a_route,
        _drops_a_filter,
    ],
)
def test_each_kind_of_break_is_found(change: Callable[[Schema], None]) -> None:
    new = copy.deepcopy(landed())
    change(new)
    assert list(breaks(landed(), new))


def _more(document: Schema) -> Any:
    _schema(document, "ClaimView")["properties"]["more"] = {"type": "string"}
    _schema(document, "ClaimView")["required"].append("more")
    _schema(document, "NoticeForm")["properties"]["more"] = {"type": "string"}
    document["paths"]["/v1/more"] = document["paths"][NOTICE]


def test_what_is_only_added_is_no_break() -> None:
    new = copy.deepcopy(landed())
    _more(new)
    assert list(breaks(landed(), new)) == []
