"""Keep statements of insurers and banks, compare them with our books, close days.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE reconciliation_book (
        id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        party TEXT NOT NULL,
        opened_on DATE NOT NULL,
        closed_on DATE,
        head BYTEA,
        CONSTRAINT pk_reconciliation_book PRIMARY KEY (id),
        CONSTRAINT uq_reconciliation_book_area_code_party UNIQUE (area_code, party),
        CONSTRAINT ck_reconciliation_book_closed_after_opening CHECK (closed_on >= opened_on),
        CONSTRAINT ck_reconciliation_book_head_of_the_closed CHECK ((closed_on IS NULL) = (head IS NULL))
    )
    """,
    """
    CREATE TABLE statement (
        id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        book_id UUID NOT NULL,
        side TEXT NOT NULL,
        source TEXT NOT NULL,
        from_on DATE NOT NULL,
        day_on DATE NOT NULL,
        sha256 TEXT NOT NULL,
        paid_count INTEGER NOT NULL,
        paid_fen BIGINT NOT NULL,
        returned_count INTEGER NOT NULL,
        returned_fen BIGINT NOT NULL,
        taken_by TEXT NOT NULL,
        taken_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        discarded_by TEXT,
        discard_reason_zh TEXT,
        discarded_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_statement PRIMARY KEY (id),
        CONSTRAINT ck_statement_side_known CHECK (side IN ('statement', 'bank_return')),
        CONSTRAINT ck_statement_source_known CHECK (source IN ('api', 'file', 'pull', 'batch')),
        CONSTRAINT ck_statement_not_negative CHECK (paid_count >= 0 AND paid_fen >= 0 AND returned_count >= 0 AND returned_fen >= 0),
        CONSTRAINT ck_statement_period_in_order CHECK (from_on <= day_on),
        CONSTRAINT fk_statement_book_id FOREIGN KEY(book_id) REFERENCES reconciliation_book (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_statement_content ON statement (book_id, side, day_on, sha256) WHERE discarded_at IS NULL",
    """
    CREATE TABLE statement_line (
        statement_id UUID NOT NULL,
        line_no INTEGER NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        book_id UUID NOT NULL,
        side TEXT NOT NULL,
        book_on DATE NOT NULL,
        claim_no TEXT NOT NULL,
        payout_reference TEXT NOT NULL,
        settlement_no TEXT NOT NULL,
        insurer_case_no TEXT,
        direction TEXT NOT NULL,
        amount_fen BIGINT NOT NULL,
        settled_on DATE NOT NULL,
        CONSTRAINT pk_statement_line PRIMARY KEY (statement_id, line_no),
        CONSTRAINT ck_statement_line_direction_known CHECK (direction IN ('paid', 'returned')),
        CONSTRAINT ck_statement_line_settles_something CHECK (amount_fen > 0),
        CONSTRAINT ck_statement_line_booked_afterwards CHECK (settled_on <= book_on)
    )
    """,
    "CREATE INDEX ix_statement_line_day ON statement_line (book_id, side, book_on)",
    "CREATE INDEX ix_statement_line_settlement ON statement_line (book_id, settlement_no)",
    """
    CREATE TABLE reconciliation (
        book_id UUID NOT NULL,
        day_on DATE NOT NULL,
        number TEXT NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        state TEXT DEFAULT 'open' NOT NULL,
        figures JSONB DEFAULT '{}'::jsonb NOT NULL,
        matched_at TIMESTAMP WITH TIME ZONE,
        closed_at TIMESTAMP WITH TIME ZONE,
        closed_by TEXT,
        before BYTEA,
        roots JSONB,
        digest BYTEA,
        signature BYTEA,
        CONSTRAINT pk_reconciliation PRIMARY KEY (book_id, day_on),
        CONSTRAINT uq_reconciliation_number UNIQUE (number),
        CONSTRAINT ck_reconciliation_state_known CHECK (state IN ('open', 'closed')),
        CONSTRAINT ck_reconciliation_closed_signed CHECK ((state = 'closed') = (digest IS NOT NULL AND signature IS NOT NULL)),
        CONSTRAINT fk_reconciliation_book_id FOREIGN KEY(book_id) REFERENCES reconciliation_book (id)
    )
    """,
    """
    CREATE TABLE reconciliation_item (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        book_id UUID NOT NULL,
        day_on DATE NOT NULL,
        side TEXT NOT NULL,
        subject TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT,
        direction TEXT NOT NULL,
        claim_no TEXT NOT NULL,
        statement_id UUID,
        line_no INTEGER,
        attempt_id UUID,
        ours JSONB DEFAULT '{}'::jsonb NOT NULL,
        theirs JSONB DEFAULT '{}'::jsonb NOT NULL,
        state TEXT DEFAULT 'open' NOT NULL,
        owner TEXT,
        note_zh TEXT,
        effect TEXT,
        proposed_by TEXT,
        settled_by TEXT,
        settled_at TIMESTAMP WITH TIME ZONE,
        cleared_on DATE,
        cleared_by TEXT,
        cleared_note_zh TEXT,
        cleared_effect TEXT,
        cleared_at TIMESTAMP WITH TIME ZONE,
        found_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_reconciliation_item PRIMARY KEY (id),
        CONSTRAINT uq_reconciliation_item_book_id_side_subject UNIQUE (book_id, side, subject),
        CONSTRAINT ck_reconciliation_item_side_known CHECK (side IN ('statement', 'bank_return')),
        CONSTRAINT ck_reconciliation_item_direction_known CHECK (direction IN ('paid', 'returned')),
        CONSTRAINT ck_reconciliation_item_kind_known CHECK (kind IN ('amount_mismatch', 'reference_mismatch', 'only_ours', 'only_theirs', 'duplicate', 'late')),
        CONSTRAINT ck_reconciliation_item_state_known CHECK (state IN ('open', 'owned', 'carried', 'resolved')),
        CONSTRAINT ck_reconciliation_item_effect_known CHECK (effect IN ('matched', 'accepted', 'explained')),
        CONSTRAINT ck_reconciliation_item_cleared_effect_known CHECK (cleared_effect IN ('matched', 'accepted', 'explained')),
        CONSTRAINT ck_reconciliation_item_two_persons CHECK (state <> 'carried' OR settled_by <> proposed_by),
        CONSTRAINT ck_reconciliation_item_cleared_when_carried CHECK ((cleared_on IS NULL) = (cleared_by IS NULL) AND (cleared_on IS NULL OR state = 'carried')),
        CONSTRAINT fk_reconciliation_item_book_id FOREIGN KEY(book_id) REFERENCES reconciliation_book (id)
    )
    """,
    "CREATE INDEX ix_reconciliation_item_attempt ON reconciliation_item (attempt_id)",
    "CREATE INDEX ix_reconciliation_item_carried ON reconciliation_item (book_id, side) WHERE state = 'carried' AND cleared_on IS NULL",
    "CREATE INDEX ix_reconciliation_item_day ON reconciliation_item (book_id, day_on)",
    """
    CREATE TABLE reconciliation_pair (
        statement_id UUID NOT NULL,
        line_no INTEGER NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        book_id UUID NOT NULL,
        side TEXT NOT NULL,
        day_on DATE NOT NULL,
        attempt_id UUID NOT NULL,
        direction TEXT NOT NULL,
        CONSTRAINT pk_reconciliation_pair PRIMARY KEY (statement_id, line_no),
        CONSTRAINT uq_reconciliation_pair_attempt_id_direction_side UNIQUE (attempt_id, direction, side)
    )
    """,
    "CREATE INDEX ix_reconciliation_pair_day ON reconciliation_pair (book_id, day_on)",
    "ALTER TABLE insurer ADD COLUMN gives_statements BOOLEAN DEFAULT false NOT NULL",
)
# What a closed day holds is final: no line comes into it, no difference of it changes. Only that a
# difference that was carried forward got settled is written later, once, into columns of its own.
WALLS = (
    """
    CREATE FUNCTION lines_of_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM (SELECT DISTINCT book_id, book_on FROM fresh) AS f
                   JOIN reconciliation_book AS b ON b.id = f.book_id
                   WHERE f.book_on <= b.closed_on OR f.book_on < b.opened_on) THEN
            RAISE EXCEPTION 'the day is closed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER statement_line_open AFTER INSERT ON statement_line
        REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION lines_of_closed_day()
    """,
    """
    CREATE FUNCTION item_of_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM reconciliation_book AS b
                   WHERE b.id = NEW.book_id AND b.closed_on >= NEW.day_on)
           AND (TG_OP = 'INSERT' OR OLD.cleared_on IS NOT NULL OR OLD.state <> 'carried'
                OR to_jsonb(NEW) - array['cleared_on', 'cleared_by', 'cleared_note_zh',
                                         'cleared_effect', 'cleared_at']
                   <> to_jsonb(OLD) - array['cleared_on', 'cleared_by', 'cleared_note_zh',
                                            'cleared_effect', 'cleared_at']) THEN
            RAISE EXCEPTION 'the day is closed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER reconciliation_item_open BEFORE INSERT OR UPDATE ON reconciliation_item
        FOR EACH ROW EXECUTE FUNCTION item_of_closed_day()
    """,
    """
    CREATE FUNCTION day_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state = 'closed' THEN
            RAISE EXCEPTION 'the day is closed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER reconciliation_final BEFORE UPDATE ON reconciliation
        FOR EACH ROW EXECUTE FUNCTION day_is_final()
    """,
)
APPEND_ONLY = ("statement_line", "reconciliation_pair")
SCOPED = (
    "reconciliation_book",
    "statement",
    "statement_line",
    "reconciliation",
    "reconciliation_item",
    "reconciliation_pair",
)
SCOPE = """area_code >= ctx_lo() AND area_code < ctx_hi()
    AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"""
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
    "key",
    "relative",
)


def upgrade() -> None:
    """Add the tables and their walls."""
    for statement in (*TABLES, *WALLS):
        op.execute(statement)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()"
        )
    for table in SCOPED:
        verbs = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE"
        op.execute(f"GRANT {verbs} ON {table} TO relief_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({SCOPE}) WITH CHECK ({SCOPE})")
    allow_events_of(*RESOURCES, "reconciliation")


def allow_events_of(*resources: str) -> None:
    """Name every kind of thing that events are told of."""
    listed = ", ".join(f"'{resource}'" for resource in resources)
    op.execute("ALTER TABLE event DROP CONSTRAINT ck_event_resource_known")
    op.execute(
        "ALTER TABLE event ADD CONSTRAINT ck_event_resource_known "
        f"CHECK (resource IN ({listed})) NOT VALID"
    )
    op.execute("ALTER TABLE event VALIDATE CONSTRAINT ck_event_resource_known")


def downgrade() -> None:
    """Take it away again; events of days that were told stay as they are."""
    for table in reversed(SCOPED):
        op.execute(f"DROP TABLE {table}")
    for function in ("lines_of_closed_day", "item_of_closed_day", "day_is_final"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("ALTER TABLE insurer DROP COLUMN gives_statements")
