"""Tell from which office a person's record was opened.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The default comes after the column: accesses of before have no office, not the migrator's.
STATEMENTS = (
    "ALTER TABLE access ADD COLUMN office_lo BIGINT",
    "ALTER TABLE access ALTER COLUMN office_lo SET DEFAULT ctx_lo()",
    """
    ALTER POLICY access_scope ON access
        WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi()
               AND role = ctx_role() AND actor = ctx_actor()
               AND office_lo IS NOT DISTINCT FROM ctx_lo()
               AND insurer_code IS NOT DISTINCT FROM ctx_insurer())
    """,
    # While keys rotate, the digests of declarations are made anew.
    """
    ALTER POLICY near_relative_scope ON near_relative
        WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL
                    AND (declared_by = ctx_actor() OR ctx_role() = 'keys'))
    """,
)


def upgrade() -> None:
    """Add the reader's office to the record of accesses."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.execute(
        """
        ALTER POLICY access_scope ON access
            WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi()
                   AND role = ctx_role() AND actor = ctx_actor()
                   AND insurer_code IS NOT DISTINCT FROM ctx_insurer())
        """
    )
    op.execute(
        """
        ALTER POLICY near_relative_scope ON near_relative
            WITH CHECK (area_code >= ctx_lo() AND area_code < ctx_hi() AND ctx_insurer() IS NULL
                        AND declared_by = ctx_actor())
        """
    )
    op.execute("ALTER TABLE access DROP COLUMN office_lo")
