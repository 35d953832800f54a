"""Statements as they were taken, with their lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.db.reconciliation_books import Book
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.errors import NotFound
from app.domain.statement import StatementLine, Totals

CHUNK = 1_000  # lines in one statement's parameters: memory is a chunk's, time hardly more

_COLUMNS = """
    s.id, s.book_id, s.area_code, s.insurer_code, b.party, s.side, s.source, s.from_on, s.day_on,
    s.sha256, s.paid_count, s.paid_fen, s.returned_count, s.returned_fen, s.taken_by, s.taken_at,
    s.discarded_by, s.discard_reason_zh, s.discarded_at
"""
_FROM = "FROM statement AS s JOIN reconciliation_book AS b ON b.id = s.book_id"
_ADD = sql(
    """
    INSERT INTO statement (id, area_code, insurer_code, book_id, side, source, from_on, day_on,
                           sha256, paid_count, paid_fen, returned_count, returned_fen, taken_by)
    VALUES (:id, :area_code, :insurer_code, :book_id, :side, :source, :from_on, :day_on, :sha256,
            :paid_count, :paid_fen, :returned_count, :returned_fen, ctx_actor())
    """
)
# Row security and COPY exclude each other, so lines come as arrays: one round trip for thousands.
_ADD_LINES = """
    INSERT INTO statement_line (statement_id, line_no, area_code, insurer_code, book_id, side,
        book_on, claim_no, payout_reference, settlement_no, insurer_case_no, direction, amount_fen,
        settled_on)
    SELECT $1, $2::integer + l.place, $3, $4, $5, $6, greatest(l.settled_on, $7), l.claim_no,
           l.payout_reference, l.settlement_no, l.insurer_case_no, l.direction, l.amount_fen,
           l.settled_on
    FROM unnest($8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[],
                $14::date[]) WITH ORDINALITY AS l (claim_no, payout_reference, settlement_no,
                insurer_case_no, direction, amount_fen, settled_on, place)
"""
_SAME = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE s.book_id = :book_id AND s.side = :side AND s.day_on = :day_on AND s.sha256 = :sha256
      AND s.discarded_at IS NULL
    """
)
_READ = sql(f"SELECT {_COLUMNS} {_FROM} WHERE s.id = :id")
_LIST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE (CAST(:party AS text) IS NULL OR b.party = :party)
      AND (CAST(:day AS date) IS NULL OR s.day_on = :day)
      AND (CAST(:before AS uuid) IS NULL OR s.id < :before)
    ORDER BY s.id DESC LIMIT :limit
    """
)
_DAYS = sql("SELECT DISTINCT book_on FROM statement_line WHERE statement_id = :id ORDER BY book_on")
_COVERED = sql(
    """
    SELECT EXISTS (
        SELECT FROM statement WHERE book_id = :book_id AND side = :side AND discarded_at IS NULL
          AND :day BETWEEN from_on AND day_on)
    """
)
_DISCARD = sql(
    """
    UPDATE statement SET discarded_by = ctx_actor(), discard_reason_zh = :reason_zh,
        discarded_at = business_now()
    WHERE id = :id
    """
)
# Referrals whose answer was lost, at insurers that can neither honour a key nor be asked: that
# the statement names the claim proves that it arrived.
_WAKE_LOST = sql(
    """
    INSERT INTO job (kind, lane, subject)
    SELECT CAST(:kind AS text), 'desk', i.id::text
    FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id
    WHERE i.insurer_code = :insurer_code AND i.kind = 'refer_claim'
      AND (i.state IN ('sent', 'unknown') OR i.state = 'parked' AND i.last_error = 'answer_lost')
      AND c.claim_no IN (SELECT claim_no FROM statement_line WHERE statement_id = :id)
    ON CONFLICT (kind, subject) WHERE state = 'ready'
    DO UPDATE SET run_at = least(job.run_at, excluded.run_at)
    """
)
# Of each county in which an insurer that gives statements has claims: the days since the last one
# that was pulled, a week at most, up to yesterday.
_TO_PULL = sql(
    """
    SELECT n.code AS insurer_code, c.area_code, day::date AS day
    FROM insurer AS n
    JOIN LATERAL (
        SELECT DISTINCT area_code - area_code % 1000000 AS area_code FROM claim
        WHERE insurer_code = n.code
    ) AS c ON true
    LEFT JOIN reconciliation_book AS b ON b.area_code = c.area_code AND b.party = n.code
    LEFT JOIN LATERAL (
        SELECT max(s.day_on) AS day_on FROM statement AS s
        WHERE s.book_id = b.id AND s.side = 'statement' AND s.discarded_at IS NULL
    ) AS last ON true
    CROSS JOIN LATERAL generate_series(
        greatest(coalesce(greatest(last.day_on, b.closed_on) + 1, business_today() - 1),
                 business_today() - 7)::timestamp,
        (business_today() - 1)::timestamp, interval '1 day') AS day
    WHERE n.gives_statements ORDER BY 1, 2, 3
    """
)
_CASE_NO = sql(
    """
    SELECT l.insurer_case_no FROM statement_line AS l
    WHERE l.book_id IN (SELECT id FROM reconciliation_book WHERE party = :party)
      AND l.claim_no = :claim_no
    ORDER BY l.insurer_case_no NULLS LAST LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement that was taken whole; amounts in fen, `sha256` in hex, days in Asia/Shanghai."""

    id: UUID
    book_id: UUID
    area_code: int
    insurer_code: str | None
    party: str
    side: str
    source: str
    from_on: date
    day_on: date
    sha256: str
    paid_count: int
    paid_fen: int
    returned_count: int
    returned_fen: int
    taken_by: str
    taken_at: datetime
    discarded_by: str | None
    discard_reason_zh: str | None
    discarded_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewStatement:
    """What is told of a statement beside its lines."""

    side: str
    source: str
    from_on: date
    day_on: date
    sha256: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Wanted:
    """A day's statement that an insurer is to be asked for."""

    insurer_code: str
    area_code: int
    day: date

    @property
    def subject(self) -> str:
        """Name it as the subject of a job."""
        return f"{self.insurer_code}/{self.area_code:012d}/{self.day}"

    @classmethod
    def of(cls, subject: str) -> "Wanted":
        """Read a job's subject."""
        insurer_code, area_code, day = subject.split("/")
        return cls(insurer_code, int(area_code), date.fromisoformat(day))


