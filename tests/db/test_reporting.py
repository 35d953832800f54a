"""The `reporting` schema as a chart program meets it: its own area, no names, a contract kept."""

import json
import re
import secrets
from collections.abc import AsyncGenerator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.db.reporting import Reader, grant_reader, list_readers, revoke_reader
from app.db.session import Database
from app.domain.caller import area_range
from app.domain.grouping import Group
from app.domain.lifecycle import OUTCOME_ZH, STATUS_ZH
from app.services.reports.loss_ratio import make_loss_ratio
from app.services.summaries.fold_summaries import fold_summaries
from tests.contracts import COUNTY_AREA, OTHER_TOWN, SYSTEM, TOWN
from tests.services.test_report_tables import IN_2026, made, rows
from tests.services.test_reports import POLICY, some_claims

CONTRACT = (Path(__file__).parent / "reporting_contract.json").read_text()
BOARD = json.loads(Path("helm/relief/dashboards/relief-claims.json").read_text())
VIEWS = (
    "as_of",
    "claim_totals",
    "loss_ratio",
    "money_totals",
    "payments_by_day",
    "waiting_claims",
)
_SHAPE = """
    SELECT c.relname AS view, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
        col_description(c.oid, a.attnum) AS said, obj_description(c.oid) AS about
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'v' ORDER BY 1, a.attnum
"""


