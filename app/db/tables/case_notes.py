"""Beside a case: differences from our sums, appeals and complaints, notes between colleagues."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from app.db.tables.schema import area, at, fen, key, metadata, not_negative, one_of, word

decision_difference = Table(
    "decision_difference",
    metadata,
    Column("claim_id", Uuid, ForeignKey("claim.id"), nullable=False),
    Column("decision_seq", Integer, nullable=False),
    area(),
    word("insurer_code", nullable=True),
    fen("assessed_fen"),
    fen("decided_fen"),
    word("state", default="open"),
    word("reason_zh", nullable=True),
    word("resolved_by", nullable=True),
    at("created_at", default=True),
    at("resolved_at"),
    PrimaryKeyConstraint("claim_id", "decision_seq"),
    one_of("state", ("open", "accepted", "disputed")),
    not_negative("assessed_fen", "decided_fen"),
    CheckConstraint("assessed_fen <> decided_fen", name="differs"),
    CheckConstraint(
        "(state = 'open') = (resolved_by IS NULL AND reason_zh IS NULL)", name="resolved_by_one"
    ),
    Index("ix_decision_difference_open", "claim_id", postgresql_where=text("state = 'open'")),
    Index("ix_decision_difference_area_code", "area_code", postgresql_where=text("state = 'open'")),
)

appeal = Table(
    "appeal",
    metadata,
    key(),
    area(),
    word("insurer_code", nullable=True),
    Column("claim_id", ForeignKey("claim.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    word("kind"),
    word("state", default="open"),
    word("reason_zh"),
    word("filed_by"),
    at("filed_at", default=True),
    word("answer_zh", nullable=True),
    word("answered_by", nullable=True),
    at("answered_at"),
    one_of("kind", ("appeal", "complaint")),
    one_of("state", ("open", "accepted", "rejected")),
    CheckConstraint(
        "(state = 'open') = (answered_by IS NULL AND answer_zh IS NULL)", name="answered_by_one"
    ),
    UniqueConstraint("claim_id", "seq"),
    Index("uq_appeal_open", "claim_id", unique=True, postgresql_where=text("state = 'open'")),
)

note = Table(
    "note",
    metadata,
    key(),
    area(),
    word("resource"),
    word("number"),
    word("text_zh"),
    word("actor"),
    at("created_at", default=True),
    one_of("resource", ("notice", "claim")),
    Index("ix_note_number", "number", "id"),
)
