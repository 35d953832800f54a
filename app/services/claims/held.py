"""Hold a claim the one way that cannot deadlock: its notice first, then the claim."""

from app.db.claims import ClaimRow, lock_claim, read_claim
from app.db.notices import NoticeRow, lock_notice
from app.db.session import Tx
from app.domain.errors import VersionStale


async def hold_claim(
    tx: Tx, claim_no: str, expected_version: int | None = None
) -> tuple[NoticeRow, ClaimRow]:
    """Give and hold a claim with its notice. Raises NotFound, VersionStale."""
    seen = await read_claim(tx, claim_no)
    notice = await lock_notice(tx, seen.notice_no)
    claim = await lock_claim(tx, claim_no)
    if expected_version is not None and claim.version != expected_version:
        raise VersionStale(str(claim.version))
    return notice, claim
