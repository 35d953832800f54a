"""Jobs of the desk: each is one act and the job's own end, in one transaction."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from app.db.advances import long_undecided
from app.db.inbox import left_waiting
from app.db.instalments import claims_with_due
from app.db.insurers import list_insurers
from app.db.jobs import Job, enqueue, finish_first, insurer_lane
from app.db.reconciliation_books import list_books
from app.db.session import Database, Tx
from app.db.statements import statements_to_pull
from app.domain.caller import worker
from app.domain.clocks import ADVANCE_DAYS
from app.services.accounts.check_payout import ask_what_was_left
from app.services.callbacks.apply_callbacks import apply_callbacks
from app.services.claims.assess_notice import assess_notice
from app.services.claims.pass_overdue_check import pass_overdue_check
from app.services.claims.pay_instalments import pay_instalments
from app.services.instructions.ask_status import ask_about_silent
from app.services.instructions.settle_lost import settle_lost
from app.services.payouts.ask_advance import ask_certain_part
from app.services.reconciliations.compare_open_days import compare_open_days
from app.services.statements.take_statement import SETTLE_LOST
from app.services.summaries.fold_summaries import fold_summaries
from app.worker.batches import BATCH
from app.worker.statements import PULL

Act = Callable[[Tx, str], Awaitable[None]]


async def _apply(tx: Tx, subject: str) -> None:
    insurer_code, _, claim_no = subject.partition("/")
    await apply_callbacks(tx, insurer_code, claim_no)


async def _look_for_left(tx: Tx, subject: str) -> None:
    """Enqueue anew what waits and has lost its job, however that went; a family waits behind it."""
    await ask_what_was_left(tx)
    for insurer_code, claim_no in await left_waiting(tx, UNAPPLIED, APPLY):
        await enqueue(tx, APPLY, f"{insurer_code}/{claim_no}")
    await enqueue(tx, LEFT, subject, delay=LEFT_PAUSE)


async def _poll(tx: Tx, subject: str) -> None:
    """Ask insurers about what is silent, and go through the drop folders."""
    await ask_about_silent(tx)
    for insurer in await list_insurers(tx):
        if insurer.dialect == "batch":
            await enqueue(tx, BATCH, insurer.code, lane=insurer_lane(insurer.code))
    await enqueue(tx, POLL, subject, delay=POLL_PAUSE)


async def _reconcile(tx: Tx, subject: str) -> None:
    for book in await list_books(tx):
        await enqueue(tx, COMPARE, str(book.id))
    for wanted in await statements_to_pull(tx):
        await enqueue(tx, PULL, wanted.subject, lane=insurer_lane(wanted.insurer_code))
    await enqueue(tx, RECONCILE, subject, delay=RECONCILE_PAUSE)


async def _look_for_due(tx: Tx, subject: str) -> None:
    """Enqueue a job for each claim with an instalment due, or undecided for the law's days."""
    for claim_no in await claims_with_due(tx):
        await enqueue(tx, INSTALMENTS, claim_no)
    for claim_no in await long_undecided(tx, ADVANCE_DAYS, CERTAIN_PART):
        await enqueue(tx, CERTAIN_PART, claim_no)
    await enqueue(tx, DUE, subject, delay=DUE_PAUSE)


async def _fold(tx: Tx, subject: str) -> None:
    more = await fold_summaries(tx)
    await enqueue(tx, FOLD, subject, delay=timedelta() if more else FOLD_PAUSE)


async def open_rounds(tx: Tx) -> None:
    """Enqueue the recurring rounds that are not waiting already."""
    await enqueue(tx, LEFT, "jobs", delay=LEFT_PAUSE)
    await enqueue(tx, POLL, "insurers", delay=POLL_PAUSE)
    await enqueue(tx, RECONCILE, "books", delay=POLL_PAUSE)
    await enqueue(tx, DUE, "payouts", delay=DUE_PAUSE)
    await enqueue(tx, FOLD, "summaries", delay=FOLD_PAUSE)


LEFT, LEFT_PAUSE = "left", timedelta(seconds=30)
POLL, POLL_PAUSE = "poll", timedelta(minutes=5)
APPLY, UNAPPLIED = "apply", timedelta(seconds=60)
RECONCILE, RECONCILE_PAUSE, COMPARE = "reconcile", timedelta(hours=3), "compare"
DUE, DUE_PAUSE = "due", timedelta(minutes=30)
FOLD, FOLD_PAUSE = "fold", timedelta(seconds=15)
INSTALMENTS, CERTAIN_PART = "instalments", "certain_part"
ACTS: dict[str, Act] = {
    "assess": assess_notice,
    APPLY: _apply,
    "pass_check": pass_overdue_check,
    SETTLE_LOST: settle_lost,
    COMPARE: compare_open_days,
    RECONCILE: _reconcile,
    INSTALMENTS: pay_instalments,
    CERTAIN_PART: ask_certain_part,
    LEFT: _look_for_left,
    POLL: _poll,
    DUE: _look_for_due,
    FOLD: _fold,
}


class LeaseLost(Exception):
    """Another worker has the job now; the whole transaction is rolled back."""


async def do_desk_work(database: Database, job: Job) -> None:
    """Do the act and finish the job together: it is done exactly when its effect is there."""
    async with database.bare(worker(job.kind), f"job:{job.id}") as tx:
        if not await finish_first(tx, job):
            raise LeaseLost
        await ACTS[job.kind](tx, job.subject)
