"""Every router in the order in which a path is looked for: what is asked most comes first."""

from fastapi import APIRouter

from app.api import documentation, documents, health, meta, notices

ROUTERS: tuple[APIRouter, ...] = (
    notices.router,
    documents.router,
    meta.router,
    health.router,
    documentation.router,
)
