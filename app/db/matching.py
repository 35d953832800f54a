"""The comparing of one day: one pass over the lines of a side and our settlements, set by set.

Ours are the attempts that were paid, and those that came back or were reversed, wholly or in part;
each is a movement of money with its references. A movement and a line belong together by settlement
number and direction; then all other references and the amount must agree too.
Running it again changes nothing.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.db.reconciliation_books import Book
from app.db.rows import sql
from app.db.session import Tx
from app.db.statements import is_covered
from app.domain.caller import area_range
from app.domain.matching import Kind
from app.domain.statement import Side

# Whoever gave no line for a movement of a day that a closed book holds already, or before the book
# was opened, is asked on the first open day, or never.
_MOVEMENT = """
    movement AS MATERIALIZED (
        SELECT a.id AS attempt_id, m.direction, a.settlement_no, o.reference, c.claim_no,
               c.insurer_case_no, m.amount_fen, m.moved_on
        FROM payout_attempt AS a
        JOIN payout AS o ON o.id = a.payout_id
        JOIN claim AS c ON c.id = o.claim_id
        LEFT JOIN payout_reversal AS v ON v.payout_id = a.payout_id AND v.attempt_seq = a.seq
        CROSS JOIN LATERAL (VALUES
            ('paid', a.amount_fen, a.paid_on),
            ('returned', coalesce(v.amount_fen, a.amount_fen),
             (coalesce(v.created_at, CASE WHEN a.status = 'returned' THEN a.updated_at END)
              AT TIME ZONE 'Asia/Shanghai')::date)
        ) AS m (direction, amount_fen, moved_on)
        WHERE a.area_code >= :lo AND a.area_code < :hi
          AND a.insurer_code IS NOT DISTINCT FROM CAST(:insurer_code AS text)
          AND a.settlement_no IS NOT NULL AND m.moved_on IS NOT NULL
          AND NOT EXISTS (
            SELECT FROM reconciliation_pair AS p
            WHERE p.attempt_id = a.id AND p.direction = m.direction AND p.side = :side)
    )
"""
# `nth` counts the lines of one day that bear the same number: all but the first are duplicates.
_JOINED = """
    fresh AS MATERIALIZED (
        SELECT l.statement_id, l.line_no, l.claim_no, l.payout_reference, l.settlement_no,
               l.insurer_case_no, l.direction, l.amount_fen, l.settled_on,
               l.settled_on < l.book_on AS late,
               row_number() OVER (PARTITION BY l.settlement_no, l.direction
                                  ORDER BY l.statement_id, l.line_no) AS nth
        FROM statement_line AS l
        JOIN statement AS s ON s.id = l.statement_id AND s.discarded_at IS NULL
        WHERE l.book_id = :book_id AND l.side = :side AND l.book_on = :day
    ), joined AS MATERIALIZED (
        SELECT f.*, m.attempt_id, m.claim_no AS our_claim_no, m.reference AS our_reference,
               m.insurer_case_no AS our_case_no, m.settlement_no AS our_settlement_no,
               m.amount_fen AS our_fen, m.moved_on
        FROM fresh AS f
        LEFT JOIN movement AS m ON f.nth = 1 AND m.settlement_no = f.settlement_no
          AND m.direction = f.direction
    )
"""
_LISTED = """
    SELECT FROM statement_line AS e
    JOIN statement AS s ON s.id = e.statement_id AND s.discarded_at IS NULL
    WHERE e.book_id = :book_id AND e.side = :side
      AND e.settlement_no = {0}.settlement_no AND e.direction = {0}.direction
