"""Pull a day's statement from an insurer: none open while we speak, a transaction after."""

from contextlib import suppress

from app.db.insurers import active_secrets, find_insurer
from app.db.jobs import Job, finish, note_failure, note_success, run_again
from app.db.session import Database
from app.db.statements import Wanted
from app.domain.caller import worker
from app.domain.errors import Invalid, PeriodClosed
from app.domain.statement import Side
from app.observe import get_logger
from app.outside.insurers import Speaker
from app.outside.insurers.statements import Given
from app.services.statements.take_statement import Told, take_lines
from app.worker.backoff import pause_before

log = get_logger(__name__)

PULL = "pull_statement"


async def pull_statement(database: Database, speaker: Speaker, job: Job) -> None:
    """Do one pulling job. What cannot be read or does not add up is asked for again later."""
    wanted = Wanted.of(job.subject)
    caller, request_id = worker("statement"), f"job:{job.id}"
    async with database.transaction(caller, request_id) as tx:
        insurer = await find_insurer(tx, wanted.insurer_code)
        assert insurer is not None
        secrets = await active_secrets(tx, insurer.code, "out")
    endpoint = speaker.endpoint(insurer.code, insurer.base_url, secrets)
    given = await speaker.fetch_statement(endpoint, wanted.area_code, wanted.day)
    if isinstance(given, Given):
        reason = await _take(database, job, wanted, given)
    else:
        reason = given.reason
        async with database.transaction(caller, request_id) as tx:
            await note_failure(tx, job.lane)
    if reason is not None:
        async with database.transaction(caller, request_id) as tx:
            await run_again(tx, job, pause_before(job.attempts), reason)
    log.info("statement.pulled", insurer=insurer.code, day=str(wanted.day), refused=reason)


async def _take(database: Database, job: Job, wanted: Wanted, given: Given) -> str | None:
    """Take what was given and finish the job; give the reason where it is refused."""
    code, day = wanted.insurer_code, wanted.day
    told = Told(wanted.area_code, code, Side.STATEMENT.value, "pull", day, day)
    try:
        async with database.transaction(worker("statement"), f"job:{job.id}") as tx:
            with suppress(PeriodClosed):  # somebody took and closed it meanwhile
                await take_lines(tx, told, given.lines, given.totals)
            await note_success(tx, job.lane)
            await finish(tx, job)
    except Invalid as refusal:
        return refusal.faults[0].code
    return None
