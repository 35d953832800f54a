"""The first wall: every statement asks only for its caller's rows, whatever stands behind it."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.sql.elements import TextClause

import app.db
from app.db.walls import CRITERIA, criterion, walled
from tests import database as databases

BEGINS = re.compile(r"\s*(SELECT|WITH|UPDATE|DELETE|INSERT)\b")
NAMED = re.compile(r"(?<!:):[a-z]")  # a part of a statement, not yet the driver's
PLAN_OF = """
    CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS json LANGUAGE plpgsql AS $$
    DECLARE plan json;
    BEGIN
        EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT JSON) ' || statement INTO plan;
        RETURN plan;
    END $$
"""
ASKED, ASKED_ONCE = re.compile(r"relief\."), re.compile(r"InitPlan")
ONCE = {table for table, asked in CRITERIA.items() if "(SELECT ctx_lo())" in asked}
# What the view of a claim tells beside its claim: of that claim, which is its caller's.
BESIDE_CLAIM_SHOWN = {"policy", "decision", "decision_difference", "payout", "payout_attempt"}


def statements_in(named: object) -> Iterator[str]:
    """The statements that a module-level name holds, as the driver gets them."""
    match named:
        case TextClause() if BEGINS.match(named.text):
            yield str(named.compile(dialect=dialect.dialect()))  # type: ignore[no-untyped-call]
        case str() if BEGINS.match(named) and not NAMED.search(named):
            yield walled(named)
        case dict():
            for each in named.values():
                yield from statements_in(each)
        case tuple() | list():
            for each in named:
                yield from statements_in(each)
        case _:
            return


def statements() -> Iterator[tuple[str, str]]:
    for module in pkgutil.walk_packages(app.db.__path__, "app.db."):
        found = importlib.import_module(module.name)
        for name, value in vars(found).items():
            for number, statement in enumerate(statements_in(value)):
                yield f"{module.name}.{name}.{number}", statement


def scans(plan: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Each table that is read, with what is asked of its rows there, below and once above."""
    above += plan.get("One-Time Filter", "")
    if "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        yield plan["Relation Name"], above + conditions(plan)
    for below in plan.get("Plans", ()):
        yield from scans(below, above)


def conditions(scan: dict[str, Any]) -> str:
    own = "".join(str(value) for key, value in scan.items() if key.endswith(("Filter", "Cond")))
    return own + "".join(map(conditions, scan.get("Plans", ())))


@pytest.fixture
async def owner(database_url: str) -> Any:
    """The owner of the tables, whom row security does not bind."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_both_walls_say_the_same_of_every_table(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT tablename, string_agg('(' || qual || ')', ' OR ' ORDER BY policyname DESC) AS qual "
        "FROM pg_policies WHERE roles = '{public}' "  # those of one role are no business of ours
        "GROUP BY tablename HAVING NOT bool_or(qual = 'true')"  # open to read
    )
    views = {row[0] for row in await owner.fetch("SELECT viewname FROM pg_views")}
    assert {row["tablename"] for row in rows} == CRITERIA.keys() - views
    probe = "CREATE POLICY probe ON {table} USING ({said})"
    read = "SELECT qual FROM pg_policies WHERE policyname = 'probe'"
    for row in rows:
        table, said = row["tablename"], []
        for wall in (criterion(table), row["qual"]):
            async with databases.undone(owner):
                await owner.execute(probe.format(table=table, said=wall))
                said.append((await owner.fetchval(read)).replace("of_insurer", "c"))
        assert said[0] == said[1], table


async def test_no_statement_reads_a_row_without_asking_whose_it_is(
    owner: asyncpg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the planner sees it, by the owner: only what the statement itself says stands there."""
    await owner.execute(PLAN_OF)
    asked, missed = 0, []
    for name, statement in statements():
        (plan,) = json.loads(await owner.fetchval("SELECT pg_temp.plan_of($1)", statement))
        asked += 1
        closed = CRITERIA.keys() - (BESIDE_CLAIM_SHOWN if "claim_shown" in statement else set())
        missed += [
            (name, table)
            for table, said in scans(plan["Plan"])
            if table in closed and not (ASKED_ONCE if table in ONCE else ASKED).search(said)
        ]
    with capsys.disabled():
        print(f" {asked} statements, each asks whose a row is")  # noqa: T201
    assert missed == []
    assert asked > 300


@pytest.mark.parametrize(
    "statement",
    [
        "select c.id from claim as c",
        "SELECT n.id FROM area AS a, notice AS n",
        "SELECT n.id FROM claim AS c JOIN area AS a ON true, notice AS n WHERE a.code = 1",
        "SELECT c.id FROM (claim AS c JOIN area AS a ON true)",
        "SELECT id FROM public.claim",
        'SELECT id FROM "claim"',
        "SELECT id FROM ONLY claim",
        "TABLE claim",
        "UPDATE claim AS c SET status = 'x' FROM area AS a, notice AS n WHERE c.id = n.id",
        "UPDATE claim c SET status = 'paid' WHERE c.claim_no = $1",
        "UPDATE ONLY claim SET status = 'paid' WHERE claim_no = $1",
        "UPDATE claim SET status = 'paid'",
        "DELETE FROM job USING claim AS c WHERE job.subject = c.claim_no",
        "DELETE FROM job USING area AS a, claim AS c WHERE job.subject = c.claim_no",
        "DELETE FROM note",
        "WITH gone AS (DELETE FROM note RETURNING id) SELECT id FROM gone",
        "MERGE INTO claim USING area AS a ON true WHEN MATCHED THEN DELETE",
        "TRUNCATE TABLE claim",
    ],
)
def test_a_statement_that_the_first_wall_would_miss_is_refused(statement: str) -> None:
    with pytest.raises(ValueError, match=r"does not know this form|says which"):
        walled(statement)


def test_set_operations_and_changes_within_changes_are_asked_in_every_part() -> None:
    whole = walled(
        "WITH moved AS (UPDATE claim AS c SET status = $1 FROM notice AS n "
        "WHERE n.id = c.notice_id RETURNING c.id), "
        "gone AS (DELETE FROM note WHERE id = $2 RETURNING claim_id) "
        "INSERT INTO event (number) SELECT id FROM moved UNION ALL (SELECT id FROM payout "
        "EXCEPT SELECT claim_id FROM gone WHERE EXISTS (SELECT FROM person WHERE id = $3))"
    )
    asked = [criterion("claim", "c"), *map(criterion, ("notice", "note", "payout", "person"))]
    assert [one for one in asked if one not in whole] == []
