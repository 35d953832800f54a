"""Tell with a person's spells the line of renewals, and days off where terms count working days.

Two columns at the end of a view: what reads it by name goes on as before.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SPELLS = """
CREATE OR REPLACE VIEW insured_spell WITH (security_invoker = true) AS
SELECT p.id, p.id_type, p.id_index, p.name_index, p.area_code, p.household_id, p.birth_on, p.sex,
    p.died_on, c.id AS policy_id, c.policy_no, c.scheme_version_id, v.terms_sha256,
    v.scheme_code, s.name_zh AS scheme_name_zh, c.kind, c.insurer_code, c.approval,
    c.payer_rank, c.waiting_days, c.check_days, c.exclusive_group, e.category,
    e.covered_from, e.covered_to, c.period_from AS policy_from,
    c.period_to AS policy_to, c.status AS policy_status, c.version AS policy_version,
    business_today() AS seen_on{more}
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
MORE = """, c.line_id,
    CASE WHEN v.counts_working_days THEN (
        SELECT coalesce(jsonb_agg(
            jsonb_build_array(y.year, y.days_off, y.working_days) ORDER BY y.year), '[]')
        FROM calendar_year AS y
    )::text END AS years_off"""


def upgrade() -> None:
    """Mark the terms that count working days, and let the view tell more."""
    op.execute(
        "ALTER TABLE scheme_version ADD COLUMN counts_working_days BOOLEAN NOT NULL "
        "GENERATED ALWAYS AS (jsonb_path_exists(terms, "
        "'$.**.type ? (@ == \"working_days_passed\")')) STORED"
    )
    op.execute(SPELLS.format(more=MORE))


def downgrade() -> None:
    """Let the view tell less; the function that gives its rows goes with it and comes back."""
    op.execute("DROP FUNCTION spells_asked")
    op.execute("DROP VIEW insured_spell")
    op.execute(SPELLS.format(more=""))
    op.execute("GRANT SELECT ON insured_spell TO relief_app")
    op.execute("ALTER TABLE scheme_version DROP COLUMN counts_working_days")
    op.execute(ASKED)


ASKED = """
CREATE FUNCTION spells_asked(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    wanted_id uuid, wanted_type text, wanted_indexes bytea[]
) RETURNS SETOF insured_spell LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    IF wanted_id IS NOT NULL THEN
        RETURN QUERY SELECT * FROM insured_spell AS i WHERE i.id = wanted_id
            ORDER BY i.payer_rank, i.policy_no, i.covered_from;
    ELSE
        RETURN QUERY SELECT * FROM insured_spell AS i
            WHERE i.id_type = wanted_type AND i.id_index = ANY (wanted_indexes)
            ORDER BY i.payer_rank, i.policy_no, i.covered_from;
    END IF;
END $$
"""
