"""Take a callback in two round trips: one finds the keys that vouch for it, one stores it.

Each sets the caller's context and does its work in the same statement, so no transaction is opened
around them: five trips before, for an act that insurers call by the thousand at night.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Through a function and in this order, as in poll_claim: in plain SQL nothing says that the context
# is set before the first row is looked at.
KEYS = """
CREATE FUNCTION callback_keys_asked(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text
) RETURNS TABLE (spoken text, ids uuid[], sealed bytea[], real_now bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY
        SELECT i.dialect, array_agg(s.id ORDER BY s.active_from DESC, s.id DESC),
            array_agg(s.secret_sealed ORDER BY s.active_from DESC, s.id DESC),
            floor(extract(epoch FROM clock_timestamp()))::bigint
        FROM insurer AS i
        JOIN insurer_secret AS s ON s.insurer_code = i.code AND s.direction = 'in'
          AND s.active_from <= business_now()
          AND (s.active_to IS NULL OR s.active_to > business_now())
        WHERE i.code = insurer
        GROUP BY i.dialect;
END $$
"""
# A job that waits already is touched all the same: that holds it until our commit. Left alone, a
# worker could take it, not see what is not committed yet, and be done; nobody would come again.
KEEP = """
CREATE FUNCTION keep_callback(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    told_event text, told_sha256 bytea, told_sealed bytea, told_type text, told_claim text,
    first_state text, first_reason text
) RETURNS TABLE (row_id bigint, first_sha256 bytea, fresh boolean) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    INSERT INTO callback_event (insurer_code, event_id, body_sha256, body_sealed, type, claim_no,
                                state, reason, settled_at)
    VALUES (insurer, told_event, told_sha256, told_sealed, told_type, told_claim, first_state,
            first_reason, CASE WHEN first_reason IS NULL THEN NULL ELSE business_now() END)
    ON CONFLICT (insurer_code, event_id) DO NOTHING
    RETURNING id, body_sha256, true INTO row_id, first_sha256, fresh;
    IF row_id IS NULL THEN  -- it came before; whoever was first has committed, or we had waited
        SELECT c.id, c.body_sha256, false INTO STRICT row_id, first_sha256, fresh
        FROM callback_event AS c WHERE c.insurer_code = insurer AND c.event_id = told_event;
    ELSIF first_reason IS NULL THEN
        INSERT INTO job (kind, lane, subject)
        VALUES ('apply', 'desk', insurer || '/' || told_claim)
        ON CONFLICT (kind, subject) WHERE state = 'ready'
        DO UPDATE SET run_at = least(job.run_at, excluded.run_at);
    END IF;
    RETURN NEXT;
END $$
"""


def upgrade() -> None:
    """Add the two functions."""
    op.execute(KEYS)
    op.execute(KEEP)


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP FUNCTION keep_callback, callback_keys_asked")
