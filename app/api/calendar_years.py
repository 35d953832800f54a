"""节假日: the days off work of a year, for policies that count working days."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Day, Form, Line, View
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.days_off import YearOff
from app.services.calendar.keep_year import keep_year as keep
from app.services.calendar.keep_year import list_years as find_years

router = APIRouter(tags=["meta"])

Anyone = Annotated[Reading, Depends(Reads(None))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_CALENDAR))]
DAYS_MAX = 366


class YearForm(Form):
    """A year's days: weekdays that are off, weekend days worked instead, and who announced it."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    days_off: list[Day] = Field(max_length=DAYS_MAX)
    working_days: list[Day] = Field(default_factory=list, max_length=DAYS_MAX)
    source_zh: Line


class YearShown(View):
    year: int
    days_off: list[date]
    working_days: list[date]
    source_zh: str


class Years(View):
    """The years that are known; in any other only Saturdays and Sundays are off."""

    items: list[YearShown]


@router.post("/v1/calendar-years", status_code=201, response_model=Years)
async def keep_year(form: YearForm, door: Keeping) -> Response:
    """Keep a year's days off, in the place of what was there."""
    year = YearOff(form.year, tuple(form.days_off), tuple(form.working_days))

    async def act(tx: Tx) -> Answer:
        await keep(tx, year, form.source_zh)
        return Answer(_years(await find_years(tx)), 201)

    return await door.once(form, act)


@router.get("/v1/calendar-years", response_model=Years)
async def list_years(door: Anyone) -> Response:
    """List the years whose days off are known, newest first."""
    async with door.transaction() as tx:
        found = await find_years(tx)
    return door.answer(_years(found))


def _years(found: list[tuple[YearOff, str]]) -> Years:
    return Years(
        items=[
            YearShown(
                year=year.year,
                days_off=list(year.days_off),
                working_days=list(year.working_days),
                source_zh=source,
            )
            for year, source in found
        ]
    )
