"""Figures for machines that watch, in the text form that Prometheus reads."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Samples = Sequence[tuple[Mapping[str, str], float]]


class _Given:
    """A collector of figures that were taken elsewhere; nothing of the process itself is told."""

    def __init__(self, figures: Mapping[str, tuple[str, Samples]]) -> None:
        self._figures = figures

    def collect(self) -> list[GaugeMetricFamily]:
        """Give every figure as a family."""
        return [_family(name, told, samples) for name, (told, samples) in self._figures.items()]


def exposition(figures: Mapping[str, tuple[str, Samples]]) -> bytes:
    """Give figures as text: name -> (what it tells, samples of labels and value).

    No label may hold personal data; the callers' labels are codes of ours.
    """
    registry = CollectorRegistry()
    registry.register(_Given(figures))
    return generate_latest(registry)


def _family(name: str, told: str, samples: Samples) -> GaugeMetricFamily:
    labels = list(samples[0][0]) if samples else []
    family = GaugeMetricFamily(name, told, labels=labels)
    for words, value in samples:
        family.add_metric([words[label] for label in labels], value)
    return family
