"""Keys of principals, and the answers kept for repeated requests."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Table

from app.db.tables.schema import at, key, metadata, one_of, word
from app.domain.caller import Role

api_key = Table(
    "api_key",
    metadata,
    key(),
    word("prefix"),
    Column("digest", LargeBinary, nullable=False, unique=True),
    word("label"),
    word("role"),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    word("insurer_code", nullable=True),
    at("created_at", default=True),
    at("expires_at"),
    at("revoked_at"),
    one_of("role", Role),
)

idempotency = Table(
    "idempotency",
    metadata,
    word("principal"),
    word("route"),
    word("key"),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
    word("etag", nullable=True),
    word("location", nullable=True),
    at("created_at", default=True),
    at("expires_at", nullable=False),
    PrimaryKeyConstraint("principal", "route", "key"),
)
