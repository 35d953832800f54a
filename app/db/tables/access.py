"""Keys of principals, what the door counts, and the answers kept for repeated requests."""

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from app.db.tables.schema import area, at, key, metadata, one_of, word
from app.domain.caller import Role
from app.domain.relatives import Kinship

SEAT = "CASE WHEN role IN ('insurer', 'system', 'security', 'audit') THEN role ELSE 'bureau' END"

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
    word("holder", nullable=True),
    word("networks", nullable=True),
    word("public_keys", nullable=True),
    Column("seat", Text, Computed(SEAT, persisted=True), nullable=False),
    one_of("role", Role),
    # Nobody holds live keys of two seats; see app/domain/seats.py.
    ExcludeConstraint(
        ("holder", "="),
        ("seat", "<>"),
        name="ex_api_key_seats",
        where=text("holder IS NOT NULL AND revoked_at IS NULL"),
    ),
)

used_assertion = Table(
    "used_assertion",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    at("expires_at", nullable=False),
    PrimaryKeyConstraint("client_id", "digest"),
    Index("ix_used_assertion_expires_at", "expires_at"),
)

rate_count = Table(
    "rate_count",
    metadata,
    word("rule"),
    Column("subject", LargeBinary, nullable=False),
    at("began_at", nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("rule", "subject"),
    Index("ix_rate_count_began_at", "began_at"),
)

near_relative = Table(
    "near_relative",
    metadata,
    key(),
    area(),
    Column("digest", LargeBinary, nullable=False),
    word("relation"),
    word("declared_by"),
    at("declared_at", default=True),
    at("withdrawn_at"),
    one_of("relation", Kinship),
    Index(
        "uq_near_relative_digest",
        "digest",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    Index("ix_near_relative_declared_by", "declared_by"),
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
