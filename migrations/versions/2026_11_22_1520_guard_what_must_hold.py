"""Guard what must hold: results of the invariants, figures for machines, payouts put on hold.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE invariant_check (
    number INTEGER NOT NULL,
    broken INTEGER NOT NULL,
    places JSONB DEFAULT '[]'::jsonb NOT NULL,
    fault TEXT,
    took_ms INTEGER NOT NULL,
    tried_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE,
    red_since TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_invariant_check PRIMARY KEY (number),
    CONSTRAINT ck_invariant_check_not_negative CHECK (broken >= 0 AND took_ms >= 0)
);

CREATE TABLE gauge (
    name TEXT NOT NULL,
    samples JSONB NOT NULL,
    measured_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_gauge PRIMARY KEY (name)
);

CREATE TABLE payout_hold (
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    insurer_code TEXT,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    number INTEGER NOT NULL,
    reason_zh TEXT NOT NULL,
    places JSONB NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT,
    end_reason_zh TEXT,
    CONSTRAINT pk_payout_hold PRIMARY KEY (id),
    CONSTRAINT ck_payout_hold_state_known CHECK (state IN ('open', 'released', 'over')),
    CONSTRAINT ck_payout_hold_ended_by_one CHECK ((state = 'open') = (ended_by IS NULL AND ended_at IS NULL)),
    CONSTRAINT fk_payout_hold_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
);
CREATE INDEX ix_payout_hold_policy_id ON payout_hold (policy_id, number);
CREATE UNIQUE INDEX uq_payout_hold_open ON payout_hold (policy_id, number) WHERE state = 'open';

ALTER TABLE claim ADD COLUMN pend_code TEXT;
ALTER TABLE claim ADD COLUMN pend_zh TEXT;
"""
OVERLAPS = "area_lo < ctx_hi() AND area_hi > ctx_lo()"
WITHIN = "area_lo >= ctx_lo() AND area_hi <= ctx_hi()"
# What breaks an invariant is named across all counties: it is the operator's alone.
SYSTEM = "ctx_role() = 'system'"
POLICIES = {
    "invariant_check": (SYSTEM, SYSTEM),
    "gauge": (SYSTEM, SYSTEM),
    "payout_hold": (
        f"{OVERLAPS} AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer())",
        f"{WITHIN} AND ctx_insurer() IS NULL AND {SYSTEM}",
    ),
}


def upgrade() -> None:
    """Add the three tables with their walls, and why an insurer has a claim pending."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table, (seen, written) in POLICIES.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO relief_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({written})")


def downgrade() -> None:
    """Remove them again."""
    op.execute("ALTER TABLE claim DROP COLUMN pend_code, DROP COLUMN pend_zh")
    op.execute("DROP TABLE payout_hold, gauge, invariant_check")
