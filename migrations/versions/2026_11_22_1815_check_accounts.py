"""Keep whether an account belongs to its name, and what else an insurer's system can do.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCOPE = """area_code >= ctx_lo() AND area_code < ctx_hi()
    AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"""
ADDED = (
    "ALTER TABLE insurer ADD COLUMN can_check_account BOOLEAN DEFAULT false NOT NULL",
    "ALTER TABLE payout ADD COLUMN account_check TEXT",
    """
    ALTER TABLE payout ADD CONSTRAINT ck_payout_account_check_known
        CHECK (account_check IN ('asked', 'match', 'mismatch', 'unknown', 'confirmed')) NOT VALID
    """,
    "ALTER TABLE payout VALIDATE CONSTRAINT ck_payout_account_check_known",
    """
    CREATE INDEX ix_payout_account_check ON payout (account_check, id)
        WHERE account_check IN ('asked', 'mismatch')
    """,
    """
    CREATE TABLE account_check (
        id UUID NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT NOT NULL,
        notice_id UUID NOT NULL,
        account_index BYTEA NOT NULL,
        account_last4 TEXT NOT NULL,
        result TEXT NOT NULL,
        reason TEXT,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_account_check PRIMARY KEY (id),
        CONSTRAINT ck_account_check_result_known CHECK (result IN ('match', 'mismatch', 'unknown')),
        CONSTRAINT uq_account_check_notice_id_insurer_code_account_index
            UNIQUE (notice_id, insurer_code, account_index),
        CONSTRAINT fk_account_check_insurer_code FOREIGN KEY(insurer_code) REFERENCES insurer (code),
        CONSTRAINT fk_account_check_notice_id FOREIGN KEY(notice_id) REFERENCES notice (id)
    )
    """,
    "GRANT SELECT, INSERT ON account_check TO relief_app",
    "ALTER TABLE account_check ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE account_check FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY account_check_scope ON account_check USING ({SCOPE}) WITH CHECK ({SCOPE})",
)


def upgrade() -> None:
    """Add the columns, and the table with its wall; what was said of an account stays as it is."""
    for statement in ADDED:
        op.execute(statement)


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP TABLE account_check")
    op.execute("ALTER TABLE payout DROP COLUMN account_check")
    op.execute("ALTER TABLE insurer DROP COLUMN can_check_account")
