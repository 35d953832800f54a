"""What happens to a person's record: shown in full, protected, and in the end erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.db.people import PERSON_COLUMNS
from app.db.person_seals import PersonRow, open_person
from app.db.rows import fields_of, record, sql
from app.db.session import Tx

_HOLD = sql(f"SELECT {PERSON_COLUMNS} FROM person WHERE id = :id FOR UPDATE")
_TAKE_TURNS = sql("SELECT pg_advisory_xact_lock(hashtextextended('reveal ' || ctx_actor(), 0))")
# Real time, not business time: a limit is about how fast somebody asks.
_REVEALED = sql(
    """
    SELECT count(*) AS counted, min(at) + CAST(:window AS interval) - business_now() AS wait
    FROM access
    WHERE actor = ctx_actor() AND act = 'reveal' AND at > business_now() - CAST(:window AS interval)
    """
)
_PROTECT = sql(
    "UPDATE person SET protected = :protected, version = version + 1 WHERE id = :id "
    "RETURNING version"
)
_PROTECT_NOTICES = sql("UPDATE notice SET protected = :protected WHERE person_id = :id")
_PAYEES = sql(
    """
    SELECT o.id, o.payee_sealed FROM payout AS o
    JOIN claim AS c ON c.id = o.claim_id JOIN notice AS n ON n.id = c.notice_id
    WHERE n.person_id = :id AND o.payee_sealed IS NOT NULL ORDER BY o.created_at DESC LIMIT 20
    """
)
_ASK_ERASURE = sql(
    "UPDATE person SET erasure_asked_by = ctx_actor(), erasure_reason_zh = :reason WHERE id = :id"
)
_ASKED = sql("SELECT erasure_asked_by FROM person WHERE id = :id")
# Why a record must stay: a case that is open, a cover under which one could still be filed, and the
# day on which the last case was closed.
_NEEDED = sql(
    """
    SELECT EXISTS (
            SELECT FROM notice AS n LEFT JOIN claim AS c ON c.notice_id = n.id
            WHERE n.person_id = :id
              AND (n.status = 'submitted' OR c.status NOT IN ('closed', 'withdrawn'))
        ) AS open_case,
        (SELECT max((upper(e.covered) - 1 + make_interval(years => p.limitation_years))::date)
         FROM enrolment AS e JOIN policy AS p ON p.id = e.policy_id
         WHERE e.person_id = :id AND NOT e.void) AS claims_until,
        (SELECT max((n.updated_at AT TIME ZONE 'Asia/Shanghai')::date) FROM notice AS n
         WHERE n.person_id = :id AND n.submitted_at IS NOT NULL) AS last_case_on
    """
)
_CASES = (
    "SELECT c.id FROM claim AS c JOIN notice AS n ON n.id = c.notice_id WHERE n.person_id = :id"
)
_ERASE = tuple(
    sql(statement)
    for statement in (
        """
        UPDATE person SET key_sealed = NULL, name_sealed = '', name_index = '', id_type = 'none',
            id_sealed = NULL, id_index = NULL, phone_sealed = NULL, protected = true,
            birth_on = date_trunc('year', birth_on)::date, erased_at = business_now(),
            version = version + 1
        WHERE id = :id
        """,
        """
        UPDATE notice SET personal_sealed = '', client_ref = NULL, protected = true,
            content = (content - 'stays' - 'injuries' - 'extra') || jsonb_build_object('bills', (
                SELECT coalesce(jsonb_agg(
                    b - 'hospital' - 'hospital_area' - 'settlement_id' - 'invoice_no'), '[]')
                FROM jsonb_array_elements(content -> 'bills') AS b))
        WHERE person_id = :id
        """,
        f"UPDATE payout SET payee_sealed = NULL, account_last4 = NULL WHERE claim_id IN ({_CASES})",
        f"""
        UPDATE payout_attempt SET account_last4 = NULL
        WHERE payout_id IN (SELECT o.id FROM payout AS o WHERE o.claim_id IN ({_CASES}))
        """,
        f"""
        UPDATE account_proposal SET payee_sealed = '', account_index = '', account_last4 = ''
        WHERE payout_id IN (SELECT o.id FROM payout AS o WHERE o.claim_id IN ({_CASES}))
        """,
        """
        UPDATE account_check SET account_index = uuid_send(id), account_last4 = ''
        WHERE notice_id IN (SELECT n.id FROM notice AS n WHERE n.person_id = :id)
        """,
        f"UPDATE instruction SET body_sealed = '' WHERE claim_id IN ({_CASES})",
        "UPDATE enrolment SET certificate_no = NULL WHERE person_id = :id",
    )
)
# The key of an enciphered paper goes here; one in clear must be removed from the store as well.
_ERASE_PAPERS = sql(
    """
    UPDATE document SET key_sealed = '', likeness = NULL,
        removed_at = coalesce(removed_at, business_now())
    WHERE notice_id IN (SELECT n.id FROM notice AS n WHERE n.person_id = :id)
    RETURNING storage_key
    """
)
_OUTLIVED = sql(
    """
    SELECT p.id FROM person AS p
    WHERE p.erased_at IS NULL AND p.created_at < business_now() - interval '1 year'
      AND NOT EXISTS (
        SELECT FROM enrolment AS e JOIN policy AS y ON y.id = e.policy_id
        WHERE e.person_id = p.id AND NOT e.void
          AND upper(e.covered) - 1 + make_interval(years => y.limitation_years)
              >= business_today())
      AND NOT EXISTS (
        SELECT FROM notice AS n WHERE n.person_id = p.id AND (
            n.status = 'submitted'
            OR n.updated_at > business_now() - make_interval(days => :case_days)))
    ORDER BY p.id LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Needed:
    """Why a record must stay; `claims_until` and `last_case_on` are days in Asia/Shanghai."""

    open_case: bool
    claims_until: date | None
    last_case_on: date | None


