"""Reads worked cases: facts and expectations as a clerk would write them, amounts in yuan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.catalogue.loading import SCHEMES, load_file
from app.catalogue.pages import read_page
from app.domain.assess import assess, limits_needed
from app.domain.assessment import Assessment
from app.domain.canonical import decode
from app.domain.facts import Facts
from app.domain.limits import LimitKey
from app.domain.money import parse_yuan, yuan
from app.domain.sentences import sentence_zh
from app.domain.terms import Terms
from app.domain.terms_checks import read_terms
from app.domain.versions import version_on

DAY = "2026-06-15"  # of an event, where the case tells none
BILL_TEXTS = ("kind", "category", "hospital_level", "area", "stay_ref")
BILL_WORDS = frozenset({"ref", "total", "paid_by", *BILL_TEXTS})


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case: terms, facts, usage, and whatever of the answer the case states."""

    name: str
    terms: Terms
    facts: Facts
    usage: Mapping[LimitKey, int]
    expected: Mapping[str, object]

    def assess(self) -> Assessment:
        return assess(self.terms, self.facts, self.usage)

    def told(self, assessment: Assessment) -> dict[str, object]:
        """Give the assessment in the words of the case, narrowed to what the case states."""
        told: dict[str, object] = {
            "amount": yuan(assessment.amount_fen),
            "outcome": assessment.outcome.value,
            "covers": {cover.cover: yuan(cover.amount_fen) for cover in assessment.covers},
            "lines": [sentence_zh(line) for line in assessment.lines],
            "reasons": [reason.code.value for reason in assessment.reasons],
            "used": {key.code: units for key, units in assessment.used},
        }
        return {name: told[name] for name in self.expected}


def load_cases(folder: Path) -> list[Case]:
    """Read every case file of a folder; case names begin with the file's."""
    return [
        _case(path, page, each)
        for path in sorted(folder.glob("*.yaml"))
        for page in [yaml.safe_load(path.read_text(encoding="utf-8"))]
        for each in page["cases"]
    ]


def _case(path: Path, page: dict[str, Any], case: dict[str, Any]) -> Case:
    terms = _terms(path.parent, page, case)
    facts = decode(Facts, plain_facts(case))
    codes = {key.code: key for key in limits_needed(terms, facts)}
    usage = {codes[code]: _units(value) for code, value in case.get("used", {}).items()}
    return Case(f"{path.stem}: {case['name']}", terms, facts, usage, case["expect"])


def _terms(folder: Path, page: dict[str, Any], case: dict[str, Any]) -> Terms:
    readings = case.get("read_as", {})
    if "scheme" in page:
        path = _version_of(page["scheme"], case)
    else:
        path = folder / "terms" / f"{page['terms']}.yaml"
    if not readings:
        return _as_written(path)
    value: Any = read_page(path.name, path.read_bytes()).value
    for pointer, reading in readings.items():
        *parents, last = pointer.strip("/").split("/")
        place = value
        for step in parents:
            place = place[int(step)] if isinstance(place, list) else place[step]
        assert last in place
        place[last] = reading
    return read_terms(value)


def _version_of(code: str, case: dict[str, Any]) -> Path:
    """Give the file of the version that holds on the case's day, unless the case names another."""
    files = _files(code)
    on = date.fromisoformat(str(case.get("day", DAY)))
    if "version" in case:
        return next(path for path, terms in files.items() if terms.version == case["version"])
    found = version_on(tuple(files.values()), on)
    return next(path for path, terms in files.items() if terms is found)


@cache
def _files(code: str) -> dict[Path, Terms]:
    paths = (SCHEMES / f"{code}.yaml", *sorted(SCHEMES.glob(f"{code}.*.yaml")))
    return {path: _as_written(path) for path in paths}


@cache
def _as_written(path: Path) -> Terms:
    return load_file(path)


def _units(value: str | int) -> int:
    """Days are whole numbers, money is a yuan string."""
    return value if isinstance(value, int) else parse_yuan(value)


