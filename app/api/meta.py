"""The words of the interface: every error code, every status with its label."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, RootModel
from starlette.responses import Response

from app.api.fields import AreaCode, Labelled, View
from app.api.reading import Reading, Reads
from app.api.registry import REGISTRY
from app.db.areas import Area
from app.domain.clocks import CLOCK_ZH
from app.domain.days_off import DAY_COUNT_ZH
from app.domain.differences import DIFFERENCE_KIND_ZH, DIFFERENCE_STATE_ZH
from app.domain.endorsement import REMOVAL_ZH
from app.domain.event_words import EVENT_TYPE_ZH
from app.domain.exchange_words import CALLBACK_ZH, FAILURE_ZH, INSTRUCTION_ZH
from app.domain.holds import HOLD_ZH
from app.domain.lifecycle import NOTICE_ZH, OUTCOME_ZH, PAYOUT_ZH, STATUS_ZH
from app.domain.matching import KIND_ZH, REASON_ZH
from app.domain.matching import STATE_ZH as ITEM_STATE_ZH
from app.domain.notice import RELATION_ZH
from app.domain.pend_words import PEND_ZH
from app.domain.policy import APPROVAL_ZH, PREMIUM_BY_ZH, STATE_ZH
from app.domain.statement import SIDE_ZH
from app.domain.waiting import HOLDER_ZH, STEP_ZH
from app.domain.words import (
    BILL_ZH,
    CATEGORY_ZH,
    CAUSE_ZH,
    EVENT_ZH,
    FIELD_ZH,
    LEVEL_ZH,
    OUTPATIENT_ZH,
    SEX_ZH,
)
from app.services.areas.list_areas import list_areas as find_areas

router = APIRouter(tags=["meta"])

ENUMS: dict[str, Mapping[Any, str]] = {
    "notice_status": NOTICE_ZH,
    "claim_status": STATUS_ZH,
    "outcome": OUTCOME_ZH,
    "payout_status": PAYOUT_ZH,
    "payout_failure": FAILURE_ZH,
    "policy_status": STATE_ZH,
    "approval": APPROVAL_ZH,
    "premium_by": PREMIUM_BY_ZH,
    "day_count": DAY_COUNT_ZH,
    "removal_reason": REMOVAL_ZH,
    "clock": CLOCK_ZH,
    "difference_kind": DIFFERENCE_KIND_ZH,
    "difference_state": DIFFERENCE_STATE_ZH,
    "pend_reason": PEND_ZH,
    "waiting_step": STEP_ZH,
    "waiting_holder": HOLDER_ZH,
    "payout_hold_state": HOLD_ZH,
    "event_kind": EVENT_ZH,
    "event_cause": CAUSE_ZH,
    "bill_kind": BILL_ZH,
    "outpatient_category": OUTPATIENT_ZH,
    "hospital_level": LEVEL_ZH,
    "settlement_field": FIELD_ZH,
    "person_category": CATEGORY_ZH,
    "sex": SEX_ZH,
    "relation": RELATION_ZH,
    "callback_state": CALLBACK_ZH,
    "instruction_state": INSTRUCTION_ZH,
    "reconciliation_kind": KIND_ZH,
    "reconciliation_item_state": ITEM_STATE_ZH,
    "reconciliation_reason": REASON_ZH,
    "statement_side": SIDE_ZH,
    "timeline_event": EVENT_TYPE_ZH,
}

Anyone = Annotated[Reading, Depends(Reads(None))]


class ErrorEntry(View):
    """One code of the registry; without a status it is a reason or a warning, never an answer."""

    code: str
    status: int | None
    title_zh: str
    title_en: str
    retryable: bool


class ErrorEntries(View):
    items: list[ErrorEntry]


class Enums(RootModel[dict[str, list[Labelled]]]):
    """Every list of words with its labels. Clients must accept words that are not here yet."""


class Within(BaseModel):
    """The area to begin with; left open it is the whole country."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    within: AreaCode = 0


class AreaShown(View):
    """One area of the tree of province, prefecture, county, township and village.

    `valid_to` is its last day where it was merged away, `successor_code` what it became part of.
    """

    code: str
    name_zh: str
    level: str
    parent_code: str | None
    valid_to: date | None
    successor_code: str | None


class Areas(View):
    items: list[AreaShown]


@router.get("/v1/meta/errors", response_model=ErrorEntries)
async def list_errors(door: Anyone) -> Response:
    """List every error code with its titles and whether to try again."""
    entries = [
        ErrorEntry(
            code=code,
            status=entry.status,
            title_zh=entry.title_zh,
            title_en=entry.title_en,
            retryable=entry.retryable,
        )
        for code, entry in REGISTRY.items()
    ]
    return door.answer(ErrorEntries(items=entries))


@router.get("/v1/meta/enums", response_model=Enums)
async def list_enums(door: Anyone) -> Response:
    """List the words of every status with their Chinese labels."""
    return door.answer(Enums({name: _labelled(labels) for name, labels in ENUMS.items()}))


@router.get("/v1/meta/areas", response_model=Areas)
async def list_areas(chosen: Annotated[Within, Query()], door: Anyone) -> Response:
    """List an area and those below it, by code; at most 1000."""
    async with door.transaction() as tx:
        found = await find_areas(tx, chosen.within)
    return door.answer(Areas(items=[_area(area) for area in found]))


def _area(area: Area) -> AreaShown:
    parent = area.parent_code
    return AreaShown(
        code=f"{area.code:012d}",
        name_zh=area.name_zh,
        level=area.level,
        parent_code=None if parent is None else f"{parent:012d}",
        valid_to=area.valid_to,
        successor_code=None if area.successor_code is None else f"{area.successor_code:012d}",
    )


def _labelled(labels: Mapping[Any, str]) -> list[Labelled]:
    return [Labelled(code=str(word), label_zh=label) for word, label in labels.items()]
