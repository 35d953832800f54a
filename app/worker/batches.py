"""One round of an insurer's drop folder: case files out, result files in."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from app.db.insurers import find_insurer
from app.db.jobs import Job, finish
from app.db.session import Database
from app.domain.caller import worker
from app.observe import get_logger
from app.outside.insurers.batch import (
    BrokenFile,
    DropFolder,
    check_results,
    rows_of,
    write_batches,
)
from app.services.callbacks.receive_results import receive_results, refuse_results

log = get_logger(__name__)

BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did: batches written, result rows taken, files refused with their reason."""

    batches: tuple[str, ...]
    rows: int
    refused: tuple[tuple[str, str], ...]


async def do_batch_job(database: Database, drop_dir: Path | None, job: Job) -> None:
    """Do one round of the insurer that a job names. Raises ValueError without a drop folder."""
    await run_round(database, drop_dir, job.subject)
    async with database.transaction(worker(BATCH)) as tx:
        await finish(tx, job)


async def run_round(database: Database, drop_dir: Path | None, insurer_code: str) -> Round:
    """Write what waits, take what arrived; a broken file is put aside and never half taken."""
    async with database.transaction(worker(BATCH)) as tx:
        insurer = await find_insurer(tx, insurer_code)
        today = await tx.today()
    assert insurer is not None
    folder = DropFolder(drop_dir, insurer.base_url)
    holding = folder.alone()
    await asyncio.to_thread(holding.__enter__)
    try:
        batches = await asyncio.to_thread(write_batches, folder, insurer_code, today)
        rows, refused = 0, []
        for path in await asyncio.to_thread(folder.arrived):
            try:
                copy = await asyncio.to_thread(folder.copied, path)
                checked = await asyncio.to_thread(check_results, copy, insurer_code)
            except BrokenFile as broken:
                await refuse_results(database, insurer_code, path.name, broken.reason)
                await asyncio.to_thread(folder.refuse, path, broken.reason)
                await asyncio.to_thread(folder.forget, path)
                refused.append((path.name, broken.reason))
                continue
            rows += await receive_results(database, insurer_code, checked, rows_of(copy, checked))
            await asyncio.to_thread(folder.keep, path)
            await asyncio.to_thread(folder.forget, path)
    finally:
        holding.__exit__(None, None, None)
    done = Round(tuple(batches), rows, tuple(refused))
    log.info(
        "batch.round",
        insurer=insurer_code,
        batches=len(done.batches),
        rows=done.rows,
        refused=[reason for _, reason in done.refused],
    )
    return done
