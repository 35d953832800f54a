"""Figures for machines that watch, in the text form that Prometheus reads."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # upper edges

Samples = Sequence[tuple[Mapping[str, str], float]]


class RequestTimes:
    """How many requests this process answered, and how long each took; since it was started.

    Labels are the method, the route's template and the status: nothing of a caller and nothing of
    a path. Own lists instead of the library's counters: they cost a third, and every request pays.
    """

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str, int], int] = {}
        self._took: dict[tuple[str, str], list[float]] = {}  # one count per edge, more, the sum

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer. `route` is a template as `/v1/claims/{claim_no}`."""
        answer = (method, route, status)
        self._answered[answer] = self._answered.get(answer, 0) + 1
        took = self._took.get((method, route))
        if took is None:
            took = self._took[method, route] = [0.0] * (len(SECONDS) + 2)
        took[bisect_left(SECONDS, seconds)] += 1
        took[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        """Give both families, under the names that Prometheus users know."""
        answered = CounterMetricFamily(
            "http_requests", "Requests answered", labels=["method", "handler", "status"]
        )
        for (method, route, status), count in list(self._answered.items()):
            answered.add_metric([method, route, str(status)], count)
        yield answered
        took = HistogramMetricFamily(
            "http_request_duration_seconds",
            "Seconds from the first byte of a request to the last of its answer",
            labels=["method", "handler"],
        )
        for (method, route), counts in list(self._took.items()):
            took.add_metric([method, route], _buckets(counts[:-1]), counts[-1])
        yield took


def _buckets(counts: Sequence[float]) -> list[tuple[str, float]]:
    """Sum the counts up, as a histogram tells them: at most so many seconds."""
    edges = [*(str(edge) for edge in SECONDS), "+Inf"]
    return [(edge, sum(counts[: place + 1])) for place, edge in enumerate(edges)]


class _Given:
    """A collector of figures that were taken elsewhere."""

    def __init__(self, figures: Mapping[str, tuple[str, Samples]]) -> None:
        self._figures = figures

    def collect(self) -> list[GaugeMetricFamily]:
        """Give every figure as a family."""
        return [_family(name, told, samples) for name, (told, samples) in self._figures.items()]


def exposition(figures: Mapping[str, tuple[str, Samples]], times: RequestTimes) -> bytes:
    """Give figures as text: name -> (what it tells, samples of labels and value), and this
    process's own: its requests, its memory, its processor time.

    No label may hold personal data; the callers' labels are codes of ours.
    """
    registry = CollectorRegistry()
    registry.register(_Given(figures))
    registry.register(times)
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _family(name: str, told: str, samples: Samples) -> GaugeMetricFamily:
    labels = list(samples[0][0]) if samples else []
    family = GaugeMetricFamily(name, told, labels=labels)
    for words, value in samples:
        family.add_metric([words[label] for label in labels], value)
    return family
