"""Date the areas: a township ends on a day, and another takes its place.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the days and the successor; an area without them is in force."""
    op.execute("ALTER TABLE area ADD COLUMN valid_from DATE")
    op.execute("ALTER TABLE area ADD COLUMN valid_to DATE")
    op.execute("ALTER TABLE area ADD COLUMN successor_code BIGINT")
    op.execute("ALTER TABLE area ADD CONSTRAINT ck_area_in_order CHECK (valid_from <= valid_to)")
    op.execute(
        "ALTER TABLE area ADD CONSTRAINT ck_area_succeeded_when_over "
        "CHECK (successor_code IS NULL OR (valid_to IS NOT NULL AND successor_code <> code))"
    )


def downgrade() -> None:
    """Take them away again."""
    op.execute(
        "ALTER TABLE area DROP COLUMN valid_from, DROP COLUMN valid_to, DROP COLUMN successor_code"
    )
