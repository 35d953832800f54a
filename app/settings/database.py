"""Which database the service works on, and how."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.kinds import PostgresUrl


class DatabaseSettings(BaseSettings):
    """The database: URLs for each use, the pooler, the embedded server."""

    database_url: PostgresUrl | None = Field(
        None,
        description="PostgreSQL 连接（≥ 15）；不填则用内置数据库。"
        " The database the service works on; empty: the embedded PostgreSQL.",
    )
    owner_url: PostgresUrl | None = Field(
        None,
        description="迁移用的属主连接；不填则同 RELIEF_DATABASE_URL。"
        " The owner's connection for migrations; empty: the same.",
    )
    replica_url: PostgresUrl | None = Field(
        None,
        description="只读副本的连接，报表由它读；不填则同 RELIEF_DATABASE_URL。"
        " Read-only replica for reports; empty: the database itself.",
    )
    db_pgbouncer: bool = Field(
        default=False,
        description="RELIEF_DATABASE_URL 指向 PgBouncer（事务模式）；须另设 RELIEF_DIRECT_URL。"
        " The database URL leads to PgBouncer in transaction mode.",
    )
    direct_url: PostgresUrl | None = Field(
        None,
        description="不经连接池的数据库连接：接收通知、（无属主连接时）迁移；不填则同上。"
        " The database past any pooler, for LISTEN and, without an owner's URL, migrations.",
    )
    pg_bindir: Path | None = Field(
        None,
        description="内置数据库所用 PostgreSQL 程序目录。"
        " Folder with PostgreSQL's programs for the embedded server.",
    )
    pool_size: int = Field(
        10, ge=1, le=100, description="每个进程的数据库连接数。 Connections per process."
    )

    def migration_url(self) -> str | None:
        """The owner's URL in clear, None for the embedded server."""
        url = self.owner_url or self.direct_url or self.database_url
        return None if url is None else url.get_secret_value()

    def listening_url(self) -> str | None:
        """The service's URL past any pooler, in clear; None for the embedded server."""
        url = self.direct_url or self.database_url
        return None if url is None else url.get_secret_value()

    def service_url(self) -> str | None:
        """The service's database URL in clear, None for the embedded server."""
        return None if self.database_url is None else self.database_url.get_secret_value()
