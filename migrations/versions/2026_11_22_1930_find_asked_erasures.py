"""Find the erasures that wait for a second person without reading everybody.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the few."""
    op.execute(
        "CREATE INDEX ix_person_erasure_asked ON person (id) "
        "WHERE erasure_asked_by IS NOT NULL AND erased_at IS NULL"
    )


def downgrade() -> None:
    """Take it away again."""
    op.execute("DROP INDEX ix_person_erasure_asked")
