"""What an insurer that hangs does to the others: how long their instructions wait for an answer."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from uuid import UUID

import asyncpg
import uvloop

from app.db.claims import ClaimRow, read_claim
from app.db.instructions import add_instruction
from app.db.insurers import Insurer
from app.db.jobs import enqueue, insurer_lane
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role, worker
from app.observe import configure_logs
from app.outside.insurers import Accepted, Endpoint, Instruction, SendResult, Speaker, Unknown
from app.services.claims.send_on import SEND
from app.services.insurers import add_insurer
from app.worker.loop import Worker
from benchmarks import county
from benchmarks.house import House
from benchmarks.measure import Effort, Line, middle, pairwise, tell

FIRST_CLAIM = 900_000
HANGS = "hanging-insurer"
HANGING = 8  # instructions for it, twice as many as its lane lets out at once
DEADLINE_SECONDS = 1.5
EVERY_SECONDS = 0.02  # between two instructions for the other
SUBMITS_OF_AN_INSTRUCTION = 3
CONCURRENCY = 8
GOAL = 1.2  # of the p99 when nobody hangs: within what it varies by itself
_SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "bench")


def measure(house: House, effort: Effort, *_server: int) -> list[Line]:
    """Measure from when an instruction is enqueued until its insurer hears it, at the 99th of 100.

    A worker does the jobs of two insurers; in every second round one of them hangs on every call.
    """
    count = effort.submits // SUBMITS_OF_AN_INSTRUCTION
    claims = uvloop.run(_settle(house))

    def waited(hanging: int) -> float:
        return uvloop.run(_waited(house, claims, count, hanging)) * 1000

    configure_logs("error")  # a line for each instruction would be measured with it
    tell("letting an insurer hang ...")
    # No warm-up: each round begins with a new worker and new connections.
    rows = [[waited(0), waited(HANGING)] for _ in range(effort.rounds)]
    return [
        Line(
            "hanging_insurer",
            "ms at the 99th of 100",
            middle(rows, 1),
            middle(rows, 0),
            "the same while nobody hangs",
            pairwise(rows, 1, 0),
            GOAL,
            at_most=True,
        )
    ]


class Listening(Speaker):
    """Hears instructions at once, and notes when; the one that hangs takes its whole deadline."""

    deadline_seconds = DEADLINE_SECONDS

    def __init__(self) -> None:
        """Bring nothing: no client is opened."""
        self.heard_at: dict[UUID, float] = {}

    async def hand_over(
        self, dialect: str, endpoint: Endpoint, instruction: Instruction, *, ask_first: bool
    ) -> SendResult:
        """Hear it, or hang."""
        del dialect, ask_first
        if endpoint.insurer == HANGS:
            await asyncio.sleep(DEADLINE_SECONDS)
            return Unknown("deadline")
        self.heard_at[instruction.instruction_id] = time.perf_counter()
        return Accepted("CASE", duplicate=False)

    def endpoint(
        self, insurer: str, base_url: str, secrets: Sequence[str], peer_keys: Sequence[str] = ()
    ) -> Endpoint:
        """Name the address; it is never opened."""
        del peer_keys
        return Endpoint(insurer, base_url, secrets[0])


async def _settle(house: House) -> tuple[ClaimRow, ClaimRow]:
    """Take the second insurer on; give a claim of each."""
    [claim_no] = await county.file_claims(house.county, FIRST_CLAIM, 1)
    database = Database(house.url, house.keyring, pool_size=1)
    try:
        async with database.transaction(_SYSTEM) as tx:
            insurer = Insurer(
                HANGS,
                "不应答保险",
                "rest",
                "http://127.0.0.1:9",
                honours_key=True,
                can_be_asked=True,
            )
            loopback = [ip_network("127.0.0.0/8")]
            await add_insurer(tx, insurer, county.SECRET, county.SECRET, loopback)
            claim = await read_claim(tx, claim_no)
    finally:
        await database.close()
    return claim, replace(claim, insurer_code=HANGS)


async def _waited(
    house: House, claims: tuple[ClaimRow, ClaimRow], count: int, hanging: int
) -> float:
    """Give the seconds that the slowest but one of a hundred instructions waited."""
    await _clear(house.url)
    database = Database(house.url, house.keyring, pool_size=CONCURRENCY + 2)
    speaker, asked_at = Listening(), dict[UUID, float]()
    working = Worker(
        database,
        speaker,
        name="bench",
        concurrency=CONCURRENCY,
        lease=timedelta(seconds=60),
        poll_seconds=EVERY_SECONDS / 2,
    )
    running = asyncio.create_task(working.run())
    try:
        for _ in range(hanging):
            await _instruct(database, claims[1])
        await asyncio.sleep(EVERY_SECONDS * 10)
        for _ in range(count):
            instruction = await _instruct(database, claims[0])
            asked_at[instruction] = time.perf_counter()
            await asyncio.sleep(EVERY_SECONDS)
        async with asyncio.timeout(60):
            while len(speaker.heard_at) < count:  # noqa: ASYNC110 - a worker rings no bell
                await asyncio.sleep(EVERY_SECONDS)
    finally:
        working.stop()
        await running
        await database.close()
    waits = sorted(max(0.0, speaker.heard_at[one] - at) for one, at in asked_at.items())
    return waits[len(waits) * 99 // 100]


async def _instruct(database: Database, claim: ClaimRow) -> UUID:
    async with database.transaction(worker("send")) as tx:
        content = {"kind": "withdraw_claim", "claim_no": claim.claim_no}
        instruction = await add_instruction(tx, claim, "withdraw_claim", content)
        assert claim.insurer_code is not None
        await enqueue(tx, SEND, str(instruction), lane=insurer_lane(claim.insurer_code))
    return instruction


async def _clear(url: str) -> None:
    """Leave no job, and every breaker closed."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("DELETE FROM job; UPDATE lane SET failures = 0, open_until = NULL")
    finally:
        await connection.close()
