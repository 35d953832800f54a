"""Estimating over HTTP, against a bare route that only checks the form; by server CPU."""

import itertools
import json

from benchmarks import client, county
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, cpu_seconds, middle, pairwise, tell

CONNECTIONS = 8
PEOPLE = 200
GOAL = 5.0


def measure(house: House, effort: Effort, port: int, pid: int) -> list[Line]:
    """Measure estimates of one policy and one bill; the server is on `port`."""
    bare_port, bare_pid = house.serve_form()
    asked = itertools.cycle([_estimate(house, number) for number in house.county.numbers[:PEOPLE]])
    status, _, body = client.first_answer(port, next(asked))
    if status != 200 or not json.loads(body)["policies"]:
        raise AssertionError(f"an estimate was answered {status}")

    def cpu(where: int, who: int) -> float:
        each = effort.submits // CONNECTIONS
        streams = [list(itertools.islice(asked, each)) for _ in range(CONNECTIONS)]
        before = cpu_seconds(who)
        done = client.burst(where, streams).all_were(200)
        return (cpu_seconds(who) - before) / done.answered * 1e6

    tell("estimating ...")
    rows = alternate(effort.rounds, [lambda: cpu(bare_port, bare_pid), lambda: cpu(port, pid)])
    return [
        Line(
            "estimate",
            "us CPU/request",
            middle(rows, 1),
            middle(rows, 0),
            "bare FastAPI route that checks the form",
            pairwise(rows, 1, 0),
            GOAL,
            at_most=True,
        )
    ]


def _estimate(house: House, number: str) -> bytes:
    form = {
        "person": {"id_number": number},
        "event": {"kind": "illness", "cause": "disease", "on": county.EVENT_ON.isoformat()},
        "bills": [
            {
                "kind": "inpatient",
                "total": "50000.00",
                "hospital": "示范县人民医院",
                "amounts": {
                    "medfee_sumamt": "50000.00",
                    "fund_pay_sumamt": "42000.00",
                    "psn_part_amt": "8000.00",
                    "psn_cash_pay": "8000.00",
                    "inscp_scp_amt": "45000.00",
                    "preselfpay_amt": "2000.00",
                    "fulamt_ownpay_amt": "3000.00",
                    "overlmt_selfpay": "0.00",
                },
            }
        ],
    }
    return client.request(
        "POST",
        "/v1/estimates",
        json.dumps(form, ensure_ascii=False).encode(),
        Authorization=f"Bearer {house.county.tokens[0]}",
        Content_Type="application/json",
    )
