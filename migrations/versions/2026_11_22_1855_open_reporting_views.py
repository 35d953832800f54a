"""Open a schema of stable, masked views to programs that draw charts, one area to each login.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# A login of a chart program is a member of `relief_reporting` and stands in `reporting.reader`; its
# rows are those of its area, by policies that no setting of the session can widen.
READERS = (
    """
    DO $$ BEGIN
        CREATE ROLE relief_reporting NOLOGIN NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    "CREATE SCHEMA reporting",
    """
    CREATE TABLE reporting.reader (
        login TEXT NOT NULL,
        area_lo BIGINT NOT NULL,
        area_hi BIGINT NOT NULL,
        granted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_reader PRIMARY KEY (login),
        CONSTRAINT ck_reader_area_in_order CHECK (area_lo < area_hi)
    )
    """,
    "CREATE TABLE reporting.word (kind TEXT, code TEXT, label_zh TEXT NOT NULL, PRIMARY KEY (kind, code))",
    """
    CREATE FUNCTION reporting.reader_lo() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS
    $$ SELECT area_lo FROM reporting.reader WHERE login = session_user $$
    """,
    """
    CREATE FUNCTION reporting.reader_hi() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS
    $$ SELECT area_hi FROM reporting.reader WHERE login = session_user $$
    """,
)
WORDS = {
    "status": {
        "submitted": "已报案",
        "evidence_required": "待补材料",
        "under_review": "审核中",
        "pending_approval": "待民政审核",
        "decided": "已定论",
        "paying": "支付中",
        "paid": "已到账",
        "closed": "已结案",
        "withdrawn": "已撤案",
    },
    "outcome": {
        "full": "全额赔付",
        "partial": "部分赔付",
        "goodwill": "通融赔付",
        "below_deductible": "未达起付线",
        "nil": "零赔付",
        "declined": "不予赔付",
    },
}
# Only these columns, and of these tables only the rows of the reader's area.
IN_AREA = """area_code >= (SELECT reporting.reader_lo())
    AND area_code < (SELECT reporting.reader_hi())"""
OVERLAPS = "area_lo < (SELECT reporting.reader_hi()) AND area_hi > (SELECT reporting.reader_lo())"
CLAIM_TOTALS = "policy_id, area_code, insurer_code, event_month, status, outcome, claims, assessed_fen, decided_fen, paid_fen"
LEDGER_TOTALS = "policy_id, area_code, insurer_code, event_month, account, amount_fen"
WALLED = {
    "claim": (
        "claim_no, policy_id, insurer_code, area_code, status, due_on, created_at",
        IN_AREA,
    ),
    "claim_summary": (CLAIM_TOTALS, IN_AREA),
    "claim_delta": (CLAIM_TOTALS, IN_AREA),
    "ledger_summary": (LEDGER_TOTALS, IN_AREA),
    "ledger_delta": (LEDGER_TOTALS, IN_AREA),
    "enrolment": ("policy_id, area_code, premium_fen, covered, void", IN_AREA),
    "payout_attempt": ("area_code, insurer_code, amount_fen, status, paid_on", IN_AREA),
    "policy": (
        "id, policy_no, scheme_version_id, insurer_code, area_lo, area_hi, period_from, period_to, status",
        OVERLAPS,
    ),
}
OPEN = {
    "area": "code, name_zh",
    "insurer": "code, name_zh",
    "scheme": "code, name_zh",
    "scheme_version": "id, scheme_code",
    "sandbox_clock": "ahead",
}
COUNTY = "{0}.area_code - {0}.area_code % 1000000"
TOWNSHIP = "{0}.area_code - {0}.area_code % 1000"
PLACE = f"""
    lpad(({COUNTY})::text, 12, '0') AS county_code, max(county.name_zh) AS county_zh,
    lpad(({TOWNSHIP})::text, 12, '0') AS township_code, max(township.name_zh) AS township_zh
"""
PLACES = f"""
    LEFT JOIN area AS county ON county.code = {COUNTY}
    LEFT JOIN area AS township ON township.code = {TOWNSHIP}
"""
CONTRACT = """
    p.policy_no, v.scheme_code, max(s.name_zh) AS scheme_zh, {0}.insurer_code,
    max(i.name_zh) AS insurer_zh
"""
CONTRACTS = """
    JOIN policy AS p ON p.id = {0}.policy_id JOIN scheme_version AS v ON v.id = p.scheme_version_id
    JOIN scheme AS s ON s.code = v.scheme_code LEFT JOIN insurer AS i ON i.code = {0}.insurer_code
"""
YUAN = "(coalesce({0}, 0)::numeric / 100)::numeric(18, 2)"


