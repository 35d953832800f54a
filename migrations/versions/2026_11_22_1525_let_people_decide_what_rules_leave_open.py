"""Let people decide what the rules leave open: overrides, scale-backs; limits of a life go on.

A counter for life belongs to the first policy of a line of renewals from now on; what is booked
on a renewed one is carried over. Code of the version before may go on working meanwhile: what it
books for life on a renewed policy until it stops stays with that policy.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE claim_override (
        id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        claim_id UUID NOT NULL,
        seq INTEGER NOT NULL,
        cover TEXT NOT NULL,
        amount_fen BIGINT NOT NULL,
        reason_zh TEXT NOT NULL,
        basis_zh TEXT NOT NULL,
        state TEXT DEFAULT 'proposed' NOT NULL,
        proposed_by TEXT NOT NULL,
        proposed_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        settled_by TEXT,
        settled_on DATE,
        settled_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_claim_override PRIMARY KEY (id),
        CONSTRAINT ck_claim_override_state_known CHECK (state IN ('proposed', 'confirmed', 'rejected')),
        CONSTRAINT ck_claim_override_not_negative CHECK (amount_fen >= 0),
        CONSTRAINT ck_claim_override_settled_by_one CHECK ((state = 'proposed') = (settled_by IS NULL AND settled_on IS NULL)),
        CONSTRAINT ck_claim_override_four_eyes CHECK (settled_by <> proposed_by),
        CONSTRAINT uq_claim_override_claim_id_seq UNIQUE (claim_id, seq),
        CONSTRAINT fk_claim_override_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_claim_override_open ON claim_override (claim_id) WHERE state = 'proposed'",
    """
    CREATE TABLE scale_back (
        id UUID NOT NULL,
        policy_id UUID NOT NULL,
        seq INTEGER NOT NULL,
        insurer_code TEXT,
        area_lo BIGINT NOT NULL,
        area_hi BIGINT NOT NULL,
        limit_code TEXT NOT NULL,
        period TEXT NOT NULL,
        limit_fen BIGINT NOT NULL,
        kept_fen BIGINT NOT NULL,
        due_fen BIGINT NOT NULL,
        shares JSONB NOT NULL,
        reason_zh TEXT NOT NULL,
        state TEXT DEFAULT 'proposed' NOT NULL,
        proposed_by TEXT NOT NULL,
        proposed_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        settled_by TEXT,
        settled_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_scale_back PRIMARY KEY (id),
        CONSTRAINT ck_scale_back_state_known CHECK (state IN ('proposed', 'confirmed', 'rejected')),
        CONSTRAINT ck_scale_back_not_negative CHECK (limit_fen >= 0 AND kept_fen >= 0 AND due_fen >= 0),
        CONSTRAINT ck_scale_back_settled_by_one CHECK ((state = 'proposed') = (settled_by IS NULL)),
        CONSTRAINT ck_scale_back_four_eyes CHECK (settled_by <> proposed_by),
        CONSTRAINT uq_scale_back_policy_id_seq UNIQUE (policy_id, seq),
        CONSTRAINT fk_scale_back_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_scale_back_open ON scale_back (policy_id) WHERE state = 'proposed'",
    """
    CREATE TABLE scale_back_share (
        claim_id UUID NOT NULL,
        scale_back_id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        share_fen BIGINT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_scale_back_share PRIMARY KEY (claim_id, scale_back_id),
        CONSTRAINT ck_scale_back_share_not_negative CHECK (share_fen >= 0),
        CONSTRAINT fk_scale_back_share_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id),
        CONSTRAINT fk_scale_back_share_scale_back_id FOREIGN KEY(scale_back_id) REFERENCES scale_back (id)
    )
    """,
    """
    CREATE TRIGGER scale_back_share_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON scale_back_share
    FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
    """,
)

IN_AREA = "area_code >= ctx_lo() AND area_code < ctx_hi()"
OWN = "(ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"
OVERLAPS = "area_lo < ctx_hi() AND area_hi > ctx_lo()"
WITHIN = "area_lo >= ctx_lo() AND area_hi <= ctx_hi()"
# Row security as the tables of the first migration have it: (seen, written).
WALLS = {
    "claim_override": (f"{IN_AREA} AND {OWN}", f"{IN_AREA} AND {OWN}"),
    "scale_back": (f"{OVERLAPS} AND {OWN}", f"{WITHIN} AND ctx_insurer() IS NULL"),
    "scale_back_share": (f"{IN_AREA} AND {OWN}", f"{IN_AREA} AND {OWN}"),
}
VERBS = {
    "claim_override": "SELECT, INSERT, UPDATE",
    "scale_back": "SELECT, INSERT, UPDATE",
    "scale_back_share": "SELECT, INSERT",
}

