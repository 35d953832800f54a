"""A form may grow: whoever repeats a write of the version before is known again by its content."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import create_model

import app.api
from app.api.fields import Form, later
from app.api.notice_forms import BillForm, DraftForm
from app.api.writing import fingerprint_of
from tests.api.compatible import landed

for room in pkgutil.iter_modules(app.api.__path__):
    importlib.import_module(f"app.api.{room.name}")


def _below(form: type[Form]) -> Iterator[type[Form]]:
    for one in form.__subclasses__():
        if one.__module__.startswith("app.api"):
            yield one
        yield from _below(one)


FORMS = sorted(set(_below(Form)), key=lambda form: form.__qualname__)
LANDED = {
    schema.get("title", name): schema.get("properties", {})
    for name, schema in landed()["components"]["schemas"].items()
}
BODY = {
    "area_code": "990127103000",
    "person": {"name": "张某某"},
    "event": {"kind": "illness", "cause": "disease", "on": "2026-03-01"},
    "bills": [{"kind": "inpatient", "total": "100.00"}],
}
# What the versions up to 0.1.0 kept for this body.
KEPT = "8c9400ee263a2e3cd12885f0ff8af1aa79f73e6ccb9ebe2464aac55ff98f1741"


def _fingerprint(form: type[Form], **sent: Any) -> bytes:
    """Give the fingerprint of a form with nothing but its defaults and what was sent."""
    return fingerprint_of("POST /v1/some", {}, form.model_construct(**sent))


def test_every_form_is_looked_at() -> None:
    assert {DraftForm, BillForm} < set(FORMS)
    assert len(FORMS) > 80


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__qualname__)
@pytest.mark.parametrize("default", [None, False, "word", []], ids=repr)
def test_a_form_that_grew_knows_what_was_sent_before(form: type[Form], default: Any) -> None:
    grown: type[Form] = create_model("Grown", __base__=form, added=(Any, later(default)))
    assert _fingerprint(grown) == _fingerprint(form) != _fingerprint(grown, added="sent")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__qualname__)
def test_what_a_form_has_beyond_the_landed_one_is_declared_later(form: type[Form]) -> None:
    known = LANDED.get(form.__qualname__)
    added = set() if known is None else set(form.model_fields) - set(known)
    undeclared = {name for name in added if form.model_fields[name].exclude_if is None}
    assert undeclared == set(), "declare the member with app.api.fields.later"


def test_a_key_that_the_version_before_wrote_is_known_again() -> None:
    form = DraftForm.model_validate_json(json.dumps(BODY))
    assert fingerprint_of("POST /v1/notices", {}, form).hex() == KEPT
    odd = {**BODY, "bills": [{**BODY["bills"][0], "source": "family"}]}  # type: ignore[dict-item]
    other = DraftForm.model_validate_json(json.dumps(odd))
    assert fingerprint_of("POST /v1/notices", {}, other).hex() != KEPT
