"""The tables, by noun. `metadata` is what migrations are compared with."""

from app.db.tables import (
    access,
    case_notes,
    cases,
    contracts,
    discretion,
    exchange,
    feed,
    guard,
    money,
    people,
    places,
    policy_life,
    reconciliation,
    restorations,
    summaries,
    trail,
    webhooks,
)
from app.db.tables.schema import metadata

__all__ = [
    "access",
    "case_notes",
    "cases",
    "contracts",
    "discretion",
    "exchange",
    "feed",
    "guard",
    "metadata",
    "money",
    "people",
    "places",
    "policy_life",
    "reconciliation",
    "restorations",
    "summaries",
    "trail",
    "webhooks",
]
