"""Ask whose accounts they are: a transaction before, none open while we speak, one after."""

import asyncio
import time
from uuid import UUID, uuid4

from app.db.account_checks import Finding
from app.db.jobs import Job, finish
from app.db.session import Database
from app.domain.account_check import AccountCheck
from app.domain.caller import worker
from app.domain.notice import Payee
from app.observe import get_logger
from app.outside.insurers import AccountQuestion, Match, Speaker
from app.services.accounts.channel import Asking
from app.services.accounts.check_notice import begin_check, record_check
from app.services.accounts.check_payout import begin_payout_check, record_payout_check
from app.services.claims.checked_accounts import CHECK_ACCOUNTS
from app.services.payouts.correct_account import CHECK_PAYOUT
from app.worker.desk_work import LeaseLost

log = get_logger(__name__)

KINDS = frozenset({CHECK_ACCOUNTS, CHECK_PAYOUT})
RESULTS = {
    Match.YES: AccountCheck.MATCH,
    Match.NO: AccountCheck.MISMATCH,
    Match.UNKNOWN: AccountCheck.UNKNOWN,
}


async def check_accounts(database: Database, speaker: Speaker, job: Job, held_until: float) -> None:
    """Do one checking job: ask once about each account; no answer is an answer too: unknown.

    `held_until` is when our lease ends, by the monotonic clock. Raises LeaseLost.
    """
    caller, request_id = worker("check"), f"job:{job.id}"
    insurer_code, _, notice_no = job.subject.partition("/")
    of_notice = job.kind == CHECK_ACCOUNTS
    async with database.transaction(caller, request_id) as tx:
        if of_notice:
            asking = await begin_check(tx, insurer_code, notice_no)
        else:
            asking = await begin_payout_check(tx, UUID(job.subject))
        if asking is None:
            await finish(tx, job)
            return
    if time.monotonic() + speaker.deadline_seconds > held_until:
        raise LeaseLost
    findings = await asyncio.gather(*(_ask(speaker, asking, one) for one in asking.payees))
    async with database.transaction(caller, request_id) as tx:
        if not await finish(tx, job):
            raise LeaseLost
        if of_notice:
            await record_check(tx, insurer_code, notice_no, findings)
        else:
            await record_payout_check(tx, UUID(job.subject), findings[0])
    log.info(
        "accounts.checked",
        insurer=asking.insurer_code,
        results=[finding.result.value for finding in findings],
        reasons=[finding.reason for finding in findings],
    )


async def _ask(speaker: Speaker, asking: Asking, payee: Payee) -> Finding:
    """Ask about one account. What is raised is doubt as well: a question has no effect."""
    if not asking.dialect:
        return Finding(payee, AccountCheck.UNKNOWN, "channel_cannot_tell")
    try:
        endpoint = speaker.endpoint(
            asking.insurer_code, asking.base_url, asking.secrets, asking.peer_keys
        )
        said = await speaker.check_account(
            asking.dialect,
            endpoint,
            AccountQuestion(uuid4(), payee.name, payee.account, payee.bank),
        )
    except (ValueError, LookupError):
        return Finding(payee, AccountCheck.UNKNOWN, "endpoint_unusable")
    if isinstance(said, Match):
        return Finding(payee, RESULTS[said])
    return Finding(payee, AccountCheck.UNKNOWN, said.reason)
