"""What relief doctor makes of what it was told by the database."""

from collections.abc import Iterator
from datetime import date

from app.cli._findings import Finding, advise, bad
from app.db.checkup import Checkup, Connection, Work
from app.db.fitness import Server, faults_of
from app.settings import PREFIX, Settings

SKEW_SECONDS_MAX, SKEW_SECONDS_FELT = 60.0, 5.0
QUIET_SECONDS_MAX = 3_600  # the guard goes round every few minutes
NEXT_YEAR_FROM = 11  # the State Council tells next year's holidays in November


def of_server(settings: Settings, server: Server) -> Iterator[Finding]:
    """Look at the server: version, extensions, locale, clock, and what stands before it."""
    for zh, en in faults_of(server):
        yield bad(zh, en)
    skew = abs(server.skew_seconds)
    if skew > SKEW_SECONDS_FELT:
        judged = bad if skew > SKEW_SECONDS_MAX else advise
        yield judged(
            f"本机时钟与数据库相差 {server.skew_seconds:.0f} 秒，请校时",
            f"this machine's clock is {server.skew_seconds:.0f} s off the database's",
        )
    if server.passed_on and not settings.db_pgbouncer:
        yield advise(
            f"数据库前有连接池或代理；若为 PgBouncer 事务模式，须设 {PREFIX}DB_PGBOUNCER=true",
            "a pooler or proxy stands before the database: PgBouncer in transaction mode needs"
            " its setting",
        )


def of_database(settings: Settings, found: Checkup, today: date) -> Iterator[Finding]:
    """Look at what stands in the database."""
    yield from _of_keys(settings, found)
    yield from _of_connection(settings, found.connection)
    yield from _of_calendar(found, today)
    yield from _of_work(found.work)
    if found.insurers_in_clear:
        judged = advise if settings.sandbox else bad
        yield judged(
            f"{found.insurers_in_clear} 家保险公司的接口地址不是 https",
            "insurers are called without https",
        )


def _of_keys(settings: Settings, found: Checkup) -> Iterator[Finding]:
    keys = found.keys
    if settings.sandbox and keys.of_real_areas + found.real_policies:
        yield bad(
            "沙箱模式下有真实行政区划的密钥或保单，测试工具对真实数据开放",
            "sandbox mode with real areas: test helpers are open on real data",
        )
    if not settings.sandbox and keys.of_demo + keys.of_sandbox:
        yield bad(
            f"有 {max(keys.of_demo, keys.of_sandbox)} 个演示或沙箱密钥仍有效，请吊销",
            "live keys of the demo or of a sandbox: revoke them",
        )
    if keys.endless:
        yield advise(f"{keys.endless} 个密钥没有到期日", "keys without an end")
    if keys.aged:
        yield advise(
            f"{keys.aged} 个接口密钥签发已超过一年，请更换",
            "API keys older than a year",
        )
    if keys.secrets_aged:
        yield advise(
            f"{keys.secrets_aged} 个保险公司签名密钥启用已超过一年，请更换",
            "signing secrets of insurers older than a year: renew them",
        )
    if keys.nobodys:
        yield advise(
            f"{keys.nobodys} 个密钥没有登记持有人，无法检查角色兼任与四眼原则",
            "keys without a holder: seats and four eyes cannot be held apart",
        )


def _of_connection(settings: Settings, connection: Connection) -> Iterator[Finding]:
    if connection.powerful:
        judged = advise if settings.database_url is None else bad
        yield judged(
            "服务以数据库超级用户登录，可绕过行级权限；请换普通登录角色并授予 relief_app",
            "the login passes row security: use a plain role that is granted relief_app",
        )
    elif connection.owner and settings.database_url is not None:
        yield advise(
            f"服务以表的属主登录；请把属主连接放在 {PREFIX}OWNER_URL，服务用另一角色",
            "the service logs in as the owner of the tables",
        )
    if not connection.durable:
        yield bad(
            "数据库关闭了 fsync 或 full_page_writes，断电会丢失已确认的数据",
            "the database may lose what it confirmed",
        )


def _of_calendar(found: Checkup, today: date) -> Iterator[Finding]:
    if today.year not in found.calendar_years:
        judged = bad if found.policies_by_working_days else advise
        yield judged(
            f"没有 {today.year} 年的节假日安排，工作日只能按周末推算",
            f"the days off of {today.year} are not known: working days are guessed from weekends",
        )
    elif today.month >= NEXT_YEAR_FROM and today.year + 1 not in found.calendar_years:
        yield advise(
            f"没有 {today.year + 1} 年的节假日安排，公布后请登记",
            f"the days off of {today.year + 1} are not known yet",
        )


def _of_work(work: Work) -> Iterator[Finding]:
    if work.red:
        yield bad(
            f"{work.red} 条不变量不成立，请运行 relief invariants",
            "invariants are broken: run relief invariants",
        )
    if work.dead_jobs:
        yield bad(
            f"{work.dead_jobs} 个后台任务已放弃：排除原因后 POST /v1/lanes/…:resume 重做",
            "jobs were given up: mend the cause, then POST /v1/lanes/{lane}:resume does them again",
        )
    if work.quiet_seconds is None or work.quiet_seconds > QUIET_SECONDS_MAX:
        yield advise(
            "一小时没有核对不变量，后台任务可能没有运行",
            "invariants were not checked for an hour: does the worker run?",
        )
    if work.resting:
        yield advise(
            f"通道已暂停：{'、'.join(work.resting)}", "lanes rest: nothing is sent through them"
        )
