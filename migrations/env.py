"""Runs the migrations: one migrator at a time, each migration in a transaction of its own.

The owner's URL comes from `config.attributes["url"]` (`relief migrate` sets it); called by the
`alembic` command itself, it comes from the settings.
"""

import asyncio

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, make_url, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db.tables import metadata
from app.db.tables.trail import Xid8
from app.launcher import database_url
from app.settings import load_settings

# The dialect does not know the type, and would warn when it reads the event table back.
ischema_names.setdefault("xid8", Xid8)
# Any number, as long as nobody else uses it on this database.
MIGRATOR_LOCK = 3301272026
# Lock not available, statement cancelled, deadlock with the traffic that goes on.
WAITED_TOO_LONG = {"55P03", "57014", "40P01"}


def owner_url() -> str:
    url = context.config.attributes.get("url")
    if url is None:
        settings = load_settings()
        url = database_url(settings.migration_url(), settings.data_dir, settings.pg_bindir)
    return str(url)


def migrate(connection: Connection) -> None:
    # The lock belongs to the session, so it outlives the transactions of the single migrations.
    # Waiting for another migrator may last as long as its longest statement, not for ever.
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATOR_LOCK})
    # A migration queueing behind a long query would block everybody behind itself.
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run() -> None:
    url = make_url(owner_url()).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
            # `alembic check` reads outside any migration; nothing is left to commit after it.
            await connection.rollback()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in WAITED_TOO_LONG:
            raise CommandError(
                "数据库正忙，迁移等不到锁，没有做任何更改；请稍后重试。"
                f" / The database is busy, the migration was given up whole: try again. {error.orig}"
            ) from error
        raise
    finally:
        await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("离线模式未提供 / offline mode is not offered: point to a database")
asyncio.run(run())
