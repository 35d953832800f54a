"""Send an instruction: a transaction before, none open while we speak, a transaction after."""

import time
from datetime import timedelta
from uuid import UUID

from app.db.jobs import Job, finish, run_again
from app.db.session import Database, Tx
from app.domain.caller import worker
from app.observe import get_logger
from app.outside.insurers import (
    DIALECTS,
    Endpoint,
    Instruction,
    NotSent,
    SendResult,
    Speaker,
    Unknown,
)
from app.services.instructions.ask_status import begin_ask, record_status
from app.services.instructions.begin_send import Outgoing, begin_send
from app.services.instructions.park import ANSWER_LOST, NOT_REACHED, park
from app.services.instructions.record_answer import record_answer
from app.worker.backoff import pause_before
from app.worker.desk_work import LeaseLost

log = get_logger(__name__)


async def send_instruction(
    database: Database, speaker: Speaker, job: Job, held_until: float
) -> None:
    """Do one sending job. The job's fence guards the instruction against a second sender.

    `held_until` is when our lease ends, by the monotonic clock. A worker that was stopped in
    between says nothing any more: another may have spoken, and some insurers pay each time they
    hear us. Raises LeaseLost.
    """
    caller, request_id = worker("send"), f"job:{job.id}"
    async with database.transaction(caller, request_id) as tx:
        outgoing = await begin_send(tx, UUID(job.subject), job.fence + job.id * FENCES)
        if outgoing is None or outgoing.never_again:
            if outgoing is not None:
                await park(tx, outgoing.instruction, outgoing.instruction.fence)
            await finish(tx, job)
            return
    if time.monotonic() + speaker.deadline_seconds > held_until:
        raise LeaseLost
    result = await _speak(speaker, outgoing)
    async with database.transaction(caller, request_id) as tx:
        again = await record_answer(
            tx, outgoing.instruction, outgoing.instruction.fence, result, asked=outgoing.ask_first
        )
        if again:
            if job.attempts >= job.max_attempts:
                await _give_up(tx, outgoing, result)
            pause = _pause(speaker, outgoing, result, job.attempts)
            await run_again(tx, job, pause, type(result).__name__)
        else:
            await finish(tx, job)
    log.info(
        "instruction.answered",
        instruction=str(outgoing.instruction.id),
        kind=outgoing.instruction.kind,
        insurer=outgoing.instruction.insurer_code,
        result=type(result).__name__,
    )


async def ask_instruction(database: Database, speaker: Speaker, job: Job) -> None:
    """Do one asking job: a transaction before, none open while we speak, a transaction after."""
    caller, request_id = worker("ask"), f"job:{job.id}"
    async with database.transaction(caller, request_id) as tx:
        outgoing = await begin_ask(tx, UUID(job.subject), job.fence + job.id * FENCES)
        if outgoing is None:
            await finish(tx, job)
            return
    row = outgoing.instruction
    try:
        result = await speaker.ask(outgoing.dialect, _endpoint(speaker, outgoing), row.id)
    except ValueError:
        result = Unknown("endpoint_unusable")
    async with database.transaction(caller, request_id) as tx:
        await record_status(tx, row, result)
        await finish(tx, job)
    log.info(
        "instruction.asked",
        instruction=str(row.id),
        insurer=row.insurer_code,
        state=row.state,
        result=type(result).__name__,
    )


async def _give_up(tx: Tx, outgoing: Outgoing, result: SendResult) -> None:
    """Park what used up its attempts; an insurer that can be asked is still asked about it."""
    row = outgoing.instruction
    never_arrived = row.state == "ready" and not isinstance(result, Unknown)
    await park(tx, row, row.fence, NOT_REACHED if never_arrived else ANSWER_LOST)


def _pause(speaker: Speaker, outgoing: Outgoing, result: SendResult, attempt: int) -> timedelta:
    """Give the pause before the next attempt.

    An insurer that does not honour keys may still be at work on what we stopped waiting for; asked
    too early it does not know the instruction yet, and would have it twice. A whole deadline passes
    first; the lease of a worker that died is longer than that anyway.
    """
    pause = pause_before(attempt)
    if isinstance(result, Unknown) and outgoing.only_asked:
        return max(pause, timedelta(seconds=speaker.deadline_seconds))
    return pause


# A fence must grow for one instruction over all jobs that may ever send it: later jobs have larger
# ids, and within a job the fence grows with each lease.
FENCES = 1_000_000


async def _speak(speaker: Speaker, outgoing: Outgoing) -> SendResult:
    row = outgoing.instruction
    try:
        endpoint = _endpoint(speaker, outgoing)
    except ValueError:
        return NotSent("endpoint_unusable")
    # What is raised from here on may come after the first byte: the job fails, and the next try
    # begins from UNKNOWN.
    return await speaker.hand_over(
        outgoing.dialect,
        endpoint,
        Instruction(row.id, outgoing.content),
        ask_first=outgoing.ask_first,
    )


def _endpoint(speaker: Speaker, outgoing: Outgoing) -> Endpoint:
    """Give where to send; raises ValueError when the key we would sign with has ended."""
    if DIALECTS[outgoing.dialect].key_out is not None and not outgoing.secrets:
        raise ValueError("no key to sign with")
    return speaker.endpoint(
        outgoing.instruction.insurer_code, outgoing.base_url, outgoing.secrets, outgoing.peer_keys
    )
