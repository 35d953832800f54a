"""Every router in the order in which a path is looked for: what is asked most comes first."""

from fastapi import APIRouter

from app.api import claims, documentation, documents, health, meta, notices, payouts

ROUTERS: tuple[APIRouter, ...] = (
    claims.router,
    notices.router,
    payouts.router,
    documents.router,
    meta.router,
    health.router,
    documentation.router,
)
