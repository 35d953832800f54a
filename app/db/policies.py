"""Policies, the shares of their insurers and of those who bear the premium."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, update

from app.db.ids import new_id
from app.db.premium_ledger import follow_premium
from app.db.rows import fields_of, own, plain, sql
from app.db.session import Tx
from app.db.tables.contracts import policy as policy_table
from app.domain.caller import area_range
from app.domain.days_off import DayCount
from app.domain.errors import NotFound
from app.domain.policy import Approval, NewPolicy, Payer, PolicyStatus, PremiumBy, Share

_ADD = sql(
    """
    INSERT INTO policy (id, policy_no, scheme_version_id, kind, insurer_code, area_lo, area_hi,
                        period_from, period_to, status, approval, premium_per_person_fen,
                        payer_rank, waiting_days, check_days, return_window_days,
                        exclusive_group, premium_by, premium_due_on, tolerance_fen, day_count,
                        papers_stop_clock, decide_days, pay_days, limitation_years, renews_id)
    VALUES (:id, :policy_no, :scheme_version_id, :kind, :insurer_code, :area_lo, :area_hi,
            :period_from, :period_to, :status, :approval, :premium_per_person_fen,
            :payer_rank, :waiting_days, :check_days, :return_window_days,
            :exclusive_group, :premium_by, :premium_due_on, :tolerance_fen, :day_count,
            :papers_stop_clock, :decide_days, :pay_days, :limitation_years, :renews_id)
    ON CONFLICT (policy_no) DO NOTHING RETURNING id
    """
)
_ADD_SHARES = sql(
    """
    INSERT INTO policy_share (policy_id, insurer_code, share_bp, lead, area_lo, area_hi)
    SELECT :policy_id, insurer_code, share_bp, lead, :area_lo, :area_hi
    FROM jsonb_to_recordset(CAST(:shares AS jsonb))
        AS s (insurer_code text, share_bp integer, lead boolean)
    """
)
_ADD_PAYERS = sql(
    """
    INSERT INTO policy_payer (policy_id, place, code, name_zh, share_bp, insurer_code, area_lo,
                              area_hi)
    SELECT :policy_id, p.ordinality, p.code, p.name_zh, p.share_bp, :insurer_code, :area_lo,
           :area_hi
    FROM ROWS FROM (jsonb_to_recordset(CAST(:payers AS jsonb)) AS (
        code text, name_zh text, share_bp integer)) WITH ORDINALITY AS p (
        code, name_zh, share_bp, ordinality)
    """
)
_SELECT = """
    SELECT p.id, p.line_id, p.policy_no, p.scheme_version_id, v.terms_sha256, v.scheme_code,
        v.version AS scheme_version, s.name_zh AS scheme_name_zh, p.kind, p.insurer_code, p.area_lo,
        p.area_hi, p.period_from, p.period_to, p.status, p.approval, p.premium_per_person_fen,
        p.payer_rank, p.waiting_days, p.check_days, p.return_window_days, p.exclusive_group,
        p.premium_by, p.premium_due_on, p.premium_due_fen, p.premium_paid_fen, p.tolerance_fen,
        p.day_count, p.papers_stop_clock, p.decide_days, p.pay_days, p.limitation_years,
        p.cancelled_from, (SELECT o.policy_no FROM policy AS o WHERE o.id = p.renews_id) AS renews,
        (SELECT r.policy_no FROM policy AS r
         WHERE r.renews_id = p.id AND r.status <> 'cancelled') AS renewed_by,
        p.version, p.created_at, p.updated_at, coalesce((
            SELECT jsonb_agg(jsonb_build_array(h.insurer_code, h.share_bp, h.lead)
                             ORDER BY h.lead DESC, h.insurer_code)
            FROM policy_share AS h WHERE h.policy_id = p.id), '[]') AS shares,
        coalesce((SELECT jsonb_agg(jsonb_build_array(y.code, y.name_zh, y.share_bp)
                                   ORDER BY y.place)
            FROM policy_payer AS y WHERE y.policy_id = p.id), '[]') AS payers
    FROM policy AS p
    JOIN scheme_version AS v ON v.id = p.scheme_version_id
    JOIN scheme AS s ON s.code = v.scheme_code
