"""Taking a callback, verified and stored, against an unverified insert; by server CPU."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

from standardwebhooks import Webhook

from benchmarks import client, county
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, cpu_seconds, middle, pairwise, tell

CONNECTIONS = 8
GOAL = 0.6


def measure(house: House, effort: Effort, port: int, pid: int) -> list[Line]:
    """Measure callbacks that each say something new of another claim; the server is on `port`."""
    bare_port, bare_pid = house.serve_inserts()
    letters = _letters()

    def cpu(where: int, who: int) -> float:
        each = effort.submits // CONNECTIONS
        streams = [list(itertools.islice(letters, each)) for _ in range(CONNECTIONS)]
        before = cpu_seconds(who)
        done = client.burst(where, streams).all_were(202)
        return (cpu_seconds(who) - before) / done.answered * 1e6

    tell("calling back ...")
    rows = alternate(effort.rounds, [lambda: cpu(bare_port, bare_pid), lambda: cpu(port, pid)])
    return [
        Line(
            "callback",
            "us CPU/request",
            middle(rows, 1),
            middle(rows, 0),
            "bare FastAPI route, one unverified insert",
            pairwise(rows, 0, 1),
            GOAL,
        )
    ]


def _letters() -> Iterator[bytes]:
    """Signed as they are asked for: a signature lives five minutes."""
    signer = Webhook(county.SECRET)
    for serial in itertools.count(1):
        data = {
            "claim_no": f"990121-{county.YEAR}-{serial:06d}-1",
            "insurer_case_no": f"PA{serial}",
            "outcome": "full",
            "amount": "1600.00",
            "currency": "CNY",
            "clause": "第五条",
            "reason_zh": "属于保险责任，按约定全额赔付。",
            "decided_on": county.EVENT_ON.isoformat(),
        }
        event = {"type": "claim.decided", "timestamp": "2026-03-09T01:00:00Z", "data": data}
        body = json.dumps(event, ensure_ascii=False).encode()
        event_id, now = f"evt_{uuid4().hex}", datetime.now(UTC)
        yield client.request(
            "POST",
            f"/v1/callbacks/{county.INSURER}/events",
            body,
            Content_Type="application/json",
            webhook_id=event_id,
            webhook_timestamp=str(int(now.timestamp())),
            webhook_signature=signer.sign(event_id, now, body.decode()),
        )
