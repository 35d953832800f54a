"""Give people keys of their own, consents, a label of protection, and an end to their data.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# `key_sealed` holds the person's own data key; rows of before have none and are sealed under the
# master key. An erasure is asked for by one security administrator and done by another.
PEOPLE = (
    "ALTER TABLE person ADD COLUMN key_sealed BYTEA",
    "ALTER TABLE person ADD COLUMN protected BOOLEAN DEFAULT false NOT NULL",
    "ALTER TABLE person ADD COLUMN erased_at TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE person ADD COLUMN erasure_asked_by TEXT",
    "ALTER TABLE person ADD COLUMN erasure_reason_zh TEXT",
    "ALTER TABLE notice ADD COLUMN protected BOOLEAN DEFAULT false NOT NULL",
    # Whether numbers are registered anywhere in the country, under whichever key they were indexed:
    # the indexes and nothing else of it. While keys rotate, registrations take turns, as the unique
    # index cannot see that two indexes stand for one number.
    """
    CREATE FUNCTION numbers_taken(indexes bytea[], one_by_one boolean) RETURNS SETOF bytea
        LANGUAGE plpgsql AS $$
    DECLARE was text[] := look_wider('0', '1000000000000');
    BEGIN
        IF one_by_one THEN
            PERFORM pg_advisory_xact_lock(3301272027);
        END IF;
        RETURN QUERY SELECT p.id_index FROM person AS p
            WHERE p.id_type IN ('resident_id', 'passport') AND p.id_index = ANY(indexes);
        PERFORM look_as_before(was);
    END $$
    """,
)
CONSENT = (
    """
    CREATE TABLE consent (
        id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        person_id UUID NOT NULL,
        purpose TEXT NOT NULL,
        basis TEXT NOT NULL,
        given_by TEXT NOT NULL,
        given_on DATE NOT NULL,
        recorded_by TEXT DEFAULT ctx_actor() NOT NULL,
        recorded_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        withdrawn_by TEXT,
        withdrawn_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_consent PRIMARY KEY (id),
        CONSTRAINT fk_consent_person_id FOREIGN KEY (person_id) REFERENCES person (id),
        CONSTRAINT ck_consent_purpose_known CHECK (purpose IN ('medical_settlement', 'other_relief', 'bank_account')),
        CONSTRAINT ck_consent_basis_known CHECK (basis IN ('consent', 'legal_duty', 'emergency')),
        CONSTRAINT ck_consent_given_by_known CHECK (given_by IN ('self', 'guardian', 'agent', 'office')),
        CONSTRAINT ck_consent_withdrawn_whole CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX uq_consent_open ON consent (person_id, purpose)
        WHERE withdrawn_at IS NULL
    """,
    "GRANT SELECT, INSERT, UPDATE ON consent TO relief_app",
    "ALTER TABLE consent ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE consent FORCE ROW LEVEL SECURITY",
    """
    CREATE POLICY consent_scope ON consent
        USING (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL)
        WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL)
    """,
)
# Two contexts that no caller has: `keys` seals anew while keys rotate, `retention` removes what has
# outlived its purpose. The law's six months for logs hold in the database too.
UPKEEP = (
    """
    CREATE OR REPLACE FUNCTION instruction_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.id, NEW.claim_id, NEW.insurer_code, NEW.kind, NEW.area_code)
           IS DISTINCT FROM (OLD.id, OLD.claim_id, OLD.insurer_code, OLD.kind, OLD.area_code)
           OR (NEW.body_sealed <> OLD.body_sealed AND ctx_role() IS DISTINCT FROM 'keys'
               AND NOT (NEW.body_sealed = '' AND ctx_role() IN ('security', 'retention'))) THEN
            RAISE EXCEPTION 'an instruction is never changed: supersede it'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    ALTER POLICY insurer_secret_scope ON insurer_secret
        USING (ctx_role() IN ('system', 'security', 'keys') OR insurer_code = ctx_insurer())
        WITH CHECK (ctx_role() IN ('system', 'security', 'keys') OR insurer_code = ctx_insurer())
    """,
    """
    ALTER POLICY callback_event_scope ON callback_event
        USING (ctx_role() IN ('system', 'keys', 'retention') OR insurer_code = ctx_insurer())
        WITH CHECK (ctx_role() IN ('system', 'keys', 'retention') OR insurer_code = ctx_insurer())
    """,
    """
    ALTER POLICY idempotency_scope ON idempotency
        USING (principal = ctx_actor() OR ctx_role() IN ('keys', 'retention'))
        WITH CHECK (principal = ctx_actor() OR ctx_role() IN ('keys', 'retention'))
    """,
    """
    ALTER POLICY api_key_scope ON api_key
        USING (ctx_role() IN ('door', 'security', 'keys'))
    """,
    """
    CREATE INDEX ix_access_reveals ON access (actor, at) WHERE act = 'reveal'
    """,
    "DROP TRIGGER access_kept ON access",
    """
    CREATE FUNCTION forbid_early_removal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND ctx_role() = 'retention'
           AND OLD.at < clock_timestamp() - interval '184 days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'rows of % are never changed, nor deleted within 184 days', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER access_kept BEFORE UPDATE OR DELETE ON access
        FOR EACH ROW EXECUTE FUNCTION forbid_early_removal()
    """,
    """
    CREATE TRIGGER access_never_emptied BEFORE TRUNCATE ON access
        FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
    """,
    "GRANT DELETE ON access TO relief_app",
)


def upgrade() -> None:
    """Add what personal data need."""
    for statement in (*PEOPLE, *CONSENT, *UPKEEP):
        op.execute(statement)


def downgrade() -> None:
    """Take it away again. Rows whose own key is dropped with its column cannot be read any more."""
    for statement in (
        "REVOKE DELETE ON access FROM relief_app",
        "DROP TRIGGER access_never_emptied ON access",
        "DROP TRIGGER access_kept ON access",
        "DROP FUNCTION forbid_early_removal",
        """
        CREATE TRIGGER access_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON access
            FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
        """,
        "DROP INDEX ix_access_reveals",
        "DROP TABLE consent",
        "DROP FUNCTION numbers_taken",
        "ALTER TABLE notice DROP COLUMN protected",
        """
        ALTER TABLE person DROP COLUMN key_sealed, DROP COLUMN protected, DROP COLUMN erased_at,
            DROP COLUMN erasure_asked_by, DROP COLUMN erasure_reason_zh
        """,
        """
        ALTER POLICY api_key_scope ON api_key USING (ctx_role() IN ('door', 'security'))
        """,
        """
        ALTER POLICY idempotency_scope ON idempotency
            USING (principal = ctx_actor()) WITH CHECK (principal = ctx_actor())
        """,
        """
        ALTER POLICY callback_event_scope ON callback_event
            USING (ctx_role() = 'system' OR insurer_code = ctx_insurer())
            WITH CHECK (ctx_role() = 'system' OR insurer_code = ctx_insurer())
        """,
        """
        ALTER POLICY insurer_secret_scope ON insurer_secret
            USING (ctx_role() IN ('system', 'security') OR insurer_code = ctx_insurer())
            WITH CHECK (ctx_role() IN ('system', 'security') OR insurer_code = ctx_insurer())
        """,
        """
        CREATE OR REPLACE FUNCTION instruction_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.id, NEW.claim_id, NEW.insurer_code, NEW.kind, NEW.body_sealed, NEW.area_code)
               IS DISTINCT FROM
               (OLD.id, OLD.claim_id, OLD.insurer_code, OLD.kind, OLD.body_sealed, OLD.area_code)
            THEN
                RAISE EXCEPTION 'an instruction is never changed: supersede it'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$
        """,
    ):
        op.execute(statement)
