"""From result rows to frozen records: the columns of a query are the fields of the record."""

import json
from typing import Any, TypeVar

from sqlalchemy import Row, text
from sqlalchemy.sql.elements import TextClause

from app.db.walls import criterion, walled

R = TypeVar("R")


def record(kind: type[R], row: Row[Any]) -> R:
    """Make the record from a row whose columns bear the names of its fields."""
    return kind(**fields_of(row))


def fields_of(row: Row[Any]) -> dict[str, Any]:
    """Give a row's columns by name."""
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor is spelt so


def plain(value: object) -> str:
    """Give compact JSON text for a parameter that the statement casts to jsonb."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sql(statement: str) -> TextClause:
    """Make a prepared statement behind the first wall; parameters are bound, never pasted in."""
    return text(walled(statement))


def own(table: str) -> TextClause:
    """Give the first wall's condition for a statement that is put together, not written out."""
    return text(criterion(table))
