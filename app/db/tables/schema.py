"""Naming convention and the few column shapes that every table shares."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
NOW = text("business_now()")


def key() -> Column[UUID]:
    """A primary key made in Python (UUIDv7), so that ciphertext can be bound to it beforehand."""
    return Column("id", Uuid, primary_key=True)


def area() -> Column[int]:
    """The 12-digit area code that row security compares with the caller's range."""
    return Column("area_code", BigInteger, nullable=False)


def at(name: str, *, default: bool = False, nullable: bool = True) -> Column[object]:
    """An instant in UTC; with `default` the business clock of the database fills it."""
    return Column(
        name,
        DateTime(timezone=True),
        nullable=nullable and not default,
        server_default=NOW if default else None,
    )


def fen(name: str, *, nullable: bool = False) -> Column[int]:
    """An amount in fen; a check that it is not negative stands in the table's constraints."""
    return Column(name, BigInteger, nullable=nullable)


def facts(name: str, *, nullable: bool = False, default: str | None = None) -> Column[object]:
    """A JSON document that is written once and read whole."""
    return Column(name, JSONB, nullable=nullable, server_default=text(default) if default else None)


def word(name: str, *, nullable: bool = False, default: str | None = None) -> Column[str]:
    """A short text: a status, a code, a number; which words are allowed stands in a check."""
    return Column(
        name, Text, nullable=nullable, server_default=text(f"'{default}'") if default else None
    )


def one_of(column: str, words: Iterable[str] | type[StrEnum]) -> CheckConstraint:
    """A check that a column holds one of the words."""
    listed = ", ".join(f"'{w}'" for w in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def not_negative(*columns: str) -> CheckConstraint:
    """A check that amounts are zero or more."""
    return CheckConstraint(
        " AND ".join(f"{column} >= 0" for column in columns), name="not_negative"
    )
