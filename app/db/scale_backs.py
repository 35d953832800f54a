"""Scale-backs: what claims share where they come to more than a limit of their policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.policies import PolicyRow
from app.db.rows import plain, record, sql
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus

_COLUMNS = """
    s.id, s.seq, s.limit_code, s.period, s.limit_fen, s.kept_fen, s.due_fen, s.shares, s.reason_zh,
    s.state, s.proposed_by, s.proposed_at, s.settled_by, s.settled_at
"""
# The event as the latest assessment saw it: of the claims that are not assessed yet nothing is due.
_ASSESSED = sql(
    """
    SELECT c.claim_no, c.event_on, coalesce(a.facts -> 'event' ->> 'occurrence', '') AS occurrence
    FROM claim AS c JOIN LATERAL (
        SELECT l.facts FROM assessment AS l WHERE l.claim_id = c.id ORDER BY l.seq DESC LIMIT 1
    ) AS a ON true
    WHERE c.policy_id = :policy_id AND c.status = ANY(:statuses)
    ORDER BY c.claim_no
    """
)
_ADD = sql(
    f"""
    INSERT INTO scale_back AS s (id, policy_id, seq, insurer_code, area_lo, area_hi, limit_code,
                                 period, limit_fen, kept_fen, due_fen, shares, reason_zh,
                                 proposed_by)
    SELECT :id, :policy_id,
           1 + coalesce((SELECT max(e.seq) FROM scale_back AS e
                         WHERE e.policy_id = :policy_id), 0),
           :insurer_code, :area_lo, :area_hi, :limit_code, :period, :limit_fen, :kept_fen,
           :due_fen, CAST(:shares AS jsonb), :reason_zh, ctx_actor()
    ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
    """
)
_SETTLE = sql(
    f"""
    UPDATE scale_back AS s SET state = :state, settled_by = ctx_actor(),
        settled_at = business_now()
    WHERE s.id = :id AND s.state = 'proposed' RETURNING {_COLUMNS}
    """
)
_LIST = sql(
    f"""
    SELECT {_COLUMNS} FROM scale_back AS s WHERE s.policy_id = :policy_id
    ORDER BY s.seq DESC LIMIT 100
    """
)
_SHARE = sql(
    """
    INSERT INTO scale_back_share (claim_id, scale_back_id, area_code, insurer_code, share_fen)
    SELECT n.claim_id, :scale_back_id, n.area_code, n.insurer_code, n.share_fen
    FROM jsonb_to_recordset(CAST(:shares AS jsonb)) AS n (
        claim_id uuid, area_code bigint, insurer_code text, share_fen bigint)
    """
)


@dataclass(frozen=True, slots=True)
class Touched:
    """An assessed claim with its event: the day, and the word of the disaster if one was told."""

    claim_no: str
    event_on: date
    occurrence: str


@dataclass(frozen=True, slots=True)
class NewScaleBack:
    """What is proposed, in fen: the limit, what decided claims keep of it, what all are due.

    `shares` are (claim_no, due, share) in the order of the claims.
    """

    limit_code: str
    period: str
    limit_fen: int
    kept_fen: int
    due_fen: int
    shares: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class ScaleBackRow:
    """One scale-back; `state` is proposed, confirmed or rejected."""

    id: UUID
    seq: int
    limit_code: str
    period: str
    limit_fen: int
    kept_fen: int
    due_fen: int
    shares: tuple[tuple[str, int, int], ...]
    reason_zh: str
    state: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None
    settled_at: datetime | None

    def told(self) -> NewScaleBack:
        """Give what was proposed."""
        return NewScaleBack(
            self.limit_code,
            self.period,
            self.limit_fen,
            self.kept_fen,
            self.due_fen,
            self.shares,
        )


async def assessed_claims(
    tx: Tx, policy_id: UUID, statuses: Sequence[ClaimStatus]
) -> list[Touched]:
    """Give the assessed claims of a policy that stand somewhere, by number."""
    values = {"policy_id": policy_id, "statuses": [status.value for status in statuses]}
    return [record(Touched, row) for row in await tx.sql.execute(_ASSESSED, values)]


async def add_scale_back(
    tx: Tx, policy: PolicyRow, new: NewScaleBack, reason_zh: str
) -> ScaleBackRow | None:
    """Propose a scale-back as the caller; None while another one of the policy is open."""
    row = await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "policy_id": policy.id,
            "insurer_code": policy.insurer_code,
            "area_lo": policy.area_lo,
            "area_hi": policy.area_hi,
            "limit_code": new.limit_code,
            "period": new.period,
            "limit_fen": new.limit_fen,
            "kept_fen": new.kept_fen,
            "due_fen": new.due_fen,
            "shares": plain(new.shares),
            "reason_zh": reason_zh,
        },
    )
    found = row.one_or_none()
    return None if found is None else _opened(record(ScaleBackRow, found))


async def settle_scale_back(tx: Tx, scale_back_id: UUID, state: str) -> ScaleBackRow | None:
    """Confirm or reject an open scale-back as the caller; None when it is not open any more."""
    row = await tx.sql.execute(_SETTLE, {"id": scale_back_id, "state": state})
    found = row.one_or_none()
    return None if found is None else _opened(record(ScaleBackRow, found))


async def scale_backs_of(tx: Tx, policy_id: UUID) -> list[ScaleBackRow]:
    """Give the scale-backs of a policy, newest first, at most 100."""
    rows = await tx.sql.execute(_LIST, {"policy_id": policy_id})
    return [_opened(record(ScaleBackRow, row)) for row in rows]


async def add_shares(
    tx: Tx, scale_back_id: UUID, claims: Sequence[ClaimRow], shares: Mapping[str, int]
) -> None:
    """Store what each of some held claims gets of the limit, in fen by claim number."""
    values = [
        {
            "claim_id": str(claim.id),
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "share_fen": shares[claim.claim_no],
        }
        for claim in claims
    ]
    await tx.sql.execute(_SHARE, {"scale_back_id": scale_back_id, "shares": plain(values)})


def _opened(row: ScaleBackRow) -> ScaleBackRow:
    """Make tuples of what JSON has as lists."""
    shares = tuple((no, due, share) for no, due, share in row.shares)
    return replace(row, shares=shares)
