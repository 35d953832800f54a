"""Restorations: the database stands where it stood before, the world does not.

What was filed, sent and decided in between is lost here, and insurers still have it. While a
restoration is open no job that tells an insurer anything is taken (`jobs`), and no batch goes to a
bank. Business numbers of the lost time are skipped: another notice under the number of a lost one
would be taken for it by an insurer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx

_OPEN = sql(
    """
    SELECT id, began_at, back_to_at, reason, skipped, last_root, heard, ended_at, end_reason
    FROM restoration WHERE open
    """
)
_LATEST_ROOT = sql("SELECT max(last_root) FROM restoration")
_BEGIN = sql(
    """
    INSERT INTO restoration (id, back_to_at, reason, skipped, last_root)
    VALUES (:id, coalesce((SELECT at FROM event ORDER BY seq DESC LIMIT 1), clock_timestamp()),
            :reason, :skipped, :last_root)
    """
)
# The next year's serials too when the lost time went over the turn of a year; and counties that had
# filed nothing yet, but had somebody insured.
_SKIP = sql(
    """
    INSERT INTO notice_serial AS s (county, year, last)
    SELECT county, extract(year FROM business_today())::integer, CAST(:skipped AS integer) FROM (
        SELECT county FROM notice_serial UNION SELECT DISTINCT area_code / 1000000 * 1000000
        FROM enrolment) AS known (county)
    UNION SELECT county, year, CAST(:skipped AS integer) FROM notice_serial
    WHERE year >= extract(year FROM business_today()) - 1
    ON CONFLICT (county, year) DO UPDATE SET last = s.last + CAST(:skipped AS integer)
    """
)
_DOUBT = sql(
    """
    UPDATE instruction SET state = 'unknown', last_error = 'restored'
    WHERE state = 'ready' AND created_at < :before
    """
)
_HEAR = sql(
    """
    UPDATE restoration SET heard = heard || jsonb_build_object(CAST(:party AS text),
        CAST(:source AS text)) WHERE open
    """
)
_END = sql(
    """
    UPDATE restoration SET open = NULL, ended_at = clock_timestamp(), ended_by = ctx_actor(),
        end_reason = :reason WHERE open
    """
)
_UNHEARD = sql(
    """
    SELECT party FROM (
        SELECT code AS party FROM insurer
        UNION ALL SELECT 'bank' WHERE EXISTS (SELECT FROM payout_batch)
    ) AS parties WHERE NOT EXISTS (SELECT FROM restoration AS r WHERE r.open AND r.heard ? party)
    ORDER BY party
    """
)
_CASE = """
    id, insurer_code, instruction_id, kind, claim_no, insurer_case_no, received_at, state, note