"""
_READ = sql(f"{_SELECT} WHERE p.policy_no = :policy_no")
_LOCK = sql(f"{_SELECT} WHERE p.policy_no = :policy_no FOR UPDATE OF p")
_LIST = sql(
    f"""
    {_SELECT}
    WHERE (CAST(:scheme AS text) IS NULL OR v.scheme_code = :scheme)
      AND (CAST(:after AS text) IS NULL OR p.policy_no > :after)
    ORDER BY p.policy_no LIMIT :limit
    """
)
_TOUCH = sql(
    """
    UPDATE policy SET version = version + 1, updated_at = business_now(),
        premium_due_fen = premium_due_fen + :due_fen,
        premium_paid_fen = premium_paid_fen + :paid_fen
    WHERE id = :id RETURNING version
    """
)
_STAND = sql(
    """
    UPDATE policy SET version = version + 1, updated_at = business_now(), status = :status,
        cancelled_from = :cancelled_from, premium_due_fen = premium_due_fen + :due_fen
    WHERE id = :id RETURNING version
    """
)
_HAS_CLAIMS = sql("SELECT EXISTS (SELECT FROM claim WHERE policy_id = :id)")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy with its scheme; both days of the period are inclusive.

    An insurer's caller sees its own share only, and no policy that another insurer leads.
    `line_id` is the first policy of the line of renewals.
    """

    id: UUID
    line_id: UUID
    policy_no: str
    scheme_version_id: UUID
    terms_sha256: str
    scheme_code: str
    scheme_version: str
    scheme_name_zh: str
    kind: str
    insurer_code: str | None
    area_lo: int
    area_hi: int
    period_from: date
    period_to: date
    status: PolicyStatus
    approval: Approval
    premium_per_person_fen: int
    payer_rank: int
    waiting_days: int
    check_days: int
    return_window_days: int
    exclusive_group: str | None
    premium_by: PremiumBy
    premium_due_on: date
    premium_due_fen: int
    premium_paid_fen: int
    tolerance_fen: int
    day_count: DayCount
    papers_stop_clock: bool
    decide_days: int
    pay_days: int
    limitation_years: int
    cancelled_from: date | None
    renews: str | None
    renewed_by: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    shares: tuple[Share, ...]
    payers: tuple[Payer, ...]


async def add_policy(
    tx: Tx,
    policy: NewPolicy,
    scheme_version_id: UUID,
    kind: str,
    approval: Approval,
    renews_id: UUID | None = None,
) -> bool:
    """Store a policy with its shares and payers; False when the number is taken."""
    contract = policy.contract
    area_lo, area_hi = area_range(policy.area_code)
    lead = next((share.insurer_code for share in policy.shares if share.lead), None)
    values = {
        "id": new_id(),
        "policy_no": policy.policy_no,
        "scheme_version_id": scheme_version_id,
        "kind": kind,
        "insurer_code": lead,
        "area_lo": area_lo,
        "area_hi": area_hi,
        "period_from": policy.period_from,
        "period_to": policy.period_to,
        "status": policy.status.value,
        "approval": approval.value,
        "premium_per_person_fen": policy.premium_per_person_fen,
        "payer_rank": policy.payer_rank,
        "waiting_days": policy.waiting_days,
        "check_days": policy.check_days,
        "return_window_days": policy.return_window_days,
        "exclusive_group": policy.exclusive_group,
        "renews_id": renews_id,
        **asdict(contract),
        "premium_due_on": contract.premium_due_on or policy.period_from,
    }
    if (await tx.sql.execute(_ADD, values)).one_or_none() is None:
        return False
    shares = [
        {"insurer_code": share.insurer_code, "share_bp": share.share_bp, "lead": share.lead}
        for share in policy.shares
    ]
    held = {"policy_id": values["id"], "area_lo": area_lo, "area_hi": area_hi}
    await tx.sql.execute(_ADD_SHARES, {**held, "shares": plain(shares)})
    if policy.payers:
        payers = plain([asdict(payer) for payer in policy.payers])
        await tx.sql.execute(_ADD_PAYERS, {**held, "insurer_code": lead, "payers": payers})
    return True


