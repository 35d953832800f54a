"""Instructions: what we ask of insurers, sealed and immutable; only the asking's state moves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.crypto import Keyring
from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import fields_of, record, sql
from app.db.session import Tx

_ADD = sql(
    """
    INSERT INTO instruction (id, area_code, insurer_code, claim_id, kind, body_sealed, state)
    VALUES (:id, :area_code, :insurer_code, :claim_id, :kind, :body, 'ready')
    """
)
_COLUMNS = """
    i.id, i.insurer_code, i.claim_id, c.claim_no, i.kind, i.state, i.attempts, i.fence,
    i.last_error, i.insurer_case_no, i.platform_case_no, i.created_at, i.answered_at, i.asked_at,
    i.area_code
"""
# From the moment of sending until its answer is recorded the state is unknown: a worker that dies
# in between has told nobody whether the insurer has it. What comes back is the state as it was.
_BEGIN = sql(
    """
    WITH was AS (
        SELECT id, state FROM instruction
        WHERE id = :id AND state IN ('ready', 'unknown') AND fence < :fence FOR UPDATE
    )
    UPDATE instruction AS i SET attempts = i.attempts + 1, fence = :fence, state = 'unknown'
    FROM was CROSS JOIN claim AS c
    WHERE i.id = was.id AND c.id = i.claim_id
    RETURNING i.id, i.insurer_code, i.claim_id, c.claim_no, i.kind, was.state, i.attempts,
              i.fence, i.last_error, i.insurer_case_no, i.platform_case_no, i.created_at,
              i.answered_at, i.asked_at, i.area_code, i.body_sealed
    """
)
_ANSWER = sql(
    """
    UPDATE instruction SET state = :state, last_error = :error,
        answered_at = CASE WHEN :state IN ('accepted', 'rejected') THEN business_now()
                           ELSE answered_at END
    WHERE id = :id AND fence = :fence AND state IN ('ready', 'sent', 'unknown', 'parked')
    """
)
_NUMBERS = sql(
    """
    UPDATE instruction SET insurer_case_no = coalesce(insurer_case_no, CAST(:insurers AS text)),
        platform_case_no = coalesce(platform_case_no, CAST(:platforms AS text))
    WHERE id = :id
    """
)
# A question moves no state; it takes the fence, so that a sender of before writes nothing any more.
_ASK = sql(
    f"""
    UPDATE instruction AS i SET fence = :fence, asked_at = business_now()
    FROM claim AS c
    WHERE i.id = :id AND c.id = i.claim_id AND i.fence < :fence
      AND (i.state IN ('sent', 'unknown', 'accepted')
           OR (i.state = 'parked' AND i.last_error = 'answer_lost'))
    RETURNING {_COLUMNS}
    """
)
# Unanswered for too long, or accepted and then silent, at an insurer that answers questions.
_SILENT = sql(
    """
    SELECT i.id, i.insurer_code FROM instruction AS i
    JOIN insurer AS n ON n.code = i.insurer_code AND n.can_be_asked
    JOIN claim AS c ON c.id = i.claim_id
    WHERE (
        ((i.state IN ('sent', 'unknown')
          OR (i.state = 'parked' AND i.last_error = 'answer_lost'))
         AND i.created_at < business_now() - CAST(:unanswered AS interval))
        OR (i.state = 'accepted' AND i.kind = 'refer_claim' AND c.status = 'under_review'
            AND greatest(i.answered_at, c.updated_at)
                < business_now() - CAST(:silent AS interval))
    )
    AND (i.asked_at IS NULL OR i.asked_at < business_now()
         - CASE WHEN i.state = 'accepted' THEN CAST(:silent AS interval)
                ELSE CAST(:unanswered AS interval) END)
    AND NOT EXISTS (
        SELECT FROM job AS j WHERE j.subject = i.id::text AND j.kind IN ('send', 'ask')
          AND j.state IN ('ready', 'running'))
    ORDER BY i.id LIMIT 500
    """
)
_READ = sql(
    f"SELECT {_COLUMNS} FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id WHERE i.id = :id"
)
_HOLD = sql("SELECT state FROM instruction WHERE id = :id FOR UPDATE")
_MOVE = sql(
    """
    UPDATE instruction SET state = :state, last_error = :error,
        answered_at = CASE WHEN :state IN ('accepted', 'rejected') THEN business_now()
                           ELSE answered_at END
    WHERE id = :id
    """
)
_LIST = sql(
    f"""
    SELECT {_COLUMNS} FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id
    WHERE (CAST(:state AS text) IS NULL OR i.state = :state)
      AND (CAST(:claim_no AS text) IS NULL OR c.claim_no = :claim_no)
      AND (CAST(:case_no AS text) IS NULL
           OR :case_no IN (i.insurer_case_no, i.platform_case_no, c.insurer_case_no))
      AND (CAST(:before AS uuid) IS NULL OR i.id < :before)
    ORDER BY i.id DESC LIMIT :limit
    """
)
_REFERRED = sql(
    """
    SELECT claim_id FROM instruction
    WHERE claim_id = ANY(:claims) AND kind = 'refer_claim' AND state <> 'rejected'
    """
)
_SETTLE = sql(
    """
    UPDATE instruction SET state = 'accepted', answered_at = business_now()
    WHERE claim_id = :claim_id AND kind = :kind AND state IN ('ready', 'sent', 'unknown')
    """
)


@dataclass(frozen=True, slots=True)
class InstructionRow:
    """One instruction without its sealed body; the id is its idempotency key for ever."""

    id: UUID
    insurer_code: str
    claim_id: UUID
    claim_no: str
    kind: str
    state: str
    attempts: int
    fence: int
    last_error: str | None
    insurer_case_no: str | None
    platform_case_no: str | None
    created_at: datetime
    answered_at: datetime | None
    asked_at: datetime | None
    area_code: int


@dataclass(frozen=True, slots=True)
class Sending:
    """An instruction that is about to be sent, with its opened content."""

    row: InstructionRow
    content: Mapping[str, Any]


async def add_instruction(
    tx: Tx, claim: ClaimRow, kind: str, content: Mapping[str, object]
) -> UUID:
    """File an instruction to the claim's insurer and give its id."""
    instruction_id = new_id()
    await tx.sql.execute(
        _ADD,
        {
            "id": instruction_id,
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "claim_id": claim.id,
            "kind": kind,
            "body": seal_body(tx.keyring, instruction_id, content),
        },
    )
    return instruction_id


