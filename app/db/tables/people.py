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
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint

from app.db.tables.schema import area, at, fen, key, metadata, not_negative, one_of, word
from app.domain.consent import Basis, GivenBy, Purpose

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
    Column("key_sealed", LargeBinary),
    Column("protected", Boolean, nullable=False, server_default=text("false")),
    at("erased_at"),
    word("erasure_asked_by", nullable=True),
    word("erasure_reason_zh", nullable=True),
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
    Index(
        "ix_person_erasure_asked",
        "id",
        postgresql_where=text("erasure_asked_by IS NOT NULL AND erased_at IS NULL"),
    ),
)

consent = Table(
    "consent",
    metadata,
    key(),
    area(),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    word("purpose"),
    word("basis"),
    word("given_by"),
    Column("given_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False, server_default=text("ctx_actor()")),
    at("recorded_at", default=True),
    word("withdrawn_by", nullable=True),
    at("withdrawn_at"),
    one_of("purpose", Purpose),
    one_of("basis", Basis),
    one_of("given_by", GivenBy),
    CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawn_whole"),
    Index(
        "uq_consent_open",
        "person_id",
        "purpose",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
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
