"""Every line of the table, then the same as JSON on the last line. QUICK=1 makes it short.

Names of lines after the command (`python -m benchmarks status_poll`) measure only those.
"""

import json
import sys
from collections.abc import Callable

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
from benchmarks.measure import QUICK, Effort, Line, effort, table

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


def main(wanted: list[str]) -> int:
    """Exit status 1 when a goal is missed."""
    asked = effort()
    lines: list[Line] = []
    with open_house() as house:
        port, pid = house.serve()
        for name, measure in LOADS.items():
            if not wanted or name in wanted:
                lines += measure(house, asked, port, pid)
        lines.append(api_memory.measure(pid))
    for name, alone in ALONE.items():
        if not wanted or name in wanted:
            lines += alone(asked)
    print(table(lines))
    print(json.dumps({"lines": [line.as_json() for line in lines]}))
    return 0 if all(line.met is not False for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
