"""Find the jobs that were given up without reading the whole table: they are told as a figure.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the few."""
    op.execute("CREATE INDEX ix_job_dead ON job (lane) WHERE state = 'dead'")


def downgrade() -> None:
    """Take it back."""
    op.execute("DROP INDEX ix_job_dead")
