"""What waits for whom, read off the facts: there is no list beside them that could go astray.

Each kind is one statement over what is open, and rests on an index of that alone; a list is their
union in the order of the days by which they are due. An amount is told in yuan, as people read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.caller import Role
from app.domain.tasks import ROLE_TASKS, TaskKind

KEY_DAYS = 30  # a key is told of so long before it ends
_YUAN = "to_char({fen} / 100.0, 'FM999999999999990.00')"
_NONE = "CAST(NULL AS {type})"
_DATE, _TEXT, _ID = (_NONE.format(type=type_) for type_ in ("date", "text", "uuid"))
_LAST_MOVE = """
    coalesce((SELECT max(CAST(m.value ->> 1 AS date)) FROM jsonb_array_elements(c.milestones) AS m
              WHERE m.value ->> 0 IN ({moves})), CAST(c.created_at AS date))
"""
# What each kind is: number, area, due day, since, detail, the claim that its clock is of; and where
# it stands. Whoever proposed is not asked to confirm.
_PARTS: dict[TaskKind, tuple[str, str]] = {
    TaskKind.SUPPLY_PAPERS: (
        (
            f"'claim', c.claim_no, c.area_code, c.due_on, c.updated_at, "
            f"CAST(jsonb_array_length(c.papers_asked) AS text), {_ID}"
        ),
        "FROM claim AS c WHERE c.status = 'evidence_required'",
    ),
    TaskKind.PAPERS_FOLLOW: (
        (
            f"'claim', c.claim_no, c.area_code, c.due_on, c.updated_at, "
            f"CAST(jsonb_array_length(c.papers_asked) AS text), {_ID}"
        ),
        "FROM claim AS c WHERE c.due_on IS NOT NULL AND c.status IN ('decided', 'paying', 'paid')",
    ),
    TaskKind.CORRECT_ACCOUNT: (
        f"""'claim', c.claim_no, o.area_code, {_DATE}, o.updated_at,
        CASE WHEN o.status = 'pending' THEN 'name_mismatch' ELSE (
            SELECT coalesce(t.failure_code, o.status) FROM payout_attempt AS t
            WHERE t.payout_id = o.id ORDER BY t.seq DESC LIMIT 1) END, {_ID}""",
        """FROM payout AS o JOIN claim AS c ON c.id = o.claim_id
        WHERE (o.status IN ('failed', 'returned')
               OR o.account_check = 'mismatch' AND o.status = 'pending') AND NOT EXISTS (
            SELECT FROM account_proposal AS a
            WHERE a.payout_id = o.id AND a.confirmed_at IS NULL)""",
    ),
    TaskKind.CONFIRM_ACCOUNT: (
        f"'claim', c.claim_no, a.area_code, {_DATE}, a.created_at, {_TEXT}, {_ID}",
        """FROM account_proposal AS a JOIN payout AS o ON o.id = a.payout_id
        JOIN claim AS c ON c.id = o.claim_id
        WHERE a.confirmed_at IS NULL AND a.proposed_by <> ctx_actor()""",
    ),
    TaskKind.FINISH_DRAFT: (
        f"'notice', n.notice_no, n.area_code, {_DATE}, n.updated_at, {_TEXT}, {_ID}",
        "FROM notice AS n WHERE n.status = 'draft'",
    ),
    TaskKind.FIND_COVER: (
        f"'notice', n.notice_no, n.area_code, {_DATE}, n.submitted_at, {_TEXT}, {_ID}",
        """FROM notice AS n WHERE n.status = 'submitted'
        AND NOT EXISTS (SELECT FROM claim AS c WHERE c.notice_id = n.id)""",
    ),
    TaskKind.CHECK_FACTS: (
        f"'claim', c.claim_no, c.area_code, c.due_on, c.updated_at, {_TEXT}, {_ID}",
        "FROM claim AS c WHERE c.status = 'pending_approval' AND c.insurer_code IS NOT NULL",
    ),
    TaskKind.APPROVE: (
        (
            f"'claim', c.claim_no, c.area_code, c.due_on, c.updated_at, "
            f"{_YUAN.format(fen='coalesce(c.assessed_fen, 0)')}, {_ID}"
        ),
        """FROM claim AS c WHERE c.status = 'pending_approval' AND c.insurer_code IS NULL
        AND EXISTS (SELECT FROM delegation AS d
            WHERE d.policy_id = c.policy_id AND d.revoked_at IS NULL
              AND business_today() BETWEEN d.valid_from AND d.valid_to
              AND d.area_lo <= c.area_code AND d.area_hi > c.area_code
              AND d.area_lo <= ctx_lo() AND d.area_hi >= ctx_hi()
              AND d.max_amount_fen >= coalesce(c.assessed_fen, 0))""",
    ),
    TaskKind.DECIDE_FUND_CLAIM: (
        (
            f"'claim', c.claim_no, c.area_code, c.due_on, c.updated_at, "
            f"{_YUAN.format(fen='coalesce(c.assessed_fen, 0)')}, {_ID}"
        ),
        """FROM claim AS c WHERE c.status = 'pending_approval' AND c.insurer_code IS NULL
        AND NOT EXISTS (SELECT FROM approval AS a
            WHERE a.claim_id = c.id AND a.act = 'propose')""",
    ),
    TaskKind.CONFIRM_DECISION: (
        f"'claim', c.claim_no, c.area_code, c.due_on, c.updated_at, {_TEXT}, {_ID}",
        """FROM claim AS c WHERE c.status = 'pending_approval' AND c.insurer_code IS NULL
        AND (SELECT a.actor FROM approval AS a
             WHERE a.claim_id = c.id AND a.act = 'propose'
             ORDER BY a.created_at DESC, a.id DESC LIMIT 1) <> ctx_actor()""",
    ),
    TaskKind.CONFIRM_OVERRIDE: (
        f"'claim', c.claim_no, o.area_code, {_DATE}, o.proposed_at, {_TEXT}, {_ID}",
        """FROM claim_override AS o JOIN claim AS c ON c.id = o.claim_id
        WHERE o.state = 'proposed' AND o.proposed_by <> ctx_actor()""",
    ),
    TaskKind.CONFIRM_SCALE_BACK: (
        f"'policy', p.policy_no, b.area_lo, {_DATE}, b.proposed_at, {_TEXT}, {_ID}",
        """FROM scale_back AS b JOIN policy AS p ON p.id = b.policy_id
        WHERE b.state = 'proposed' AND b.proposed_by <> ctx_actor()""",
    ),
    TaskKind.CONFIRM_ADVANCE: (
        f"'claim', c.claim_no, v.area_code, {_DATE}, v.created_at, {_TEXT}, {_ID}",
        """FROM advance AS v JOIN claim AS c ON c.id = v.claim_id
        WHERE v.state = 'proposed' AND v.proposed_by <> ctx_actor()""",
    ),
    TaskKind.RESOLVE_DIFFERENCE: (
        f"'claim', c.claim_no, f.area_code, {_DATE}, f.created_at, {_TEXT}, {_ID}",
        """FROM decision_difference AS f JOIN claim AS c ON c.id = f.claim_id
        WHERE f.state = 'open'""",
    ),
    TaskKind.ANSWER_APPEAL: (
        f"'claim', c.claim_no, l.area_code, {_DATE}, l.filed_at, {_TEXT}, {_ID}",
        "FROM appeal AS l JOIN claim AS c ON c.id = l.claim_id WHERE l.state = 'open'",
    ),
    TaskKind.RECHECK: (
        f"'claim', c.claim_no, r.area_code, {_DATE}, r.decided_at, {_TEXT}, {_ID}",
        """FROM delegated_case AS r JOIN claim AS c ON c.id = r.claim_id
        WHERE r.state = 'open' AND r.decided_by <> ctx_actor()""",
    ),
    TaskKind.OWN_ITEM: (
        (
            f"'reconciliation', r.number, i.area_code, i.day_on + 1, i.found_at, "
            f"i.kind || ' ' || i.claim_no, {_ID}"
        ),
        """FROM reconciliation_item AS i
        JOIN reconciliation AS r ON r.book_id = i.book_id AND r.day_on = i.day_on
        WHERE i.state IN ('open', 'owned') AND i.state = 'open'""",
    ),
    TaskKind.RESOLVE_ITEM: (
        (
            f"'reconciliation', r.number, i.area_code, i.day_on + 1, i.found_at, "
            f"i.kind || ' ' || i.claim_no, {_ID}"
        ),
        """FROM reconciliation_item AS i
        JOIN reconciliation AS r ON r.book_id = i.book_id AND r.day_on = i.day_on
        WHERE i.state IN ('open', 'owned') AND i.state = 'owned' AND i.owner = ctx_actor()
          AND i.proposed_by IS NULL""",
    ),
    TaskKind.CONFIRM_CARRY: (
        (
            f"'reconciliation', r.number, i.area_code, i.day_on + 1, i.found_at, "
            f"i.kind || ' ' || i.claim_no, {_ID}"
        ),
        """FROM reconciliation_item AS i
        JOIN reconciliation AS r ON r.book_id = i.book_id AND r.day_on = i.day_on
        WHERE i.state IN ('open', 'owned') AND i.state = 'owned'
          AND i.proposed_by <> ctx_actor()""",
    ),
    TaskKind.CLOSE_DAY: (
        (
            f"'reconciliation', r.number, r.area_code, r.day_on + 1, "
            f"coalesce(r.matched_at, business_now()), {_TEXT}, {_ID}"
        ),
        "FROM reconciliation AS r WHERE r.state = 'open' AND r.day_on < business_today()",
    ),
    TaskKind.GIVE_STATEMENT: (
        (
            f"'reconciliation', r.number, r.area_code, r.day_on + 1, "
            f"coalesce(r.matched_at, business_now()), CAST(r.day_on AS text), {_ID}"
        ),
        """FROM reconciliation AS r WHERE r.state = 'open' AND r.day_on < business_today()
        AND NOT EXISTS (SELECT FROM statement AS s
            WHERE s.book_id = r.book_id AND s.side = 'statement' AND s.discarded_at IS NULL
              AND s.from_on <= r.day_on AND s.day_on >= r.day_on)""",
    ),
    TaskKind.MEND_HELD_POLICY: (
        f"'policy', p.policy_no, h.area_lo, {_DATE}, h.opened_at, h.reason_zh, {_ID}",
        "FROM payout_hold AS h JOIN policy AS p ON p.id = h.policy_id WHERE h.state = 'open'",
    ),
    # No earlier than these days: the exact ones are the clocks' (see `BY_CLOCK`).
    TaskKind.DECIDE_CLAIM: (
        f"""'claim', c.claim_no, c.area_code,
        {_LAST_MOVE.format(moves="'accept', 'resume_review', 'reopen'")} + p.decide_days,
        c.updated_at, {_TEXT}, c.id""",
        """FROM claim AS c JOIN policy AS p ON p.id = c.policy_id
        WHERE c.status = 'under_review' AND c.insurer_code IS NOT NULL""",
    ),
    TaskKind.PAY_CLAIM: (
        f"""'claim', c.claim_no, c.area_code,
        {_LAST_MOVE.format(moves="'decide', 'return_payment'")} + p.pay_days,
        c.updated_at, {_TEXT}, c.id""",
        """FROM claim AS c JOIN policy AS p ON p.id = c.policy_id
        WHERE c.status = 'paying' AND c.status NOT IN ('closed', 'withdrawn')
          AND c.insurer_code IS NOT NULL""",
    ),
    TaskKind.SETTLE_INSTRUCTION: (
        f"'instruction', CAST(i.id AS text), i.area_code, {_DATE}, i.created_at, c.claim_no, {_ID}",
        """FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id
        WHERE i.state IN ('ready', 'sent', 'unknown', 'parked') AND i.state = 'parked'""",
    ),
    TaskKind.SETTLE_CALLBACK: (
        (
            f"'callback', CAST(b.id AS text), CAST(0 AS bigint), {_DATE}, b.received_at, "
            f"coalesce(b.reason, b.state), {_ID}"
        ),
        """FROM callback_event AS b
        WHERE b.state IN ('received', 'parked') AND b.state = 'parked'""",
    ),
    TaskKind.DEAD_JOB: (
        (
            f"'job', CAST(j.id AS text), CAST(0 AS bigint), {_DATE}, j.created_at, "
            f"j.kind || ' ' || j.subject, {_ID}"
        ),
        "FROM job AS j WHERE j.state = 'dead'",
    ),
    TaskKind.PAUSED_LANE: (
        f"'lane', l.key, CAST(0 AS bigint), {_DATE}, l.last_claim_at, {_TEXT}, {_ID}",
        "FROM lane AS l WHERE l.paused",
    ),
    TaskKind.RED_INVARIANT: (
        (
            f"'invariant', CAST(v.number AS text), CAST(0 AS bigint), {_DATE}, v.red_since, "
            f"CAST(v.broken AS text), {_ID}"
        ),
        "FROM invariant_check AS v WHERE v.broken > 0",
    ),
    TaskKind.MEND_ENDPOINT: (
        f"'webhook', CAST(e.id AS text), e.area_lo, {_DATE}, e.updated_at, e.reason, {_ID}",
        """FROM webhook_endpoint AS e
        WHERE e.state = 'disabled' AND e.reason IN ('gone', 'unreachable')""",
    ),
    TaskKind.RENEW_KEY: (
        (
            f"'key', CAST(k.id AS text), k.area_lo, "
            f"CAST(k.expires_at AT TIME ZONE 'Asia/Shanghai' AS date), k.created_at, "
            f"k.prefix, {_ID}"
        ),
        f"""FROM api_key AS k WHERE k.revoked_at IS NULL AND k.expires_at > now()
        AND k.expires_at < now() + interval '{KEY_DAYS} days'""",
    ),
    TaskKind.CONFIRM_ERASURE: (
        f"'person', CAST(s.id AS text), s.area_code, {_DATE}, s.created_at, {_TEXT}, {_ID}",
        """FROM person AS s WHERE s.erasure_asked_by IS NOT NULL AND s.erased_at IS NULL
        AND s.erasure_asked_by <> ctx_actor()""",
    ),
}
_COLUMNS = "(kind, resource, number, area_code, due_on, since, detail, claim_id)"
# What is due on no day comes last. (The last day of Python is the infinity of the driver.)
LAST = date(9000, 1, 1)
_SORT = f"coalesce(t.due_on, DATE '{LAST}'), t.kind, t.number, t.area_code"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to be done. `claim_id` is set where the day is to be worked out by the clocks."""

    kind: str
    resource: str
    number: str
    area_code: int
    due_on: date | None
    since: datetime | None
    detail: str | None
    claim_id: UUID | None

    def place(self) -> tuple[date, str, str, int]:
        """Give its place in the order of the list."""
        return (self.due_on or LAST, self.kind, self.number, self.area_code)


