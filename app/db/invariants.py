"""What must always hold, asked of the stored rows themselves. Each query gives what breaks it.

A query that can tell gives beside each `place` the `policy_id` that it lies under: the payouts that
we order under that policy are then stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.sql.elements import TextClause

from app.db.payout_invariants import BOOKS_AGREE, PAYOUTS_AGREE
from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.db.summaries import CLAIMS, LEDGER

MOST_SHOWN = 20
MOST_KEPT = 200  # of one policy


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must hold; its query gives one `place` for each row that breaks it."""

    number: int
    name_zh: str
    name_en: str
    query: TextClause


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant with how many places break it, the first of them named; no personal data.

    `by_policy` gives the places that lie under a policy, the first of each.
    """

    invariant: Invariant
    broken: int
    places: tuple[str, ...]
    by_policy: Mapping[UUID, tuple[str, ...]]


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        1,
        "已用额度等于流水合计",
        "every counter is the sum of its entries",
        sql(
            """
            SELECT coalesce(c.code, e.code) || ' ' || coalesce(c.period, e.period) AS place,
                (SELECT p.id FROM policy AS p WHERE p.id = owner_id) AS policy_id
            FROM usage_counter AS c
            FULL JOIN (
                SELECT owner_id, scope, subject_id, code, period, sum(units) AS units
                FROM usage_entry GROUP BY owner_id, scope, subject_id, code, period
            ) AS e USING (owner_id, scope, subject_id, code, period)
            WHERE coalesce(c.used, 0) <> coalesce(e.units, 0)
            """
        ),
    ),
    Invariant(
        2,
        "各方支付不超过单据总额",
        "what all payers pay never exceeds the bill",
        sql(
            """
            SELECT n.notice_no || ' ' || u.code AS place, k.policy_id
            FROM usage_counter AS u JOIN notice AS n ON n.id = u.owner_id
            LEFT JOIN claim AS k ON k.notice_id = n.id
            CROSS JOIN LATERAL (
                SELECT n.content -> 'bills' -> (substr(u.code, 6)::integer - 1) AS bill
            ) AS b
            CROSS JOIN LATERAL (
                SELECT coalesce(sum((line ->> 1)::bigint), 0) AS later
                FROM jsonb_array_elements(b.bill -> 'paid_by') AS line
            ) AS p
            WHERE u.scope = 'bill' AND n.status <> 'withdrawn'
              AND u.used + p.later
                  + coalesce((b.bill -> 'amounts' ->> 'fund_pay_sumamt')::bigint, 0)
                  > (b.bill ->> 'total_fen')::bigint
            """
        ),
    ),
    Invariant(
        3,
        "一笔赔款至多一次在途或到账",
        "a payout has at most one live attempt, a settlement number one payout",
        sql(
            """
            SELECT o.id::text AS place, c.policy_id
            FROM payout_attempt AS t JOIN payout AS o ON o.id = t.payout_id
            JOIN claim AS c ON c.id = o.claim_id
            WHERE t.status IN ('sent', 'paid') GROUP BY o.id, c.policy_id HAVING count(*) > 1
            UNION ALL
            SELECT twice.place, c.policy_id FROM (
                SELECT coalesce(insurer_code, 'bank') || ' ' || settlement_no AS place,
                       unnest(array_agg(payout_id)) AS payout_id
                FROM payout_attempt WHERE settlement_no IS NOT NULL
                GROUP BY insurer_code, settlement_no HAVING count(*) > 1
            ) AS twice JOIN payout AS o ON o.id = twice.payout_id
            JOIN claim AS c ON c.id = o.claim_id
            UNION ALL
            SELECT c.claim_no, c.policy_id
            FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id
            WHERE i.kind = 'refer_claim' AND i.state <> 'rejected'
            GROUP BY c.claim_no, c.policy_id HAVING count(*) > 1
            """
        ),
    ),
    Invariant(
        4,
        "分录平衡，且与赔案金额一致",
        "every ledger set sums to zero, and the books agree with the claims",
        sql(
            """
            SELECT set_id::text AS place, policy_id FROM ledger_entry
            GROUP BY set_id, policy_id HAVING sum(amount_fen) <> 0
            UNION ALL
            SELECT c.claim_no, c.policy_id FROM claim AS c LEFT JOIN (
                SELECT claim_id,
                    sum(amount_fen) FILTER (WHERE account = 'incurred') AS incurred,
                    sum(amount_fen) FILTER (WHERE account = 'paid') AS paid
                FROM ledger_entry GROUP BY claim_id
            ) AS l ON l.claim_id = c.id
            WHERE coalesce(l.incurred, 0) <> coalesce(c.decided_fen, 0)
               OR coalesce(l.paid, 0) <> -c.paid_fen
            """
        ),
    ),
    Invariant(
        5,
        "每次变动恰有一条事件",
        "every version of a claim has exactly one event",
        sql(
            """
            SELECT c.claim_no AS place, c.policy_id FROM claim AS c LEFT JOIN (
                SELECT number, count(*) AS told, max(version) AS newest FROM event
                WHERE resource = 'claim' GROUP BY number
            ) AS e ON e.number = c.claim_no
            WHERE e.told IS DISTINCT FROM c.version OR e.newest IS DISTINCT FROM c.version
            """
        ),
    ),
    Invariant(
        6,
        "当前状态等于事件推演",
        "a claim is where its events brought it",
        sql(
            """
            SELECT c.claim_no AS place, c.policy_id FROM claim AS c JOIN LATERAL (
                SELECT e.now FROM event AS e
                WHERE e.resource = 'claim' AND e.number = c.claim_no AND e.now IS NOT NULL
                ORDER BY e.version DESC LIMIT 1
            ) AS last ON true
            WHERE last.now <> c.status
            """
        ),
    ),
    Invariant(
        7,
        "未答复的指令都有任务在办",
        "every unanswered instruction has a job",
        sql(
            """
            SELECT i.id::text AS place FROM instruction AS i
            WHERE i.state IN ('ready', 'unknown') AND NOT EXISTS (
                SELECT FROM job AS j WHERE j.kind = 'send' AND j.subject = i.id::text
                  AND j.state IN ('ready', 'running'))
            """
        ),
    ),
    Invariant(
        8,
        "回调一分钟内处理或挂起",
        "a stored callback is settled or parked within a minute",
        sql(
            """
            SELECT insurer_code || ' ' || event_id AS place FROM callback_event
            WHERE state = 'received' AND received_at < business_now() - interval '60 seconds'
            """
        ),
    ),
    Invariant(
        9,
        "赔案辖区在保单辖区内",
        "a claim lies within its policy's area",
        sql(
            """
            SELECT c.claim_no AS place, c.policy_id
            FROM claim AS c JOIN policy AS p ON p.id = c.policy_id
            WHERE c.area_code < p.area_lo OR c.area_code >= p.area_hi
               OR c.insurer_code IS DISTINCT FROM p.insurer_code
            """
        ),
    ),
    Invariant(
        10,
        "留存的答复都是成功答复",
        "only answers of success are kept for repetition",
        sql(
            """
            SELECT route || ' ' || status AS place FROM idempotency
            WHERE status NOT BETWEEN 200 AND 299 OR length(fingerprint) <> 32
            """
        ),
    ),
    Invariant(
        11,
        "审计链完整",
        "the audit chain verifies to its head",
        sql("SELECT chain || ' ' || seq || ' ' || fault AS place FROM audit_faults()"),
    ),
    Invariant(
        12,
        "明文中没有证件号码",
        "no identity number stands in clear where none belongs",
        sql(
            """
            SELECT found.place FROM (
                SELECT 'event ' || seq AS place, detail::text AS words FROM event
                UNION ALL SELECT 'job ' || id, subject || payload::text || coalesce(last_error, '')
                    FROM job
                UNION ALL SELECT 'instruction ' || id, coalesce(last_error, '') FROM instruction
                UNION ALL SELECT 'callback ' || id, coalesce(reason, '') FROM callback_event
                UNION ALL SELECT 'notice ' || notice_no, content::text FROM notice
            ) AS found
            -- A digest has eighteen digits in a row now and then; nobody is born on most of them.
            WHERE regexp_replace(found.words, '[0-9a-f]{64}', '', 'g')
                ~ '(^|[^0-9])[1-9][0-9]{5}(18|19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx]([^0-9]|$)'
            """
        ),
    ),
    Invariant(
        13,
        "已封账日两方相符或有差异记录",
        "of a closed day each settlement is on both sides, or a difference tells of it",
        sql(
            """
            WITH closed AS (
                SELECT r.book_id, r.day_on, r.number, r.closed_at, r.area_code, r.insurer_code
                FROM reconciliation AS r WHERE r.state = 'closed'
            )
            SELECT c.number || ' line ' || l.settlement_no AS place
            FROM closed AS c
            JOIN statement_line AS l ON l.book_id = c.book_id AND l.book_on = c.day_on
            JOIN statement AS s ON s.id = l.statement_id AND s.discarded_at IS NULL
            LEFT JOIN reconciliation_pair AS p
                ON p.statement_id = l.statement_id AND p.line_no = l.line_no
            LEFT JOIN payout_attempt AS a ON a.id = p.attempt_id
            LEFT JOIN payout_reversal AS v ON v.payout_id = a.payout_id
                AND v.attempt_seq = a.seq AND p.direction = 'returned'
            LEFT JOIN reconciliation_item AS i
                ON i.statement_id = l.statement_id AND i.line_no = l.line_no
            WHERE (p.attempt_id IS NULL AND i.id IS NULL)
               OR (p.attempt_id IS NOT NULL AND (
                   a.settlement_no IS DISTINCT FROM l.settlement_no
                   OR coalesce(v.amount_fen, a.amount_fen) IS DISTINCT FROM l.amount_fen))
            UNION ALL
            SELECT c.number || ' ours ' || a.settlement_no
            FROM closed AS c
            JOIN payout_attempt AS a ON a.paid_on = c.day_on AND a.updated_at < c.closed_at
                AND a.area_code >= c.area_code AND a.area_code < c.area_code + 1000000
                AND a.insurer_code IS NOT DISTINCT FROM c.insurer_code
            JOIN statement AS s ON s.book_id = c.book_id AND s.discarded_at IS NULL
                AND c.day_on BETWEEN s.from_on AND s.day_on
            WHERE a.settlement_no IS NOT NULL AND NOT EXISTS (
                SELECT FROM reconciliation_pair AS p
                WHERE p.attempt_id = a.id AND p.direction = 'paid' AND p.side = s.side
            ) AND NOT EXISTS (
                SELECT FROM reconciliation_item AS i
                WHERE i.attempt_id = a.id AND i.direction = 'paid' AND i.side = s.side)
            UNION ALL
            SELECT c.number || ' open ' || i.id FROM closed AS c
            JOIN reconciliation_item AS i ON i.book_id = c.book_id AND i.day_on = c.day_on
            WHERE i.state IN ('open', 'owned')
            """
        ),
    ),
    Invariant(
        14,
        "事件不早于其前一事件",
        "no event is older than the one before it",
        sql(
            """
            SELECT resource || ' ' || number || ' v' || version AS place FROM (
                SELECT resource, number, version, at,
                       lag(at) OVER (PARTITION BY resource, number ORDER BY version) AS earlier
                FROM event
            ) AS e WHERE e.at < e.earlier
            """
        ),
    ),
    Invariant(
        15,
        "已答复的写入都读得到",
        "what was acknowledged can be read",
        sql(
            """
            SELECT i.location AS place FROM idempotency AS i
            WHERE i.location LIKE '/v1/notices/%' AND NOT EXISTS (
                SELECT FROM notice AS n WHERE n.notice_no = substr(i.location, 13))
            """
        ),
    ),
    Invariant(
        16,
        "赔款各笔之和与结论一致",
        "payouts, advances, parts and reversals agree with what was decided",
        PAYOUTS_AGREE,
    ),
    Invariant(
        17,
        "保费、追回和预付与台账一致",
        "the books agree with premiums, recoveries and advances",
        BOOKS_AGREE,
    ),
    Invariant(
        18,
        "汇总与逐件统计一致",
        "the totals that reports read are what the full count gives",
        sql(
            f"""
            SELECT 'claims ' || area_code || ' ' || event_month || ' ' || status AS place
            FROM ({CLAIMS.differences}) AS c
            UNION ALL
            SELECT 'ledger ' || area_code || ' ' || coalesce(event_month::text, '-') || ' '
                || account
            FROM ({LEDGER.differences}) AS l
            """
        ),
    ),
)


async def check(tx: Tx, invariant: Invariant) -> Finding:
    """Ask for everything that breaks an invariant, as the system's principal."""
    rows = [fields_of(row) for row in await tx.sql.execute(invariant.query)]
    places = dict.fromkeys(str(row["place"]) for row in rows)
    return Finding(invariant, len(places), tuple(places)[:MOST_SHOWN], _by_policy(rows))


def _by_policy(rows: Sequence[Mapping[str, object]]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = {}
    for row in rows:
        policy_id = row.get("policy_id")
        if isinstance(policy_id, UUID):
            places = found.setdefault(policy_id, [])
            if row["place"] not in places and len(places) < MOST_KEPT:
                places.append(str(row["place"]))
    return {policy_id: tuple(places) for policy_id, places in found.items()}
