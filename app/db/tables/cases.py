"""Notices, documents, claims, assessments, decisions and the use made of limits."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from app.db.tables.schema import area, at, facts, fen, key, metadata, not_negative, one_of, word
from app.domain.lifecycle import ClaimStatus, NoticeStatus, Outcome

notice_serial = Table(
    "notice_serial",
    metadata,
    Column("county", BigInteger, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("county", "year"),
)

notice = Table(
    "notice",
    metadata,
    key(),
    Column("notice_no", word("notice_no").type, nullable=False, unique=True),
    area(),
    word("status"),
    Column("person_id", ForeignKey("person.id"), index=True),
    facts("content"),
    Column("personal_sealed", LargeBinary, nullable=False),
    word("client_ref", nullable=True),
    facts("coverage", default="'[]'::jsonb"),
    word("created_by"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    at("updated_at", default=True),
    at("submitted_at"),
    one_of("status", NoticeStatus),
    Index("ix_notice_updated_at", "updated_at", "id"),
    Index("ix_notice_area_code", "area_code", "updated_at"),
)

notice_settlement = Table(
    "notice_settlement",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), nullable=False),
    Column("settlement_index", LargeBinary, nullable=False),
    area(),
    Column("live", Boolean, nullable=False),
    PrimaryKeyConstraint("notice_id", "settlement_index"),
    Index(
        "uq_notice_settlement_live",
        "settlement_index",
        unique=True,
        postgresql_where=text("live"),
    ),
)

document = Table(
    "document",
    metadata,
    key(),
    area(),
    Column("notice_id", ForeignKey("notice.id"), nullable=False, index=True),
    word("kind"),
    word("sha256"),
    Column("size", BigInteger, nullable=False),
    word("media_type"),
    word("storage_key"),
    word("created_by"),
    at("created_at", default=True),
    at("removed_at"),
)

claim = Table(
    "claim",
    metadata,
    key(),
    Column("claim_no", word("claim_no").type, nullable=False, unique=True),
    Column("notice_id", ForeignKey("notice.id"), nullable=False),
    Column("policy_id", ForeignKey("policy.id"), nullable=False, index=True),
    word("insurer_code", nullable=True),
    area(),
    word("status"),
    word("outcome", nullable=True),
    word("held_from", nullable=True),
    fen("assessed_fen", nullable=True),
    fen("decided_fen", nullable=True),
    Column("paid_fen", BigInteger, nullable=False, server_default=text("0")),
    word("insurer_case_no", nullable=True),
    facts("papers_asked", default="'[]'::jsonb"),
    Column("due_on", Date),
    word("waits_for", nullable=True),
    Column("reopened_count", Integer, nullable=False, server_default=text("0")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    at("updated_at", default=True),
    one_of("status", ClaimStatus),
    one_of("outcome", Outcome),
    one_of("held_from", (ClaimStatus.UNDER_REVIEW, ClaimStatus.PENDING_APPROVAL)),
    not_negative("assessed_fen", "decided_fen", "paid_fen", "reopened_count"),
    CheckConstraint(
        "(status = 'evidence_required') = (held_from IS NOT NULL)", name="held_from_somewhere"
    ),
    UniqueConstraint("notice_id", "policy_id"),
    Index("ix_claim_updated_at", "updated_at", "id"),
    Index("ix_claim_area_code", "area_code", "updated_at"),
    Index("ix_claim_insurer_code", "insurer_code", "updated_at"),
)

assessment = Table(
    "assessment",
    metadata,
    key(),
    area(),
    word("insurer_code", nullable=True),
    Column("claim_id", ForeignKey("claim.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("scheme_version_id", ForeignKey("scheme_version.id"), nullable=False),
    word("terms_sha256"),
    facts("facts"),
    facts("usage_before"),
    facts("result"),
    fen("amount_fen"),
    at("created_at", default=True),
    not_negative("amount_fen"),
    UniqueConstraint("claim_id", "seq"),
)

decision = Table(
    "decision",
    metadata,
    key(),
    area(),
    word("insurer_code", nullable=True),
    Column("claim_id", ForeignKey("claim.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    word("outcome"),
    fen("amount_fen"),
    word("clause", nullable=True),
    word("reason_zh", nullable=True),
    Column("decided_on", Date, nullable=False),
    word("decided_by"),
    at("created_at", default=True),
    one_of("outcome", Outcome),
    not_negative("amount_fen"),
    CheckConstraint(
        "(outcome IN ('full', 'partial', 'goodwill')) = (amount_fen > 0)",
        name="amount_with_outcome",
    ),
    UniqueConstraint("claim_id", "seq"),
)

approval = Table(
    "approval",
    metadata,
    key(),
    area(),
    word("insurer_code", nullable=True),
    Column("claim_id", ForeignKey("claim.id"), nullable=False, index=True),
    word("act"),
    word("actor"),
    word("outcome", nullable=True),
    fen("amount_fen", nullable=True),
    word("reason_zh", nullable=True),
    at("created_at", default=True),
    one_of("act", ("pass", "propose", "confirm")),
)

usage_counter = Table(
    "usage_counter",
    metadata,
    Column("owner_id", Uuid, nullable=False),  # the policy; the notice for what is held of a bill
    word("scope"),
    Column("subject_id", Uuid, nullable=False),
    word("code"),
    word("period"),
    area(),
    Column("used", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("owner_id", "scope", "subject_id", "code", "period"),
    not_negative("used"),
)

usage_entry = Table(
    "usage_entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    word("scope"),
    Column("subject_id", Uuid, nullable=False),
    word("code"),
    word("period"),
    area(),
    Column("claim_id", ForeignKey("claim.id"), nullable=False, index=True),
    Column("units", BigInteger, nullable=False),
    word("reason"),
    at("created_at", default=True),
    one_of("reason", ("reserve", "replace", "release")),
    CheckConstraint("units <> 0", name="moves_something"),
)