"""
# The same payout under another settlement number: lines and movements that are left over.
_ALIAS = f"""
    listed AS MATERIALIZED (
        SELECT DISTINCT e.settlement_no, e.direction FROM statement_line AS e
        JOIN statement AS s ON s.id = e.statement_id AND s.discarded_at IS NULL
        WHERE e.book_id = :book_id AND e.side = :side AND e.book_on < :day
          AND e.settlement_no IN (
            SELECT j.settlement_no FROM joined AS j WHERE j.nth = 1 AND j.attempt_id IS NULL)
    ), loose AS MATERIALIZED (
        SELECT j.statement_id, j.line_no, j.claim_no, j.payout_reference, j.direction,
               e.settlement_no IS NOT NULL AS listed_before,
               row_number() OVER (PARTITION BY j.claim_no, j.payout_reference, j.direction
                                  ORDER BY j.settled_on, j.statement_id, j.line_no) AS place
        FROM joined AS j LEFT JOIN listed AS e
          ON e.settlement_no = j.settlement_no AND e.direction = j.direction
        WHERE j.nth = 1 AND j.attempt_id IS NULL
    ), spare AS MATERIALIZED (
        SELECT m.*, row_number() OVER (PARTITION BY m.claim_no, m.reference, m.direction
                                       ORDER BY m.moved_on, m.attempt_id) AS place
        FROM movement AS m
        WHERE m.claim_no IN (SELECT claim_no FROM loose)
          AND NOT EXISTS (SELECT FROM joined AS j
                          WHERE j.attempt_id = m.attempt_id AND j.direction = m.direction)
          AND NOT EXISTS ({_LISTED.format("m")})
    ), alias AS MATERIALIZED (
        SELECT l.statement_id, l.line_no, s.attempt_id, s.direction, s.settlement_no, s.amount_fen,
               s.moved_on, s.insurer_case_no
        FROM loose AS l
        JOIN spare AS s ON s.claim_no = l.claim_no AND s.reference = l.payout_reference
          AND s.direction = l.direction AND s.place = l.place AND NOT l.listed_before
    )
"""
_AGREES = """
    {0}.claim_no = {1}.claim_no AND {0}.payout_reference IS NOT DISTINCT FROM {1}.reference
    AND ({0}.insurer_case_no IS NULL OR {1}.insurer_case_no IS NULL
         OR {0}.insurer_case_no = {1}.insurer_case_no)
    AND {0}.amount_fen = {1}.amount_fen
"""
_ODD_REFERENCE = """
    CASE WHEN j.attempt_id IS NULL THEN NULL
         WHEN j.claim_no <> j.our_claim_no THEN 'claim_no'
         WHEN j.payout_reference IS DISTINCT FROM j.our_reference THEN 'payout_reference'
         WHEN j.insurer_case_no <> j.our_case_no THEN 'insurer_case_no' END
"""
_JUDGED = f"""
    judged AS MATERIALIZED (
        SELECT j.statement_id, j.line_no, j.claim_no, j.payout_reference, j.settlement_no,
               j.insurer_case_no, j.direction, j.amount_fen, j.settled_on,
               coalesce(j.attempt_id, a.attempt_id) AS attempt_id,
               coalesce(j.our_fen, a.amount_fen) AS our_fen,
               coalesce(j.moved_on, a.moved_on) AS moved_on,
               coalesce(j.our_settlement_no, a.settlement_no) AS our_settlement_no,
               j.our_claim_no, j.our_reference, j.our_case_no, odd.name AS odd, j.nth,
               CASE WHEN j.nth > 1 THEN 'duplicate'
                    WHEN j.attempt_id IS NOT NULL THEN
                        CASE WHEN odd.name IS NOT NULL THEN 'reference_mismatch'
                             WHEN j.amount_fen <> j.our_fen THEN 'amount_mismatch'
                             WHEN j.late THEN 'late' ELSE 'matched' END
                    WHEN l.listed_before THEN 'duplicate'
                    WHEN a.attempt_id IS NOT NULL THEN 'reference_mismatch'
                    ELSE 'only_theirs' END AS kind
        FROM joined AS j
        LEFT JOIN loose AS l ON l.statement_id = j.statement_id AND l.line_no = j.line_no
        LEFT JOIN alias AS a ON a.statement_id = j.statement_id AND a.line_no = j.line_no
        CROSS JOIN LATERAL (SELECT {_ODD_REFERENCE} AS name) AS odd
    )
