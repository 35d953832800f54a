"""Processes that are told to stop, or stopped for a while: what is in hand is finished, or let be.

Faults F05 (a rolling deploy) and F06 (a worker that slept past its lease).
"""

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import asyncpg
import httpx

from app.demo.processes import Child
from tests.insurer import until
from tests.journeys.conftest import World
from tests.journeys.wire import Blow

CLERKS = 4
NOTICES = "SELECT count(*) FROM notice"
ATTEMPTS = """
    SELECT instruction.attempts FROM instruction JOIN claim ON claim.id = instruction.claim_id
    WHERE claim_no = $1 AND kind = 'refer_claim' AND state = 'accepted'
"""

SENDING = "SELECT count(*) FROM job WHERE kind = 'send' AND state = 'running'"
SENT = """
    SELECT count(*) FROM instruction JOIN claim ON claim.id = instruction.claim_id
    WHERE claim_no = $1 AND instruction.state = 'accepted'
"""


def test_a_worker_that_is_told_to_stop_finishes_what_it_holds(world: World) -> None:
    worker = world.house.worker
    told = threading.Event()

    def tell_and_hold() -> None:
        worker.ask_to_stop()
        told.set()
        time.sleep(0.5)
        worker.check()  # it waits for the insurer's answer

    world.instructions.expect(
        Blow("asked", lambda asked, _: asked == "POST /v1/instructions", tell_and_hold, cuts=False)
    )
    claim_no = world.file(world.cast.people["inpatient"][2])
    assert told.wait(20)
    assert worker.wait(10) == 0
    assert world.count(SENT, claim_no) == 1
    assert world.count(SENDING) == 0
    worker.start()
    assert world.see_paid(claim_no)["amounts"]["paid"] == "1600.00"


def test_f05_a_deploy_under_load_cuts_off_and_loses_nothing(
    world: World,
) -> None:
    over = threading.Event()
    statuses: Counter[int | str] = Counter()
    before = world.count(NOTICES)
    with ThreadPoolExecutor(CLERKS) as pool:
        clerks = [pool.submit(_draft_until, world, over, statuses) for _ in range(CLERKS)]
        until(lambda: statuses[201] >= CLERKS, seconds=20)
        world.house.api.ask_to_stop()
        assert world.house.api.wait(20) == 0
        answered = statuses[201]
        world.house.api.start()
        world.house.api.wait_ready(f"{world.house.url}/readyz")
        until(lambda: statuses[201] >= answered + CLERKS, seconds=20)
        over.set()
        acknowledged = sum(clerk.result() for clerk in clerks)
    assert set(statuses) == {201}
    assert world.count(NOTICES) == before + acknowledged


def _draft_until(world: World, over: threading.Event, statuses: Counter[int | str]) -> int:
    """Draft notice after notice, each under its key until it is answered; tell how many."""
    area = world.cast.people["inpatient"][0].area_code
    authority = {"Authorization": f"Bearer {world.keys['township']}"}
    drafted = 0
    with httpx.Client(base_url=world.house.url, headers=authority, trust_env=False) as client:
        while not over.is_set():
            key = {"Idempotency-Key": str(uuid4())}
            answer = None
            while answer is None:
                try:
                    answer = client.post(
                        "/v1/notices", json={"area_code": f"{area:012d}"}, headers=key
                    )
                except httpx.ConnectError:
                    time.sleep(0.05)  # nobody listens: it never left
                except httpx.TransportError as cut_off:
                    statuses[type(cut_off).__name__] += 1
            statuses[answer.status_code] += 1
            drafted += 1
    return drafted


def test_f06_a_worker_that_slept_past_its_lease_overwrites_nothing_when_it_wakes(
    world: World,
) -> None:
    sleeper = world.house.worker
    other = Child(
        "worker-2", ("app.cli", "worker"), sleeper.log.with_name("worker-2.log"), sleeper._env
    )
    asleep = threading.Event()

    def put_to_sleep() -> None:
        os.kill(sleeper.pid, signal.SIGSTOP)
        asleep.set()

    world.instructions.expect(
        Blow("asked", lambda asked, _: asked == "POST /v1/instructions", put_to_sleep)
    )
    try:
        claim_no = world.file(world.cast.people["inpatient"][2])
        assert asleep.wait(20)
        asyncio.run(_run_out(world.database_url))
        other.start()
        assert world.see_paid(claim_no)["amounts"]["paid"] == "1600.00"
        said = sleeper.log.stat().st_size
        os.kill(sleeper.pid, signal.SIGCONT)
        until(lambda: b'"result": "Unknown"' in _from(sleeper, said), seconds=20)
    finally:
        os.kill(sleeper.pid, signal.SIGCONT)
        other.ask_to_stop()
        other.wait()
    assert world.count(ATTEMPTS, claim_no) == 2
    books = world.ledger(claim_no)
    assert (books["paid_count"], books["paid"]) == (1, "1600.00")


def _from(child: Child, place: int) -> bytes:
    with child.log.open("rb") as log:
        log.seek(place)
        return log.read()


async def _run_out(url: str) -> None:
    """Let the lease of whatever is being sent be over, as if that much time had passed."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "UPDATE job SET lease_until = now() - interval '1 second'"
            " WHERE kind = 'send' AND state = 'running'"
        )
    finally:
        await connection.close()
