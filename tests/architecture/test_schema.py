"""Database, tables in code and migrations say the same."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from app.cli.migrate import drift
from app.db.revision import HEAD
from tests.database import in_thread_call


def test_the_code_knows_the_last_migration() -> None:
    assert ScriptDirectory.from_config(Config("alembic.ini")).get_heads() == [HEAD]


def test_the_migrations_build_exactly_the_tables_in_code(database_url: str) -> None:
    assert in_thread_call(drift, database_url) == ""