def plain_facts(case: dict[str, Any]) -> dict[str, object]:
    """Give the case's facts as plain values of the canonical form; what a case leaves out is."""
    on = str(case.get("day", DAY))
    start = str(case.get("covered_from", "2026-01-01"))
    return {
        "event": {
            "kind": case["event"],
            "cause": case.get("cause", "disease"),
            "on": on,
            **_picked(case, "area", "same_as", "occurrence", "liable"),
        },
        "person": {
            "category": case.get("category", "dibao"),
            **_days(case, born="birth_on", died="died_on"),
        },
        "enrolment": {
            "policy_from": str(case.get("policy_from", "2026-01-01")),
            "covered_from": start,
            "covered_to": _day(case.get("covered_to")),
            "first_covered_on": str(case.get("first_covered_on", start)),
            **_days(case, lapsed="lapsed_on"),
        },
        "bills": [_bill(bill, i) for i, bill in enumerate(case.get("bills", []))],
        "stays": [
            {
                "ref": stay.get("ref", f"s{i}"),
                "level": stay.get("level"),
                "admitted_on": str(stay["from"]),
                "discharged_on": str(stay["to"]),
            }
            for i, stay in enumerate(case.get("stays", []))
        ],
        "losses": [_loss(loss, i) for i, loss in enumerate(case.get("losses", []))],
        "extra": {name: _said(value) for name, value in case.get("extra", {}).items()},
        **_later_facts(case),
    }


def _picked(source: dict[str, Any], *names: str) -> dict[str, object]:
    return {name: source[name] for name in names if name in source}


def _day(value: object) -> str | None:
    return None if value is None else str(value)


def _days(case: dict[str, Any], **names: str) -> dict[str, object]:
    return {fact: str(case[word]) for word, fact in names.items() if word in case}


def _said(value: object) -> object:
    """Whole numbers stay so; a day that YAML has read becomes text again, as a form sends it."""
    return value if isinstance(value, int) else str(value)


def _later_facts(case: dict[str, Any]) -> dict[str, object]:
    """Give the facts that only some rule shapes look at, where the case tells them."""
    found: dict[str, object] = {}
    if "injuries" in case:
        found["injuries"] = [{"ref": f"i{i}", **each} for i, each in enumerate(case["injuries"])]
    if "services" in case:
        found["services"] = [_service(each, i) for i, each in enumerate(case["services"])]
    if "standards" in case:
        found["standards"] = [
            {"code": code, "value_fen": parse_yuan(text), "source_zh": "算例所列"}
            for code, text in case["standards"].items()
        ]
    if "other_schemes" in case:
        found["other_schemes"] = case["other_schemes"]
    if "overrides" in case:
        found["overrides"] = [
            {
                "cover": cover,
                "amount_fen": parse_yuan(text),
                "reason_zh": "一事一议",
                "approval": "批准文号 1",
                "approved_on": str(case.get("day", DAY)),
            }
            for cover, text in case["overrides"].items()
        ]
    for name in ("holidays", "workdays"):
        if name in case:
            found[name] = [str(day) for day in case[name]]
    return found


def _service(service: dict[str, Any], place: int) -> dict[str, object]:
    return {
        "ref": f"v{place}",
        "kind": service["kind"],
        "month_on": str(service["month"]),
        **({"minutes": service["hours"] * 60} if "hours" in service else {}),
        **_picked(service, "days", "minutes", "carer"),
    }


def _loss(loss: dict[str, Any], place: int) -> dict[str, object]:
    return {
        "ref": f"l{place}",
        **_picked(loss, "kind", "count", "grade", "hundredths"),
        **({"loss_fen": parse_yuan(loss["loss"])} if "loss" in loss else {}),
        **({"worth_fen": parse_yuan(loss["worth"])} if "worth" in loss else {}),
    }


def _bill(bill: dict[str, Any], place: int) -> dict[str, object]:
    return {
        "ref": f"b{place}",
        **_picked(bill, *BILL_TEXTS),
        "total_fen": parse_yuan(bill["total"]),
        "paid_by": [[payer, parse_yuan(fen)] for payer, fen in bill.get("paid_by", {}).items()],
        "amounts": {
            name: parse_yuan(text) for name, text in bill.items() if name not in BILL_WORDS
        },
    }
