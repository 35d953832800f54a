"""What `relief doctor` asks of the database: keys, areas, the connection's own powers."""

from dataclasses import dataclass

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
        current_setting('server_version_num')::int AS server,
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
        count(*) FILTER (WHERE area_hi - area_lo <= 10000000000
                         AND area_lo / 10000000000 <> 99) AS of_real_areas
    FROM api_key WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    """
)
_INSURERS = sql("SELECT count(*) FROM insurer WHERE base_url LIKE 'http://%'")
_REAL = sql("SELECT count(*) FROM policy WHERE area_lo / 10000000000 NOT IN (0, 99)")


@dataclass(frozen=True, slots=True)
class Connection:
    """`powerful`: the login passes row security; `owner`: it owns the tables; `server` as 150004.

    `durable`: what was committed survives a power cut.
    """

    powerful: bool
    owner: bool
    server: int
    durable: bool


@dataclass(frozen=True, slots=True)
class LiveKeys:
    """How many live keys: of a sandbox, of the demo, without an end, without a holder.

    `of_real_areas`: in areas that are none of the invented ones (99).
    """

    of_sandbox: int
    of_demo: int
    endless: int
    nobodys: int
    of_real_areas: int


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found."""

    connection: Connection
    keys: LiveKeys
    insurers_in_clear: int
    real_policies: int


async def look_over(database: Database) -> Checkup:
    """Look at what stands in the database. Raises what the driver raises when it is away."""
    async with database.transaction(_DOCTOR) as tx:
        keys = record(LiveKeys, (await tx.sql.execute(_KEYS)).one())
        insurers = (await tx.sql.execute(_INSURERS)).scalar_one()
        policies = (await tx.sql.execute(_REAL)).scalar_one()
        connection = record(Connection, (await tx.sql.execute(_LOOK)).one())
    return Checkup(connection, keys, insurers, policies)
