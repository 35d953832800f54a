"""What `relief doctor` asks of the database: keys, areas, the connection's own powers."""

from dataclasses import dataclass

import asyncpg
from sqlalchemy.exc import DBAPIError

from app.db.fitness import ServerAway
from app.db.readiness import revision_of
from app.db.rows import record, sql
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role

_DOCTOR = Caller(Role.SECURITY, 0, AREA_END, "doctor")
_LOOK = sql(
    """
    SELECT
        (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user) AS powerful,
        (SELECT coalesce(bool_or(tableowner = session_user), false)
         FROM pg_tables WHERE schemaname = 'public') AS owner,
        current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
            AS durable
    """
)
_KEYS = sql(
    """
    SELECT
        count(*) FILTER (WHERE prefix LIKE 'rk\\_test\\_%') AS of_sandbox,
        count(*) FILTER (WHERE label = 'demo') AS of_demo,
        count(*) FILTER (WHERE expires_at IS NULL) AS endless,
        count(*) FILTER (WHERE holder IS NULL) AS nobodys,
        count(*) FILTER (WHERE created_at < now() - interval '1 year') AS aged,
        (SELECT count(*) FROM insurer_secret WHERE active_from < now() - interval '1 year'
         AND (active_to IS NULL OR active_to > now())) AS secrets_aged,
        count(*) FILTER (WHERE area_hi - area_lo <= 10000000000
                         AND area_lo / 10000000000 <> 99) AS of_real_areas
    FROM api_key WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    """
)
_INSURERS = sql("SELECT count(*) FROM insurer WHERE base_url LIKE 'http://%'")
_REAL = sql("SELECT count(*) FROM policy WHERE area_lo / 10000000000 NOT IN (0, 99)")

_BY_WORKING_DAYS = sql("SELECT count(*) FROM policy WHERE day_count = 'working'")
_YEARS = sql("SELECT year FROM calendar_year")
_WORK = sql(
    """
    SELECT (SELECT count(*) FROM invariant_check WHERE broken > 0) AS red,
        (SELECT count(*) FROM job WHERE state = 'dead') AS dead_jobs,
        (SELECT extract(epoch FROM clock_timestamp() - max(tried_at))::float
         FROM invariant_check) AS quiet_seconds,
        ARRAY(SELECT key FROM lane WHERE paused OR open_until > now() ORDER BY key) AS resting
    """
)


@dataclass(frozen=True, slots=True)
class Connection:
    """`powerful`: the login passes row security; `owner`: it owns the tables.

    `durable`: what was committed survives a power cut.
    """

    powerful: bool
    owner: bool
    durable: bool


@dataclass(frozen=True, slots=True)
class LiveKeys:
    """How many live keys: of a sandbox, of the demo, without an end, without a holder.

    `aged`: issued more than a year ago; `secrets_aged`: signing secrets of insurers, likewise.
    `of_real_areas`: in areas that are none of the invented ones (99).
    """

    of_sandbox: int
    of_demo: int
    endless: int
    nobodys: int
    aged: int
    secrets_aged: int
    of_real_areas: int


@dataclass(frozen=True, slots=True)
class Work:
    """How the work behind the service goes: invariants that are broken, jobs that were given up.

    `quiet_seconds`: since an invariant was last tried, None when none ever was.
    """

    red: int
    dead_jobs: int
    quiet_seconds: float | None
    resting: list[str]


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found."""

    connection: Connection
    keys: LiveKeys
    insurers_in_clear: int
    real_policies: int
    policies_by_working_days: int
    calendar_years: frozenset[int]
    work: Work


async def look_at_schema(database: Database, head: str) -> tuple[str | None, Checkup | None]:
    """Give the schema's revision, and what stands in it when it is `head`. Raises ServerAway."""
    try:
        revision = await revision_of(database)
        return revision, await look_over(database) if revision == head else None
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise ServerAway(type(error).__name__) from error


async def look_over(database: Database) -> Checkup:
    """Look at what stands in the database. Raises what the driver raises when it is away."""
    async with database.transaction(_DOCTOR) as tx:
        keys = record(LiveKeys, (await tx.sql.execute(_KEYS)).one())
        insurers = (await tx.sql.execute(_INSURERS)).scalar_one()
        policies = (await tx.sql.execute(_REAL)).scalar_one()
        by_working_days = (await tx.sql.execute(_BY_WORKING_DAYS)).scalar_one()
        years = (await tx.sql.execute(_YEARS)).scalars().all()
        work = record(Work, (await tx.sql.execute(_WORK)).one())
        connection = record(Connection, (await tx.sql.execute(_LOOK)).one())
    return Checkup(connection, keys, insurers, policies, by_working_days, frozenset(years), work)
