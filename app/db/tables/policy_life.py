"""What becomes of a policy: who pays the premium, what was paid, endorsements; days off work."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from app.db.tables.schema import area, at, facts, key, metadata, one_of, word

policy_payer = Table(
    "policy_payer",
    metadata,
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False),
    Column("place", Integer, nullable=False),
    word("code"),
    word("name_zh"),
    Column("share_bp", Integer, nullable=False),
    word("insurer_code", nullable=True),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    PrimaryKeyConstraint("policy_id", "code"),
    UniqueConstraint("policy_id", "place"),
    CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_in_range"),
)

premium_payment = Table(
    "premium_payment",
    metadata,
    key(),
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False),
    word("payer"),
    word("insurer_code", nullable=True),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("paid_on", Date, nullable=False),
    word("reference"),
    word("actor"),
    at("created_at", default=True),
    CheckConstraint("amount_fen <> 0", name="moves_something"),
    UniqueConstraint("policy_id", "reference"),
)

endorsement = Table(
    "endorsement",
    metadata,
    key(),
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False),
    word("endorsement_no"),
    word("insurer_code", nullable=True),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    Column("effective_on", Date, nullable=False),
    word("reason_zh"),
    Column("premium_difference_fen", BigInteger, nullable=False),
    Column("policy_version", Integer, nullable=False),
    word("actor"),
    at("created_at", default=True),
    UniqueConstraint("policy_id", "endorsement_no"),
    UniqueConstraint("policy_id", "policy_version"),
)

endorsement_line = Table(
    "endorsement_line",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("endorsement_id", Uuid, ForeignKey("endorsement.id"), nullable=False),
    area(),
    word("insurer_code", nullable=True),
    Column("enrolment_id", Uuid, ForeignKey("enrolment.id"), nullable=False),
    Column("person_id", Uuid, nullable=False),
    word("act"),
    word("category"),
    word("reason", nullable=True),
    Column("covered_from", Date, nullable=False),
    Column("covered_to", Date),
    Column("premium_difference_fen", BigInteger, nullable=False),
    one_of("act", ("add", "remove")),
    CheckConstraint("act = 'remove' OR covered_to IS NOT NULL", name="added_for_a_spell"),
    Index("ix_endorsement_line_endorsement_id", "endorsement_id"),
    Index("ix_endorsement_line_enrolment_id", "enrolment_id"),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    facts("days_off"),
    facts("working_days"),
    word("source_zh"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    at("updated_at", default=True),
)
