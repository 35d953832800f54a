"""Let the guard see kept answers: two invariants are about them, and saw none but its own.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the system's principal read; whose answers they are, and the seal on them, stays."""
    op.execute(
        "CREATE POLICY idempotency_guard ON idempotency FOR SELECT USING (ctx_role() = 'system')"
    )


def downgrade() -> None:
    """Close it again."""
    op.execute("DROP POLICY idempotency_guard ON idempotency")
