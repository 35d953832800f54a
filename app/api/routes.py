"""Every route in the order in which a path is looked for: what is asked most comes first."""

from fastapi import APIRouter
from starlette.routing import BaseRoute

from app.api import (
    advances,
    audit_trail,
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
    feed,
    funds,
    health,
    holds,
    keys,
    lanes,
    ledger,
    meta,
    metrics,
    notices,
    oauth,
    overrides,
    payouts,
    people,
    person_life,
    person_moves,
    policies,
    policy_life,
    rechecks,
    reconciliations,
    recoveries,
    relatives,
    report_tables,
    reports,
    scale_backs,
    schemes,
    statements,
    tasks,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    claims.router,
    notices.router,
    callbacks.router,
    feed.router,
    estimates.router,
    case_notes.router,
    overrides.router,
    documents.router,
    payouts.router,
    advances.router,
    recoveries.router,
    batches.router,
    statements.router,
    reconciliations.router,
    holds.router,
    people.router,
    person_life.router,
    person_moves.router,
    policies.router,
    policy_life.router,
    report_tables.router,
    reports.router,
    ledger.router,
    scale_backs.router,
    budgets.router,
    funds.router,
    schemes.router,
    exchange.router,
    lanes.router,
    tasks.router,
    rechecks.router,
    webhooks.router,
    oauth.router,
    keys.router,
    relatives.router,
    meta.router,
    calendar_years.router,
    audit_trail.router,
    health.router,
    metrics.router,
    documentation.router,
)
# The framework tries one route after the other: nineteen before a callback's cost it as much as
# finding out who signed it. Each of these is the first of its own paths anyway.
BUSIEST = (
    "/v1/claims/{claim_no}",
    "/v1/callbacks/{insurer}/events",
    "/v1/notices/{notice_no}:submit",
    "/v1/estimates",
)


def routes_in_order() -> list[BaseRoute]:
    """Give every route, the busiest first, the others as their routers stand."""
    routes = [route for router in ROUTERS for route in router.routes]
    places = {path: place for place, path in enumerate(BUSIEST)}
    return sorted(routes, key=lambda route: places.get(getattr(route, "path", ""), len(places)))
