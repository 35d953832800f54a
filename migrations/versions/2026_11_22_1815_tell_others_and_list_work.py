"""Tell others by webhook; list what waits for whom; draw delegated decisions for a second look.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE webhook_endpoint (
        id UUID NOT NULL,
        area_lo BIGINT NOT NULL,
        area_hi BIGINT NOT NULL,
        insurer_code TEXT,
        role TEXT NOT NULL,
        url TEXT NOT NULL,
        types TEXT[] DEFAULT '{}' NOT NULL,
        scheme TEXT NOT NULL,
        state TEXT DEFAULT 'active' NOT NULL,
        reason TEXT,
        position BIGINT DEFAULT 0 NOT NULL,
        failures INTEGER DEFAULT 0 NOT NULL,
        rest_until TIMESTAMP WITH TIME ZONE,
        delivered_at TIMESTAMP WITH TIME ZONE,
        lease_until TIMESTAMP WITH TIME ZONE,
        turn_at TIMESTAMP WITH TIME ZONE,
        fence BIGINT DEFAULT 0 NOT NULL,
        created_by TEXT NOT NULL,
        version INTEGER DEFAULT 1 NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_webhook_endpoint PRIMARY KEY (id),
        CONSTRAINT ck_webhook_endpoint_scheme_known CHECK (scheme IN ('v1', 'v1a')),
        CONSTRAINT ck_webhook_endpoint_state_known
            CHECK (state IN ('active', 'disabled', 'removed')),
        CONSTRAINT ck_webhook_endpoint_disabled_for_a_reason
            CHECK ((state = 'active') = (reason IS NULL))
    )
    """,
    "CREATE INDEX ix_webhook_endpoint_area_lo ON webhook_endpoint (area_lo, area_hi, id)",
    """
    CREATE TABLE webhook_secret (
        id UUID NOT NULL,
        endpoint_id UUID NOT NULL,
        area_lo BIGINT NOT NULL,
        area_hi BIGINT NOT NULL,
        insurer_code TEXT,
        secret_sealed BYTEA NOT NULL,
        public_key TEXT,
        active_to TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_webhook_secret PRIMARY KEY (id),
        CONSTRAINT fk_webhook_secret_endpoint_id
            FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoint (id)
    )
    """,
    "CREATE INDEX ix_webhook_secret_endpoint_id ON webhook_secret (endpoint_id)",
    """
    CREATE TABLE webhook_delivery (
        id UUID NOT NULL,
        endpoint_id UUID NOT NULL,
        area_lo BIGINT NOT NULL,
        area_hi BIGINT NOT NULL,
        insurer_code TEXT,
        seq BIGINT NOT NULL,
        type TEXT NOT NULL,
        resource TEXT NOT NULL,
        number TEXT NOT NULL,
        event_version INTEGER NOT NULL,
        happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        state TEXT DEFAULT 'waiting' NOT NULL,
        attempts INTEGER DEFAULT 0 NOT NULL,
        next_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        tried_at TIMESTAMP WITH TIME ZONE,
        status INTEGER,
        reason TEXT,
        took_ms INTEGER,
        delivered_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_webhook_delivery PRIMARY KEY (id),
        CONSTRAINT ck_webhook_delivery_state_known
            CHECK (state IN ('waiting', 'delivered', 'failed')),
        CONSTRAINT ck_webhook_delivery_delivered_at_a_time
            CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
        CONSTRAINT fk_webhook_delivery_endpoint_id
            FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoint (id)
    )
    """,
    "CREATE INDEX ix_webhook_delivery_endpoint_id ON webhook_delivery (endpoint_id, id)",
    # An event goes to an endpoint once, whoever hands it out and how often; pings have none.
    (
        "CREATE UNIQUE INDEX uq_webhook_delivery_event ON webhook_delivery (endpoint_id, seq) "
        "WHERE seq > 0"
    ),
    (
        "CREATE INDEX ix_webhook_delivery_waiting ON webhook_delivery (endpoint_id, next_at) "
        "WHERE state = 'waiting'"
    ),
    """
    CREATE TABLE delegated_case (
        id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        policy_id UUID NOT NULL,
        claim_id UUID NOT NULL,
        delegation_id UUID NOT NULL,
        outcome TEXT NOT NULL,
        amount_fen BIGINT NOT NULL,
        decided_by TEXT NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        period TEXT NOT NULL,
        key_version INTEGER NOT NULL,
        sample_bp INTEGER NOT NULL,
        draw INTEGER NOT NULL,
        state TEXT NOT NULL,
        rechecked_by TEXT,
        rechecked_at TIMESTAMP WITH TIME ZONE,
        reason_zh TEXT,
        CONSTRAINT pk_delegated_case PRIMARY KEY (id),
        CONSTRAINT uq_delegated_case_claim_id UNIQUE (claim_id),
        CONSTRAINT fk_delegated_case_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id),
        CONSTRAINT fk_delegated_case_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id),
        CONSTRAINT fk_delegated_case_delegation_id
            FOREIGN KEY(delegation_id) REFERENCES delegation (id),
        CONSTRAINT ck_delegated_case_state_known
            CHECK (state IN ('undrawn', 'open', 'confirmed', 'objected')),
        CONSTRAINT ck_delegated_case_not_negative CHECK (amount_fen >= 0),
        CONSTRAINT ck_delegated_case_drawn_by_lot
            CHECK (draw BETWEEN 0 AND 9999 AND (state = 'undrawn') = (draw >= sample_bp)),
        CONSTRAINT ck_delegated_case_rechecked_by_one CHECK (
            (state IN ('undrawn', 'open')) = (rechecked_by IS NULL AND rechecked_at IS NULL)),
        CONSTRAINT ck_delegated_case_four_eyes CHECK (rechecked_by <> decided_by),
        CONSTRAINT ck_delegated_case_objected_for_a_reason
            CHECK (state <> 'objected' OR reason_zh IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_delegated_case_area_code ON delegated_case (area_code, decided_at)",
    "CREATE INDEX ix_delegated_case_open ON delegated_case (area_code) WHERE state = 'open'",
)

# Of everything that waits only what waits is indexed: a work list costs what is open, not what is.
WAITING = (
    (
        "CREATE INDEX ix_claim_open ON claim (area_code, status, due_on) "
        "WHERE due_on IS NOT NULL OR status IN ('evidence_required', 'pending_approval')"
    ),
    (
        "CREATE INDEX ix_claim_under_review ON claim (insurer_code, area_code) "
        "WHERE status = 'under_review'"
    ),
    (
        "CREATE INDEX ix_notice_unfinished ON notice (area_code, status, updated_at) "
        "WHERE status IN ('draft', 'submitted')"
    ),
    "CREATE INDEX ix_payout_bounced ON payout (area_code) WHERE status IN ('failed', 'returned')",
    (
        "CREATE INDEX ix_decision_difference_area_code ON decision_difference (area_code) "
        "WHERE state = 'open'"
    ),
    (
        "CREATE INDEX ix_reconciliation_open ON reconciliation (area_code, day_on) "
        "WHERE state = 'open'"
    ),
    (
        "CREATE INDEX ix_reconciliation_item_open ON reconciliation_item (area_code) "
        "WHERE state IN ('open', 'owned')"
    ),
)

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
    "reconciliation",
    "webhook",
)

# Whose endpoint it is: exactly the scope that it was made in, so that no wider office sees a
# narrower one's secrets. The service delivers; the security administrator ends what a key made.
OWN = (
    "area_lo = ctx_lo() AND area_hi = ctx_hi() AND insurer_code IS NOT DISTINCT FROM ctx_insurer()"
)
POLICIES = {
    "webhook_endpoint": f"({OWN}) OR ctx_role() IN ('system', 'security', 'retention')",
    "webhook_secret": f"({OWN}) OR ctx_role() IN ('system', 'keys')",
    "webhook_delivery": f"({OWN}) OR ctx_role() IN ('system', 'retention')",
    "delegated_case": ("area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL"),
}


def upgrade() -> None:
    """Add the tables, the indexes of what waits, and the word for events about endpoints."""
    for statement in (*TABLES, *WAITING):
        op.execute(statement)
    for table, seen in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({seen})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO relief_app")
    op.execute("GRANT DELETE ON webhook_delivery, webhook_secret TO relief_app")
    _resources(RESOURCES)


def downgrade() -> None:
    """Take them away again; events about endpoints must be gone before."""
    _resources([word for word in RESOURCES if word != "webhook"])
    op.execute("DROP TABLE webhook_delivery, webhook_secret, webhook_endpoint, delegated_case")
    op.execute(
        "DROP INDEX ix_claim_open, ix_claim_under_review, ix_notice_unfinished, "
        "ix_payout_bounced, ix_decision_difference_area_code, ix_reconciliation_open, "
        "ix_reconciliation_item_open"
    )


def _resources(words: list[str] | tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE event DROP CONSTRAINT ck_event_resource_known")
    op.execute(
        f"ALTER TABLE event ADD CONSTRAINT ck_event_resource_known CHECK (resource IN ({listed}))"
    )