class Charts:
    """A county with claims, and connections of chart programs to it."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("+asyncpg", "")
        self.logins: list[str] = []
        self.open: list[asyncpg.Connection] = []

    async def grant(self, area: int | None) -> asyncpg.Connection:
        """A new login over an area, or one that is only a member, and is open."""
        login = f"chart_{secrets.token_hex(4)}"
        self.logins.append(login)
        lo, hi = area_range(area or COUNTY_AREA)
        password = await grant_reader(self.url, Reader(login, lo, hi))
        if area is None:
            await self.owner(f"DELETE FROM reporting.reader WHERE login = '{login}'")
        parts = urlsplit(self.url)
        place = f"{login}:{password}@{parts.netloc.rpartition('@')[2]}"
        connection = await asyncpg.connect(parts._replace(netloc=place).geturl())
        self.open.append(connection)
        return connection

    async def owner(self, statement: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            found: list[asyncpg.Record] = await connection.fetch(statement)
        finally:
            await connection.close()
        return found

    async def close(self) -> None:
        for connection in self.open:
            await connection.close()
        for login in self.logins:
            await self.owner(f"DROP ROLE IF EXISTS {login}")


@pytest.fixture
async def charts(fresh_database: Database) -> AsyncGenerator[Charts]:
    await some_claims(fresh_database)
    found = Charts(fresh_database.url)
    yield found
    await found.close()


async def test_the_views_are_what_the_contract_says(charts: Charts) -> None:
    shape: dict[str, object] = {}
    for row in await charts.owner(_SHAPE):
        assert row["said"], f"{row['view']}.{row['column']} says nothing of itself"
        view = shape.setdefault(row["view"], {"about": row["about"], "columns": []})
        view["columns"].append([row["column"], row["type"], row["said"]])  # type: ignore[index]
    told = json.dumps(shape, ensure_ascii=False, indent=1) + "\n"
    assert told == CONTRACT, "charts rely on these columns: add, never change"
    assert tuple(sorted(shape)) == VIEWS
    words = {(row["kind"], row["code"]): row["label_zh"] for row in await charts.owner(
        "SELECT * FROM reporting.word"
    )}  # fmt: skip
    assert words == {("status", status.value): label for status, label in STATUS_ZH.items()} | {
        ("outcome", outcome.value): label for outcome, label in OUTCOME_ZH.items()
    }


async def test_a_reader_sees_the_figures_of_its_area_and_no_others(
    charts: Charts, fresh_database: Database
) -> None:
    county, town, other, unmapped = [
        await charts.grant(area) for area in (COUNTY_AREA, TOWN, OTHER_TOWN, None)
    ]
    for _ in range(2):  # not folded yet, and folded
        for reader in (county, town):
            counted = await reader.fetch(
                "SELECT status, sum(claims) AS claims FROM claim_totals GROUP BY 1 ORDER BY 1"
            )
            assert [tuple(row) for row in counted] == [
                ("closed", 2),
                ("paying", 1),
                ("under_review", 1),
            ]
            money = await reader.fetchrow(
                "SELECT sum(incurred_yuan), sum(paid_yuan), sum(unpaid_yuan) FROM money_totals"
            )
            assert tuple(money) == (Decimal("3500.00"), Decimal("2000.00"), Decimal("1500.00"))
            assert await reader.fetchval("SELECT count(*) FROM waiting_claims") == 2
        async with fresh_database.transaction(SYSTEM) as tx:
            await fold_summaries(tx)
    for reader in (other, unmapped):
        for view in VIEWS[1:]:
            assert await reader.fetchval(f"SELECT count(*) FROM {view}") == 0, view
    ratio = await county.fetchrow("SELECT * FROM loss_ratio")
    ours = rows(await made(fresh_database, make_loss_ratio, Group.POLICY, period=IN_2026))[POLICY]
    assert int(ratio["earned_yuan"] * 100) == ours["earned"]
    assert (ratio["insured"], ratio["loss_ratio"], ratio["small_number"]) == (4, None, True)


async def test_no_setting_of_a_session_widens_what_a_reader_sees(charts: Charts) -> None:
    reader = await charts.grant(OTHER_TOWN)
    for name, value in (
        ("relief.area_lo", "0"),
        ("relief.area_hi", "1000000000000"),
        ("relief.role", "system"),
        ("relief.insurer", ""),
    ):
        await reader.execute("SELECT set_config($1, $2, false)", name, value)
    for view in VIEWS[1:]:
        assert await reader.fetchval(f"SELECT count(*) FROM {view}") == 0, view
    assert await reader.fetchval("SELECT count(claim_no) FROM public.claim") == 0
    for statement in (
        "SELECT * FROM public.claim",
        "SELECT name_sealed FROM public.person",
        "SELECT content FROM public.notice",
        "SELECT person_id FROM public.enrolment",
        "SELECT * FROM reporting.reader",
        "SET ROLE relief_app",
        "INSERT INTO reporting.reader VALUES ('x', 0, 1)",
        "UPDATE public.claim_summary SET claims = 0",
    ):
        with pytest.raises(
            (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)
        ):
            await reader.execute(statement)
    assert await reader.fetchval("SHOW statement_timeout") == "30s"


async def test_a_reader_cannot_begin_the_feed_anew_nor_walk_the_trail(charts: Charts) -> None:
    reader = await charts.grant(COUNTY_AREA)
    await reader.execute("SET default_transaction_read_only = off")
    before = await charts.owner("SELECT lives FROM feed_tail")
    for asked in (
        "public.feed_begin_again()",
        "public.audit_faults()",
        "public.look_wider('0', '999')",
        "public.set_context(0, 1000000000000, NULL, 'audit', 'a', 'b')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="denied for function"):
            await reader.fetch(f"SELECT {asked}")
    assert await charts.owner("SELECT lives FROM feed_tail") == before


async def test_a_reader_that_is_revoked_reads_nothing_any_more(charts: Charts) -> None:
    reader = await charts.grant(COUNTY_AREA)
    (login,) = charts.logins
    assert await list_readers(charts.url) == [Reader(login, *area_range(COUNTY_AREA))]
    again = await grant_reader(charts.url, Reader(login, *area_range(TOWN)))
    assert again is None
    assert await revoke_reader(charts.url, login)
    assert not await revoke_reader(charts.url, login)
    assert not await revoke_reader(charts.url, "postgres")
    with pytest.raises(asyncpg.PostgresError):
        await reader.fetch("SELECT * FROM reporting.claim_totals")
    with pytest.raises(ValueError, match="chart_"):
        await grant_reader(charts.url, Reader("relief_app", 0, 1))


async def test_every_query_of_the_dashboard_runs_on_the_views(charts: Charts) -> None:
    reader = await charts.grant(COUNTY_AREA)
    asked = [target["rawSql"] for panel in BOARD["panels"] for target in panel["targets"]]
    asked += [one["query"] for one in BOARD["templating"]["list"] if one["type"] == "query"]
    assert len(asked) > 10
    answered = 0
    for query in asked:
        statement = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 > date '2000-01-01'", query)
        statement = statement.replace("${county:sqlstring}", f"'{COUNTY_AREA}'")
        assert "$" not in statement, query
        answered += bool(await reader.fetch(statement))
    assert answered == len(asked)
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
