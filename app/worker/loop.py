"""The worker's loop: take due jobs, do them side by side, rest when there are none."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from app.db.jobs import Job, claim, enqueue, run_again
from app.db.session import Database
from app.domain.caller import worker
from app.observe import bind_request, get_logger
from app.observe.spans import ids_of, job_span
from app.outside.insurers import Speaker
from app.services.instructions import ask_status
from app.worker import account_checks, batches, guard, roots, statements
from app.worker.backoff import pause_before
from app.worker.desk_work import ACTS, LeaseLost, do_desk_work, open_rounds
from app.worker.sending import ask_instruction, send_instruction
from app.worker.tail import follow

log = get_logger(__name__)

GUARD_ROUND_MOST = timedelta(seconds=20)
ROUNDS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """The clock's own rounds: the pause between two of the guard over the invariants, and the
    folder that hourly roots of the audit trail are published in (None: they are not).
    """

    guard_every: timedelta = timedelta(minutes=5)
    roots: Path | None = None


ORDINARY = Rounds()


class Worker:
    """One worker process: `name` marks its leases, `stop` lets it finish what it holds."""

    def __init__(
        self,
        database: Database,
        speaker: Speaker,
        *,
        name: str,
        concurrency: int,
        lease: timedelta,
        poll_seconds: float,
        rounds: Rounds = ORDINARY,
    ) -> None:
        self._database = database
        self._speaker = speaker
        self._name = name
        self._concurrency = concurrency
        self._lease = lease
        self._poll_seconds = poll_seconds
        self._rounds = rounds
        self._running: set[asyncio.Task[None]] = set()
        self._held: Counter[str] = Counter()  # jobs in hand, by lane
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Take no further jobs."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped; then wait for the jobs in hand."""
        log.info("worker.started", worker=self._name)
        tail = asyncio.create_task(follow(self._database, self._stopping))
        look_again_at = 0.0
        while not self._stopping.is_set():
            if time.monotonic() >= look_again_at and await self._open_rounds():
                look_again_at = time.monotonic() + ROUNDS_SECONDS
            if not await self._step():
                await self._rest()
        await asyncio.wait({tail, *self._running})

    async def _open_rounds(self) -> bool:
        """See to it that the recurring rounds are enqueued; each round enqueues the next.

        Looked after again and again: one that failed too often to be tried any more comes back so.
        False when the database was away: it may be, when a worker is started.
        """
        try:
            async with self._database.transaction(worker("clock")) as tx:
                await open_rounds(tx)
                await enqueue(tx, guard.GUARD, guard.SUBJECT, delay=self._rounds.guard_every)
                if self._rounds.roots is not None:
                    await enqueue(tx, roots.ROOT, roots.TRAIL, delay=roots.ROOT_EVERY)
        except Exception:
            log.exception("worker.database_lost")
            return False
        return True

    async def drain(self, limit: int = 10_000) -> int:
        """Do what is due now and come back when nothing is; for tests and the seed."""
        done = 0
        while done < limit:
            held_until = self._lease_end()
            jobs = await self._take(8)
            if not jobs:
                break
            await asyncio.gather(*(self._do(job, held_until) for job in jobs))
            done += len(jobs)
        return done

    async def _step(self) -> bool:
        """Take as many jobs as there is room for; tell whether there were any."""
        room = self._concurrency - len(self._running)
        if room <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return True
        held_until = self._lease_end()
        try:
            jobs = await self._take(room)
        except Exception:
            log.exception("worker.database_lost")
            return False
        for job in jobs:
            task = asyncio.create_task(self._do(job, held_until))
            self._running.add(task)
            self._held[job.lane] += 1
            task.add_done_callback(partial(self._let_go, job.lane))
        return bool(jobs)

    def _let_go(self, lane: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._held[lane] -= 1

    async def _take(self, batch: int) -> list[Job]:
        async with self._database.transaction(worker("clock")) as tx:
            share = max(1, self._concurrency // 2)  # the others' half, whatever one insurer does
            return list(
                await claim(tx, self._name, self._lease, batch, share=share, held=+self._held)
            )

    async def _rest(self) -> None:
        wait = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({wait, *self._running}, timeout=self._poll_seconds)
        wait.cancel()

    def _lease_end(self) -> float:
        """Say until when what is taken now is surely ours, by this machine's monotonic clock."""
        return time.monotonic() + self._lease.total_seconds()

    async def _do(self, job: Job, held_until: float) -> None:
        with job_span(job.kind) as span:
            bind_request(f"job:{job.id}", **ids_of(span))
            await self._try(job, held_until)

    async def _try(self, job: Job, held_until: float) -> None:
        try:
            await self._work(job, held_until)
        except LeaseLost:
            log.warning("job.lease_lost", kind=job.kind, job=job.id)
        except Exception as error:
            log.exception("job.failed", kind=job.kind, job=job.id, attempt=job.attempts)
            await self._give_back(job, error)

    async def _work(self, job: Job, held_until: float) -> None:
        """Do a job by its kind; whatever is no kind of the clock's is an instruction to send."""
        if job.kind in ACTS:
            await do_desk_work(self._database, job)
            return
        match job.kind:
            case batches.BATCH:
                await batches.do_batch_job(self._database, self._speaker.drop_dir, job)
            case guard.GUARD:
                await self._guard(job)
            case roots.ROOT:
                await roots.do_root_job(self._database, self._rounds.roots, job)
            case statements.PULL:
                await statements.pull_statement(self._database, self._speaker, job)
            case kind if kind in account_checks.KINDS:
                await account_checks.check_accounts(self._database, self._speaker, job, held_until)
            case ask_status.ASK:
                await ask_instruction(self._database, self._speaker, job)
            case _:
                await send_instruction(self._database, self._speaker, job, held_until)

    async def _guard(self, job: Job) -> None:
        """Do a round well within the lease, so that nobody else begins it again."""
        seconds = min(GUARD_ROUND_MOST, self._lease / 2).total_seconds()
        await guard.do_guard_job(
            self._database, job, every=self._rounds.guard_every, round_seconds=seconds
        )

    async def _give_back(self, job: Job, error: Exception) -> None:
        """Hand a failed job back; when even that fails, its lease runs out by itself."""
        try:
            async with self._database.transaction(worker("clock")) as tx:
                await run_again(tx, job, pause_before(job.attempts), type(error).__name__)
        except Exception:
            log.exception("job.not_given_back", job=job.id)
