"""审计: the audit trail, for the audit role alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.fields import View, When
from app.api.reading import Listed, Page, Reading, Reads
from app.db.audit import TrailRow, TrailWanted
from app.domain.caller import Act
from app.services.audit.read_trail import read_heads, read_trail

router = APIRouter(tags=["operation"])

Auditing = Annotated[Reading, Depends(Reads(Act.AUDIT))]
COUNTY_WIDTH = 10**6
Beginning = Annotated[str, Field(min_length=1, max_length=100)]


class TrailFilter(Listed):
    """Which rows: a county's six digits (`000000`: what belongs to none), and whose or of what.

    `object` and `action` are beginnings: `claim 330127-2026-000001`, `access.`.
    """

    county: Annotated[str, Field(pattern=r"^\d{6}$")]
    actor: Beginning | None = None
    object: Beginning | None = None
    action: Beginning | None = None


class TrailShown(View):
    """One link: who did what to what; `hash` links it to the one before, in hex."""

    county: str
    seq: int
    at: When
    actor: str
    action: str
    object: str
    request_id: str | None
    hash: str


class TrailPage(Page[TrailShown]):
    """Links of one county's chain."""


class HeadShown(View):
    county: str
    seq: int
    hash: str


class Heads(View):
    """Where every county's chain stands."""

    items: list[HeadShown]


@router.get("/v1/audit-log", response_model=TrailPage)
async def list_audit_log(wanted: Annotated[TrailFilter, Query()], door: Auditing) -> Response:
    """List a county's audit trail, newest first."""
    position = door.after(wanted)
    rows = TrailWanted(
        int(wanted.county) * COUNTY_WIDTH, wanted.actor, wanted.object, wanted.action
    )
    async with door.transaction() as tx:
        found = await read_trail(
            tx, rows, before=None if position is None else int(position[0]), limit=wanted.limit
        )
    return door.page(wanted, found, lambda row: (row.seq,), _show)


@router.get("/v1/audit-log/heads", response_model=Heads)
async def list_audit_heads(door: Auditing) -> Response:
    """Tell where every chain stands, to be held against a published root."""
    async with door.transaction() as tx:
        found = await read_heads(tx)
    return door.answer(
        Heads(
            items=[
                HeadShown(county=_county(head.chain), seq=head.seq, hash=head.hash.hex())
                for head in found
            ]
        )
    )


def _show(row: TrailRow) -> TrailShown:
    return TrailShown(
        county=_county(row.chain),
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        object=row.object,
        request_id=row.request_id,
        hash=row.hash.hex(),
    )


def _county(chain: int) -> str:
    return f"{chain // COUNTY_WIDTH:06d}"