"""
_MISSING = f"""
    missing AS MATERIALIZED (
        SELECT m.* FROM movement AS m
        WHERE :covered AND greatest(m.moved_on, :first_open) = :day AND m.moved_on >= :opened_on
          AND NOT EXISTS (SELECT FROM joined AS j
                          WHERE j.attempt_id = m.attempt_id AND j.direction = m.direction)
          AND NOT EXISTS (SELECT FROM alias AS a
                          WHERE a.attempt_id = m.attempt_id AND a.direction = m.direction)
          AND NOT EXISTS ({_LISTED.format("m")} AND e.book_on <> :day)
          AND NOT EXISTS (
            SELECT FROM reconciliation_item AS i
            WHERE i.attempt_id = m.attempt_id AND i.direction = m.direction AND i.side = :side
              AND i.book_id = :book_id AND i.day_on <> :day)
    )
"""
# What our own books say of a line that they do not hold.
_WHY_THEIRS = """
    CASE WHEN d.direction = 'returned' THEN 'not_paid_here' ELSE coalesce((
        SELECT CASE
            WHEN o.status IN ('sent', 'pending') THEN 'in_flight'
            WHEN o.status IN ('failed', 'returned') THEN 'stopped_here'
            WHEN o.status = 'paid' THEN 'paid_otherwise'
            WHEN c.decided_fen IS NULL THEN 'not_decided'
            ELSE 'payout_unknown' END
        FROM claim AS c LEFT JOIN LATERAL (
            SELECT o.status FROM payout AS o
            WHERE o.claim_id = c.id AND (o.reference = d.payout_reference
                OR (o.reference IS NULL AND o.amount_fen = d.amount_fen))
            ORDER BY o.reference NULLS LAST LIMIT 1
        ) AS o ON true
        WHERE c.claim_no = d.claim_no AND c.area_code >= :lo AND c.area_code < :hi
          AND c.insurer_code IS NOT DISTINCT FROM CAST(:insurer_code AS text)
    ), 'claim_unknown') END
"""
_DIFFERENCES = f"""
    difference AS MATERIALIZED (
        SELECT 'line ' || d.statement_id || ' ' || d.line_no AS subject, d.kind, d.direction,
               d.claim_no, d.statement_id, d.line_no, d.attempt_id,
               CASE d.kind
                   WHEN 'only_theirs' THEN {_WHY_THEIRS}
                   WHEN 'reference_mismatch' THEN coalesce(d.odd, 'settlement_no')
                   WHEN 'duplicate' THEN
                       CASE WHEN d.nth > 1 THEN 'same_file' ELSE 'earlier_day' END
                   WHEN 'late' THEN 'closed_day' END AS reason,
               CASE WHEN d.attempt_id IS NULL THEN '{{}}'::jsonb
                    ELSE jsonb_strip_nulls(jsonb_build_object(
                        'claim_no', coalesce(d.our_claim_no, d.claim_no),
                        'payout_reference', coalesce(d.our_reference, d.payout_reference),
                        'settlement_no', d.our_settlement_no, 'insurer_case_no', d.our_case_no,
                        'amount_fen', d.our_fen, 'on', d.moved_on)) END AS ours,
               jsonb_strip_nulls(jsonb_build_object(
                   'claim_no', d.claim_no, 'payout_reference', d.payout_reference,
                   'settlement_no', d.settlement_no, 'insurer_case_no', d.insurer_case_no,
                   'amount_fen', d.amount_fen, 'on', d.settled_on)) AS theirs
        FROM judged AS d WHERE d.kind <> 'matched'
        UNION ALL
        SELECT 'ours ' || m.attempt_id || ' ' || m.direction, 'only_ours', m.direction, m.claim_no,
               NULL, NULL, m.attempt_id,
               CASE WHEN m.moved_on < :day THEN 'closed_day' END,
               jsonb_strip_nulls(jsonb_build_object(
                   'claim_no', m.claim_no, 'payout_reference', m.reference,
                   'settlement_no', m.settlement_no, 'insurer_case_no', m.insurer_case_no,
                   'amount_fen', m.amount_fen, 'on', m.moved_on)),
               '{{}}'::jsonb
        FROM missing AS m
    )
