"""Totals of claims and of the ledger, and the changes that are not yet folded into them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Identity,
    Index,
    Table,
    UniqueConstraint,
    Uuid,
)

from app.db.tables.schema import area, fen, metadata, word

CLAIM_KEY = ("policy_id", "area_code", "insurer_code", "event_month", "status", "outcome")
CLAIM_FIGURES = ("claims", "assessed_fen", "decided_fen", "paid_fen")
LEDGER_KEY = ("policy_id", "area_code", "insurer_code", "event_month", "account")
LEDGER_FIGURES = ("amount_fen",)


def _number() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _claim_columns() -> tuple[Column[object], ...]:
    return (
        Column("policy_id", Uuid, nullable=False),
        area(),
        word("insurer_code", nullable=True),
        Column("event_month", Date, nullable=False),
        word("status"),
        word("outcome", nullable=True),
        Column("claims", BigInteger, nullable=False),
        fen("assessed_fen"),
        fen("decided_fen"),
        fen("paid_fen"),
    )  # type: ignore[return-value]


def _ledger_columns() -> tuple[Column[object], ...]:
    return (
        Column("policy_id", Uuid, nullable=False),
        area(),
        word("insurer_code", nullable=True),
        Column("event_month", Date),
        word("account"),
        fen("amount_fen"),
    )  # type: ignore[return-value]


claim_delta = Table("claim_delta", metadata, _number(), *_claim_columns())
claim_summary = Table(
    "claim_summary",
    metadata,
    *_claim_columns(),
    UniqueConstraint(*CLAIM_KEY, name="uq_claim_summary_key", postgresql_nulls_not_distinct=True),
    Index("ix_claim_summary_area_code", "area_code", "event_month"),
)
ledger_delta = Table("ledger_delta", metadata, _number(), *_ledger_columns())
ledger_summary = Table(
    "ledger_summary",
    metadata,
    *_ledger_columns(),
    UniqueConstraint(*LEDGER_KEY, name="uq_ledger_summary_key", postgresql_nulls_not_distinct=True),
    Index("ix_ledger_summary_area_code", "area_code", "event_month"),
)
