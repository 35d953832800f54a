"""How a figure is made: interleaved rounds, CPU time of processes, medians of pairwise ratios.

Requests per second on a shared machine mean little; a ratio of two things measured side by side
holds. So every line of the table carries its own limit, taken in the same rounds.
"""

import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds after a warm-up, requests in one burst, claims of a year,

    claims that are polled, lines of a statement.
    """

    rounds: int
    polls: int
    submits: int
    claims: int
    polled: int
    lines: int


FULL = Effort(rounds=5, polls=2_000, submits=1_000, claims=200_000, polled=5_000, lines=100_000)
QUICK = Effort(rounds=3, polls=600, submits=320, claims=40_000, polled=1_500, lines=40_000)


def effort() -> Effort:
    """The effort asked for: QUICK=1 in the environment makes it short."""
    return QUICK if os.environ.get("QUICK") else FULL


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `value` and `limit` in `unit`, `ratio` and `goal` in the same sense.

    `at_most`: the goal is a ceiling; otherwise a floor. `goal` None: printed for comparison only.
    """

    name: str
    unit: str
    value: float
    limit: float
    limit_is: str
    ratio: float
    goal: float | None = None
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

    def as_json(self) -> dict[str, Any]:
        """The line as one JSON object."""
        return {**asdict(self), "met": self.met}


def alternate(rounds: int, cases: Sequence[Callable[[], float]]) -> list[list[float]]:
    """Run every case once per round, in turn, after one round of warm-up; answer rows of values."""
    for case in cases:
        case()
    return [[case() for case in cases] for _ in range(rounds)]


def pairwise(rows: Sequence[Sequence[float]], over: int, under: int) -> float:
    """The median over the rounds of one column divided by another of the same round."""
    return statistics.median(row[over] / row[under] for row in rows)


def middle(rows: Sequence[Sequence[float]], column: int) -> float:
    """The median of a column."""
    return statistics.median(row[column] for row in rows)


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process so far (Linux: nanoseconds on a core)."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB, the parts it shares with others counted in full."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def table(lines: Sequence[Line]) -> str:
    """The lines as text, one under the other."""
    head = ("name", "value", "limit", "unit", "ratio", "goal", "met")
    rows = [head, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cells(line: Line) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: "-"}[line.met]
    sign = "<=" if line.at_most else ">="
    goal = "-" if line.goal is None else f"{sign} {line.goal:g}"
    return (
        line.name,
        f"{line.value:.1f}",
        f"{line.limit:.1f}",
        f"{line.unit} (limit: {line.limit_is})",
        f"{line.ratio:.2f}",
        goal,
        met,
    )


def tell(text: str) -> None:
    """Say what is being done, beside the figures."""
    print(text, file=sys.stderr, flush=True)
