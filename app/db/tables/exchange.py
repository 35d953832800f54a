"""What goes to insurers and comes from them: instructions, callbacks, jobs and lanes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
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

from app.db.tables.schema import area, at, facts, key, metadata, one_of, word

INSTRUCTION_KINDS = (
    "refer_claim",
    "supply_papers",
    "withdraw_claim",
    "correct_account",
    "request_advance",
)
INSTRUCTION_STATES = ("ready", "sent", "accepted", "rejected", "unknown", "parked")
CALLBACK_STATES = ("received", "applied", "ignored_stale", "parked", "failed", "discarded")

instruction = Table(
    "instruction",
    metadata,
    key(),
    area(),
    Column("insurer_code", ForeignKey("insurer.code"), nullable=False),
    Column("claim_id", ForeignKey("claim.id"), nullable=False, index=True),
    word("kind"),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("supersedes", Uuid),
    word("state"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    word("last_error", nullable=True),
    word("insurer_case_no", nullable=True),
    word("platform_case_no", nullable=True),
    at("created_at", default=True),
    at("answered_at"),
    at("asked_at"),
    one_of("kind", INSTRUCTION_KINDS),
    one_of("state", INSTRUCTION_STATES),
    Index(
        "ix_instruction_open",
        "insurer_code",
        "created_at",
        postgresql_where=text("state IN ('ready', 'sent', 'unknown', 'parked')"),
    ),
    Index(
        "uq_instruction_refer",
        "claim_id",
        unique=True,
        postgresql_where=text("kind = 'refer_claim' AND state <> 'rejected'"),
    ),
    Index(
        "ix_instruction_platform_case_no",
        "platform_case_no",
        postgresql_where=text("platform_case_no IS NOT NULL"),
    ),
)

callback_event = Table(
    "callback_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("insurer_code", ForeignKey("insurer.code"), nullable=False),
    word("event_id"),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
    word("type", nullable=True),
    word("claim_no", nullable=True),
    word("state"),
    word("reason", nullable=True),
    at("received_at", default=True),
    at("settled_at"),
    one_of("state", CALLBACK_STATES),
    UniqueConstraint("insurer_code", "event_id"),
    Index("ix_callback_event_claim_no", "claim_no", "id"),
    Index(
        "ix_callback_event_open",
        "id",
        postgresql_where=text("state IN ('received', 'parked')"),
    ),
)

job = Table(
    "job",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    word("kind"),
    word("lane"),
    word("subject"),
    facts("payload", default="'{}'::jsonb"),
    word("state", default="ready"),
    Column("run_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("max_attempts", Integer, nullable=False, server_default=text("20")),
    Column("lease_until", DateTime(timezone=True)),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    word("worker", nullable=True),
    word("last_error", nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("done_at", DateTime(timezone=True)),
    one_of("state", ("ready", "running", "done", "dead")),
    Index(
        "uq_job_ready",
        "kind",
        "subject",
        unique=True,
        postgresql_where=text("state = 'ready'"),
    ),
    Index(
        "ix_job_due",
        "lane",
        "run_at",
        postgresql_where=text("state IN ('ready', 'running')"),
    ),
    # The few that wait for a person are counted every few minutes.
    Index("ix_job_dead", "lane", postgresql_where=text("state = 'dead'")),
)

lane = Table(
    "lane",
    metadata,
    Column("key", word("key").type, primary_key=True),
    Column("max_running", Integer, nullable=False, server_default=text("4")),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("open_until", DateTime(timezone=True)),
    Column("last_claim_at", DateTime(timezone=True)),
)
