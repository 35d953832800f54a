"""The migration that puts policies into their lines carries over what was booked for life."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.cli.migrate import upgrade
from tests.database import Run, in_thread, in_thread_call

FIRST, SECOND, THIRD, ALONE = (UUID(int=n) for n in range(1, 5))
PERSON, OTHER, CLAIM = (UUID(int=n) for n in range(11, 14))
SLUG = "let_people_decide"


@pytest.fixture
def before(run: Run) -> Iterator[str]:
    """A database as it was before the migration."""
    url = run.empty()
    script = ScriptDirectory.from_config(Config("alembic.ini"))
    mine = next(one for one in script.walk_revisions() if SLUG in one.path)
    in_thread_call(upgrade, url, str(mine.down_revision))
    yield url
    run.drop(url)


async def fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")  # rows by themselves
    for policy, renews in ((FIRST, None), (SECOND, FIRST), (THIRD, SECOND), (ALONE, None)):
        await connection.execute(
            """
            INSERT INTO policy (id, policy_no, scheme_version_id, kind, area_lo, area_hi,
                period_from, period_to, status, approval, premium_per_person_fen, payer_rank,
                waiting_days, check_days, return_window_days, premium_due_on, renews_id)
            VALUES ($1, $2, gen_random_uuid(), 'fund', 1, 9, $3, $3, 'active', 'ladder', 0, 1, 1,
                    1, 1, $3, $4)
            """,
            policy,
            f"P-{policy.int}",
            date(2026, 1, 1),
            renews,
        )
    for owner, scope, subject, claim, units in (
        (FIRST, "person_life", PERSON, None, 100),
        (SECOND, "person_life", PERSON, None, 7),  # told the same past again
        (SECOND, "person_life", PERSON, CLAIM, 20),
        (THIRD, "person_life", PERSON, CLAIM, 3),
        (THIRD, "person_life", OTHER, None, 50),
        (THIRD, "person_year", PERSON, CLAIM, 4),
        (ALONE, "person_life", PERSON, CLAIM, 5),
    ):
        reason, source = ("reserve", None) if claim else ("opening", "旧系统")
        await connection.execute(
            "INSERT INTO usage_entry (owner_id, scope, subject_id, code, period, area_code,"
            " claim_id, units, reason, source) VALUES ($1, $2, $3, 'c', 'all', 1, $4, $5, $6, $7)",
            owner,
            scope,
            subject,
            claim,
            units,
            reason,
            source,
        )
    await connection.execute(
        "INSERT INTO usage_counter (owner_id, scope, subject_id, code, period, area_lo, area_hi,"
        " used) SELECT owner_id, scope, subject_id, code, period, 1, 9, sum(units)"
        " FROM usage_entry GROUP BY 1, 2, 3, 4, 5"
    )
    await connection.close()


async def read(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def test_counters_for_life_stand_with_the_first_policy_afterwards(before: str) -> None:
    in_thread(fill(before))
    in_thread_call(upgrade, before)
    lines = in_thread(read(before, "SELECT id, line_id FROM policy ORDER BY id"))
    assert lines == [(FIRST, FIRST), (SECOND, FIRST), (THIRD, FIRST), (ALONE, ALONE)]
    counted = in_thread(
        read(before, "SELECT owner_id, scope, subject_id, used FROM usage_counter WHERE used > 0")
    )
    assert set(counted) == {
        (FIRST, "person_life", PERSON, 123),
        (FIRST, "person_life", OTHER, 50),
        (SECOND, "person_life", PERSON, 7),
        (THIRD, "person_year", PERSON, 4),
        (ALONE, "person_life", PERSON, 5),
    }
    summed = in_thread(
        read(
            before,
            "SELECT owner_id, scope, subject_id, sum(units)::bigint FROM usage_entry"
            " GROUP BY 1, 2, 3",
        )
    )
    assert set(summed) == set(counted)
    with pytest.raises(asyncpg.PostgresError, match="never changed"):
        in_thread(read(before, "UPDATE usage_entry SET units = units"))
