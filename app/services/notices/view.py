"""What is shown of a notice: itself, its claims, and what a clerk should look at again."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.claims import ClaimRow, claims_of
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.db.submission import NewClaim
from app.domain.errors import Fault
from app.domain.lifecycle import NoticeStatus
from app.domain.masks import Mask, mask_for
from app.domain.notice_checks import draft_warnings
from app.services.people.consents import consent_warnings


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with its claims; `warnings` stop nothing, `mask` is how the caller sees people."""

    notice: NoticeRow
    claims: Sequence[ClaimRow | NewClaim]
    warnings: tuple[Fault, ...]
    mask: Mask


async def view_notice(tx: Tx, notice: NoticeRow) -> NoticeView:
    """Put together what is shown of a notice."""
    claims = await claims_of(tx, [notice.id]) if notice.submitted_at else []
    warnings = draft_warnings(notice.content, await tx.today())
    if notice.status is NoticeStatus.DRAFT:
        warnings += await consent_warnings(tx, notice.content)
    return NoticeView(notice, tuple(claims), warnings, mask_of(tx, notice))


def mask_of(tx: Tx, notice: NoticeRow) -> Mask:
    """Give how closely the caller sees the people whom a notice names."""
    return mask_for(tx.caller.role, protected=notice.protected)
