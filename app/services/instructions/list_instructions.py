"""List instructions: what we asked of insurers, and how far that got."""

from uuid import UUID

from app.db.instructions import InstructionRow
from app.db.instructions import list_instructions as find_instructions
from app.db.session import Tx


async def list_instructions(
    tx: Tx,
    *,
    state: str | None,
    claim_no: str | None,
    before: UUID | None,
    limit: int,
    case_no: str | None = None,
) -> list[InstructionRow]:
    """Give up to `limit` instructions, newest first, before an id; an insurer sees its own."""
    return await find_instructions(
        tx, state=state, claim_no=claim_no, before=before, limit=limit, case_no=case_no
    )