async def begin_sending(tx: Tx, instruction_id: UUID, fence: int) -> Sending | None:
    """Take an instruction for sending under a job's fence; None when it is settled or overtaken."""
    row = (await tx.sql.execute(_BEGIN, {"id": instruction_id, "fence": fence})).one_or_none()
    if row is None:
        return None
    fields = fields_of(row)
    body = tx.keyring.open_sealed(fields.pop("body_sealed"), _place(instruction_id))
    return Sending(InstructionRow(**fields), json.loads(body))


async def answer(tx: Tx, instruction_id: UUID, fence: int, state: str, error: str | None) -> bool:
    """Record what came back; False when another worker has taken it meanwhile (fence)."""
    done = await tx.sql.execute(
        _ANSWER, {"id": instruction_id, "fence": fence, "state": state, "error": error}
    )
    return done.rowcount == 1


async def keep_numbers(
    tx: Tx, instruction_id: UUID, insurer_case_no: str, platform_case_no: str | None
) -> None:
    """Keep the numbers under which the other side knows it; the first ones stay."""
    await tx.sql.execute(
        _NUMBERS,
        {"id": instruction_id, "insurers": insurer_case_no, "platforms": platform_case_no},
    )


async def begin_asking(tx: Tx, instruction_id: UUID, fence: int) -> InstructionRow | None:
    """Take an instruction for a question; None when nothing is left to ask or it is overtaken."""
    row = (await tx.sql.execute(_ASK, {"id": instruction_id, "fence": fence})).one_or_none()
    return None if row is None else record(InstructionRow, row)


async def silent_instructions(
    tx: Tx, unanswered: timedelta, silent: timedelta
) -> list[tuple[UUID, str]]:
    """Give (id, insurer) of up to 500 instructions to ask after, that no job is busy with."""
    rows = await tx.sql.execute(_SILENT, {"unanswered": unanswered, "silent": silent})
    return [(row.id, row.insurer_code) for row in rows]


async def read_instruction(tx: Tx, instruction_id: UUID) -> InstructionRow | None:
    """Give an instruction, None when the caller sees none."""
    row = (await tx.sql.execute(_READ, {"id": instruction_id})).one_or_none()
    return None if row is None else record(InstructionRow, row)


async def hold_instruction(tx: Tx, instruction_id: UUID) -> InstructionRow | None:
    """Hold an instruction until the end of the transaction and give it."""
    await tx.sql.execute(_HOLD, {"id": instruction_id})
    return await read_instruction(tx, instruction_id)


async def move_instruction(
    tx: Tx, instruction_id: UUID, state: str, error: str | None = None
) -> None:
    """Move a held instruction by a person's word."""
    await tx.sql.execute(_MOVE, {"id": instruction_id, "state": state, "error": error})


async def referred(tx: Tx, claims: list[UUID]) -> frozenset[UUID]:
    """Tell which of some claims were referred to their insurer and not turned away."""
    rows = await tx.sql.execute(_REFERRED, {"claims": claims})
    return frozenset(row.claim_id for row in rows)


async def settle_by_callback(tx: Tx, claim_id: UUID, kind: str) -> None:
    """Mark an unanswered instruction accepted: the insurer's callback proves that it arrived."""
    await tx.sql.execute(_SETTLE, {"claim_id": claim_id, "kind": kind})


async def list_instructions(
    tx: Tx,
    *,
    state: str | None,
    claim_no: str | None,
    before: UUID | None,
    limit: int,
    case_no: str | None = None,
) -> list[InstructionRow]:
    """Give instructions, newest first; `case_no` is the insurer's number or a platform's."""
    wanted = {
        "state": state,
        "claim_no": claim_no,
        "case_no": case_no,
        "before": before,
        "limit": limit,
    }
    rows = await tx.sql.execute(_LIST, wanted)
    return [InstructionRow(**fields_of(row)) for row in rows]


def seal_body(keyring: Keyring, instruction_id: UUID, content: Mapping[str, object]) -> bytes:
    """Write an instruction's content as compact JSON, sealed to its row."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return keyring.seal(body, _place(instruction_id))


def _place(instruction_id: UUID) -> str:
    return f"instruction.body_sealed.{instruction_id}"
