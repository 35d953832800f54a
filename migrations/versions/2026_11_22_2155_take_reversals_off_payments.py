"""Take what was reversed in part off the payments that charts show by day.

Revision ID: 0031
Revises: 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# A payment that came back whole is no longer `paid`; of one reversed in part the rest is. Until now
# the view told all of it, and its sum was more than the books had paid.
VIEW = """
    CREATE OR REPLACE VIEW reporting.payments_by_day WITH (security_invoker = true) AS
    SELECT t.paid_on, lpad((t.area_code - t.area_code % 1000000)::text, 12, '0') AS county_code,
        max(county.name_zh) AS county_zh, t.insurer_code, max(i.name_zh) AS insurer_zh,
        count(*) AS payments, (sum({amount}) / 100.0)::numeric(18, 2) AS paid_yuan
    FROM payout_attempt AS t {reversed}
    LEFT JOIN insurer AS i ON i.code = t.insurer_code
    LEFT JOIN area AS county ON county.code = t.area_code - t.area_code % 1000000
    WHERE t.status = 'paid' AND t.paid_on IS NOT NULL
    GROUP BY t.paid_on, t.area_code - t.area_code % 1000000, t.insurer_code
"""
REVERSED = "LEFT JOIN payout_reversal AS v ON v.payout_id = t.payout_id AND v.attempt_seq = t.seq"
UP = (
    "GRANT SELECT (payout_id, seq) ON payout_attempt TO relief_reporting",
    """
    GRANT SELECT (area_code, payout_id, attempt_seq, amount_fen) ON payout_reversal
        TO relief_reporting
    """,
    """
    CREATE POLICY payout_reversal_reporting ON payout_reversal FOR SELECT TO relief_reporting
        USING (true)
    """,
    """
    CREATE POLICY payout_reversal_reporting_area ON payout_reversal AS RESTRICTIVE FOR SELECT
        TO relief_reporting USING (area_code >= (SELECT reporting.reader_lo())
            AND area_code < (SELECT reporting.reader_hi()))
    """,
    VIEW.format(amount="t.amount_fen - coalesce(v.amount_fen, 0)", reversed=REVERSED),
)
DOWN = (
    VIEW.format(amount="t.amount_fen", reversed=""),
    "DROP POLICY payout_reversal_reporting_area ON payout_reversal",
    "DROP POLICY payout_reversal_reporting ON payout_reversal",
    "REVOKE ALL ON payout_reversal FROM relief_reporting",
    "REVOKE SELECT (payout_id, seq) ON payout_attempt FROM relief_reporting",
)
ON_VIEW = "COMMENT ON VIEW reporting.payments_by_day IS '{}'"
ON_UNPAID = "COMMENT ON COLUMN reporting.money_totals.unpaid_yuan IS '{}'"
NET = "逐日到账的赔款，按县和保险公司，退汇和冲正的部分已扣除 / payments that arrived, by day, county and insurer, less what came back or was reversed"
GROSS = "逐日到账的赔款，按县和保险公司 / payments that arrived, by day, county and insurer"
UNPAID = "已发生未付（元）/ incurred but not paid, yuan"
UNPAID_BEFORE = "已发生未付（元），预付未抵扣时为负 / incurred but not paid, yuan; negative while an advance is open"


def upgrade() -> None:
    """Let the sum of payments be what the books have paid."""
    for statement in (*UP, ON_VIEW.format(NET), ON_UNPAID.format(UNPAID)):
        op.execute(statement)


def downgrade() -> None:
    """Tell payments without their reversals again."""
    for statement in (*DOWN, ON_VIEW.format(GROSS), ON_UNPAID.format(UNPAID_BEFORE)):
        op.execute(statement)