"""
# A carried difference is settled by itself when both sides have come to agree.
_AGREED_LATER = f"""
    agreed AS MATERIALIZED (
        SELECT i.id FROM reconciliation_item AS i
        JOIN judged AS d ON d.attempt_id = i.attempt_id AND d.direction = i.direction
        WHERE i.book_id = :book_id AND i.side = :side AND i.state = 'carried'
          AND i.cleared_on IS NULL AND i.day_on < :day AND d.kind IN ('matched', 'late')
        UNION
        SELECT i.id FROM reconciliation_item AS i
        JOIN statement_line AS l ON l.statement_id = i.statement_id AND l.line_no = i.line_no
        JOIN movement AS m ON m.settlement_no = l.settlement_no AND m.direction = l.direction
          AND {_AGREES.format("l", "m")}
        WHERE i.book_id = :book_id AND i.side = :side AND i.state = 'carried'
          AND i.cleared_on IS NULL AND i.day_on < :day AND i.kind <> 'duplicate'
    )
"""
_PASS = sql(
    f"""
    WITH {_MOVEMENT}, {_JOINED}, {_ALIAS}, {_JUDGED}, {_MISSING}, {_DIFFERENCES}, {_AGREED_LATER},
    written AS (
        INSERT INTO reconciliation_item AS i (area_code, insurer_code, book_id, day_on, side,
            subject, kind, reason, direction, claim_no, statement_id, line_no, attempt_id, ours,
            theirs)
        SELECT :lo, CAST(:insurer_code AS text), :book_id, :day, :side, d.subject, d.kind, d.reason,
               d.direction, d.claim_no, d.statement_id, d.line_no, d.attempt_id, d.ours, d.theirs
        FROM difference AS d ORDER BY d.subject
        ON CONFLICT (book_id, side, subject) DO UPDATE SET
            kind = excluded.kind, reason = excluded.reason, attempt_id = excluded.attempt_id,
            ours = excluded.ours, theirs = excluded.theirs,
            state = CASE WHEN i.owner IS NULL THEN 'open' ELSE 'owned' END,
            effect = NULL, settled_by = NULL, settled_at = NULL
        WHERE (i.state IN ('open', 'owned')
               AND (i.kind, i.reason, i.attempt_id, i.ours, i.theirs) IS DISTINCT FROM
                   (excluded.kind, excluded.reason, excluded.attempt_id, excluded.ours,
                    excluded.theirs))
           OR (i.state = 'resolved' AND i.effect = 'matched')
    ), gone AS (
        UPDATE reconciliation_item AS i SET state = 'resolved', effect = 'matched',
            proposed_by = NULL, settled_by = ctx_actor(), settled_at = business_now()
        WHERE i.book_id = :book_id AND i.side = :side AND i.day_on = :day
          AND i.state IN ('open', 'owned')
          AND NOT EXISTS (SELECT FROM difference AS d WHERE d.subject = i.subject)
    ), cleared AS (
        UPDATE reconciliation_item AS i SET cleared_on = :day, cleared_by = ctx_actor(),
            cleared_effect = 'matched', cleared_at = business_now()
        FROM agreed AS a WHERE a.id = i.id AND :day = :first_open
    )
    SELECT kind, direction, count(*) AS found, coalesce(sum(our_fen), 0)::bigint AS ours_fen,
           coalesce(sum(amount_fen), 0)::bigint AS theirs_fen
    FROM (SELECT kind, direction, CASE WHEN kind <> 'duplicate' THEN our_fen END AS our_fen,
                 amount_fen FROM judged
          UNION ALL SELECT 'only_ours', direction, amount_fen, NULL FROM missing) AS seen
    GROUP BY kind, direction ORDER BY kind, direction
    """
)
_PAIR = sql(
    f"""
    WITH {_MOVEMENT}, {_JOINED}, {_ALIAS}, {_JUDGED}
    INSERT INTO reconciliation_pair (statement_id, line_no, area_code, insurer_code, book_id, side,
                                     day_on, attempt_id, direction)
    SELECT d.statement_id, d.line_no, :lo, CAST(:insurer_code AS text), :book_id, :side, :day,
           d.attempt_id, d.direction
    FROM judged AS d WHERE d.kind IN ('matched', 'late')
    UNION ALL
    SELECT l.statement_id, l.line_no, :lo, CAST(:insurer_code AS text), :book_id, :side, :day,
           m.attempt_id, m.direction
    FROM reconciliation_item AS i
    JOIN statement_line AS l ON l.statement_id = i.statement_id AND l.line_no = i.line_no
    JOIN movement AS m ON m.settlement_no = l.settlement_no AND m.direction = l.direction
    WHERE i.book_id = :book_id AND i.side = :side AND i.cleared_on = :day
      AND NOT EXISTS (SELECT FROM judged AS d
                      WHERE d.attempt_id = m.attempt_id AND d.direction = m.direction)
    """
)
# Lines that were inserted a moment ago have no statistics yet: the planner would take thousands for
# one and loop over them thousands of times. For the length of a pass it hashes instead, and may
# take longer than what a person waits for.
_AS_SETS = sql(
    """
    SELECT set_config('enable_nestloop', :loops, true), set_config('jit', 'off', true),
           set_config('work_mem', '32MB', true), set_config('statement_timeout', '5min', true)
    """
)


_SIDES = sql("SELECT DISTINCT side FROM statement WHERE book_id = :book_id ORDER BY side")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many settlements of one kind and direction, and what both sides say of them; fen."""

    kind: Kind
    direction: str
    count: int
    ours_fen: int
    theirs_fen: int


