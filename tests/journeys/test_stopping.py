"""SIGTERM: what is in hand is finished, nothing new is begun."""

import threading
import time

from tests.journeys.conftest import World
from tests.journeys.wire import Blow

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