"""
_KEEP = sql(
    """
    INSERT INTO restored_case AS c (id, restoration_id, area_lo, area_hi, insurer_code,
        instruction_id, kind, claim_no, insurer_case_no, received_at, state)
    SELECT :id, r.id, :lo, :hi, :insurer_code, :instruction_id, :kind, :claim_no,
        CAST(:insurer_case_no AS text), :received_at, :state
    FROM restoration AS r WHERE r.open
    ON CONFLICT (insurer_code, instruction_id) DO UPDATE SET state = excluded.state
    WHERE c.state = 'lost'
    """
)
_CASES = sql(
    f"""
    SELECT {_CASE} FROM restored_case WHERE CAST(:state AS text) IS NULL OR state = :state
    ORDER BY claim_no, received_at LIMIT :limit
    """
)
_DISMISS = sql(
    """
    UPDATE restored_case SET state = 'dismissed', note = :note, settled_by = ctx_actor(),
        settled_at = clock_timestamp()
    WHERE claim_no = :claim_no AND state = 'lost'
    """
)
_LOST_NOTICE = sql(
    """
    SELECT EXISTS (SELECT FROM restored_case AS c JOIN restoration AS r ON r.id = c.restoration_id
        WHERE r.open AND c.state = 'lost' AND c.claim_no LIKE :claims)
    """
)
_OWN = sql(
    """
    SELECT i.id FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id
    WHERE c.claim_no = :claim_no AND i.kind = :kind AND i.insurer_code = :insurer_code
      AND i.state IN ('ready', 'sent', 'unknown', 'parked')
    ORDER BY i.id DESC LIMIT 1
    """
)
_SAME_CASE = sql(
    """
    SELECT EXISTS (SELECT FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id
        WHERE c.claim_no = :claim_no AND i.kind = :kind AND i.insurer_code = :insurer_code
          AND i.state = 'accepted' AND i.insurer_case_no = :insurer_case_no)
    """
)


@dataclass(frozen=True, slots=True)
class RestorationRow:
    """An open restoration. `heard`: by party (an insurer's code, `bank`) how it was heard."""

    id: UUID
    began_at: datetime
    back_to_at: datetime
    reason: str
    skipped: int
    last_root: str | None
    heard: Mapping[str, str]
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What an insurer has under an instruction that the restored state does not know."""

    id: UUID
    insurer_code: str
    instruction_id: UUID
    kind: str
    claim_no: str
    insurer_case_no: str | None
    received_at: datetime
    state: str
    note: str | None


async def open_restoration(tx: Tx) -> RestorationRow | None:
    """Give the restoration that is open, if there is one."""
    row = (await tx.sql.execute(_OPEN)).one_or_none()
    return None if row is None else record(RestorationRow, row)


async def begin(tx: Tx, reason: str, skipped: int, last_root: str | None) -> RestorationRow:
    """Open a restoration: skip numbers, and doubt every instruction that might have left."""
    values = {"id": new_id(), "reason": reason, "skipped": skipped, "last_root": last_root}
    await tx.sql.execute(_BEGIN, values)
    await tx.sql.execute(_SKIP, {"skipped": skipped})
    begun = await open_restoration(tx)
    assert begun is not None
    await tx.sql.execute(_DOUBT, {"before": begun.began_at})
    return begun


async def latest_root(tx: Tx) -> str | None:
    """Give the last published root that a restoration took note of."""
    name: str | None = await tx.sql.scalar(_LATEST_ROOT)
    return name


async def hear(tx: Tx, party: str, source: str) -> None:
    """Write down that a party was heard, and how."""
    await tx.sql.execute(_HEAR, {"party": party, "source": source})


async def unheard(tx: Tx) -> list[str]:
    """Give the parties that were not heard yet."""
    return list((await tx.sql.execute(_UNHEARD)).scalars())


async def end(tx: Tx, reason: str) -> None:
    """End the open restoration."""
    await tx.sql.execute(_END, {"reason": reason})


async def keep_case(tx: Tx, case: CaseRow, county: tuple[int, int]) -> None:
    """Keep what an insurer has; a case that a person dismissed, or was adopted, stays so."""
    lo, hi = county
    values = {name: getattr(case, name) for name in CaseRow.__slots__ if name != "note"}
    await tx.sql.execute(_KEEP, {**values, "lo": lo, "hi": hi})


async def list_cases(tx: Tx, *, state: str | None = None, limit: int = 1000) -> list[CaseRow]:
    """Give what insurers have, by claim number."""
    rows = await tx.sql.execute(_CASES, {"state": state, "limit": limit})
    return [record(CaseRow, row) for row in rows]


async def dismiss(tx: Tx, claim_no: str, note: str) -> int:
    """Settle the lost cases of a claim number by a person's word; gives how many."""
    return (await tx.sql.execute(_DISMISS, {"claim_no": claim_no, "note": note})).rowcount


async def is_lost_notice(tx: Tx, notice_no: str) -> bool:
    """Tell whether an insurer has a case of this notice, and nobody here has the notice."""
    found: bool = await tx.sql.scalar(_LOST_NOTICE, {"claims": f"{notice_no}-%"})
    return found


async def own_unsettled(tx: Tx, claim_no: str, kind: str, insurer_code: str) -> UUID | None:
    """Give our own unsettled instruction of that kind for a claim."""
    values = {"claim_no": claim_no, "kind": kind, "insurer_code": insurer_code}
    found: UUID | None = await tx.sql.scalar(_OWN, values)
    return found


async def has_same_case(
    tx: Tx, claim_no: str, kind: str, insurer_code: str, insurer_case_no: str | None
) -> bool:
    """Tell whether an accepted instruction of ours already bears that case number."""
    values = {
        "claim_no": claim_no,
        "kind": kind,
        "insurer_code": insurer_code,
        "insurer_case_no": insurer_case_no,
    }
    found: bool = await tx.sql.scalar(_SAME_CASE, values)
    return found
