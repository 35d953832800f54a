"""Payouts, their attempts, and proposals to correct an account."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from app.db.tables.schema import area, at, fen, key, metadata, not_negative, one_of, word
from app.domain.ledger import Account, Booking
from app.domain.lifecycle import PayoutStatus

payout = Table(
    "payout",
    metadata,
    key(),
    area(),
    word("insurer_code", nullable=True),
    Column("claim_id", ForeignKey("claim.id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    word("reference", nullable=True),
    Column("payee_sealed", LargeBinary),
    word("account_last4", nullable=True),
    Column("share_bp", Integer, nullable=False),
    fen("amount_fen"),
    word("status"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    at("updated_at", default=True),
    one_of("status", PayoutStatus),
    CheckConstraint("amount_fen > 0", name="pays_something"),
    UniqueConstraint("claim_id", "seq"),
    Index("uq_payout_reference", "insurer_code", "reference", unique=True),
)

payout_attempt = Table(
    "payout_attempt",
    metadata,
    key(),
    area(),
    word("insurer_code", nullable=True),
    Column("payout_id", ForeignKey("payout.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    word("settlement_no", nullable=True),
    fen("amount_fen"),
    word("account_last4", nullable=True),
    word("status"),
    word("failure_code", nullable=True),
    word("reason_zh", nullable=True),
    Column("paid_on", Date),
    at("created_at", default=True),
    at("updated_at", default=True),
    one_of("status", ("sent", "paid", "failed", "returned")),
    one_of(
        "failure_code",
        ("name_mismatch", "account_wrong", "account_closed", "account_frozen", "other"),
    ),
    not_negative("amount_fen"),
    UniqueConstraint("payout_id", "seq"),
    Index("uq_payout_attempt_settlement", "insurer_code", "settlement_no", unique=True),
    Index(
        "uq_payout_attempt_live",
        "payout_id",
        unique=True,
        postgresql_where=text("status IN ('sent', 'paid')"),
    ),
)

account_proposal = Table(
    "account_proposal",
    metadata,
    key(),
    area(),
    Column("payout_id", ForeignKey("payout.id"), nullable=False),
    Column("payee_sealed", LargeBinary, nullable=False),
    Column("account_index", LargeBinary, nullable=False),
    word("account_last4"),
    word("proposed_by"),
    at("created_at", default=True),
    word("confirmed_by", nullable=True),
    at("confirmed_at"),
    CheckConstraint("confirmed_by <> proposed_by", name="two_persons"),
    Index(
        "uq_account_proposal_open",
        "payout_id",
        unique=True,
        postgresql_where=text("confirmed_at IS NULL"),
    ),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("set_id", Uuid, nullable=False, index=True),
    area(),
    word("insurer_code", nullable=True),
    Column("policy_id", Uuid, nullable=False),
    Column("claim_id", ForeignKey("claim.id"), nullable=False, index=True),
    word("booking"),
    word("account"),
    Column("amount_fen", BigInteger, nullable=False),
    word("actor"),
    at("created_at", default=True),
    one_of("booking", Booking),
    one_of("account", Account),
    CheckConstraint("amount_fen <> 0", name="moves_something"),
    Index("ix_ledger_entry_policy_id", "policy_id", "account", "insurer_code"),
)
