"""The second wall: forced row security, an empty context, rows that are never changed."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.session import ROLE, Database
from tests.cases import CHUNAN, county_with, file, notice, work
from tests.contracts import COUNTY, INSURER, OTHER_COUNTY, OTHER_INSURER, SYSTEM, TOWNSHIP

SCOPED = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid
                  AND a.attname IN ('area_code', 'area_lo', 'insurer_code'))
    ORDER BY 1
"""
APPEND_ONLY = (
    "event",
    "usage_entry",
    "assessment",
    "decision",
    "approval",
    "audit",
    "fund_entry",
    "ledger_entry",
    "payout_reversal",
    "recovery_receipt",
)


async def test_every_table_with_an_area_or_insurer_has_forced_row_security(
    database: Database,
) -> None:
    async with database.transaction(SYSTEM) as tx:
        scoped = [row.relname for row in await tx.sql.execute(text(SCOPED))]
        forced = [
            row.relname
            for row in await tx.sql.execute(
                text(
                    "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
                    "AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)"
                )
            )
        ]
    assert len(scoped) > 15
    assert sorted(set(scoped) - set(forced)) == []


async def test_without_a_context_there_are_no_rows_and_no_error(database: Database) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    async with database.bare(COUNTY) as tx:
        for cleared in ("", "1"):  # never set, and emptied as after a pooled transaction
            if cleared:
                await tx.sql.execute(text("SELECT set_context(NULL, NULL, NULL, NULL, NULL, NULL)"))
            for table in ("claim", "notice", "person", "enrolment", "policy", "event"):
                await tx.sql.execute(text("SELECT set_config('relief.area_lo', '', true)"))
                counted = await tx.sql.execute(text(f"SELECT count(*) FROM {table}"))
                assert counted.scalar_one() == 0, table


@pytest.mark.parametrize(
    ("caller", "seen"),
    [
        (COUNTY, {"claim": 1, "notice": 1, "person": 2, "policy": 1, "instruction": 1}),
        (TOWNSHIP, {"claim": 1, "notice": 1, "person": 2, "policy": 1, "instruction": 1}),
        (OTHER_COUNTY, {"claim": 0, "notice": 0, "person": 0, "policy": 0, "instruction": 0}),
        (INSURER, {"claim": 1, "notice": 0, "person": 0, "policy": 1, "instruction": 1}),
        (OTHER_INSURER, {"claim": 0, "notice": 0, "person": 0, "policy": 0, "instruction": 0}),
    ],
    ids=["county", "township", "other county", "insurer", "other insurer"],
)
async def test_each_caller_sees_its_own_rows_only(
    database: Database, caller: object, seen: dict[str, int]
) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    await work(database)
    async with database.transaction(caller) as tx:  # type: ignore[arg-type]
        counted = {
            table: (await tx.sql.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
            for table in seen
        }
    assert counted == seen


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_was_written_is_never_changed_or_deleted(database: Database, table: str) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    await work(database)
    column = {"audit": "chain", "fund_entry": "area_lo"}.get(table, "area_code")
    for statement in (
        f"DELETE FROM {table}",
        f"UPDATE {table} SET {column} = {column}",
        f"TRUNCATE {table}",
    ):
        await refused(database, ROLE, statement, "permission denied")
        await refused(database, "NONE", statement, "never changed")  # the owner of the tables


async def refused(database: Database, role: str, statement: str, words: str) -> None:
    with pytest.raises(DBAPIError, match=words):  # noqa: PT012 - the role is part of the act
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text(f"SET LOCAL ROLE {role}"))
            await tx.sql.execute(text(statement))


async def test_an_instruction_is_immutable(database: Database) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    await work(database)
    with pytest.raises(DBAPIError, match="supersede"):
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text("UPDATE instruction SET kind = 'supply_papers'"))


async def test_a_caller_cannot_file_a_row_outside_its_area(database: Database) -> None:
    await county_with(database, CHUNAN)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(OTHER_COUNTY) as tx:
            await tx.sql.execute(
                text(
                    "INSERT INTO household (id, area_code) VALUES (gen_random_uuid(), 990127103000)"
                )
            )


# Policies and views ask them as whoever reads; of the reporting schema, a login's own area.
_FOR_EVERYBODY = re.compile(r"(public\.)?(ctx|business)_\w+\(\)|reporting\.reader_(lo|hi)\(\)")
_OPEN_FUNCTIONS = """
    SELECT p.oid::regprocedure::text FROM pg_proc AS p, aclexplode(
        coalesce(p.proacl, acldefault('f', p.proowner))
    ) AS a
    WHERE p.pronamespace::regnamespace::text IN ('public', 'reporting') AND a.grantee = 0
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


async def test_no_login_but_the_service_s_may_call_a_function_of_ours(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        found = (await tx.sql.execute(text(_OPEN_FUNCTIONS))).scalars().all()
    assert [one for one in found if not _FOR_EVERYBODY.fullmatch(one)] == []


@pytest.mark.parametrize("writer", ["event_to_audit", "ledger_to_audit", "access_to_audit"])
async def test_f86_the_service_s_role_cannot_make_the_trail_write_of_what_never_was(
    database: Database, writer: str
) -> None:
    await refused(database, ROLE, "SELECT audit_append(1, 'a', 'b', 'c', 'd', 'e')", "permission")
    forging = f"""
        DO $$ BEGIN
            CREATE TEMP TABLE made_up (LIKE event) ON COMMIT DROP;
            CREATE TRIGGER forged AFTER INSERT ON made_up
                FOR EACH ROW EXECUTE FUNCTION public.{writer}();
        END $$
    """
    await refused(database, ROLE, forging, "permission denied for function")
