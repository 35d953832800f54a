"""Keep a year's days off, as the State Council announces them each autumn."""

from app.db import calendar_years
from app.db.events import NewEvent, write_event
from app.db.session import Tx
from app.domain.days_off import YearOff, year_faults
from app.domain.errors import Invalid


async def keep_year(tx: Tx, year: YearOff, source_zh: str) -> None:
    """Store a year's days, in the place of what was there; clocks follow at once.

    Raises Invalid for a day of another year, twice in a list, or in both.
    """
    faults = tuple(year_faults(year))
    if faults:
        raise Invalid(*faults)
    version = await calendar_years.keep_year(tx, year, source_zh)
    await write_event(
        tx,
        NewEvent(
            "calendar",
            str(year.year),
            version,
            "calendar.keep",
            0,
            detail={
                "days_off": len(year.days_off),
                "working_days": len(year.working_days),
                "source_zh": source_zh,
            },
        ),
    )


async def list_years(tx: Tx) -> list[tuple[YearOff, str]]:
    """Give the years that are known with their sources, newest first."""
    return await calendar_years.list_years(tx)
