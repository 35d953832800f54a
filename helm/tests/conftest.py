"""The chart rendered by Helm's own library; every object is checked against Kubernetes' schemas."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

CHART = Path(__file__).parents[1] / "relief"
# The oldest one of the chart's range, and the newest that is known.
VERSIONS = ("1.25", "1.37")
OURS_TO_CHECK = {"monitoring.coreos.com/v1"}  # of the Prometheus Operator: no schema of Kubernetes'

Object = dict[str, Any]
Rendered = dict[tuple[str, str], Object]


@pytest.fixture(scope="session")
def chart() -> helm_python.Chart:
    return helm_python.Chart.load(CHART)


@pytest.fixture
def render(chart: helm_python.Chart) -> Callable[..., Rendered]:
    """Render with values; give the objects by kind and name without the release's."""

    def rendered(values: Object | None = None) -> Rendered:
        chart.validate_schema(chart.merge_values(values or {}))
        files = chart.render(values or {}, name="relief", namespace="relief")
        found: Rendered = {}
        for path, text in files.items():
            for one in yaml.safe_load_all(text) if path.endswith(".yaml") else ():
                if one is None:
                    continue
                key = (one["kind"], one["metadata"]["name"].removeprefix("relief").lstrip("-"))
                assert key not in found, f"{key} stands twice"
                found[key] = one
                if one["apiVersion"] not in OURS_TO_CHECK:
                    for version in VERSIONS:
                        kubernetes_validate.validate(one, version, strict=True)
        return found

    return rendered
