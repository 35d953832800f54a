"""Know who calls: who holds a key and from where, assertions used once, counts, near relatives.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RESOURCES = (
    "notice",
    "claim",
    "payout",
    "policy",
    "person",
    "calendar",
    "insurer",
    "instruction",
    "callback",
    "lane",
)

# `holder` is the person or system behind a key, by a number of the bureau; `networks` where it may
# call from; `public_keys` are the JWKs of a client that signs its assertions (private_key_jwt).
# Seats are kept apart: nobody holds live keys of two. The constraint holds against every race.
KEY = (
    "ALTER TABLE api_key ADD COLUMN holder TEXT",
    "ALTER TABLE api_key ADD COLUMN networks TEXT",
    "ALTER TABLE api_key ADD COLUMN public_keys TEXT",
    """
    ALTER TABLE api_key ADD COLUMN seat TEXT NOT NULL GENERATED ALWAYS AS (
        CASE WHEN role IN ('insurer', 'system', 'security', 'audit') THEN role ELSE 'bureau' END
    ) STORED
    """,
    """
    ALTER TABLE api_key ADD CONSTRAINT ex_api_key_seats
        EXCLUDE USING gist (holder WITH =, seat WITH <>)
        WHERE (holder IS NOT NULL AND revoked_at IS NULL)
    """,
)

# A signed assertion opens the door once. Kept until no clock would still accept it.
ASSERTION = (
    """
    CREATE TABLE used_assertion (
        client_id UUID NOT NULL,
        digest BYTEA NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_used_assertion PRIMARY KEY (client_id, digest)
    )
    """,
    "CREATE INDEX ix_used_assertion_expires_at ON used_assertion (expires_at)",
    "GRANT SELECT, INSERT, DELETE ON used_assertion TO relief_app",
    "ALTER TABLE used_assertion ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE used_assertion FORCE ROW LEVEL SECURITY",
    "CREATE POLICY used_assertion_scope ON used_assertion USING (ctx_role() = 'door')",
)

# Counts that must hold across processes. `subject` is a keyed digest: no address, no number.
COUNT = (
    """
    CREATE TABLE rate_count (
        rule TEXT NOT NULL,
        subject BYTEA NOT NULL,
        began_at TIMESTAMP WITH TIME ZONE NOT NULL,
        times INTEGER NOT NULL,
        CONSTRAINT pk_rate_count PRIMARY KEY (rule, subject)
    )
    """,
    "CREATE INDEX ix_rate_count_began_at ON rate_count (began_at)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON rate_count TO relief_app",
    # The parameters of set_context come first, as in every function that is asked directly.
    # `more` 0 only looks. Answers how many times in this window, and the seconds until it ends.
    """
    CREATE FUNCTION count_use(
        lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
        wanted_rule text, wanted_subject bytea, seconds integer, more integer
    ) RETURNS TABLE (counted integer, ends_in integer) LANGUAGE plpgsql AS $$
    DECLARE
        at timestamptz := clock_timestamp();
        span interval := make_interval(secs => seconds);
    BEGIN
        IF more > 0 THEN
            IF random() < 0.01 THEN
                DELETE FROM rate_count WHERE began_at < at - interval '2 days';
            END IF;
            RETURN QUERY
                INSERT INTO rate_count AS r (rule, subject, began_at, times)
                VALUES (wanted_rule, wanted_subject, at, more)
                ON CONFLICT (rule, subject) DO UPDATE SET
                    times = CASE WHEN r.began_at <= at - span THEN more ELSE r.times + more END,
                    began_at = CASE WHEN r.began_at <= at - span THEN at ELSE r.began_at END
                RETURNING r.times, greatest(1, ceil(extract(epoch FROM r.began_at + span - at)))::int;
        ELSE
            RETURN QUERY
                SELECT r.times, greatest(1, ceil(extract(epoch FROM r.began_at + span - at)))::int
                FROM rate_count AS r
                WHERE r.rule = wanted_rule AND r.subject = wanted_subject AND r.began_at > at - span;
        END IF;
    END $$
    """,
)

# 近亲属备案. `digest` is keyed and made of officer and person together: the table tells nobody's
# relatives, it only answers whether this officer declared this person.
RELATIVE = (
    """
    CREATE TABLE near_relative (
        id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        digest BYTEA NOT NULL,
        relation TEXT NOT NULL,
        declared_by TEXT NOT NULL,
        declared_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        withdrawn_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_near_relative PRIMARY KEY (id),
        CONSTRAINT ck_near_relative_relation_known CHECK (relation IN ('spouse', 'parent', 'child', 'sibling', 'grandparent', 'grandchild', 'in_law', 'other'))
    )
    """,
    """
    CREATE UNIQUE INDEX uq_near_relative_digest ON near_relative (digest)
        WHERE withdrawn_at IS NULL
    """,
    "CREATE INDEX ix_near_relative_declared_by ON near_relative (declared_by)",
    "GRANT SELECT, INSERT, UPDATE ON near_relative TO relief_app",
    "ALTER TABLE near_relative ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE near_relative FORCE ROW LEVEL SECURITY",
    """
    CREATE POLICY near_relative_scope ON near_relative
        USING (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL)
        WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL
                    AND declared_by = ctx_actor())
    """,
)


def known(resources: tuple[str, ...]) -> tuple[str, str]:
    """Give the statements that let events name these resources."""
    listed = ", ".join(f"'{resource}'" for resource in resources)
    return (
        "ALTER TABLE event DROP CONSTRAINT ck_event_resource_known",
        f"ALTER TABLE event ADD CONSTRAINT ck_event_resource_known CHECK (resource IN ({listed}))",
    )


def upgrade() -> None:
    """Add what the door must know."""
    for statement in (*KEY, *ASSERTION, *COUNT, *RELATIVE, *known((*RESOURCES, "key", "relative"))):
        op.execute(statement)


def downgrade() -> None:
    """Take it away again. Events of keys and relatives must be gone before."""
    for statement in (
        *known(RESOURCES),
        "DROP TABLE near_relative, rate_count, used_assertion",
        "DROP FUNCTION count_use",
        "ALTER TABLE api_key DROP COLUMN seat",
        "ALTER TABLE api_key DROP COLUMN holder, DROP COLUMN networks, DROP COLUMN public_keys",
    ):
        op.execute(statement)
