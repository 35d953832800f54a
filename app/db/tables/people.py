"""People, households and enrolments. Names and numbers are ciphertext with keyed indexes."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint

from app.db.tables.schema import area, at, fen, key, metadata, not_negative, one_of, word

household = Table("household", metadata, key(), area(), at("created_at", default=True))

person = Table(
    "person",
    metadata,
    key(),
    area(),
    Column("household_id", ForeignKey("household.id"), index=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("name_index", LargeBinary, nullable=False),
    word("id_type"),
    Column("id_sealed", LargeBinary),
    Column("id_index", LargeBinary),
    Column("phone_sealed", LargeBinary),
    Column("birth_on", Date, nullable=False),
    word("sex", nullable=True),
    Column("died_on", Date),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    one_of("id_type", ("resident_id", "passport", "none")),
    one_of("sex", ("male", "female")),
    CheckConstraint("(id_type = 'none') = (id_index IS NULL)", name="index_with_number"),
    CheckConstraint("(id_sealed IS NULL) = (id_index IS NULL)", name="sealed_with_index"),
    CheckConstraint("died_on >= birth_on", name="life_in_order"),
    Index("uq_person_id_index", "id_type", "id_index", unique=True),
    Index("ix_person_name_index", "name_index", "birth_on"),
    Index("ix_person_area_code", "area_code", "id"),
)

enrolment = Table(
    "enrolment",
    metadata,
    key(),
    area(),
    Column("policy_id", ForeignKey("policy.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    word("insurer_code", nullable=True),
    word("category"),
    Column("covered", DATERANGE, nullable=False),
    word("certificate_no", nullable=True),
    fen("premium_fen"),
    Column("void", Boolean, nullable=False, server_default=text("false")),
    at("created_at", default=True),
    not_negative("premium_fen"),
    CheckConstraint(
        "NOT isempty(covered) AND NOT lower_inf(covered) AND NOT upper_inf(covered)",
        name="spell_is_bounded",
    ),
    ExcludeConstraint(
        ("policy_id", "="),
        ("person_id", "="),
        ("covered", "&&"),
        name="ex_enrolment_spells",
        where=text("NOT void"),
    ),
    Index("ix_enrolment_person_id", "person_id"),
)
