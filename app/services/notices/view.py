"""What is shown of a notice: itself, its claims, and what a clerk should look at again."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.claims import ClaimRow, claims_of
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.db.submission import NewClaim
from app.domain.errors import Fault
from app.domain.notice_checks import draft_warnings


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with its claims; `warnings` stop nothing."""

    notice: NoticeRow
    claims: Sequence[ClaimRow | NewClaim]
    warnings: tuple[Fault, ...]


async def view_notice(tx: Tx, notice: NoticeRow) -> NoticeView:
    """Put together what is shown of a notice."""
    claims = await claims_of(tx, [notice.id]) if notice.submitted_at else []
    return NoticeView(notice, tuple(claims), draft_warnings(notice.content, await tx.today()))
