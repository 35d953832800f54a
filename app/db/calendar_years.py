"""Days off work, year by year: for policies that count working days."""

from datetime import date

from app.db.rows import plain, sql
from app.db.session import Tx
from app.domain.days_off import YearOff

_KEEP = sql(
    """
    INSERT INTO calendar_year (year, days_off, working_days, source_zh)
    VALUES (:year, CAST(:days_off AS jsonb), CAST(:working_days AS jsonb), :source_zh)
    ON CONFLICT (year) DO UPDATE SET days_off = excluded.days_off,
        working_days = excluded.working_days, source_zh = excluded.source_zh,
        version = calendar_year.version + 1, updated_at = business_now()
    RETURNING version
    """
)
_LIST = sql(
    "SELECT year, days_off, working_days, source_zh FROM calendar_year ORDER BY year DESC LIMIT 50"
)


async def keep_year(tx: Tx, year: YearOff, source_zh: str) -> int:
    """Store a year's days off, in the place of what was there; gives the year's version."""
    values = {
        "year": year.year,
        "days_off": plain([day.isoformat() for day in sorted(year.days_off)]),
        "working_days": plain([day.isoformat() for day in sorted(year.working_days)]),
        "source_zh": source_zh,
    }
    version: int = (await tx.sql.execute(_KEEP, values)).scalar_one()
    return version


async def list_years(tx: Tx) -> list[tuple[YearOff, str]]:
    """Give the years that are known with their sources, newest first."""
    return [
        (
            YearOff(
                row.year,
                tuple(date.fromisoformat(day) for day in row.days_off),
                tuple(date.fromisoformat(day) for day in row.working_days),
            ),
            row.source_zh,
        )
        for row in await tx.sql.execute(_LIST)
    ]
