"""That the database was restored to an older state, and what insurers have of what it lost."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from app.db.tables.schema import at, facts, key, metadata, one_of, word

restoration = Table(
    "restoration",
    metadata,
    key(),
    Column("open", Boolean, server_default=text("true")),  # null once it is over: one at a time
    Column(
        "began_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("clock_timestamp()"),
    ),
    at("back_to_at", nullable=False),
    word("reason"),
    Column("skipped", Integer, nullable=False),
    word("last_root", nullable=True),
    facts("heard", default="'{}'"),
    at("ended_at"),
    word("ended_by", nullable=True),
    word("end_reason", nullable=True),
    UniqueConstraint("open"),
    CheckConstraint("open", name="open_or_null"),
)

restored_case = Table(
    "restored_case",
    metadata,
    key(),
    Column("restoration_id", ForeignKey("restoration.id"), nullable=False),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    Column("insurer_code", ForeignKey("insurer.code"), nullable=False),
    Column("instruction_id", Uuid, nullable=False),
    word("kind"),
    Column("claim_no", word("claim_no").type, nullable=False, index=True),
    word("insurer_case_no", nullable=True),
    at("received_at", nullable=False),
    word("state"),
    word("note", nullable=True),
    word("settled_by", nullable=True),
    at("settled_at"),
    one_of("state", ("lost", "adopted", "noted", "dismissed")),
    UniqueConstraint("insurer_code", "instruction_id"),
)
