"""Areas: the tree of province, prefecture, county, township and village; and the clock's offset."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Interval, Table, text

from app.db.tables.schema import metadata, one_of, word
from app.domain.caller import LEVEL_DIGITS

area = Table(
    "area",
    metadata,
    Column("code", BigInteger, primary_key=True, autoincrement=False),
    word("name_zh"),
    word("level"),
    Column("parent_code", BigInteger),
    Column("valid_from", Date),
    Column("valid_to", Date),  # the last day; another area's from then on
    Column("successor_code", BigInteger),
    one_of("level", LEVEL_DIGITS),
    CheckConstraint("valid_from <= valid_to", name="in_order"),
    CheckConstraint(
        "successor_code IS NULL OR (valid_to IS NOT NULL AND successor_code <> code)",
        name="succeeded_when_over",
    ),
)

sandbox_clock = Table(
    "sandbox_clock",
    metadata,
    Column("single", Boolean, primary_key=True, server_default=text("true")),
    Column("ahead", Interval, nullable=False, server_default=text("interval '0'")),
    CheckConstraint("single", name="one_row"),
)
