"""Close our functions to logins that are not the service's.

Revision ID: 0030
Revises: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# A new function is everybody's to call, chart programs' logins included. Some of ours run as their
# owner, and whoever may call a trigger's function may put it onto a table of his own and have it
# write: into the audit trail, say. A trigger that stands asks nobody. What is left to everybody are
# the readers of the context and of business time, which policies and views ask as whoever reads.
OURS = """
    SELECT p.oid::regprocedure AS one, p.prorettype = 'trigger'::regtype AS fired
    FROM pg_proc AS p
    WHERE p.pronamespace = 'public'::regnamespace
      AND p.proname !~ '^(ctx|business)_'
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
CLOSE = f"""
    DO $$ DECLARE f record; BEGIN
        FOR f IN {OURS} LOOP
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.one);
            IF NOT f.fired AND f.one <> 'audit_append(bigint,text,text,text,text,text)'::regprocedure
            THEN
                EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO relief_app', f.one);
            END IF;
        END LOOP;
    END $$
"""
OPEN = f"""
    DO $$ DECLARE f record; BEGIN
        FOR f IN {OURS} LOOP
            IF f.one <> 'audit_append(bigint,text,text,text,text,text)'::regprocedure THEN
                EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM relief_app', f.one);
                EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', f.one);
            END IF;
        END LOOP;
    END $$
"""


def upgrade() -> None:
    """Leave them to the service."""
    op.execute(CLOSE)


def downgrade() -> None:
    """Leave them to everybody."""
    op.execute(OPEN)
