"""Record who opened what about a person; papers enciphered, and seen by the insurer of the claim.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# A sensitive read leaves a row, and at commit its link in the county's audit chain, as an event
# does. The row says who by the caller's own context: no statement can name somebody else.
ACCESS = (
    """
    CREATE TABLE access (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        area_code BIGINT NOT NULL,
        person_id UUID,
        resource TEXT NOT NULL,
        number TEXT NOT NULL,
        act TEXT NOT NULL,
        reason_zh TEXT,
        role TEXT DEFAULT ctx_role() NOT NULL,
        actor TEXT DEFAULT ctx_actor() NOT NULL,
        insurer_code TEXT DEFAULT ctx_insurer(),
        request_id TEXT DEFAULT ctx_request(),
        at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_access PRIMARY KEY (id),
        CONSTRAINT ck_access_resource_known CHECK (resource IN ('person', 'notice', 'claim', 'document')),
        CONSTRAINT ck_access_act_known CHECK (act IN ('view', 'look_up', 'reveal', 'download')),
        CONSTRAINT ck_access_revealed_for_a_reason CHECK (act <> 'reveal' OR reason_zh IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_access_person_id ON access (person_id, id)",
    """
    CREATE TRIGGER access_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON access
        FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
    """,
    """
    CREATE FUNCTION access_to_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM audit_append(
            NEW.area_code - NEW.area_code % 1000000, NEW.actor, 'access.' || NEW.act,
            NEW.resource || ' ' || NEW.number, NEW.request_id,
            jsonb_build_array(NEW.id, NEW.person_id, NEW.role, NEW.reason_zh)::text
        );
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER access_audited AFTER INSERT ON access
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access_to_audit()
    """,
    # The chain grows through its two triggers only.
    "REVOKE EXECUTE ON FUNCTION audit_append(bigint, text, text, text, text, text) FROM PUBLIC",
    "GRANT SELECT, INSERT ON access TO relief_app",
    "ALTER TABLE access ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE access FORCE ROW LEVEL SECURITY",
    """
    CREATE POLICY access_scope ON access
        USING (area_code >= ctx_lo() AND area_code < ctx_hi()
               AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer()))
        WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi()
               AND role = ctx_role() AND actor = ctx_actor()
               AND insurer_code IS NOT DISTINCT FROM ctx_insurer())
    """,
)
# `key_sealed` opens the enciphered file; papers of before have none and lie in clear. `likeness` is
# the SHA-256 of what a picture shows, so that the same one is known again in another file.
DOCUMENT = (
    "ALTER TABLE document ADD COLUMN key_sealed BYTEA",
    "ALTER TABLE document ADD COLUMN likeness TEXT",
    "ALTER TABLE document ADD COLUMN pages INTEGER",
    "CREATE INDEX ix_document_likeness ON document (likeness)",
    "DROP POLICY document_scope ON document",
    # An insurer reads the papers of notices that it has a claim of; it files none.
    """
    CREATE POLICY document_scope ON document
        USING (area_code >= ctx_lo() AND area_code < ctx_hi() AND (
            ctx_insurer() IS NULL OR EXISTS (
                SELECT FROM claim AS c
                WHERE c.notice_id = document.notice_id AND c.insurer_code = ctx_insurer()
                  AND c.status <> 'withdrawn')))
        WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL)
    """,
    # A function that answers one narrow question about rows outside the caller's range looks wider
    # for its own length only. Not by a SET clause: an owner that is no superuser may not write one.
    """
    CREATE FUNCTION look_wider(lo text, hi text) RETURNS text[] LANGUAGE plpgsql AS $$
    DECLARE was text[] := ARRAY[
        coalesce(current_setting('relief.area_lo', true), ''),
        coalesce(current_setting('relief.area_hi', true), ''),
        coalesce(current_setting('relief.insurer', true), '')];
    BEGIN
        PERFORM set_config('relief.area_lo', lo, true), set_config('relief.area_hi', hi, true),
                set_config('relief.insurer', '', true);
        RETURN was;
    END $$
    """,
    """
    CREATE FUNCTION look_as_before(was text[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM set_config('relief.area_lo', was[1], true),
                set_config('relief.area_hi', was[2], true),
                set_config('relief.insurer', was[3], true);
    END $$
    """,
    # Whether the same picture serves a notice outside the caller's range (lo, hi): the likeness and
    # nothing else of it.
    """
    CREATE FUNCTION shown_elsewhere(likenesses text[], beside uuid, lo bigint, hi bigint)
        RETURNS SETOF text LANGUAGE plpgsql AS $$
    DECLARE was text[] := look_wider('0', '1000000000000');
    BEGIN
        RETURN QUERY SELECT DISTINCT d.likeness
            FROM document AS d JOIN notice AS n ON n.id = d.notice_id
            WHERE d.likeness = ANY(likenesses) AND d.notice_id <> beside AND d.removed_at IS NULL
              AND n.status <> 'withdrawn' AND NOT (d.area_code >= lo AND d.area_code < hi);
        PERFORM look_as_before(was);
    END $$
    """,
    # Whose papers they are, for the record of an insurer's reading; it sees no notice itself.
    """
    CREATE FUNCTION person_of_notice(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
    DECLARE was text[] := look_wider(ctx_lo()::text, ctx_hi()::text); found uuid;
    BEGIN
        found := (SELECT n.person_id FROM notice AS n WHERE n.id = wanted);
        PERFORM look_as_before(was);
        RETURN found;
    END $$
    """,
)


def upgrade() -> None:
    """Add the record of accesses and what enciphered papers need."""
    for statement in (*ACCESS, *DOCUMENT):
        op.execute(statement)


def downgrade() -> None:
    """Take it away again; the audit rows of accesses stay."""
    for statement in (
        "DROP TABLE access",
        "DROP FUNCTION access_to_audit",
        "DROP FUNCTION shown_elsewhere, person_of_notice, look_wider, look_as_before",
        "GRANT EXECUTE ON FUNCTION audit_append(bigint, text, text, text, text, text) TO PUBLIC",
        "DROP POLICY document_scope ON document",
        """
        CREATE POLICY document_scope ON document
            USING (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL)
        """,
        "ALTER TABLE document DROP COLUMN key_sealed, DROP COLUMN likeness, DROP COLUMN pages",
    ):
        op.execute(statement)
