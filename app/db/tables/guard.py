"""What the guard keeps: results of the invariants, figures for machines, payouts on hold."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Uuid,
    text,
)

from app.db.tables.schema import at, facts, key, metadata, not_negative, one_of, word

REAL_NOW = text("clock_timestamp()")  # how old a result is counts in real time

invariant_check = Table(
    "invariant_check",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("broken", Integer, nullable=False),
    facts("places", default="'[]'::jsonb"),
    word("fault", nullable=True),
    Column("took_ms", Integer, nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=False, server_default=REAL_NOW),
    at("checked_at"),
    at("red_since"),
    not_negative("broken", "took_ms"),
)

gauge = Table(
    "gauge",
    metadata,
    Column("name", word("name").type, primary_key=True),
    facts("samples"),
    Column("measured_at", DateTime(timezone=True), nullable=False, server_default=REAL_NOW),
)

payout_hold = Table(
    "payout_hold",
    metadata,
    key(),
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False),
    word("insurer_code", nullable=True),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    word("reason_zh"),
    facts("places"),
    word("state", default="open"),
    at("opened_at", default=True),
    at("ended_at"),
    word("ended_by", nullable=True),
    word("end_reason_zh", nullable=True),
    one_of("state", ("open", "released", "over")),
    CheckConstraint(
        "(state = 'open') = (ended_by IS NULL AND ended_at IS NULL)", name="ended_by_one"
    ),
    Index("ix_payout_hold_policy_id", "policy_id", "number"),
    Index(
        "uq_payout_hold_open",
        "policy_id",
        "number",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
)
