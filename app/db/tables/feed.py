"""The feed: events numbered after their commit, and the one row that says how far that has come."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, Table, text

from app.db.tables.schema import area, at, facts, metadata, word

feed = Table(
    "feed",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event_seq", BigInteger, nullable=False),
    Column("county_code", BigInteger, nullable=False),
    area(),
    word("insurer_code", nullable=True),
    word("resource"),
    word("number"),
    Column("version", Integer, nullable=False),
    word("type"),
    at("at", nullable=False),
    at("told_at", default=True),
    Index("ix_feed_county_code", "county_code", "position"),
    Index(
        "ix_feed_insurer_code",
        "insurer_code",
        "position",
        postgresql_where=text("insurer_code IS NOT NULL"),
    ),
)

# `done` and `doing` are snapshots: whose transactions are all in the feed, and whose are being
# taken, up to event `doing_seq`. Nothing up to event `floor_seq` is looked at again.
feed_tail = Table(
    "feed_tail",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    word("done"),
    word("doing", nullable=True),
    Column("doing_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("floor_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    Column("forgotten", BigInteger, nullable=False, server_default=text("0")),
    word("cluster"),
    facts("lives", default="jsonb_build_array(jsonb_build_array(gen_random_uuid(), 0))"),
    CheckConstraint("one", name="only_one"),
)