def yuan(figure: str) -> str:
    """Give an amount in fen as yuan with two decimals."""
    return YUAN.format(figure)


def booked(account: str, sign: str = "") -> str:
    """Give what stands on an account, in yuan."""
    return yuan(f"{sign}sum(l.amount_fen) FILTER (WHERE l.account = '{account}')")


VIEWS = {
    "as_of": "SELECT business_today() AS business_on, business_now() AS read_at",
    "claim_totals": f"""
        SELECT {PLACE.format("c")}, {CONTRACT.format("c")}, c.event_month,
            c.status, max(w.label_zh) AS status_zh, c.outcome, max(o.label_zh) AS outcome_zh,
            sum(c.claims)::bigint AS claims, {yuan("sum(c.assessed_fen)")} AS assessed_yuan,
            {yuan("sum(c.decided_fen)")} AS decided_yuan, {yuan("sum(c.paid_fen)")} AS paid_yuan
        FROM (SELECT {CLAIM_TOTALS} FROM claim_summary
              UNION ALL SELECT {CLAIM_TOTALS} FROM claim_delta) AS c
        {CONTRACTS.format("c")} {PLACES.format("c")}
        LEFT JOIN reporting.word AS w ON w.kind = 'status' AND w.code = c.status
        LEFT JOIN reporting.word AS o ON o.kind = 'outcome' AND o.code = c.outcome
        GROUP BY {COUNTY.format("c")}, {TOWNSHIP.format("c")}, p.policy_no, v.scheme_code,
            c.insurer_code, c.event_month, c.status, c.outcome
        HAVING sum(c.claims) <> 0
    """,
    "money_totals": f"""
        SELECT {PLACE.format("l")}, {CONTRACT.format("l")}, l.event_month,
            {booked("incurred")} AS incurred_yuan, {booked("paid", "-")} AS paid_yuan,
            {booked("payable", "-")} AS unpaid_yuan, {booked("recovered")} AS recovered_yuan
        FROM (SELECT {LEDGER_TOTALS} FROM ledger_summary
              UNION ALL SELECT {LEDGER_TOTALS} FROM ledger_delta) AS l
        {CONTRACTS.format("l")} {PLACES.format("l")}
        WHERE l.event_month IS NOT NULL
        GROUP BY {COUNTY.format("l")}, {TOWNSHIP.format("l")}, p.policy_no, v.scheme_code,
            l.insurer_code, l.event_month
    """,
    "loss_ratio": f"""
        SELECT {PLACE.format("e")}, p.policy_no, v.scheme_code, max(s.name_zh) AS scheme_zh,
            p.period_from, p.period_to, sum(e.insured)::bigint AS insured,
            {yuan("sum(e.earned_fen)")} AS earned_yuan,
            {yuan("sum(e.incurred_fen)")} AS incurred_yuan, {yuan("sum(e.paid_fen)")} AS paid_yuan,
            CASE WHEN sum(e.insured) >= 30 AND sum(e.earned_fen) > 0
                 THEN (sum(e.incurred_fen)::numeric / sum(e.earned_fen))::numeric(12, 4)
            END AS loss_ratio, sum(e.insured) < 30 AS small_number
        FROM (
            SELECT n.policy_id, n.area_code,
                (business_today() <@ n.covered)::integer AS insured,
                (2 * n.premium_fen * n.inside + n.days) / (2 * n.days) AS earned_fen,
                0::bigint AS incurred_fen, 0::bigint AS paid_fen
            FROM (
                SELECT policy_id, area_code, premium_fen, covered,
                    upper(covered) - lower(covered) AS days,
                    greatest(0, least(upper(covered), business_today() + 1) - lower(covered))::bigint
                        AS inside
                FROM enrolment WHERE NOT void
            ) AS n
            UNION ALL
            SELECT policy_id, area_code, 0, 0,
                CASE account WHEN 'incurred' THEN amount_fen ELSE 0 END,
                CASE account WHEN 'paid' THEN -amount_fen ELSE 0 END
            FROM (SELECT {LEDGER_TOTALS} FROM ledger_summary
                  UNION ALL SELECT {LEDGER_TOTALS} FROM ledger_delta) AS l
            WHERE l.account IN ('incurred', 'paid')
        ) AS e
        JOIN policy AS p ON p.id = e.policy_id JOIN scheme_version AS v ON v.id = p.scheme_version_id
        JOIN scheme AS s ON s.code = v.scheme_code {PLACES.format("e")}
        GROUP BY {COUNTY.format("e")}, {TOWNSHIP.format("e")}, p.policy_no, v.scheme_code,
            p.period_from, p.period_to
    """,
    "waiting_claims": f"""
        SELECT c.claim_no, {PLACE.format("c").replace("max(", "(")}, p.policy_no, v.scheme_code,
            s.name_zh AS scheme_zh, c.insurer_code, i.name_zh AS insurer_zh, c.status,
            w.label_zh AS status_zh, (c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS filed_on,
            business_today() - (c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS waiting_days,
            c.due_on, coalesce(c.due_on < business_today(), false) AS overdue
        FROM claim AS c {CONTRACTS.format("c")} {PLACES.format("c")}
        LEFT JOIN reporting.word AS w ON w.kind = 'status' AND w.code = c.status
        WHERE c.status IN ('submitted', 'evidence_required', 'under_review', 'pending_approval',
                           'decided', 'paying')
    """,
    "payments_by_day": f"""
        SELECT t.paid_on, lpad(({COUNTY.format("t")})::text, 12, '0') AS county_code,
            max(county.name_zh) AS county_zh, t.insurer_code, max(i.name_zh) AS insurer_zh,
            count(*) AS payments, {yuan("sum(t.amount_fen)")} AS paid_yuan
        FROM payout_attempt AS t LEFT JOIN insurer AS i ON i.code = t.insurer_code
        LEFT JOIN area AS county ON county.code = {COUNTY.format("t")}
        WHERE t.status = 'paid' AND t.paid_on IS NOT NULL
        GROUP BY t.paid_on, {COUNTY.format("t")}, t.insurer_code
    """,
}
ABOUT = {
    "as_of": "业务日期和读取时间 / the business day and the moment of reading",
    "claim_totals": "赔案数与金额，按区划、保单、出险月、状态、结论 / claims and amounts by place, policy, month of the event, status and outcome",
    "money_totals": "台账赔款，按区划、保单、保险公司份额、出险月 / claims money of the ledger by place, policy, share of an insurer and month of the event",
    "loss_ratio": "赔付率，按保单和乡镇，保费按天赚取，截至业务日期 / loss ratio by policy and township, premium earned by the day up to today",
    "waiting_claims": "在办赔案，不含个人信息 / claims that wait for somebody, nobody is named",
    "payments_by_day": "逐日到账的赔款，按县和保险公司 / payments that arrived, by day, county and insurer",
}
COLUMNS = {
    "business_on": "业务日期（北京时间）/ business day in Asia/Shanghai",
    "read_at": "读取时间 / moment of reading",
    "county_code": "县级区划代码，12 位 / county, 12 digits",
    "county_zh": "县（市、区）/ name of the county",
    "township_code": "乡级区划代码，12 位 / township, 12 digits",
    "township_zh": "乡镇（街道）/ name of the township",
    "policy_no": "保单号 / policy",
    "scheme_code": "项目代码 / scheme",
    "scheme_zh": "项目 / name of the scheme",
    "insurer_code": "保险公司代码，民政资金为空 / insurer, null for a fund",
    "insurer_zh": "保险公司 / name of the insurer",
    "event_month": "出险月份的第一日 / first day of the month of the event",
    "status": "状态代码 / status",
    "status_zh": "状态 / status in Chinese",
    "outcome": "结论代码，未定为空 / outcome, null while there is none",
    "outcome_zh": "结论 / outcome in Chinese",
    "claims": "赔案数 / number of claims",
    "assessed_yuan": "理算额（元）/ assessed, yuan",
    "decided_yuan": "结论金额（元）/ decided, yuan",
    "paid_yuan": "已付金额（元）/ paid, yuan",
    "incurred_yuan": "已发生赔款（元）/ incurred, yuan",
    "unpaid_yuan": "已发生未付（元），预付未抵扣时为负 / incurred but not paid, yuan; negative while an advance is open",
    "recovered_yuan": "已追回款（元）/ recovered of what was wrongly paid, yuan",
    "period_from": "保险期间起 / first day of the policy",
    "period_to": "保险期间止 / last day of the policy",
    "insured": "业务日期当日在保人数 / people covered on the business day",
    "earned_yuan": "截至业务日期的已赚保费（元）/ premium earned up to the business day, yuan",
    "loss_ratio": "赔付率，1 即 100%；在保不足 30 人为空 / loss ratio, 1 is 100 %; null below 30 people",
    "small_number": "在保不足 30 人 / fewer than 30 people covered",
    "claim_no": "赔案号 / claim number",
    "filed_on": "报案日 / day of filing",
    "waiting_days": "已等待的自然日 / calendar days waited",
    "due_on": "约定的到期日，可为空 / day named with an approval or a request for papers, may be null",
    "overdue": "已过到期日 / past that day",
    "paid_on": "到账日 / day of payment",
    "payments": "笔数 / number of payments",
}
# The totals' own walls once more, with the context read once for a question and not for each row.
ONCE = """area_code >= (SELECT ctx_lo()) AND area_code < (SELECT ctx_hi())
    AND ((SELECT ctx_insurer()) IS NULL OR insurer_code = (SELECT ctx_insurer()))"""
