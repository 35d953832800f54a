"""Hold a claim the one way that cannot deadlock: its notice first, then the claim."""

from app.db.claims import ClaimRow, lock_claim, read_claim
from app.db.notices import NoticeRow, lock_notice
from app.db.session import Tx
from app.domain.caller import LEFT_TO_ANOTHER
from app.domain.errors import VersionStale
from app.services.claims.stand_aside import stand_aside


async def hold_claim(
    tx: Tx, claim_no: str, expected_version: int | None = None
) -> tuple[NoticeRow, ClaimRow]:
    """Give and hold a claim with its notice.

    Raises NotFound, VersionStale; NearRelative for an act that is another's to do.
    """
    seen = await read_claim(tx, claim_no)
    notice = await lock_notice(tx, seen.notice_no)
    claim = await lock_claim(tx, claim_no)
    if tx.caller.act in LEFT_TO_ANOTHER:
        await stand_aside(tx, [notice.person_id])
    if expected_version is not None and claim.version != expected_version:
        raise VersionStale(str(claim.version))
    return notice, claim
