"""Let an erasure take the digests and last digits out of what was found out about accounts.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Allow these two columns to be changed, no other."""
    op.execute("GRANT UPDATE (account_index, account_last4) ON account_check TO relief_app")


def downgrade() -> None:
    """Close them again."""
    op.execute("REVOKE UPDATE (account_index, account_last4) ON account_check FROM relief_app")