async def statements_to_pull(tx: Tx) -> list[Wanted]:
    """Give what insurers that give statements over their interface have not given yet."""
    return [record(Wanted, row) for row in await tx.sql.execute(_TO_PULL)]


async def same_statement(
    tx: Tx, book: Book, side: str, day: date, sha256: str
) -> StatementRow | None:
    """Give the statement of the very same content, if it was taken before."""
    row = await tx.sql.execute(
        _SAME, {"book_id": book.id, "side": side, "day_on": day, "sha256": sha256}
    )
    found = row.one_or_none()
    return None if found is None else record(StatementRow, found)


async def add_statement(
    tx: Tx, book: Book, new: NewStatement, lines: Iterable[StatementLine], first_open: date
) -> UUID:
    """Store a statement and its lines in chunks, so that memory does not grow with their number.

    A line belongs to the day it was settled on, or to the first open day when that one is closed.
    """
    statement_id = new_id()
    await tx.sql.execute(
        _ADD,
        {
            "id": statement_id,
            "area_code": book.area_code,
            "insurer_code": book.insurer_code,
            "book_id": book.id,
            "side": new.side,
            "source": new.source,
            "from_on": new.from_on,
            "day_on": new.day_on,
            "sha256": new.sha256,
            "paid_count": new.totals.paid_count,
            "paid_fen": new.totals.paid_fen,
            "returned_count": new.totals.returned_count,
            "returned_fen": new.totals.returned_fen,
        },
    )
    left, stored = iter(lines), 0
    while chunk := list(islice(left, CHUNK)):
        await tx.rows(
            _ADD_LINES,
            statement_id,
            stored,
            book.area_code,
            book.insurer_code,
            book.id,
            new.side,
            first_open,
            *_columns(chunk),
        )
        stored += len(chunk)
    return statement_id


async def read_statement(tx: Tx, statement_id: UUID) -> StatementRow:
    """Give a statement, or NotFound."""
    row = (await tx.sql.execute(_READ, {"id": statement_id})).one_or_none()
    if row is None:
        raise NotFound("没有找到这份对账单。", "There is no such statement.")
    return record(StatementRow, row)


async def list_statements(
    tx: Tx, *, party: str | None, day: date | None, before: UUID | None, limit: int
) -> list[StatementRow]:
    """Give statements, newest first."""
    rows = await tx.sql.execute(
        _LIST, {"party": party, "day": day, "before": before, "limit": limit}
    )
    return [record(StatementRow, row) for row in rows]


async def days_of_statement(tx: Tx, statement_id: UUID) -> list[date]:
    """Give the days that a statement's lines were put into, in order."""
    return list((await tx.sql.execute(_DAYS, {"id": statement_id})).scalars())


async def is_covered(tx: Tx, book: Book, side: str, day: date) -> bool:
    """Tell whether a side has spoken of a day."""
    values = {"book_id": book.id, "side": side, "day": day}
    found: bool = (await tx.sql.execute(_COVERED, values)).scalar_one()
    return found


async def discard(tx: Tx, statement_id: UUID, reason_zh: str) -> None:
    """Mark a statement as withdrawn by whoever made it; its lines stay and count no more."""
    await tx.sql.execute(_DISCARD, {"id": statement_id, "reason_zh": reason_zh})


async def wake_lost_referrals(tx: Tx, book: Book, statement_id: UUID, kind: str) -> None:
    """Enqueue a job of this kind for each referral in doubt whose claim the statement names."""
    await tx.sql.execute(
        _WAKE_LOST, {"id": statement_id, "kind": kind, "insurer_code": book.insurer_code}
    )


async def case_no_told(tx: Tx, party: str, claim_no: str) -> tuple[bool, str | None]:
    """Tell whether a party's statements name a claim, and under which number of its own."""
    row = (await tx.sql.execute(_CASE_NO, {"party": party, "claim_no": claim_no})).one_or_none()
    return row is not None, None if row is None else row.insurer_case_no


def _columns(chunk: Sequence[StatementLine]) -> tuple[list[Any], ...]:
    return (
        [line.claim_no for line in chunk],
        [line.payout_reference for line in chunk],
        [line.settlement_no for line in chunk],
        [line.insurer_case_no for line in chunk],
        [line.direction.value for line in chunk],
        [line.amount_fen for line in chunk],
        [line.settled_on for line in chunk],
    )
