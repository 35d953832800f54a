"""Every router in the order in which a path is looked for: what is asked most comes first."""

from fastapi import APIRouter

from app.api import documentation, health, meta

ROUTERS: tuple[APIRouter, ...] = (health.router, meta.router, documentation.router)
