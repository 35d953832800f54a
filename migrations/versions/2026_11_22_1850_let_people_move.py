"""Let a person move to another area, and their earlier cases be told where they live now.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# The person's record, consents and covers go along; cases stay where they were filed, with their
# money, trail and numbers. A cover goes along where its policy's area holds the new place too; gives
# the policies whose cover does not. Only who sees the person can begin this.
MOVE = """
CREATE FUNCTION move_person(wanted uuid, place bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE was text[];
BEGIN
    IF ctx_insurer() IS NOT NULL OR NOT EXISTS (
        SELECT FROM person AS p
        WHERE p.id = wanted AND p.area_code >= ctx_lo() AND p.area_code < ctx_hi()
    ) THEN
        RETURN;
    END IF;
    was := look_wider('0', '1000000000000');
    UPDATE person SET area_code = place, version = version + 1 WHERE id = wanted;
    UPDATE consent SET area_code = place WHERE person_id = wanted;
    UPDATE enrolment AS e SET area_code = place FROM policy AS p
        WHERE e.person_id = wanted AND p.id = e.policy_id
          AND p.area_lo <= place AND p.area_hi > place;
    UPDATE household AS h SET area_code = place FROM person AS p
        WHERE p.id = wanted AND h.id = p.household_id AND NOT EXISTS (
            SELECT FROM person AS o WHERE o.household_id = h.id AND o.area_code <> place);
    RETURN QUERY SELECT DISTINCT p.policy_no FROM enrolment AS e JOIN policy AS p ON p.id = e.policy_id
        WHERE e.person_id = wanted AND NOT e.void AND upper(e.covered) > business_today()
          AND NOT (p.area_lo <= place AND p.area_hi > place)
        ORDER BY p.policy_no;
    PERFORM look_as_before(was);
END $$
"""
# What was filed and paid for somebody anywhere, for whoever sees the person today: enough to serve
# and to doubt, no diagnosis, no papers, no account.
HISTORY = """
CREATE FUNCTION history_of(wanted uuid) RETURNS TABLE (
    notice_no text, area_code bigint, notice_status text, submitted_at timestamptz, claim_no text,
    event_on date, scheme_name_zh text, status text, outcome text, decided_fen bigint,
    paid_fen bigint
) LANGUAGE plpgsql AS $$
DECLARE was text[];
BEGIN
    IF ctx_insurer() IS NOT NULL OR NOT EXISTS (
        SELECT FROM person AS p
        WHERE p.id = wanted AND p.area_code >= ctx_lo() AND p.area_code < ctx_hi()
    ) THEN
        RETURN;
    END IF;
    was := look_wider('0', '1000000000000');
    RETURN QUERY
        SELECT n.notice_no, n.area_code, n.status, n.submitted_at, c.claim_no, c.event_on,
            s.name_zh, c.status, c.outcome, c.decided_fen, c.paid_fen
        FROM notice AS n
        LEFT JOIN claim AS c ON c.notice_id = n.id
        LEFT JOIN policy AS p ON p.id = c.policy_id
        LEFT JOIN scheme_version AS v ON v.id = p.scheme_version_id
        LEFT JOIN scheme AS s ON s.code = v.scheme_code
        WHERE n.person_id = wanted AND n.submitted_at IS NOT NULL
        ORDER BY n.submitted_at DESC, c.claim_no LIMIT 200;
    PERFORM look_as_before(was);
END $$
"""
# The events of somebody who moved lie in two areas, and their versions must not meet.
LAST_ACT = """
CREATE FUNCTION last_act(of_resource text, of_number text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE was text[] := look_wider('0', '1000000000000'); last integer;
BEGIN
    last := (SELECT max(e.version) FROM event AS e
             WHERE e.resource = of_resource AND e.number = of_number);
    PERFORM look_as_before(was);
    RETURN coalesce(last, 0);
END $$
"""


def upgrade() -> None:
    """Add the three functions."""
    for statement in (MOVE, HISTORY, LAST_ACT):
        op.execute(statement)


def downgrade() -> None:
    """Take them away; who moved stays where they are."""
    op.execute("DROP FUNCTION move_person, history_of, last_act")
