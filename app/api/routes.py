"""Every router in the order in which a path is looked for: what is asked most comes first."""

from fastapi import APIRouter

from app.api import (
    batches,
    budgets,
    calendar_years,
    callbacks,
    case_notes,
    claims,
    documentation,
    documents,
    estimates,
    exchange,
    funds,
    health,
    lanes,
    meta,
    notices,
    payouts,
    people,
    policies,
    policy_life,
    schemes,
)

ROUTERS: tuple[APIRouter, ...] = (
    claims.router,
    case_notes.router,
    notices.router,
    callbacks.router,
    documents.router,
    estimates.router,
    payouts.router,
    batches.router,
    people.router,
    policies.router,
    policy_life.router,
    budgets.router,
    funds.router,
    schemes.router,
    exchange.router,
    lanes.router,
    meta.router,
    calendar_years.router,
    health.router,
    documentation.router,
)
