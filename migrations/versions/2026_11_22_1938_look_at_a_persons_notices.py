"""Look at a person's notices, too, when something of the person moved; and at the schemes' names.

Revision ID: 0029
Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# A person may have moved to another county and left notices behind, which show the name. A scheme's
# name is shown with every claim and changes without an event: it is told with the server. OFFSET 0:
# joined freely, the notices would be read whole for the sake of no rows.
NEWS = """
CREATE OR REPLACE FUNCTION look_for_news(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    since text, since_position bigint, most integer
) RETURNS TABLE (
    seen text, cluster text, today date, ahead interval, tail bigint, moved jsonb, told jsonb
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY
    WITH moves AS MATERIALIZED (
        SELECT e.resource, e.number, e.area_code FROM event AS e
        WHERE e.txid >= pg_snapshot_xmin(since::pg_snapshot)
          AND e.txid < pg_snapshot_xmax(pg_current_snapshot())
          AND NOT pg_visible_in_snapshot(e.txid, since::pg_snapshot)
        LIMIT most + 1
    ), named AS (
        SELECT m.resource, m.area_code, CASE
            WHEN m.resource = 'payout' THEN (
                SELECT c.claim_no FROM payout AS p JOIN claim AS c ON c.id = p.claim_id
                WHERE p.id = m.number::uuid)
            WHEN m.resource IN ('notice', 'claim') THEN m.number
        END AS number
        FROM moves AS m
        UNION ALL
        SELECT 'notice', k.area_code, k.notice_no
        FROM moves AS m CROSS JOIN LATERAL (
            SELECT n.area_code, n.notice_no FROM notice AS n
            WHERE n.person_id = m.number::uuid OFFSET 0
        ) AS k
        WHERE m.resource = 'person' AND m.number ~ '^[0-9a-f-]{36}$'
    ), steps AS MATERIALIZED (
        SELECT f.county_code, f.insurer_code, f.position FROM feed AS f
        WHERE f.position > since_position ORDER BY f.position LIMIT most + 1
    )
    SELECT pg_current_snapshot()::text,
        feed_cluster() || '/' || coalesce(
            (SELECT md5(string_agg(s.name_zh, '|' ORDER BY s.code)) FROM scheme AS s), ''),
        business_today(),
        coalesce((SELECT s.ahead FROM sandbox_clock AS s), interval '0'),
        (SELECT t.position FROM feed_tail AS t),
        CASE WHEN (SELECT count(*) FROM moves) <= most THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_array(n.resource, n.area_code, n.number)), '[]')
            FROM named AS n) END,
        CASE WHEN (SELECT count(*) FROM steps) <= most THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_array(g.county_code, g.insurer_code, g.newest)),
                            '[]')
            FROM (SELECT s.county_code, s.insurer_code, max(s.position) AS newest
                  FROM steps AS s GROUP BY s.county_code, s.insurer_code) AS g) END;
END $$
"""

BEFORE = """
CREATE OR REPLACE FUNCTION look_for_news(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    since text, since_position bigint, most integer
) RETURNS TABLE (
    seen text, cluster text, today date, ahead interval, tail bigint, moved jsonb, told jsonb
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY
    WITH moves AS MATERIALIZED (
        SELECT e.resource, e.number, e.area_code FROM event AS e
        WHERE e.txid >= pg_snapshot_xmin(since::pg_snapshot)
          AND e.txid < pg_snapshot_xmax(pg_current_snapshot())
          AND NOT pg_visible_in_snapshot(e.txid, since::pg_snapshot)
        LIMIT most + 1
    ), named AS (
        SELECT m.resource, m.area_code, CASE
            WHEN m.resource = 'payout' THEN (
                SELECT c.claim_no FROM payout AS p JOIN claim AS c ON c.id = p.claim_id
                WHERE p.id = m.number::uuid)
            WHEN m.resource IN ('notice', 'claim') THEN m.number
        END AS number
        FROM moves AS m
    ), steps AS MATERIALIZED (
        SELECT f.county_code, f.insurer_code, f.position FROM feed AS f
        WHERE f.position > since_position ORDER BY f.position LIMIT most + 1
    )
    SELECT pg_current_snapshot()::text, feed_cluster(), business_today(),
        coalesce((SELECT s.ahead FROM sandbox_clock AS s), interval '0'),
        (SELECT t.position FROM feed_tail AS t),
        CASE WHEN (SELECT count(*) FROM moves) <= most THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_array(n.resource, n.area_code, n.number)), '[]')
            FROM named AS n) END,
        CASE WHEN (SELECT count(*) FROM steps) <= most THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_array(g.county_code, g.insurer_code, g.newest)),
                            '[]')
            FROM (SELECT s.county_code, s.insurer_code, max(s.position) AS newest
                  FROM steps AS s GROUP BY s.county_code, s.insurer_code) AS g) END;
END $$
"""


def upgrade() -> None:
    """Look further."""
    op.execute(NEWS)


def downgrade() -> None:
    """Look at what moved by itself."""
    op.execute(BEFORE)
