"""Submit a draft in three round trips: one reads it, one finds who is insured, one writes it all.

Each sets the caller's context and does its work in the same statement, so no transaction is opened
around them: seven trips before, and most of what a submission cost was the trips.

Revision ID: 0032
Revises: 0031
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

CONTEXT = """
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text"""

# A draft as it is read, nothing held; and what was answered to the key before, if anything was.
DRAFT = f"""
CREATE FUNCTION draft_asked({CONTEXT},
    wanted_route text, wanted_key text, wanted_no text
) RETURNS TABLE (
    fingerprint bytea, answered integer, body_sealed bytea, etag text, location text,
    now timestamptz, today date, papers text[],
    id uuid, notice_no text, area_code bigint, status text, person_id uuid, content jsonb,
    personal_sealed bytea, client_ref text, coverage jsonb, created_by text, version integer,
    created_at timestamptz, updated_at timestamptz, submitted_at timestamptz, assigned_to text,
    protected boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY
        SELECT i.fingerprint, i.status, i.body_sealed, i.etag, i.location, business_now(),
            business_today(),
            ARRAY(SELECT d.kind FROM document AS d
                  WHERE d.notice_id = n.id AND d.removed_at IS NULL),
            n.id, n.notice_no, n.area_code, n.status, n.person_id, n.content, n.personal_sealed,
            n.client_ref, n.coverage, n.created_by, n.version, n.created_at, n.updated_at,
            n.submitted_at, n.assigned_to, n.protected
        FROM (SELECT 1) AS always
        LEFT JOIN idempotency AS i
            ON i.principal = actor AND i.route = wanted_route AND i.key = wanted_key
            AND i.expires_at > business_now()
        LEFT JOIN notice AS n
            ON n.notice_no = wanted_no AND n.area_code >= lo AND n.area_code < hi
            AND insurer IS NULL;
END $$
"""

# Who is insured, as `insured_spell` says it, and whether the person asks for the closest mask. A view
# of its own: a column more in the other would break what older processes hold prepared.
INSURED = """
CREATE VIEW insured_person WITH (security_invoker = true) AS
SELECT i.*, coalesce((SELECT p.protected FROM person AS p WHERE p.id = i.id), false) AS protected
FROM insured_spell AS i
"""
INSURED_ASKED = f"""
CREATE FUNCTION insured_asked({CONTEXT},
    wanted_id uuid, wanted_type text, wanted_indexes bytea[]
) RETURNS SETOF insured_person LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    IF wanted_id IS NOT NULL THEN
        RETURN QUERY SELECT * FROM insured_person AS i WHERE i.id = wanted_id
            ORDER BY i.payer_rank, i.policy_no, i.covered_from;
    ELSE
        RETURN QUERY SELECT * FROM insured_person AS i
            WHERE i.id_type = wanted_type AND i.id_index = ANY (wanted_indexes)
            ORDER BY i.payer_rank, i.policy_no, i.covered_from;
    END IF;
END $$
"""

# All that a submission writes: the notice, its settlements, claims, events, job, and the answer that
# is kept. Nothing was held since the draft was read, so its version must still be the one that was
# read, and the person as protected as they were; else the whole act is done again, from its reading.
# A key of none keeps no answer: within a transaction the door keeps it.
SUBMIT = f"""
CREATE FUNCTION submit_draft({CONTEXT},
    told_route text, told_key text, told_fingerprint bytea, told_status integer, told_body bytea,
    told_etag text,
    draft uuid, seen_version integer, insured uuid, shielded boolean, remarks jsonb,
    settlements bytea[], claim_ids uuid[], claim_policies uuid[], claim_insurers text[],
    happened_on date, relatives bytea[], moment timestamptz
) RETURNS TABLE (
    locked boolean, fingerprint bytea, status integer, body_sealed bytea, etag text, location text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    filed record;
    rows_written integer;
    declared jsonb := '{{}}';
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    locked := true;
    IF told_key IS NOT NULL THEN
        IF NOT pg_try_advisory_xact_lock(
            hashtextextended(actor || chr(10) || told_route || chr(10) || told_key, 0)
        ) THEN
            locked := false;
            RETURN NEXT;
            RETURN;
        END IF;
        SELECT i.fingerprint, i.status, i.body_sealed, i.etag, i.location
            INTO fingerprint, status, body_sealed, etag, location
            FROM idempotency AS i
            WHERE i.principal = actor AND i.route = told_route AND i.key = told_key
              AND i.expires_at > moment;
        IF FOUND THEN
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;

    UPDATE notice AS n SET status = 'submitted', person_id = insured, coverage = remarks,
        version = n.version + 1, submitted_at = moment, updated_at = moment,
        protected = coalesce((SELECT p.protected FROM person AS p
            WHERE p.id = insured AND p.area_code >= lo AND p.area_code < hi), false)
    WHERE n.id = draft AND n.status = 'draft' AND n.version = seen_version
      AND n.area_code >= lo AND n.area_code < hi AND insurer IS NULL
    RETURNING n.notice_no AS no, n.area_code AS place, n.version, n.protected INTO filed;
    IF filed.version IS NULL OR filed.protected <> shielded THEN
        RAISE EXCEPTION 'the draft has changed since it was read'
            USING ERRCODE = 'serialization_failure';
    END IF;

    INSERT INTO notice_settlement (notice_id, settlement_index, area_code, live)
        SELECT draft, s, filed.place, true FROM unnest(settlements) AS s
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS rows_written = ROW_COUNT;
    IF rows_written <> cardinality(settlements) THEN
        RAISE EXCEPTION 'a settlement is filed already' USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'uq_notice_settlement_live',
            DETAIL = coalesce((
                SELECT n.notice_no FROM notice_settlement AS s JOIN notice AS n ON n.id = s.notice_id
                WHERE s.settlement_index = ANY (settlements) AND s.live AND s.notice_id <> draft
                  AND n.area_code >= lo AND n.area_code < hi LIMIT 1), '');
    END IF;

    IF EXISTS (SELECT FROM near_relative AS r
               WHERE r.digest = ANY (relatives) AND r.withdrawn_at IS NULL
                 AND r.area_code >= lo AND r.area_code < hi) THEN
        declared := '{{"near_relative": true}}';
    END IF;
    INSERT INTO event (area_code, resource, number, version, type, was, now, actor, request_id,
                       detail, at)
        VALUES (filed.place, 'notice', filed.no, filed.version, 'notice.submit', 'draft',
                'submitted', actor, request_id, declared, moment);
    IF cardinality(claim_ids) > 0 THEN
        INSERT INTO claim (id, claim_no, notice_id, policy_id, insurer_code, area_code, status,
                           event_on, created_at, updated_at)
            SELECT c.id, filed.no || '-' || c.nth, draft, c.policy_id, c.insurer_code, filed.place,
                   'submitted', happened_on, moment, moment
            FROM unnest(claim_ids, claim_policies, claim_insurers)
                WITH ORDINALITY AS c (id, policy_id, insurer_code, nth);
        INSERT INTO event (area_code, insurer_code, resource, number, version, type, now, actor,
                           request_id, detail, at)
            SELECT filed.place, c.insurer_code, 'claim', filed.no || '-' || c.nth, 1, 'claim.open',
                   'submitted', actor, request_id, declared, moment
            FROM unnest(claim_insurers) WITH ORDINALITY AS c (insurer_code, nth) ORDER BY c.nth;
        INSERT INTO job (kind, lane, subject) VALUES ('assess', 'desk', filed.no)
            ON CONFLICT (kind, subject) WHERE state = 'ready'
            DO UPDATE SET run_at = least(job.run_at, excluded.run_at);
    END IF;

    IF told_key IS NOT NULL THEN
        INSERT INTO idempotency AS kept (principal, route, key, fingerprint, status, body_sealed,
                                         etag, created_at, expires_at)
            VALUES (actor, told_route, told_key, told_fingerprint, told_status, told_body,
                    told_etag, moment, moment + interval '30 days')
            ON CONFLICT (principal, route, key) DO UPDATE
                SET fingerprint = excluded.fingerprint, status = excluded.status,
                    body_sealed = excluded.body_sealed, etag = excluded.etag, location = NULL,
                    created_at = excluded.created_at, expires_at = excluded.expires_at;
    END IF;
    RETURN NEXT;
END $$
"""

OURS = ("draft_asked", "insured_asked", "submit_draft")


def upgrade() -> None:
    """Add the view and the three functions."""
    op.execute(DRAFT)
    op.execute(INSURED)
    op.execute("GRANT SELECT ON insured_person TO relief_app")
    op.execute(INSURED_ASKED)
    op.execute(SUBMIT)
    for function in OURS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO relief_app")


def downgrade() -> None:
    """Take them away again."""
    op.execute(f"DROP FUNCTION {', '.join(OURS)}")
    op.execute("DROP VIEW insured_person")
