"""Record local standards; tell the rules what a policy's whole premium is.

Rows are only ever added: a correction is a later row for the same place and day, and who recorded
which stays. They belong to nobody's area, as schemes do.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STANDARD = (
    """
    CREATE TABLE local_standard (
        id UUID NOT NULL,
        code TEXT NOT NULL,
        name_zh TEXT NOT NULL,
        place TEXT NOT NULL,
        from_on DATE NOT NULL,
        value_fen BIGINT NOT NULL,
        clause TEXT NOT NULL,
        unconfirmed TEXT NOT NULL,
        recorded_by TEXT NOT NULL,
        recorded_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_local_standard PRIMARY KEY (id),
        CONSTRAINT ck_local_standard_value_fen_not_negative CHECK (value_fen >= 0),
        CONSTRAINT ck_local_standard_place_is_digits CHECK (place ~ '^[0-9]{0,12}$')
    )
    """,
    "CREATE INDEX ix_local_standard_code_place ON local_standard (code, place, from_on, id)",
    """
    CREATE TRIGGER local_standard_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON local_standard
        FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
    """,
    "GRANT SELECT, INSERT ON local_standard TO relief_app",
)

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
    FROM enrolment AS r WHERE r.person_id = p.id AND NOT r.void
    UNION ALL
    -- An unnamed policy covers whoever is of its area; the category is told with the notice.
    SELECT u.id, '', u.period_from, u.period_to
    FROM policy AS u JOIN scheme_version AS w ON w.id = u.scheme_version_id
    WHERE w.unnamed AND u.status = 'active'
      AND u.area_lo <= p.area_code AND u.area_hi > p.area_code
) AS e ON true
LEFT JOIN policy AS c ON c.id = e.policy_id
LEFT JOIN scheme_version AS v ON v.id = c.scheme_version_id
LEFT JOIN scheme AS s ON s.code = v.scheme_code
"""


def upgrade() -> None:
    """Add the table, and the premium to what is told of a spell."""
    for statement in STANDARD:
        op.execute(statement)
    op.execute(SPELLS)


def downgrade() -> None:
    """Take the table away; the view's last column hurts nobody and stays with its function."""
    op.execute("DROP TABLE local_standard")
