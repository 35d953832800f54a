"""For machines that watch the service: does it live, can it work, which build is it."""

import asyncio
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request

from app import __version__
from app.api.fields import View
from app.api.refusals import NotReady
from app.db.readiness import State, is_passing, state_now
from app.db.revision import HEAD

READY_SECONDS = 3.0
# The tolerance of the callbacks' signatures: a clock further off would refuse every right one.
SKEW_SECONDS_MAX = 300.0

router = APIRouter(tags=["operation"])


class Alive(View):
    status: str


class Checks(View):
    """One word for each thing that was looked at. A resting lane stops no request."""

    database: Literal["ok"]
    revision: Literal["ok"]
    clock: Literal["ok"]
    lanes: Literal["ok", "resting"]


class Ready(View):
    """`clock_skew_seconds`: this machine's clock less the database's."""

    status: str
    revision: str
    checks: Checks
    clock_skew_seconds: float
    lanes_resting: list[str]


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
    """Tell whether requests can be served: database, schema, clock; and which lanes rest."""
    if request.app.state.leaving:
        raise NotReady("服务正在停止。", "The process is stopping: send nothing more.")
    try:
        async with asyncio.timeout(READY_SECONDS):
            found = await state_now(request.app.state.database, HEAD)
            now = datetime.now(UTC)
    except Exception as error:
        if isinstance(error, TimeoutError) or is_passing(error):
            raise NotReady("数据库连接不上。", "The database does not answer.") from error
        raise
    # A later schema is one that this code survives: it goes on serving until its successor is up.
    if found.revision is None or found.revision < HEAD:
        raise NotReady(
            f"数据库结构版本为 {found.revision or '空'}，程序需要 {HEAD}，请运行 relief migrate。",
            f"The schema is at {found.revision or 'nothing'}, this code needs {HEAD}:"
            " run relief migrate.",
        )
    return Ready(
        status="ready",
        revision=found.revision,
        checks=Checks(
            database="ok",
            revision="ok",
            clock="ok",
            lanes="resting" if found.resting else "ok",
        ),
        clock_skew_seconds=_skew(found, now),
        lanes_resting=list(found.resting),
    )


def _skew(found: State, now: datetime) -> float:
    """Give this machine's clock less the database's, in seconds. Raises NotReady."""
    assert found.clock is not None, "a schema of ours has told its clock"
    skew = round((now - found.clock).total_seconds(), 3)
    if abs(skew) > SKEW_SECONDS_MAX:
        raise NotReady(
            f"本机时钟与数据库相差 {skew:.0f} 秒，回调签名会被误拒，请校时。",
            f"This machine's clock is {skew:.0f} s off the database's: right signatures would be"
            " refused. Set it.",
        )
    return skew


@router.get("/version")
async def read_version() -> Version:
    """Tell which build answers."""
    return Version(name="relief", version=__version__, revision=HEAD)
