"""For machines that watch the service: does it live, can it work, which build is it."""

import asyncio

from fastapi import APIRouter, Request

from app import __version__
from app.api.fields import View
from app.api.refusals import NotReady
from app.db.readiness import is_passing, revision_of
from app.db.revision import HEAD

READY_SECONDS = 3.0

router = APIRouter(tags=["operation"])


class Alive(View):
    status: str


class Ready(View):
    status: str
    revision: str


class Version(View):
    name: str
    version: str
    revision: str


@router.get("/livez")
async def live() -> Alive:
    """Tell that the process answers; asks nobody else."""
    return Alive(status="alive")


@router.get("/readyz")
async def ready(request: Request) -> Ready:
    """Tell whether requests can be served: the database answers and its schema is this code's."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            found = await revision_of(request.app.state.database)
    except Exception as error:
        if isinstance(error, TimeoutError) or is_passing(error):
            raise NotReady("数据库连接不上。", "The database does not answer.") from error
        raise
    if found != HEAD:
        raise NotReady(
            f"数据库结构版本为 {found or '空'}，程序需要 {HEAD}，请运行 relief migrate。",
            f"The schema is at {found or 'nothing'}, this code needs {HEAD}: run relief migrate.",
        )
    return Ready(status="ready", revision=found)


@router.get("/version")
async def read_version() -> Version:
    """Tell which build answers."""
    return Version(name="relief", version=__version__, revision=HEAD)