LINE = (
    "ALTER TABLE policy ADD COLUMN line_id UUID",
    """
    CREATE FUNCTION policy_line() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.line_id := coalesce(
            (SELECT o.line_id FROM policy AS o WHERE o.id = NEW.renews_id), NEW.id);
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER policy_in_line BEFORE INSERT ON policy
    FOR EACH ROW EXECUTE FUNCTION policy_line()
    """,
    # The owner of the tables stands behind the same walls as everybody.
    "SELECT set_context(0, 1000000000000, NULL, 'system', 'migration', NULL)",
    """
    WITH RECURSIVE line AS (
        SELECT id, id AS line_id FROM policy WHERE renews_id IS NULL
        UNION ALL
        SELECT p.id, l.line_id FROM policy AS p JOIN line AS l ON p.renews_id = l.id
    )
    UPDATE policy AS p SET line_id = l.line_id FROM line AS l WHERE l.id = p.id
    """,
    "ALTER TABLE policy ALTER COLUMN line_id SET NOT NULL",
    """
    ALTER TABLE policy ADD CONSTRAINT fk_policy_line_id FOREIGN KEY (line_id) REFERENCES policy (id)
    """,
)

# Entries keep their order and their claims; only whose counter they count for is told anew. Where
# several policies of a line had an opening balance of the same limit, the oldest is that of the
# line: the later ones told the same past again.
CARRIED = (
    "ALTER TABLE usage_entry DISABLE TRIGGER usage_entry_kept",
    """
    UPDATE usage_entry AS e SET owner_id = p.line_id
    FROM policy AS p
    WHERE p.id = e.owner_id AND p.line_id <> p.id AND e.scope = 'person_life'
      AND (e.reason <> 'opening' OR e.id = (
        SELECT min(o.id) FROM usage_entry AS o JOIN policy AS q ON q.id = o.owner_id
        WHERE o.reason = 'opening' AND q.line_id = p.line_id
          AND (o.scope, o.subject_id, o.code, o.period)
            = (e.scope, e.subject_id, e.code, e.period)))
    """,
    "ALTER TABLE usage_entry ENABLE TRIGGER usage_entry_kept",
    """
    INSERT INTO usage_counter (owner_id, scope, subject_id, code, period, area_lo, area_hi, used)
    SELECT e.owner_id, e.scope, e.subject_id, e.code, e.period, p.area_lo, p.area_hi, sum(e.units)
    FROM usage_entry AS e JOIN policy AS p ON p.id = e.owner_id
    WHERE e.scope = 'person_life'
      AND EXISTS (SELECT FROM policy AS r WHERE r.line_id = p.line_id AND r.id <> r.line_id)
    GROUP BY e.owner_id, e.scope, e.subject_id, e.code, e.period, p.area_lo, p.area_hi
    ON CONFLICT (owner_id, scope, subject_id, code, period) DO UPDATE SET used = excluded.used
    """,
    """
    UPDATE usage_counter AS c SET used = 0
    FROM policy AS p
    WHERE p.id = c.owner_id AND p.line_id <> p.id AND c.scope = 'person_life' AND NOT EXISTS (
        SELECT FROM usage_entry AS e
        WHERE (e.owner_id, e.scope, e.subject_id, e.code, e.period)
            = (c.owner_id, c.scope, c.subject_id, c.code, c.period))
    """,
)


def upgrade() -> None:
    """Add the tables with their walls; put every policy into its line."""
    for statement in TABLES:
        op.execute(statement)
    for table, (seen, written) in WALLS.items():
        op.execute(f"GRANT {VERBS[table]} ON {table} TO relief_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({written})")
    for statement in (*LINE, *CARRIED):
        op.execute(statement)


def downgrade() -> None:
    """Remove them; what was booked for life stays with the first policy of its line."""
    for table in ("scale_back_share", "scale_back", "claim_override"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP TRIGGER policy_in_line ON policy")
    op.execute("DROP FUNCTION policy_line")
    op.execute("ALTER TABLE policy DROP COLUMN line_id")
