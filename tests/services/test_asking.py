"""Insurers are asked about what nobody answered, and about what fell silent."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.instructions import list_instructions
from app.db.session import Database
from app.outside.insurers import Accepted, HandedOver, NotSent, SendResult, Unknown
from app.services.instructions.ask_status import ask_about_silent
from tests.cases import CHUNAN, Wire, claim_view, county_with, file, notice, work
from tests.contracts import SYSTEM

NEVER = NotSent("insurer_never_had_it")


async def referred(database: Database, first: SendResult) -> str:
    """A claim whose referral was answered so, with no sender left at work on it."""
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    wire.answers = [first]
    await work(database, wire)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("DELETE FROM job WHERE kind = 'send' AND state = 'ready'"))
    return claim_no


async def ask_after(database: Database, later: timedelta) -> int:
    """The round of so much later; how many questions it enqueued."""
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("UPDATE sandbox_clock SET ahead = :ahead"), {"ahead": later})
        await tx.sql.execute(text("SET LOCAL ROLE relief_app"))
        return await ask_about_silent(tx)


async def state(database: Database) -> tuple[str, str | None]:
    async with database.transaction(SYSTEM) as tx:
        (row,) = await list_instructions(tx, state=None, claim_no=None, before=None, limit=2)
    return row.state, row.last_error


MINUTES = timedelta(minutes=16)
ANSWERS: dict[str, tuple[SendResult, SendResult, str]] = {
    "it has it": (Unknown("deadline"), Accepted("PA9", duplicate=True), "accepted"),
    "it never had it": (Unknown("deadline"), NEVER, "accepted"),
    "it does not say": (Unknown("deadline"), Unknown("status_503"), "unknown"),
    "handed over and taken": (
        HandedOver(duplicate=False),
        Accepted("P", duplicate=True),
        "accepted",
    ),
    "handed over": (HandedOver(duplicate=False), HandedOver(duplicate=True), "sent"),
}


@pytest.mark.parametrize(("first", "asked", "after"), ANSWERS.values(), ids=ANSWERS)
async def test_f24_what_nobody_answered_is_asked_after(
    database: Database, first: SendResult, asked: SendResult, after: str
) -> None:
    claim_no = await referred(database, first)
    assert await ask_after(database, timedelta(minutes=10)) == 0
    assert await ask_after(database, MINUTES) == 1
    assert await ask_after(database, MINUTES) == 0  # one question at a time
    wire = Wire()
    wire.told = [asked]
    await work(database, wire)
    assert (await state(database))[0] == after
    assert len(wire.sent) == (1 if asked == NEVER else 0)
    status = (await claim_view(database, claim_no)).claim.status
    assert status == ("under_review" if after == "accepted" else "submitted")
    assert await ask_after(database, MINUTES) == 0  # asked just now


async def test_an_insurer_that_cannot_be_asked_is_not_asked(database: Database) -> None:
    await referred(database, Unknown("deadline"))
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE insurer SET can_be_asked = false"))
    assert await ask_after(database, MINUTES) == 0


@pytest.mark.parametrize("lost", [True, False])
async def test_f21_what_an_insurer_accepted_and_no_longer_knows_is_a_persons_matter(
    database: Database, lost: bool
) -> None:
    """As after either side was restored from a backup."""
    await referred(database, Accepted("PA1", duplicate=False))
    assert await ask_after(database, timedelta(days=6)) == 0
    assert await ask_after(database, timedelta(days=8)) == 1
    wire = Wire()
    wire.told = [NEVER if lost else Accepted("PA1", duplicate=True)]
    await work(database, wire)
    assert await state(database) == (("parked", "insurer_lost_it") if lost else ("accepted", None))
    assert wire.sent == []
    async with database.transaction(SYSTEM) as tx:
        told = await tx.sql.execute(text("SELECT 1 FROM event WHERE type = 'instruction.lost'"))
        assert (told.one_or_none() is not None) is lost


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (NotSent("no_connection"), ("parked", "not_reached")),
        (Unknown("deadline"), ("parked", "answer_lost")),
    ],
)
async def test_what_used_up_its_attempts_waits_for_a_question_or_a_person(
    database: Database, last: SendResult, expected: tuple[str, str]
) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    wire = Wire()
    wire.answers = [last] * 2
    await work(database, wire)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE job SET attempts = max_attempts - 1, run_at = now() WHERE kind = 'send'")
        )
    await work(database, wire)
    assert await state(database) == expected
    lost = expected[1] == "answer_lost"
    assert await ask_after(database, MINUTES) == (1 if lost else 0)
    wire.told = [Accepted("PA9", duplicate=True)]
    await work(database, wire)
    assert (await state(database))[0] == ("accepted" if lost else "parked")
