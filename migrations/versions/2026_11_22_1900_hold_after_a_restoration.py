"""Remember that the database was restored to an older state, and what insurers have of the rest.

While a restoration is open nothing is sent; see `app/db/restorations.py`.

Revision ID: 0028
Revises: 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SCOPE = """area_lo < ctx_hi() AND area_hi > ctx_lo()
    AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"""
ADDED = (
    """
    CREATE TABLE restoration (
        id UUID NOT NULL,
        open BOOLEAN DEFAULT true,
        began_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        back_to_at TIMESTAMP WITH TIME ZONE NOT NULL,
        reason TEXT NOT NULL,
        skipped INTEGER NOT NULL,
        last_root TEXT,
        heard JSONB DEFAULT '{}' NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        ended_by TEXT,
        end_reason TEXT,
        CONSTRAINT pk_restoration PRIMARY KEY (id),
        CONSTRAINT uq_restoration_open UNIQUE (open),
        CONSTRAINT ck_restoration_open_or_null CHECK (open)
    )
    """,
    """
    CREATE TABLE restored_case (
        id UUID NOT NULL,
        restoration_id UUID NOT NULL,
        area_lo BIGINT NOT NULL,
        area_hi BIGINT NOT NULL,
        insurer_code TEXT NOT NULL,
        instruction_id UUID NOT NULL,
        kind TEXT NOT NULL,
        claim_no TEXT NOT NULL,
        insurer_case_no TEXT,
        received_at TIMESTAMP WITH TIME ZONE NOT NULL,
        state TEXT NOT NULL,
        note TEXT,
        settled_by TEXT,
        settled_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_restored_case PRIMARY KEY (id),
        CONSTRAINT ck_restored_case_state_known
            CHECK (state IN ('lost', 'adopted', 'noted', 'dismissed')),
        CONSTRAINT uq_restored_case_insurer_code_instruction_id
            UNIQUE (insurer_code, instruction_id),
        CONSTRAINT fk_restored_case_restoration_id
            FOREIGN KEY(restoration_id) REFERENCES restoration (id),
        CONSTRAINT fk_restored_case_insurer_code FOREIGN KEY(insurer_code) REFERENCES insurer (code)
    )
    """,
    "CREATE INDEX ix_restored_case_claim_no ON restored_case (claim_no)",
    "GRANT SELECT, INSERT, UPDATE ON restoration, restored_case TO relief_app",
    "ALTER TABLE restoration ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE restoration FORCE ROW LEVEL SECURITY",
    "CREATE POLICY restoration_seen ON restoration FOR SELECT USING (true)",
    """
    CREATE POLICY restoration_begun ON restoration FOR INSERT
        WITH CHECK (ctx_role() = 'system')
    """,
    "CREATE POLICY restoration_moved ON restoration FOR UPDATE USING (ctx_role() = 'system')",
    "ALTER TABLE restored_case ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE restored_case FORCE ROW LEVEL SECURITY",
    f"""
    CREATE POLICY restored_case_scope ON restored_case USING ({SCOPE})
        WITH CHECK (ctx_role() = 'system')
    """,
)


def upgrade() -> None:
    """Add both, empty."""
    for statement in ADDED:
        op.execute(statement)


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP TABLE restored_case, restoration")
