"""Insurers and their secrets, schemes and their versions, policies and their shares."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from app.db.tables.schema import at, facts, fen, key, metadata, not_negative, one_of, word

insurer = Table(
    "insurer",
    metadata,
    Column("code", word("code").type, primary_key=True),
    word("name_zh"),
    word("dialect"),
    word("base_url"),
    Column("honours_key", Boolean, nullable=False, server_default=text("false")),
    Column("can_be_asked", Boolean, nullable=False, server_default=text("false")),
    at("created_at", default=True),
)

insurer_secret = Table(
    "insurer_secret",
    metadata,
    key(),
    Column("insurer_code", ForeignKey("insurer.code"), nullable=False),
    word("direction"),
    Column("secret_sealed", LargeBinary, nullable=False),
    at("active_from", default=True),
    at("active_to"),
    one_of("direction", ("in", "out")),
)

scheme = Table(
    "scheme",
    metadata,
    Column("code", word("code").type, primary_key=True),
    word("name_zh"),
    word("kind"),
    one_of("kind", ("insurance", "fund")),
)

scheme_version = Table(
    "scheme_version",
    metadata,
    key(),
    Column("scheme_code", ForeignKey("scheme.code"), nullable=False),
    word("version"),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    facts("terms"),
    word("terms_sha256"),
    word("source"),
    at("created_at", default=True),
    UniqueConstraint("scheme_code", "version"),
    ExcludeConstraint(
        ("scheme_code", "="),
        (text("daterange(effective_from, effective_to, '[]')"), "&&"),
        name="ex_scheme_version_dates",
    ),
)

policy = Table(
    "policy",
    metadata,
    key(),
    Column("policy_no", word("policy_no").type, nullable=False, unique=True),
    Column("scheme_version_id", ForeignKey("scheme_version.id"), nullable=False),
    word("kind"),
    Column("insurer_code", ForeignKey("insurer.code")),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    word("status"),
    word("approval"),
    fen("premium_per_person_fen"),
    Column("payer_rank", Integer, nullable=False),
    Column("waiting_days", Integer, nullable=False),
    Column("check_days", Integer, nullable=False),
    Column("return_window_days", Integer, nullable=False),
    word("exclusive_group", nullable=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    at("updated_at", default=True),
    one_of("kind", ("insurance", "fund")),
    one_of("status", ("quoted", "active", "cancelled")),
    one_of("approval", ("none", "county_check", "ladder")),
    not_negative(
        "premium_per_person_fen", "payer_rank", "waiting_days", "check_days", "return_window_days"
    ),
    CheckConstraint("(kind = 'fund') = (insurer_code IS NULL)", name="fund_has_no_insurer"),
    CheckConstraint("kind = 'insurance' OR approval = 'ladder'", name="fund_has_ladder"),
    CheckConstraint("period_from <= period_to", name="period_in_order"),
    CheckConstraint("area_lo < area_hi", name="area_in_order"),
)

policy_share = Table(
    "policy_share",
    metadata,
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False),
    Column("insurer_code", ForeignKey("insurer.code"), nullable=False),
    Column("share_bp", Integer, nullable=False),
    Column("lead", Boolean, nullable=False),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    PrimaryKeyConstraint("policy_id", "insurer_code"),
    CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_in_range"),
)

delegation = Table(
    "delegation",
    metadata,
    key(),
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False, index=True),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    fen("max_amount_fen"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("sample_bp", Integer, nullable=False),
    word("created_by"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    at("created_at", default=True),
    at("revoked_at"),
    CheckConstraint("max_amount_fen > 0", name="allows_something"),
    CheckConstraint("valid_from <= valid_to", name="period_in_order"),
    CheckConstraint("sample_bp BETWEEN 0 AND 10000", name="sample_in_range"),
)

fund_entry = Table(
    "fund_entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("policy_id", Uuid, ForeignKey("policy.id"), nullable=False, index=True),
    Column("area_lo", BigInteger, nullable=False),
    Column("area_hi", BigInteger, nullable=False),
    word("kind"),
    Column("amount_fen", BigInteger, nullable=False),
    Column("claim_id", Uuid),
    word("note_zh", nullable=True),
    word("actor"),
    at("created_at", default=True),
    one_of("kind", ("allot", "commit", "spend")),
    CheckConstraint("amount_fen <> 0", name="moves_something"),
    CheckConstraint("kind = 'allot' OR claim_id IS NOT NULL", name="for_a_claim"),
)
