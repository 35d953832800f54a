"""Every hour, where the audit trail stands leaves the house as a signed file."""

from datetime import timedelta
from pathlib import Path

from app.db.jobs import Job, enqueue, finish
from app.db.session import Database
from app.domain.caller import worker
from app.observe import get_logger
from app.services.audit.publish_root import publish_root

ROOT, TRAIL = "root", "trail"
ROOT_EVERY = timedelta(hours=1)

log = get_logger(__name__)


async def do_root_job(database: Database, folder: Path | None, job: Job) -> None:
    """Publish a root, finish the job and enqueue the next; a job of another setting just ends.

    Published again after a crash it is one root more, which harms nothing.
    """
    async with database.transaction(worker(ROOT)) as tx:
        if not await finish(tx, job) or folder is None:
            return
        path, root = await publish_root(tx, folder)
        await enqueue(tx, ROOT, TRAIL, delay=ROOT_EVERY)
    log.info("trail.root_published", file=path.name, root=root.root.hex())
