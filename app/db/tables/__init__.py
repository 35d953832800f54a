"""The tables, by noun. `metadata` is what migrations are compared with."""

from app.db.tables import access, cases, contracts, exchange, money, people, places, trail
from app.db.tables.schema import metadata

__all__ = [
    "access",
    "cases",
    "contracts",
    "exchange",
    "metadata",
    "money",
    "people",
    "places",
    "trail",
]
