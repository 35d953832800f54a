"""Let the two views and the counters' question ask only for what is their caller's.

Row security says the same behind them; now each stands without the other.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SHOWN = """
CREATE OR REPLACE VIEW claim_shown WITH (security_invoker = true) AS
SELECT c.id, c.claim_no, c.notice_id, c.policy_id, c.insurer_code, c.area_code, c.status, c.outcome,
    c.held_from, c.assessed_fen, c.decided_fen, c.paid_fen, c.insurer_case_no, c.papers_asked,
    c.due_on, c.waits_for, c.reopened_count, c.version, c.created_at, c.updated_at,
    p.policy_no, p.kind AS policy_kind, p.approval, p.payer_rank, p.waiting_days, p.check_days,
    p.return_window_days, p.scheme_version_id, v.terms_sha256, s.code AS scheme_code,
    s.name_zh AS scheme_name_zh, c.event_on, c.milestones,
    CASE WHEN ctx_insurer() IS NULL THEN c.assigned_to END AS assigned_to,
    d.outcome AS verdict, d.amount_fen AS verdict_fen, d.clause, d.reason_zh, d.decided_on,
    d.decided_by, d.policy_version AS decided_on_version, f.state AS difference,
    f.assessed_fen AS difference_assessed_fen, f.reason_zh AS difference_reason_zh,
    f.resolved_by AS difference_resolved_by, f.resolved_at AS difference_resolved_at,
    o.payouts, a.paid_on, a.account_last4 AS paid_to,
    p.status AS policy_status, p.premium_due_fen - p.premium_paid_fen AS premium_gap_fen,
    p.premium_due_on, p.day_count, p.papers_stop_clock, p.decide_days, p.pay_days,
    p.limitation_years, CASE WHEN p.day_count = 'working' THEN (
        SELECT jsonb_object_agg(y.year, jsonb_build_array(y.days_off, y.working_days))
        FROM calendar_year AS y WHERE y.year >= extract(year FROM c.created_at) - 1
    ) END AS days_off, business_today() AS today
FROM claim AS c
JOIN policy AS p ON p.id = c.policy_id
JOIN scheme_version AS v ON v.id = p.scheme_version_id
JOIN scheme AS s ON s.code = v.scheme_code
LEFT JOIN LATERAL (
    SELECT * FROM decision WHERE decision.claim_id = c.id ORDER BY seq DESC LIMIT 1
) AS d ON true
LEFT JOIN decision_difference AS f ON f.claim_id = c.id AND f.decision_seq = d.seq
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
        'id', payout.id, 'status', payout.status, 'amount_fen', payout.amount_fen,
        'account_last4', payout.account_last4, 'version', payout.version
    ) ORDER BY payout.seq) AS payouts
    FROM payout WHERE payout.claim_id = c.id
) AS o ON true
LEFT JOIN LATERAL (
    SELECT t.paid_on, t.account_last4
    FROM payout JOIN payout_attempt AS t ON t.payout_id = payout.id
    WHERE payout.claim_id = c.id AND t.status = 'paid'
    ORDER BY t.payout_id DESC, t.seq DESC LIMIT 1
) AS a ON true
WHERE c.area_code >= ctx_lo() AND c.area_code < ctx_hi()
  AND (ctx_insurer() IS NULL OR c.insurer_code = ctx_insurer())
"""
SPELLS = """
CREATE OR REPLACE VIEW insured_spell WITH (security_invoker = true) AS
SELECT p.id, p.id_type, p.id_index, p.name_index, p.area_code, p.household_id, p.birth_on, p.sex,
    p.died_on, c.id AS policy_id, c.policy_no, c.scheme_version_id, v.terms_sha256,
    v.scheme_code, s.name_zh AS scheme_name_zh, c.kind, c.insurer_code, c.approval,
    c.payer_rank, c.waiting_days, c.check_days, c.exclusive_group, e.category,
    e.covered_from, e.covered_to, c.period_from AS policy_from,
    c.period_to AS policy_to, c.status AS policy_status, c.version AS policy_version,
    business_today() AS seen_on, c.line_id,
    CASE WHEN v.counts_working_days THEN (
        SELECT coalesce(jsonb_agg(
            jsonb_build_array(y.year, y.days_off, y.working_days) ORDER BY y.year), '[]')
        FROM calendar_year AS y
    )::text END AS years_off, c.premium_due_fen
FROM person AS p
LEFT JOIN LATERAL (
    SELECT r.policy_id, r.category, lower(r.covered) AS covered_from,
        upper(r.covered) - 1 AS covered_to
    FROM enrolment AS r
    WHERE r.person_id = p.id AND NOT r.void
      AND r.area_code >= ctx_lo() AND r.area_code < ctx_hi()
      AND (ctx_insurer() IS NULL OR r.insurer_code = ctx_insurer())
    UNION ALL
    -- An unnamed policy covers whoever is of its area; the category is told with the notice.
    SELECT u.id, '', u.period_from, u.period_to
    FROM policy AS u JOIN scheme_version AS w ON w.id = u.scheme_version_id
    WHERE w.unnamed AND u.status = 'active'
      AND u.area_lo <= p.area_code AND u.area_hi > p.area_code
      AND u.area_lo < ctx_hi() AND u.area_hi > ctx_lo()
      AND (ctx_insurer() IS NULL OR u.insurer_code = ctx_insurer())
) AS e ON true
LEFT JOIN policy AS c ON c.id = e.policy_id
    AND c.area_lo < ctx_hi() AND c.area_hi > ctx_lo()
    AND (ctx_insurer() IS NULL OR c.insurer_code = ctx_insurer())
LEFT JOIN scheme_version AS v ON v.id = c.scheme_version_id
LEFT JOIN scheme AS s ON s.code = v.scheme_code
WHERE p.area_code >= ctx_lo() AND p.area_code < ctx_hi() AND ctx_insurer() IS NULL
"""
USAGE_ASKED = """
CREATE OR REPLACE FUNCTION usage_asked(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    owners uuid[], scopes text[], subjects uuid[], codes text[], periods text[]
) RETURNS SETOF usage_counter LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY
        SELECT u.* FROM usage_counter AS u
        JOIN unnest(owners, scopes, subjects, codes, periods)
            AS w (owner_id, scope, subject_id, code, period)
        USING (owner_id, scope, subject_id, code, period)
        WHERE u.area_lo < hi AND u.area_hi > lo AND insurer IS NULL;
END $$
"""


def upgrade() -> None:
    """Put the condition into both views and the question."""
    for statement in (SHOWN, SPELLS, USAGE_ASKED):
        op.execute(statement)


def downgrade() -> None:
    """Leave them: they tell their caller what they told before."""