async def sides_heard(tx: Tx, book: Book) -> list[Side]:
    """Give the sides that ever gave a statement; with any other there is nothing to compare."""
    return [Side(side) for side in (await tx.sql.execute(_SIDES, {"book_id": book.id})).scalars()]


async def compare(tx: Tx, book: Book, side: Side, day: date, first_open: date) -> list[Tally]:
    """Compare one side of a day of a held book, and write its differences; the same run, the same.

    What only we have is a difference only when the side has spoken of the day.
    """
    covered = await is_covered(tx, book, side.value, day)
    values = _values(book, side, day)
    more = {"covered": covered, "first_open": first_open, "opened_on": book.opened_on}
    async with _as_sets(tx):
        rows = (await tx.sql.execute(_PASS, {**values, **more})).all()
    return [
        Tally(Kind(row.kind), row.direction, row.found, row.ours_fen, row.theirs_fen)
        for row in rows
    ]


async def keep_pairs(tx: Tx, book: Book, side: Side, day: date) -> None:
    """Write down which line of a day that is being closed stands for which of our movements."""
    async with _as_sets(tx):
        await tx.sql.execute(_PAIR, _values(book, side, day))


@asynccontextmanager
async def _as_sets(tx: Tx) -> AsyncGenerator[None]:
    await tx.sql.execute(_AS_SETS, {"loops": "off"})
    yield
    await tx.sql.execute(_AS_SETS, {"loops": "on"})


def _values(book: Book, side: Side, day: date) -> Mapping[str, Any]:
    lo, hi = area_range(book.area_code)
    return {
        "book_id": book.id,
        "insurer_code": book.insurer_code,
        "side": side.value,
        "day": day,
        "lo": lo,
        "hi": hi,
    }
