"""Ask the township for papers that are still missing."""

from datetime import date

from app.db.claims import ClaimRow, move_claim
from app.db.session import Tx
from app.domain.lifecycle import Move, Moved, path
from app.services.claims.held import hold_claim

Papers = tuple[tuple[str, str], ...]


async def request_evidence(
    tx: Tx, claim_no: str, expected_version: int, papers: Papers, due_on: date, reason_zh: str
) -> ClaimRow:
    """Ask for papers, (code, label) each, by a day in Asia/Shanghai, while approval is pending.

    Raises NotFound, VersionStale, IllegalMove.
    """
    _, claim = await hold_claim(tx, claim_no, expected_version)
    moves = path(claim.status, Move.REQUEST_EVIDENCE)
    return await ask_papers(tx, claim, moves, papers, due_on, reason_zh)


async def ask_papers(
    tx: Tx,
    claim: ClaimRow,
    moves: tuple[Moved, ...],
    papers: Papers,
    due_on: date | None,
    reason_zh: str,
) -> ClaimRow:
    """Write a request for papers on a held claim; it returns to where it came from."""
    return await move_claim(
        tx,
        claim,
        moves,
        detail={"papers": [code for code, _ in papers], "reason_zh": reason_zh},
        held_from=moves[-1].was,
        papers_asked=[{"code": code, "label_zh": label} for code, label in papers],
        due_on=due_on,
    )
