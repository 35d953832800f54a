"""Bind ledger and events to the audit trail, so that a bent row is found and named.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# What a ledger line says, in one text; its audit row keeps the same words.
LEDGER = (
    """
    CREATE FUNCTION ledger_told(l ledger_entry) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT jsonb_build_array(
            l.set_id, l.area_code, l.insurer_code, l.policy_id, l.claim_id, l.payer, l.booking,
            l.account, l.amount_fen, l.actor, extract(epoch FROM l.created_at)::text
        )::text
    $$
    """,
    """
    CREATE FUNCTION ledger_to_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM audit_append(
            NEW.area_code - NEW.area_code % 1000000, NEW.actor, 'ledger.' || NEW.booking,
            'ledger ' || NEW.id, ctx_request(), ledger_told(NEW)
        );
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_audited AFTER INSERT ON ledger_entry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_to_audit()
    """,
    # The lines of before get their audit rows now; the owner, too, sees rows by a context only.
    "SELECT set_context(0, 1000000000000, NULL, 'system', 'migration:0013', NULL)",
    """
    SELECT audit_append(
        l.area_code - l.area_code % 1000000, l.actor, 'ledger.' || l.booking, 'ledger ' || l.id,
        NULL, ledger_told(l)
    ) FROM (SELECT * FROM ledger_entry ORDER BY id) AS l
    """,
    "SELECT set_context(NULL, NULL, NULL, NULL, NULL, NULL)",
)
# What does not fit, within the caller's range: in the chain itself (a row that is not what was
# hashed, a link that is missing, a head that is not the last row), and between the chain and the
# rows that it tells of, both ways. `seq` is the place in the chain where there is one.
FAULTS = """
    CREATE OR REPLACE FUNCTION audit_faults() RETURNS TABLE (chain bigint, seq bigint, fault text)
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (
        SELECT a.* FROM audit AS a WHERE a.chain >= ctx_lo() AND a.chain < ctx_hi()
    ), linked AS (
        SELECT m.*, lag(m.hash) OVER w AS before, lag(m.seq) OVER w AS seq_before
        FROM mine AS m WINDOW w AS (PARTITION BY m.chain ORDER BY m.seq)
    ), told AS (
        SELECT e.area_code - e.area_code % 1000000 AS chain,
            e.resource || ' ' || e.number || ' v' || e.version AS object, e.actor,
            e.type AS action, 'event ' || e.seq AS row_name,
            jsonb_build_array(e.seq, e.txid::text, e.was, e.now, e.detail)::text AS detail
        FROM event AS e
        UNION ALL
        SELECT l.area_code - l.area_code % 1000000, 'ledger ' || l.id, l.actor,
            'ledger.' || l.booking, 'ledger ' || l.id, ledger_told(l)
        FROM ledger_entry AS l
        UNION ALL
        SELECT c.area_code - c.area_code % 1000000, c.resource || ' ' || c.number, c.actor,
            'access.' || c.act, 'access ' || c.id,
            jsonb_build_array(c.id, c.person_id, c.role, c.reason_zh)::text
        FROM access AS c
    ), paired AS (
        SELECT coalesce(m.chain, t.chain) AS chain, m.seq, m.object, m.action, t.row_name
        FROM mine AS m
        FULL JOIN told AS t ON t.chain = m.chain AND t.object = m.object AND t.action = m.action
            AND t.actor = m.actor AND t.detail = m.detail
        WHERE m.seq IS NULL OR t.row_name IS NULL
    )
    SELECT l.chain, l.seq, 'bent' FROM linked AS l
    WHERE l.hash <> sha256(
        l.prev || int8send(l.seq) || convert_to(
            jsonb_build_array(
                l.chain, extract(epoch FROM l.at)::text, l.actor, l.action, l.object,
                l.request_id, l.detail
            )::text, 'UTF8'
        )
    )
    UNION ALL
    SELECT l.chain, l.seq, 'broken' FROM linked AS l
    WHERE l.prev <> coalesce(l.before, '\\x00') OR l.seq <> coalesce(l.seq_before, 0) + 1
    UNION ALL
    SELECT h.chain, h.seq, 'head' FROM audit_head AS h
    LEFT JOIN LATERAL (
        SELECT a.seq, a.hash FROM audit AS a WHERE a.chain = h.chain ORDER BY a.seq DESC LIMIT 1
    ) AS last ON true
    WHERE h.chain >= ctx_lo() AND h.chain < ctx_hi()
      AND (h.seq > 0 AND (last.seq IS DISTINCT FROM h.seq OR last.hash IS DISTINCT FROM h.hash))
    UNION ALL
    SELECT p.chain, 0, 'unaudited ' || p.row_name FROM paired AS p WHERE p.seq IS NULL
    UNION ALL
    SELECT p.chain, p.seq, 'gone ' || p.object || ' (' || p.action || ')'
    FROM paired AS p WHERE p.row_name IS NULL
    $$
"""
# The trail is read by the audit role alone, and grows through its triggers alone: the owner's
# functions write it, so row security binds everybody but the owner.
READ = (
    "GRANT SELECT ON audit, audit_head TO relief_app",
    "ALTER TABLE audit ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE audit_head ENABLE ROW LEVEL SECURITY",
    """
    CREATE POLICY audit_scope ON audit FOR SELECT
        USING (ctx_role() = 'audit' AND chain >= ctx_lo() AND chain < ctx_hi())
    """,
    """
    CREATE POLICY audit_head_scope ON audit_head FOR SELECT
        USING (ctx_role() IN ('audit', 'system') AND chain >= ctx_lo() AND chain < ctx_hi())
    """,
)


def upgrade() -> None:
    """Add the links and let the auditor read."""
    for statement in (*LEDGER, FAULTS, *READ):
        op.execute(statement)


def downgrade() -> None:
    """Take the links away again; the wider question stays, without the ledger it finds as much."""
    for statement in (
        "DROP POLICY audit_scope ON audit",
        "DROP POLICY audit_head_scope ON audit_head",
        "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_head DISABLE ROW LEVEL SECURITY",
        "REVOKE ALL ON audit, audit_head FROM relief_app",
        "DROP TRIGGER ledger_audited ON ledger_entry",
        "DROP FUNCTION ledger_to_audit",
    ):
        op.execute(statement)
