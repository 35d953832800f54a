"""Endpoints that others are told at, the keys we sign with, and every delivery."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from app.db.tables.schema import at, key, metadata, one_of, word
from app.domain.webhook import DeliveryState, EndpointState, Scheme


def _scope() -> tuple[Column[int], Column[int], Column[str]]:
    """The exact scope of the caller who made it: nobody else's, wider or narrower."""
    return (
        Column("area_lo", BigInteger, nullable=False),
        Column("area_hi", BigInteger, nullable=False),
        word("insurer_code", nullable=True),
    )


webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    key(),
    *_scope(),
    word("role"),
    word("url"),
    Column("types", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    word("scheme"),
    word("state", default="active"),
    word("reason", nullable=True),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    at("rest_until"),
    at("delivered_at"),
    at("lease_until"),
    at("turn_at"),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    word("created_by"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    at("updated_at", default=True),
    one_of("scheme", Scheme),
    one_of("state", EndpointState),
    CheckConstraint("(state = 'active') = (reason IS NULL)", name="disabled_for_a_reason"),
    Index("ix_webhook_endpoint_area_lo", "area_lo", "area_hi", "id"),
)

webhook_secret = Table(
    "webhook_secret",
    metadata,
    key(),
    Column("endpoint_id", ForeignKey("webhook_endpoint.id"), nullable=False, index=True),
    *_scope(),
    Column("secret_sealed", LargeBinary, nullable=False),
    word("public_key", nullable=True),
    at("active_to"),
    at("created_at", default=True),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    key(),
    Column("endpoint_id", ForeignKey("webhook_endpoint.id"), nullable=False),
    *_scope(),
    Column("seq", BigInteger, nullable=False),
    word("type"),
    word("resource"),
    word("number"),
    Column("event_version", Integer, nullable=False),
    at("happened_at", nullable=False),
    word("state", default="waiting"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    at("next_at", default=True),
    at("tried_at"),
    Column("status", Integer),
    word("reason", nullable=True),
    Column("took_ms", Integer),
    at("delivered_at"),
    at("created_at", default=True),
    one_of("state", DeliveryState),
    CheckConstraint(
        "(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at_a_time"
    ),
    Index("ix_webhook_delivery_endpoint_id", "endpoint_id", "id"),
    Index(
        "uq_webhook_delivery_event",
        "endpoint_id",
        "seq",
        unique=True,
        postgresql_where=text("seq > 0"),
    ),
    Index(
        "ix_webhook_delivery_waiting",
        "endpoint_id",
        "next_at",
        postgresql_where=text("state = 'waiting'"),
    ),
)
