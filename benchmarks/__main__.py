"""Every line of the table, then the same as JSON on the last line. QUICK=1 makes it short.

Names of lines after the command (`python -m benchmarks status_poll`) measure only those.
"""

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import (
    api_memory,
    callback,
    ciphers,
    estimate,
    feed_page,
    first_paid_claim,
    flat,
    hanging,
    job_loop,
    large,
    notice_submit,
    rule_book,
    statement_match,
    status_poll,
    summaries,
)
from benchmarks.house import open_house
from benchmarks.measure import QUICK, Effort, Line, effort, table, tell

LOADS = {
    "status_poll": status_poll.measure,
    "notice_submit": notice_submit.measure,
    "estimate": estimate.measure,
    "callback": callback.measure,
    "job_loop": job_loop.measure,
    "hanging": hanging.measure,
    "statement_match": statement_match.measure,
}
# Each of these lays a database of its own, or needs none.
ALONE: dict[str, Callable[[Effort], list[Line]]] = {
    "rule_book": rule_book.measure,
    "ciphers": ciphers.measure,
    "summaries": lambda asked: summaries.measure(
        summaries.QUICK if asked is QUICK else summaries.LARGE
    ),
    "feed_page": feed_page.measure,
    "flat": lambda asked: flat.measure(large.QUICK if asked is QUICK else large.LARGE),
    "first_paid_claim": lambda _: [first_paid_claim.measure()],
}


class Run:
    """What was measured, how long each took, and what broke: it takes no other line with it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.seconds: dict[str, float] = {}
        self.broken: list[str] = []

    @contextmanager
    def measuring(self, name: str) -> Iterator[None]:
        """Time what is inside; tell of an error and go on."""
        began = time.monotonic()
        try:
            yield
        except Exception:  # noqa: BLE001 - told, counted in the exit status; the others go on
            self.broken.append(name)
            tell(f"{name} broke: {traceback.format_exc()}")
        finally:
            self.seconds[name] = round(time.monotonic() - began, 1)

    def told(self) -> str:
        """The table, the seconds that each measurement took, what broke, and all as JSON."""
        took = ", ".join(f"{name} {spent:.0f}" for name, spent in self.seconds.items())
        whole = sum(self.seconds.values())
        every = {
            "lines": [line.as_json() for line in self.lines],
            "seconds": self.seconds,
            "broken": self.broken,
        }
        broke = [f"broken, see above: {', '.join(self.broken)}"] if self.broken else []
        return "\n".join(
            [table(self.lines), f"seconds: {took}; in all {whole:.0f}", *broke, json.dumps(every)]
        )


def main(wanted: list[str]) -> int:
    """Exit status 1 when a goal is missed or a measurement broke."""
    asked = effort()
    run = Run()
    chosen = {name for name in (*LOADS, *ALONE) if not wanted or name in wanted}
    if chosen & set(LOADS):
        _in_one_house(run, asked, chosen)
    for name, alone in ALONE.items():
        if name in chosen:
            with run.measuring(name):
                run.lines += alone(asked)
    print(run.told())
    return 0 if not run.broken and all(line.met is not False for line in run.lines) else 1


def _in_one_house(run: Run, asked: Effort, chosen: set[str]) -> None:
    """Measure over HTTP, one after the other, at the same server."""
    began = time.monotonic()
    with open_house() as house:
        port, pid = house.serve()
        run.seconds["laying"] = round(time.monotonic() - began, 1)
        for name, measure in LOADS.items():
            if name in chosen:
                with run.measuring(name):
                    run.lines += measure(house, asked, port, pid)
        run.lines.append(api_memory.measure(pid))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