async def read_policy(tx: Tx, policy_no: str) -> PolicyRow:
    """Give a policy, or NotFound when there is none that the caller may see."""
    return await _one(tx, _READ, policy_no)


async def lock_policy(tx: Tx, policy_no: str) -> PolicyRow:
    """Give a policy and hold it until the transaction ends; only within the caller's own area."""
    return await _one(tx, _LOCK, policy_no)


async def list_policies(
    tx: Tx, *, scheme_code: str | None, after: str | None, limit: int
) -> Sequence[PolicyRow]:
    """Give policies that touch the caller's area, by number, after a number."""
    rows = await tx.sql.execute(_LIST, {"scheme": scheme_code, "after": after, "limit": limit})
    return [_opened(row) for row in rows]


async def touch_policy(tx: Tx, policy_id: UUID, *, due_fen: int = 0, paid_fen: int = 0) -> int:
    """Count a change of a policy that is held, and of its premium; give its new version.

    The ledger follows the premium: a payment is stored before this.
    """
    values = {"id": policy_id, "due_fen": due_fen, "paid_fen": paid_fen}
    version: int = (await tx.sql.execute(_TOUCH, values)).scalar_one()
    if due_fen or paid_fen:
        await follow_premium(tx, policy_id)
    return version


async def has_claims(tx: Tx, policy_id: UUID) -> bool:
    """Tell whether any claim was ever opened under a policy."""
    found: bool = (await tx.sql.execute(_HAS_CLAIMS, {"id": policy_id})).scalar_one()
    return found


async def tune_policy(tx: Tx, policy_id: UUID, changed: Mapping[str, object]) -> int:
    """Set some columns of a held policy; give its version."""
    written = await tx.sql.execute(
        update(policy_table)
        .where(policy_table.c.id == policy_id, own("policy"))
        .values(**changed, version=policy_table.c.version + 1, updated_at=func.business_now())
        .returning(policy_table.c.version)
    )
    version: int = written.scalar_one()
    return version


async def stand_policy(
    tx: Tx,
    policy_id: UUID,
    status: PolicyStatus,
    *,
    cancelled_from: date | None = None,
    due_fen: int = 0,
) -> int:
    """Set where a held policy stands, with what that changes of its premium; give its version."""
    values = {
        "id": policy_id,
        "status": status.value,
        "cancelled_from": cancelled_from,
        "due_fen": due_fen,
    }
    version: int = (await tx.sql.execute(_STAND, values)).scalar_one()
    if due_fen:
        await follow_premium(tx, policy_id)
    return version


async def _one(tx: Tx, statement: Any, policy_no: str) -> PolicyRow:
    row = (await tx.sql.execute(statement, {"policy_no": policy_no})).one_or_none()
    if row is None:
        raise NotFound("没有这张保单。", "No such policy.")
    return _opened(row)


def _opened(row: Row[Any]) -> PolicyRow:
    fields = fields_of(row)
    fields["status"] = PolicyStatus(fields["status"])
    fields["approval"] = Approval(fields["approval"])
    fields["premium_by"] = PremiumBy(fields["premium_by"])
    fields["day_count"] = DayCount(fields["day_count"])
    fields["shares"] = tuple(Share(*share) for share in fields["shares"])
    fields["payers"] = tuple(Payer(*payer) for payer in fields["payers"])
    return PolicyRow(**fields)