EACH = """area_code >= ctx_lo() AND area_code < ctx_hi()
    AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"""


def upgrade() -> None:
    """Add the schema, its walls, its views and what they say of themselves."""
    for statement in READERS:
        op.execute(statement)
    for kind, words in WORDS.items():
        for code, label in words.items():
            op.execute(f"INSERT INTO reporting.word VALUES ('{kind}', '{code}', '{label}')")
    op.execute("GRANT USAGE ON SCHEMA reporting, public TO relief_reporting")
    for table, columns in OPEN.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO relief_reporting")
    for table, (columns, rows) in WALLED.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO relief_reporting")
        op.execute(
            f"CREATE POLICY {table}_reporting ON {table} FOR SELECT TO relief_reporting USING (true)"
        )
        op.execute(
            f"CREATE POLICY {table}_reporting_area ON {table} AS RESTRICTIVE FOR SELECT "
            f"TO relief_reporting USING ({rows})"
        )
    op.execute("GRANT SELECT ON reporting.word TO relief_reporting")
    for view, query in VIEWS.items():
        op.execute(f"CREATE VIEW reporting.{view} WITH (security_invoker = true) AS {query}")
        op.execute(f"GRANT SELECT ON reporting.{view} TO relief_reporting")
        op.execute(f"COMMENT ON VIEW reporting.{view} IS '{ABOUT[view]}'")
    op.execute(
        "DO $$ DECLARE c record; BEGIN FOR c IN SELECT table_name, column_name "
        "FROM information_schema.columns WHERE table_schema = 'reporting' "
        "AND table_name NOT IN ('reader', 'word') LOOP "
        "EXECUTE format('COMMENT ON COLUMN reporting.%I.%I IS %L', c.table_name, c.column_name, "
        "(SELECT said FROM (VALUES "
        + ", ".join(f"('{name}', '{said}')" for name, said in COLUMNS.items())
        + ") AS s (name, said) WHERE s.name = c.column_name)); END LOOP; END $$"
    )
    for table in ("claim_summary", "ledger_summary", "claim_delta", "ledger_delta"):
        op.execute(f"ALTER POLICY {table}_scope ON {table} USING ({ONCE}) WITH CHECK ({EACH})")


def downgrade() -> None:
    """Take it away again; the role stays, as other databases of the server may use it."""
    op.execute("DROP SCHEMA reporting CASCADE")
    for table in WALLED:
        op.execute(f"DROP POLICY IF EXISTS {table}_reporting ON {table}")
        op.execute(f"DROP POLICY IF EXISTS {table}_reporting_area ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM relief_reporting")
    for table in OPEN:
        op.execute(f"REVOKE ALL ON {table} FROM relief_reporting")
    op.execute("REVOKE USAGE ON SCHEMA public FROM relief_reporting")
    for table in ("claim_summary", "ledger_summary", "claim_delta", "ledger_delta"):
        op.execute(f"ALTER POLICY {table}_scope ON {table} USING ({EACH}) WITH CHECK ({EACH})")
