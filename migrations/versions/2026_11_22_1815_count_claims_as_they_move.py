"""Count claims and their money as they move: changes are appended, and folded into totals later.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# What a claim counts by, and what a line of the ledger counts by. The month is that of the event.
CLAIM_KEY = "policy_id, area_code, insurer_code, event_month, status, outcome"
LEDGER_KEY = "policy_id, area_code, insurer_code, event_month, account"
CLAIM_COLUMNS = """
        policy_id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        event_month DATE NOT NULL,
        status TEXT NOT NULL,
        outcome TEXT,
        claims BIGINT NOT NULL,
        assessed_fen BIGINT NOT NULL,
        decided_fen BIGINT NOT NULL,
        paid_fen BIGINT NOT NULL
"""
LEDGER_COLUMNS = """
        policy_id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        event_month DATE,
        account TEXT NOT NULL,
        amount_fen BIGINT NOT NULL
"""
IDENTITY = "id BIGINT GENERATED ALWAYS AS IDENTITY"
TABLES = (
    f"CREATE TABLE claim_delta ({IDENTITY}, {CLAIM_COLUMNS}, CONSTRAINT pk_claim_delta PRIMARY KEY (id))",
    f"""
    CREATE TABLE claim_summary ({CLAIM_COLUMNS},
        CONSTRAINT uq_claim_summary_key UNIQUE NULLS NOT DISTINCT ({CLAIM_KEY}))
    """,
    "CREATE INDEX ix_claim_summary_area_code ON claim_summary (area_code, event_month)",
    f"CREATE TABLE ledger_delta ({IDENTITY}, {LEDGER_COLUMNS}, CONSTRAINT pk_ledger_delta PRIMARY KEY (id))",
    f"""
    CREATE TABLE ledger_summary ({LEDGER_COLUMNS},
        CONSTRAINT uq_ledger_summary_key UNIQUE NULLS NOT DISTINCT ({LEDGER_KEY}))
    """,
    "CREATE INDEX ix_ledger_summary_area_code ON ledger_summary (area_code, event_month)",
    # What was folded is deleted at once: the pages are to be used again soon.
    "ALTER TABLE claim_delta SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)",
    "ALTER TABLE ledger_delta SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)",
)
# The first day of a month, told without any time zone.
MONTH = "{0} - (extract(day FROM {0})::integer - 1)"
CLAIM_TOLD = f"""
    SELECT policy_id, area_code, insurer_code, {MONTH.format("event_on")}, status, outcome,
        sum(way)::bigint, coalesce(sum(way * assessed_fen), 0)::bigint,
        coalesce(sum(way * decided_fen), 0)::bigint, sum(way * paid_fen)::bigint
"""
LEDGER_TOLD = f"""
    SELECT l.policy_id, l.area_code, l.insurer_code, {MONTH.format("c.event_on")}, l.account,
        sum(l.amount_fen)::bigint
"""
TRIGGERS = (
    f"""
    CREATE FUNCTION claim_counted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO claim_delta ({CLAIM_KEY}, claims, assessed_fen, decided_fen, paid_fen)
        {CLAIM_TOLD} FROM (SELECT *, 1 AS way FROM fresh) AS f GROUP BY 1, 2, 3, 4, 5, 6;
        RETURN NULL;
    END $$
    """,
    # A change that moves no figure appends nothing.
    f"""
    CREATE FUNCTION claim_recounted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO claim_delta ({CLAIM_KEY}, claims, assessed_fen, decided_fen, paid_fen)
        {CLAIM_TOLD} FROM (SELECT *, 1 AS way FROM fresh UNION ALL SELECT *, -1 FROM stale) AS f
        GROUP BY 1, 2, 3, 4, 5, 6
        HAVING sum(way) <> 0 OR coalesce(sum(way * assessed_fen), 0) <> 0
            OR coalesce(sum(way * decided_fen), 0) <> 0 OR sum(way * paid_fen) <> 0;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE FUNCTION ledger_counted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO ledger_delta ({LEDGER_KEY}, amount_fen)
        {LEDGER_TOLD} FROM fresh AS l LEFT JOIN claim AS c ON c.id = l.claim_id
        GROUP BY 1, 2, 3, 4, 5;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER claim_counted AFTER INSERT ON claim REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION claim_counted()
    """,
    """
    CREATE TRIGGER claim_recounted AFTER UPDATE ON claim
        REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION claim_recounted()
    """,
    """
    CREATE TRIGGER ledger_counted AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_counted()
    """,
)
# Folded and unfolded together: what every reader asks.
VIEWS = (
    f"""
    CREATE VIEW claim_count WITH (security_invoker = true) AS
    SELECT {CLAIM_KEY}, claims, assessed_fen, decided_fen, paid_fen FROM claim_summary
    UNION ALL
    SELECT {CLAIM_KEY}, claims, assessed_fen, decided_fen, paid_fen FROM claim_delta
    """,
    f"""
    CREATE VIEW ledger_count WITH (security_invoker = true) AS
    SELECT {LEDGER_KEY}, amount_fen FROM ledger_summary
    UNION ALL
    SELECT {LEDGER_KEY}, amount_fen FROM ledger_delta
    """,
)
# The claims and lines of before; the owner, too, sees rows by a context only.
FIRST_COUNT = (
    "SELECT set_context(0, 1000000000000, NULL, 'system', 'migration:0016', NULL)",
    f"""
    INSERT INTO claim_summary ({CLAIM_KEY}, claims, assessed_fen, decided_fen, paid_fen)
    {CLAIM_TOLD} FROM (SELECT *, 1 AS way FROM claim) AS c GROUP BY 1, 2, 3, 4, 5, 6
    """,
    f"""
    INSERT INTO ledger_summary ({LEDGER_KEY}, amount_fen)
    {LEDGER_TOLD} FROM ledger_entry AS l LEFT JOIN claim AS c ON c.id = l.claim_id
    GROUP BY 1, 2, 3, 4, 5
    """,
    "SELECT set_context(NULL, NULL, NULL, NULL, NULL, NULL)",
)
GRANTS = {
    "claim_delta": "SELECT, INSERT, DELETE, UPDATE",  # FOR UPDATE SKIP LOCKED asks for UPDATE
    "claim_summary": "SELECT, INSERT, UPDATE",
    "ledger_delta": "SELECT, INSERT, DELETE, UPDATE",
    "ledger_summary": "SELECT, INSERT, UPDATE",
}
SCOPE = """area_code >= ctx_lo() AND area_code < ctx_hi()
    AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"""


def upgrade() -> None:
    """Add the tables, their walls, the triggers that append, and count what there is."""
    for statement in (*TABLES, *TRIGGERS, *VIEWS):
        op.execute(statement)
    for table, verbs in GRANTS.items():
        op.execute(f"GRANT {verbs} ON {table} TO relief_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({SCOPE}) WITH CHECK ({SCOPE})")
    op.execute("GRANT SELECT ON claim_count, ledger_count TO relief_app")
    for statement in FIRST_COUNT:
        op.execute(statement)


def downgrade() -> None:
    """Take it away again: everything in it follows from claims and ledger."""
    for trigger, table in (
        ("claim_counted", "claim"),
        ("claim_recounted", "claim"),
        ("ledger_counted", "ledger_entry"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP FUNCTION claim_counted, claim_recounted, ledger_counted")
    op.execute("DROP VIEW claim_count, ledger_count")
    for table in GRANTS:
        op.execute(f"DROP TABLE {table}")
