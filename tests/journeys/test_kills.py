"""kill -9 of the API or the worker at any moment of the story: the same claims are paid once."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from app.demo.office import Office
from app.demo.processes import Child
from app.domain.person import NewPerson
from tests.insurer import until
from tests.journeys.conftest import PATIENCE_SECONDS, World, restart
from tests.journeys.wire import Blow, Moment

CLAIMS = 10
KILLS = 6
LIFE_SECONDS = (0.1, 2.0)
SEED = 20261122

THERE = "SELECT (SELECT count(*) FROM notice) * 1000 + (SELECT count(*) FROM claim)"
ONE_MORE = 1001  # one notice, one claim
DOUBLE_PAYOUTS = "SELECT count(*) FROM (SELECT FROM payout GROUP BY claim_id HAVING count(*) > 1) x"
DOUBLE_REFERRALS = """
    SELECT count(*) FROM (
        SELECT FROM instruction WHERE kind = 'refer_claim' GROUP BY claim_id HAVING count(*) > 1
    ) x
"""
UNTOLD_EVENTS = """
    SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM ledger_entry)
        + (SELECT count(*) FROM access) - (SELECT count(*) FROM audit)
"""
OPEN_JOBS = """
    SELECT count(*) FROM job
    WHERE state = 'running'
       OR (state = 'ready' AND run_at < now() + interval '1 hour'
           AND kind NOT IN ('left', 'poll', 'guard', 'due', 'reconcile', 'root', 'fold'))
"""  # rounds always come again
OPEN_INSTRUCTIONS = "SELECT count(*) FROM instruction WHERE state <> 'accepted'"
WAITING_FOR = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::text::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True)
class Kill:
    """Who is killed, on which wire, when which request passes.

    `inside`: not then, but once the victim's transaction waits to write into that table.
    """

    who: str
    wire: str
    moment: Moment
    request: str
    body: bytes = b""
    inside: str = ""


ANSWERED: Moment = "answered"
IN_TIME = {
    "F01 the draft is kept, the answer lost": Kill("api", "clients", ANSWERED, "POST /v1/notices"),
    "F02 in the transaction that submits": Kill(
        "api", "clients", "asked", ":submit", inside="claim"
    ),
    "F01 the notice is submitted, the answer lost": Kill("api", "clients", ANSWERED, ":submit"),
    "F01 the decision is stored, the answer lost": Kill(
        "api", "callbacks", ANSWERED, "/events", b"claim.decided"
    ),
    "F04 before the insurer hears of the claim": Kill(
        "worker", "instructions", "asked", "/v1/instructions"
    ),
    "F03 the insurer has accepted, we did not hear it": Kill(
        "worker", "instructions", ANSWERED, "/v1/instructions"
    ),
    "F02 in the transaction that opens the payout": Kill(
        "worker", "callbacks", "asked", "/events", b"claim.decided", inside="payout"
    ),
}


@pytest.mark.parametrize("kill", IN_TIME.values(), ids=IN_TIME)
def test_a_claim_is_paid_once_though_a_process_is_killed(world: World, kill: Kill) -> None:
    there = world.count(THERE)
    done = threading.Event()
    getattr(world, kill.wire).expect(
        Blow(
            kill.moment,
            lambda asked, body: asked.endswith(kill.request) and kill.body in body,
            _blow(world, kill, done),
            cuts=not kill.inside,
        )
    )
    claim_no = world.file(world.cast.people["inpatient"][1])
    claim = world.see_paid(claim_no)
    assert done.is_set(), "the kill took place"
    assert claim["amounts"]["paid"] == "1600.00"
    assert world.count(THERE) == there + ONE_MORE
    _paid_once(world, [claim_no])


def test_ten_claims_are_paid_once_though_api_and_worker_die_again_and_again(world: World) -> None:
    chance = random.Random(SEED)
    people = world.cast.people["inpatient"]
    there = world.count(THERE)
    with ThreadPoolExecutor(2) as pool:
        filing = [
            pool.submit(_file_one, world, number, people[number % len(people)])
            for number in range(CLAIMS)
        ]
        for number in range(KILLS):
            time.sleep(chance.uniform(*LIFE_SECONDS))
            if number % 2:
                restart(world.house.api)
                world.house.api.wait_ready(f"{world.house.url}/livez")
            else:
                restart(world.house.worker)
        filed = [one.result() for one in filing]
    for claim_no in filed:
        assert world.see_paid(claim_no)["amounts"]["paid"] == "1600.00"
    assert len(set(filed)) == CLAIMS
    assert world.count(THERE) == there + CLAIMS * ONE_MORE
    _paid_once(world, filed)


def _blow(world: World, kill: Kill, done: threading.Event) -> Callable[[], None]:
    victim: Child = getattr(world.house, kill.who)

    def at_once() -> None:
        restart(victim)
        done.set()

    def inside() -> None:
        release = world.hold(kill.inside)

        def strike() -> None:
            until(lambda: world.count(WAITING_FOR, kill.inside) > 0)
            victim.kill()
            victim.wait(5)
            release()
            victim.start()
            done.set()

        threading.Thread(target=strike).start()

    return inside if kill.inside else at_once


def _file_one(world: World, number: int, person: NewPerson) -> str:
    with Office(world.clients.url, world.keys["township"], PATIENCE_SECONDS) as office:
        return world.file_as(office, person, f"CHAOS-{number}")


def _paid_once(world: World, claim_nos: list[str]) -> None:
    """Ask only when every lease of a dead worker has run out and its work was done again."""
    until(lambda: world.count(OPEN_JOBS) == 0, seconds=20)
    assert world.count(OPEN_INSTRUCTIONS) == 0
    for claim_no in claim_nos:
        books = world.ledger(claim_no)
        assert (books["paid_count"], books["paid"]) == (1, "1600.00")
    assert world.count(DOUBLE_PAYOUTS) == 0
    assert world.count(DOUBLE_REFERRALS) == 0
    assert world.count(UNTOLD_EVENTS) == 0
