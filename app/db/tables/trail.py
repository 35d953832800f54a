"""Events (one per move, in one order) and the audit chain of each county."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from app.db.tables.schema import area, at, facts, metadata, one_of, word


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, which readers of the feed hold back by."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Give the type's SQL name."""
        return "xid8"


ischema_names["xid8"] = Xid8  # so that reflection (the drift check) knows the type

RESOURCES = (
    "notice",
    "claim",
    "payout",
    "policy",
    "person",
    "calendar",
    "insurer",
    "instruction",
    "callback",
    "lane",
    "key",
    "relative",
    "reconciliation",
    "webhook",
)

event = Table(
    "event",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("txid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    area(),
    word("insurer_code", nullable=True),
    word("resource"),
    word("number"),
    Column("version", Integer, nullable=False),
    word("type"),
    word("was", nullable=True),
    word("now", nullable=True),
    word("actor"),
    word("request_id", nullable=True),
    facts("detail", default="'{}'::jsonb"),
    at("at", default=True),
    one_of("resource", RESOURCES),
    UniqueConstraint("resource", "number", "version"),
    Index("ix_event_txid", "txid"),
)

# Who opened what about a person, and why: one row per sensitive read, with its audit row.
access = Table(
    "access",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    area(),
    Column("person_id", Uuid),
    word("resource"),
    word("number"),
    word("act"),
    word("reason_zh", nullable=True),
    Column("role", Text, nullable=False, server_default=text("ctx_role()")),
    Column("actor", Text, nullable=False, server_default=text("ctx_actor()")),
    Column("insurer_code", Text, server_default=text("ctx_insurer()")),
    Column("request_id", Text, server_default=text("ctx_request()")),
    Column("office_lo", BigInteger, server_default=text("ctx_lo()")),
    at("at", default=True),
    one_of("resource", ("person", "notice", "claim", "document")),
    one_of("act", ("view", "look_up", "reveal", "download")),
    CheckConstraint("act <> 'reveal' OR reason_zh IS NOT NULL", name="revealed_for_a_reason"),
    Index("ix_access_person_id", "person_id", "id"),
    Index("ix_access_reveals", "actor", "at", postgresql_where=text("act = 'reveal'")),
)

audit = Table(
    "audit",
    metadata,
    Column("chain", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    at("at", nullable=False),
    word("actor"),
    word("action"),
    word("object"),
    word("request_id", nullable=True),
    Column("detail", Text, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("chain", "seq"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("chain", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
