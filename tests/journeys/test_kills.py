"""kill -9 of the API or the worker at any moment of the story: the same claims are paid once."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from app.demo.office import Office
from app.demo.processes import Child
from app.domain.person import NewPerson
from tests.journeys.conftest import World, restart
from tests.journeys.wire import Blow, Moment

CLAIMS = 10
KILLS = 6
LIFE_SECONDS_MAX = 1.2

DOUBLE_PAYOUTS = "SELECT count(*) FROM (SELECT FROM payout GROUP BY claim_id HAVING count(*) > 1) x"
DOUBLE_REFERRALS = """
    SELECT count(*) FROM (
        SELECT FROM instruction WHERE kind = 'refer_claim' GROUP BY claim_id HAVING count(*) > 1
    ) x
"""
UNTOLD_EVENTS = "SELECT (SELECT count(*) FROM event) - (SELECT count(*) FROM audit)"
CLAIMS_OF_RUN = "SELECT count(*) FROM claim"


@dataclass(frozen=True)
class Kill:
    """Who is killed, on which wire, when which request passes."""

    who: str
    wire: str
    moment: Moment
    request: str
    body: bytes = b""


KILLS_IN_TIME = {
    "the draft was kept, its answer lost": Kill("api", "clients", "answered", "POST /v1/notices"),
    "a paper was kept, its answer lost": Kill("api", "clients", "answered", "/documents"),
    "before the notice is submitted": Kill("api", "clients", "asked", ":submit"),
    "the notice was submitted, the answer lost": Kill("api", "clients", "answered", ":submit"),
    "the insurer's word was stored, the answer lost": Kill(
        "api", "callbacks", "answered", "/events", b"claim.decided"
    ),
    "before the insurer's word of payment comes": Kill(
        "api", "callbacks", "asked", "/events", b"payout.paid"
    ),
    "before the insurer hears of the claim": Kill(
        "worker", "instructions", "asked", "/v1/instructions"
    ),
    "the insurer accepted, we did not hear it": Kill(
        "worker", "instructions", "answered", "/v1/instructions"
    ),
    "a payment was told and not yet applied": Kill(
        "worker", "callbacks", "answered", "/events", b"payout.paid"
    ),
}


@pytest.fixture(autouse=True)
def _all_alive(world: World) -> Iterator[None]:
    """A test that failed leaves no dead process to the next."""
    yield
    world.house.check()


@pytest.mark.parametrize("kill", KILLS_IN_TIME.values(), ids=KILLS_IN_TIME)
def test_a_claim_is_paid_once_though_a_process_is_killed(world: World, kill: Kill) -> None:
    victim: Child = getattr(world.house, kill.who)
    claims = world.count(CLAIMS_OF_RUN)
    blow = getattr(world, kill.wire).expect(
        Blow(
            kill.moment,
            lambda asked, body: asked.endswith(kill.request) and kill.body in body,
            lambda: restart(victim),
        )
    )
    claim_no = world.file(world.cast.people["inpatient"][1])
    claim = world.see_paid(claim_no)
    assert blow.fallen.is_set()
    assert claim["amounts"]["paid"] == "1600.00"
    assert world.ledger(claim_no)["paid_count"] == 1
    assert world.count(CLAIMS_OF_RUN) == claims + 1
    _nothing_is_double(world)


def test_ten_claims_are_paid_once_though_api_and_worker_die_again_and_again(world: World) -> None:
    chance = random.Random(20261122)
    people = world.cast.people["inpatient"]
    claims = world.count(CLAIMS_OF_RUN)
    with ThreadPoolExecutor(2) as pool:
        filing = [
            pool.submit(_file_one, world, number, people[number % len(people)])
            for number in range(CLAIMS)
        ]
        for number in range(KILLS):
            time.sleep(chance.uniform(0.0, LIFE_SECONDS_MAX))
            restart(world.house.api if number % 2 else world.house.worker)
        filed = [one.result() for one in filing]
    for claim_no in filed:
        assert world.see_paid(claim_no)["amounts"]["paid"] == "1600.00"
        assert world.ledger(claim_no)["paid_count"] == 1
    assert len(set(filed)) == CLAIMS
    assert world.count(CLAIMS_OF_RUN) == claims + CLAIMS
    _nothing_is_double(world)


def _file_one(world: World, number: int, person: NewPerson) -> str:
    with Office(world.clients.url, world.keys["township"]) as office:
        return world.file_as(office, person, f"CHAOS-{number}")


def _nothing_is_double(world: World) -> None:
    assert world.count(DOUBLE_PAYOUTS) == 0
    assert world.count(DOUBLE_REFERRALS) == 0
    assert world.count(UNTOLD_EVENTS) == 0
