"""What people decide where the rules leave room: overrides, scale-backs, delegated decisions."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from app.db.tables.schema import area, at, facts, fen, key, metadata, not_negative, one_of, word
from app.domain.sample import CaseState

STATES = ("proposed", "confirmed", "rejected")

claim_override = Table(
    "claim_override",
    metadata,
    key(),
    area(),
    word("insurer_code", nullable=True),
    Column("claim_id", ForeignKey("claim.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    word("cover"),
    fen("amount_fen"),
    word("reason_zh"),
    word("basis_zh"),
    word("state", default="proposed"),
    word("proposed_by"),
    at("proposed_at", default=True),
    word("settled_by", nullable=True),
    Column("settled_on", Date),
    at("settled_at"),
    one_of("state", STATES),
    not_negative("amount_fen"),
    CheckConstraint(
        "(state = 'proposed') = (settled_by IS NULL AND settled_on IS NULL)", name="settled_by_one"
    ),
    CheckConstraint("settled_by <> proposed_by", name="four_eyes"),
    UniqueConstraint("claim_id", "seq"),
    Index(
        "uq_claim_override_open",
        "claim_id",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
)

scale_back = Table(
    "scale_back",
    metadata,
    key(),
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    word("insurer_code", nullable=True),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    word("limit_code"),
    word("period"),
    fen("limit_fen"),
    fen("kept_fen"),
    fen("due_fen"),
    facts("shares"),
    word("reason_zh"),
    word("state", default="proposed"),
    word("proposed_by"),
    at("proposed_at", default=True),
    word("settled_by", nullable=True),
    at("settled_at"),
    one_of("state", STATES),
    not_negative("limit_fen", "kept_fen", "due_fen"),
    CheckConstraint("(state = 'proposed') = (settled_by IS NULL)", name="settled_by_one"),
    CheckConstraint("settled_by <> proposed_by", name="four_eyes"),
    UniqueConstraint("policy_id", "seq"),
    Index(
        "uq_scale_back_open",
        "policy_id",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
)

scale_back_share = Table(
    "scale_back_share",
    metadata,
    Column("claim_id", Uuid, ForeignKey("claim.id"), nullable=False),
    Column("scale_back_id", Uuid, ForeignKey("scale_back.id"), nullable=False),
    area(),
    word("insurer_code", nullable=True),
    fen("share_fen"),
    at("created_at", default=True),
    PrimaryKeyConstraint("claim_id", "scale_back_id"),
    not_negative("share_fen"),
)

# One row per decision under a delegation, drawn for a second look or not; the lot stands with the
# sample's size of that day, and the database holds the one against the other.
delegated_case = Table(
    "delegated_case",
    metadata,
    key(),
    area(),
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False),
    Column("claim_id", Uuid, ForeignKey("claim.id"), nullable=False),
    Column("delegation_id", Uuid, ForeignKey("delegation.id"), nullable=False),
    word("outcome"),
    fen("amount_fen"),
    word("decided_by"),
    at("decided_at", default=True),
    word("period"),
    Column("key_version", Integer, nullable=False),
    Column("sample_bp", Integer, nullable=False),
    Column("draw", Integer, nullable=False),
    word("state"),
    word("rechecked_by", nullable=True),
    at("rechecked_at"),
    word("reason_zh", nullable=True),
    UniqueConstraint("claim_id"),
    one_of("state", CaseState),
    not_negative("amount_fen"),
    CheckConstraint(
        "draw BETWEEN 0 AND 9999 AND (state = 'undrawn') = (draw >= sample_bp)",
        name="drawn_by_lot",
    ),
    CheckConstraint(
        "(state IN ('undrawn', 'open')) = (rechecked_by IS NULL AND rechecked_at IS NULL)",
        name="rechecked_by_one",
    ),
    CheckConstraint("rechecked_by <> decided_by", name="four_eyes"),
    CheckConstraint("state <> 'objected' OR reason_zh IS NOT NULL", name="objected_for_a_reason"),
    Index("ix_delegated_case_area_code", "area_code", "decided_at"),
    Index("ix_delegated_case_open", "area_code", postgresql_where=text("state = 'open'")),
)