async def hold_person(tx: Tx, person_id: UUID) -> PersonRow | None:
    """Hold a person until the end of the transaction and give them; None when unseen."""
    row = (await tx.sql.execute(_HOLD, {"id": person_id})).one_or_none()
    return None if row is None else open_person(tx.keyring, fields_of(row))


async def revealed_within(tx: Tx, window: timedelta) -> tuple[int, int]:
    """Count what the caller revealed within a window, and give the seconds until the first leaves.

    Takes turns with the caller's other requests, so that two at once do not both pass the limit.
    """
    await tx.sql.execute(_TAKE_TURNS)
    row = (await tx.sql.execute(_REVEALED, {"window": window})).one()
    wait: timedelta = row.wait or timedelta()
    return row.counted, max(1, int(wait.total_seconds()) + 1)


async def sealed_payees(tx: Tx, person_id: UUID) -> Sequence[tuple[UUID, bytes]]:
    """Give the sealed payees of a person's payouts, newest first."""
    rows = await tx.sql.execute(_PAYEES, {"id": person_id})
    return [(row.id, row.payee_sealed) for row in rows]


async def set_protected(tx: Tx, person_id: UUID, *, protected: bool) -> int:
    """Set or lift the label of a held person and of their notices; gives the new version."""
    values = {"id": person_id, "protected": protected}
    version: int = (await tx.sql.execute(_PROTECT, values)).scalar_one()
    await tx.sql.execute(_PROTECT_NOTICES, values)
    return version


async def needed(tx: Tx, person_id: UUID) -> Needed:
    """Tell whether a person's record must stay, and until when."""
    return record(Needed, (await tx.sql.execute(_NEEDED, {"id": person_id})).one())


async def erasure_asked_by(tx: Tx, person_id: UUID) -> str | None:
    """Give who asked for the erasure of a held person."""
    asked: str | None = (await tx.sql.execute(_ASKED, {"id": person_id})).scalar_one()
    return asked


async def ask_erasure(tx: Tx, person_id: UUID, reason_zh: str) -> None:
    """Note that the caller asks for the erasure of a held person."""
    await tx.sql.execute(_ASK_ERASURE, {"id": person_id, "reason": reason_zh})


async def erase(tx: Tx, person_id: UUID) -> list[str]:
    """Destroy a person's key and what is sealed of them elsewhere; sums, facts and audit stay.

    Gives the storage keys of their papers, whose files are removed after the commit.
    """
    values: Mapping[str, object] = {"id": person_id}
    for statement in _ERASE:
        await tx.sql.execute(statement, values)
    return list((await tx.sql.execute(_ERASE_PAPERS, values)).scalars())


async def outlived(tx: Tx, case_days: int, limit: int) -> list[UUID]:
    """Give people whose record nobody needs any more: no cover, no case within its keeping time."""
    rows = await tx.sql.execute(_OUTLIVED, {"case_days": case_days, "limit": limit})
    return list(rows.scalars())
