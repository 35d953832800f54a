"""Instructions and their answers: a lost answer is a state, and nobody is paid twice for it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.db.instructions import list_instructions
from app.db.jobs import claim, enqueue, open_lane
from app.db.session import Database
from app.domain.lifecycle import ClaimStatus
from app.outside.insurers import NotSent, Rejected, SendResult, Unknown
from app.services.claims.assess_notice import assess_notice
from app.services.instructions.begin_send import begin_send
from tests import contracts
from tests.cases import (
    CHUNAN,
    Wire,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    work,
)
from tests.contracts import SYSTEM


async def due_again(database: Database) -> None:
    """Let every waiting job be due now, as if its pause were over."""
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE job SET run_at = now() WHERE state = 'ready'"))
        await tx.sql.execute(text("UPDATE lane SET open_until = NULL"))


async def states(database: Database) -> list[tuple[str, int]]:
    async with database.transaction(SYSTEM) as tx:
        found = await list_instructions(tx, state=None, claim_no=None, before=None, limit=9)
    return [(one.state, one.attempts) for one in found]


async def capable(database: Database, *, honours_key: bool, can_be_asked: bool) -> None:
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE insurer SET honours_key = :k, can_be_asked = :a"),
            {"k": honours_key, "a": can_be_asked},
        )


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (Unknown("deadline"), "unknown"),
        (NotSent("no_connection"), "ready"),
        (Rejected("busy", "", may_retry=True), "ready"),
        (Rejected("policy_unknown", "没有这张保单"), "parked"),
    ],
)
async def test_an_answer_is_a_state(database: Database, result: SendResult, state: str) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    wire.answers = [result]
    await work(database, wire)
    assert await states(database) == [(state, 1)]
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.SUBMITTED
    await due_again(database)
    await work(database, wire)
    if state == "parked":
        assert await states(database) == [("parked", 1)]
        return
    assert await states(database) == [("accepted", 2)]
    assert len({one.instruction_id for one in wire.sent}) == 1
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW


@pytest.mark.parametrize(
    ("honours_key", "can_be_asked", "sends", "asks", "state"),
    [
        (True, True, 2, False, "accepted"),
        (True, False, 2, False, "accepted"),
        (False, True, 2, True, "accepted"),
        (False, False, 1, False, "parked"),
    ],
)
async def test_f24_f25_after_a_lost_answer_the_insurers_way_decides(
    database: Database,
    honours_key: bool,
    can_be_asked: bool,
    sends: int,
    asks: bool,
    state: str,
) -> None:
    await county_with(database, CHUNAN)
    await capable(database, honours_key=honours_key, can_be_asked=can_be_asked)
    await file(database, notice())
    wire = Wire()
    wire.answers = [Unknown("deadline")]
    await work(database, wire)
    await due_again(database)
    await work(database, wire)
    assert len(wire.sent) == sends
    assert wire.asked[-1] is asks
    assert (await states(database))[0][0] == state


async def test_a_worker_that_dies_while_speaking_leaves_the_state_unknown(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    await capable(database, honours_key=False, can_be_asked=False)
    filed = await file(database, notice())
    async with database.transaction(SYSTEM) as tx:
        await assess_notice(tx, filed.notice.notice_no)
        found = await list_instructions(tx, state=None, claim_no=None, before=None, limit=1)
        outgoing = await begin_send(tx, found[0].id, 1)
    assert outgoing is not None
    assert not outgoing.never_again
    assert await states(database) == [("unknown", 1)]
    async with database.transaction(SYSTEM) as tx:
        after = await begin_send(tx, found[0].id, 2)
    assert after is not None
    assert after.never_again


class Breaks(Wire):
    """A dialect with a fault of ours, found only after the request had gone out."""

    async def hand_over(self, *told: object, **more: object) -> SendResult:
        await super().hand_over(*told, **more)  # type: ignore[arg-type]
        raise ValueError("a fault of ours, while the answer is read")


async def test_a_fault_of_ours_after_the_first_byte_is_doubt_and_never_not_sent(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    await capable(database, honours_key=False, can_be_asked=False)
    await file(database, notice())
    wire = Breaks()
    await work(database, wire)
    assert await states(database) == [("unknown", 1)]
    await due_again(database)
    await work(database, wire)
    assert len(wire.sent) == 1
    assert (await states(database))[0][0] == "parked"


async def test_an_older_fence_never_takes_an_instruction(database: Database) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    await work(database)
    async with database.transaction(SYSTEM) as tx:
        assert await begin_send(tx, UUID(int=1), 5) is None


async def test_f37_a_callback_that_overtakes_the_answer_settles_the_instruction(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    wire.answers = [Unknown("connection_broken")]
    await work(database, wire)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database, wire)
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.PAYING
    await due_again(database)
    await work(database, wire)
    assert len(wire.sent) == 1
    assert (await states(database))[0][0] == "accepted"


async def test_f26_a_lane_rests_after_five_failures(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN, people=6)
    for n in range(1, 7):
        await file(fresh_database, notice(n))
    wire = Wire()
    wire.answers = [NotSent("no_connection")] * 6
    await work(fresh_database, wire)
    async with fresh_database.transaction(SYSTEM) as tx:
        lane = (
            await tx.sql.execute(
                text("SELECT failures, open_until > now() AS rests FROM lane WHERE key = :key"),
                {"key": f"insurer:{contracts.insurer().code}"},
            )
        ).one()
    assert lane.failures >= 5
    assert lane.rests


async def test_workers_side_by_side_send_each_instruction_once(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN, people=12)
    for n in range(1, 13):
        await file(fresh_database, notice(n))
    wire = Wire()
    await asyncio.gather(*(work(fresh_database, wire) for _ in range(4)))
    await asyncio.sleep(timedelta(milliseconds=20).total_seconds())
    await work(fresh_database, wire)
    assert len(wire.sent) == len({one.instruction_id for one in wire.sent}) == 12


async def test_f26_a_hanging_insurer_holds_its_own_lane_and_no_other(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        for lane, jobs in (("insurer:hangs", 20), ("insurer:works", 3)):
            await open_lane(tx, lane, 4)
            for place in range(jobs):
                await enqueue(tx, "send", f"{lane}/{place}", lane=lane)
        taken = [await claim(tx, "w", timedelta(seconds=60), 16) for _ in range(4)]
    lanes = sorted([job.lane for job in jobs] for jobs in taken)
    assert lanes == [[], [], ["insurer:hangs"] * 4, ["insurer:works"] * 3]
