"""Ask for a person's cover in one round trip.

An estimate reads and writes nothing, so it needs no transaction: like a poll, it sends the caller's
context along with the question. The join that finds a person's spells moves into a view, which the
statements inside of transactions read as well.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SPELLS = """
CREATE VIEW insured_spell WITH (security_invoker = true) AS
SELECT p.id, p.id_type, p.id_index, p.name_index, p.area_code, p.household_id, p.birth_on, p.sex,
    p.died_on, c.id AS policy_id, c.policy_no, c.scheme_version_id, v.terms_sha256,
    v.scheme_code, s.name_zh AS scheme_name_zh, c.kind, c.insurer_code, c.approval,
    c.payer_rank, c.waiting_days, c.check_days, c.exclusive_group, e.category,
    e.covered_from, e.covered_to, c.period_from AS policy_from,
    c.period_to AS policy_to, c.status AS policy_status, c.version AS policy_version,
    business_today() AS seen_on
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

# Context and question go together, in this order, as in poll_claim. In plain SQL nothing says that
# the context is set before the first row is looked at.
SPELLS_ASKED = """
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
USAGE_ASKED = """
CREATE FUNCTION usage_asked(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    owners uuid[], scopes text[], subjects uuid[], codes text[], periods text[]
) RETURNS SETOF usage_counter LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY
        SELECT u.* FROM usage_counter AS u
        JOIN unnest(owners, scopes, subjects, codes, periods)
            AS w (owner_id, scope, subject_id, code, period)
        USING (owner_id, scope, subject_id, code, period);
END $$
"""


def upgrade() -> None:
    """Add the view and the two questions."""
    op.execute(SPELLS)
    op.execute(SPELLS_ASKED)
    op.execute(USAGE_ASKED)
    op.execute("GRANT SELECT ON insured_spell TO relief_app")


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP FUNCTION usage_asked, spells_asked")
    op.execute("DROP VIEW insured_spell")
