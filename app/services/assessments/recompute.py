"""Prove that stored assessments come out bit for bit from their facts, usage and terms."""

from dataclasses import dataclass, field
from uuid import UUID

from app.db.session import Database, Tx
from app.db.stored_assessments import StoredRow, stored_after
from app.db.terms import terms_of
from app.domain.caller import Caller
from app.domain.canonical import digest
from app.domain.errors import NotFound
from app.domain.recompute import Mismatch, Stored, mismatch

PAGE = 500
TOLD_MOST = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """An assessment that does not come out as stored, and where it first differs."""

    claim_no: str
    seq: int
    stored_fen: int
    found: Mismatch


@dataclass(slots=True)
class Recount:
    """How many were made again and how many differ; the first differences only."""

    checked: int = 0
    differing: int = 0
    first: list[Difference] = field(default_factory=list)


async def recompute(
    database: Database, caller: Caller, claim_no: str | None = None, *, page: int = PAGE
) -> Recount:
    """Recompute every stored assessment, or one claim's. Raises NotFound for an unknown claim.

    One transaction for each page, so nothing is held for long and memory stays flat.
    """
    count = Recount()
    after: UUID | None = None
    while True:
        async with database.transaction(caller) as tx:
            rows = await stored_after(tx, after, claim_no, page)
            for row in rows:
                _add(count, row, await _check(tx, row))
        if len(rows) < page:
            break
        after = rows[-1].id
    if claim_no is not None and count.checked == 0:
        raise NotFound("没有这个赔案，或尚未理算。", "No such claim, or no assessment yet.")
    return count


def _add(count: Recount, row: StoredRow, found: Mismatch | None) -> None:
    count.checked += 1
    if found is not None:
        count.differing += 1
        if len(count.first) < TOLD_MOST:
            count.first.append(Difference(row.claim_no, row.seq, row.amount_fen, found))


async def _check(tx: Tx, row: StoredRow) -> Mismatch | None:
    """Recompute one; terms that are gone, or no longer have the digest that names them, differ."""
    if not row.known:
        return Mismatch("/terms_sha256", None)
    terms = await terms_of(tx, row.terms_sha256)
    if row.terms_sha256 not in _PROVED:
        if digest(terms) != row.terms_sha256:
            return Mismatch("/terms", None)
        _PROVED.add(row.terms_sha256)
    return mismatch(terms, Stored(row.facts, row.usage, row.result, row.amount_fen))


_PROVED: set[str] = set()  # digests of terms that were read and found to be what they say
