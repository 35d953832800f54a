"""Alerts and the operator's dashboard ask only for figures and labels that the service tells."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from app.api.metrics import TOLD
from app.db.guard import MEASURES
from app.observe.metrics import RequestTimes, exposition

CHART = Path(__file__).parents[2] / "helm" / "relief"
RULES = CHART / "templates" / "rules.yaml"
BOARD = CHART / "dashboards" / "relief-operation.json"
# Of the guard's own results and of the build, see app/api/metrics.py.
OF_THE_DOOR = {
    "relief_invariant_red",
    "relief_invariant_checked_timestamp_seconds",
    "relief_invariant_unanswered",
    "relief_invariant_seconds",
    "relief_measured_timestamp_seconds",
    "relief_build_info",
    "relief_feed_lag_seconds",
}
LABELS = {
    "relief_claims_total": {"status", "scheme"},
    "relief_callback_events_total": {"insurer", "result"},
    "relief_claim_overdue": {"status"},
    "relief_outbox_lag_seconds": {"lane"},
    "relief_instructions_open": {"insurer", "state"},
    "relief_reconciliation_difference_yuan": {"insurer", "kind", "state"},
    "relief_payout_holds": {"number"},
    "relief_summary_unfolded": {"summary"},
    "relief_jobs": {"lane", "state"},
    "relief_lane_resting": {"lane"},
    "relief_webhook_deliveries_total": {"result"},
    "relief_webhook_oldest_seconds": set(),
    "relief_measured_timestamp_seconds": {"figure"},
    **{name: {"number"} for name in OF_THE_DOOR if "invariant" in name},
    "relief_build_info": {"version", "revision"},
    "relief_feed_lag_seconds": set(),
    "http_requests_total": {"method", "handler", "status"},
    "http_request_duration_seconds_bucket": {"method", "handler", "le"},
    "process_resident_memory_bytes": set(),
    "process_cpu_seconds_total": set(),
}
GIVEN = {"namespace", "service", "pod", "instance", "job"}  # put there by who scrapes
NAME = re.compile(r"\b(?:relief|http|process)_[a-z_]+\b(?!\")")
SELECTED = re.compile(r"(\b(?:relief|http|process)_[a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"(?:by|without) \(([^)]*)\)")


def expressions() -> Iterator[str]:
    rules = RULES.read_text().replace("{{- $of -}}", 'namespace="x",service="x"')
    for found in re.findall(r"expr: (?:\|-\n)?((?:.|\n)*?)\n +(?:for|labels):", rules):
        yield re.sub(r"\{\{.*?\}\}", "1", found)
    board = json.loads(BOARD.read_text())
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def test_there_are_alerts_and_panels_to_look_at() -> None:
    assert len(list(expressions())) > 30


def test_only_figures_that_are_told_are_asked_for() -> None:
    asked = {name for one in expressions() for name in NAME.findall(one)}
    assert asked <= set(LABELS)


def test_only_labels_that_a_figure_has_are_selected_or_grouped_by() -> None:
    for one in expressions():
        for name, inside in SELECTED.findall(one):
            labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", inside))
            assert labels <= LABELS[name] | GIVEN, one
        known = {label for name in NAME.findall(one) for label in LABELS[name]}
        for inside in GROUPED.findall(one):
            assert {word.strip() for word in inside.split(",")} <= known | GIVEN, one


def test_every_expression_closes_what_it_opens() -> None:
    for one in expressions():
        for opened, closed in ("()", "{}", "[]"):
            assert one.count(opened) == one.count(closed), one


def test_the_table_above_is_what_is_told() -> None:
    assert (
        set(MEASURES)
        == set(TOLD)
        == {name for name in LABELS if name.startswith("relief_") and name not in OF_THE_DOOR}
    )
    for name, statement in MEASURES.items():
        said = str(statement)
        for label in LABELS[name]:
            assert re.search(rf"\b{label}\b", said), f"{name} {label}"
    times = RequestTimes()
    times.observe("GET", "/v1/claims", 200, 0.1)
    text = exposition({}, times).decode()
    told = {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    for name, labels in LABELS.items():
        if not name.startswith("relief_"):
            assert told[name] == labels