@dataclass(frozen=True, slots=True)
class TaskCount:
    """How many of a kind wait, and how many of these are overdue."""

    kind: str
    count: int
    overdue: int


def _union(role: Role) -> str:
    return " UNION ALL ".join(
        f"(SELECT '{kind}', {_PARTS[kind][0]} {_PARTS[kind][1]})" for kind in ROLE_TASKS[role]
    )


# One statement for each role; a kind that was not asked for is not looked at.
_LISTING = {
    role: sql(
        f"""
        SELECT t.* FROM ({_union(role)}) AS t {_COLUMNS}
        WHERE (CAST(:only AS text) IS NULL OR t.kind = :only)
          AND (CAST(:on AS date) IS NULL OR ({_SORT}) > (
            CAST(:on AS date), CAST(:kind AS text), CAST(:number AS text), CAST(:area AS bigint)))
        ORDER BY {_SORT} LIMIT :limit
        """
    )
    for role, kinds in ROLE_TASKS.items()
    if kinds
}
_COUNTING = {
    role: sql(
        f"""
        SELECT t.kind, count(*) AS count,
            count(*) FILTER (WHERE t.due_on < business_today()) AS overdue
        FROM ({_union(role)}) AS t {_COLUMNS} GROUP BY t.kind ORDER BY t.kind
        """
    )
    for role, kinds in ROLE_TASKS.items()
    if kinds
}


async def list_tasks(
    tx: Tx, kind: TaskKind | None, after: Sequence[str] | None, limit: int
) -> list[TaskRow]:
    """Give what waits for the caller's role, what is due first first; due on no day comes last."""
    statement = _LISTING.get(tx.caller.role)
    if statement is None:
        return []
    on, after_kind, number, area = after or (None, None, None, None)
    rows = await tx.sql.execute(
        statement,
        {
            "only": kind,
            "on": None if on is None else date.fromisoformat(on),
            "kind": after_kind,
            "number": number,
            "area": None if area is None else int(area),
            "limit": limit,
        },
    )
    return [record(TaskRow, row) for row in rows]


async def count_tasks(tx: Tx) -> list[TaskCount]:
    """Count what waits for the caller's role, by kind; kinds of which nothing waits are left out.

    Insurers' days count by the earliest that they can be.
    """
    statement = _COUNTING.get(tx.caller.role)
    rows = () if statement is None else await tx.sql.execute(statement)
    return [record(TaskCount, row) for row in rows]
