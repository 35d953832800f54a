"""How long claims wait, and what is overdue, by insurer and more."""

import asyncio
from collections.abc import Sequence
from datetime import date

from app.db.report_facts import WaitingRow, waiting_claims
from app.db.reports import days_off_told
from app.db.session import Tx
from app.domain.ageing import REPORT, Waiting, age_cells
from app.domain.clocks import ClockFacts, ClockRules, clocks
from app.domain.days_off import DayCount, DaysOff, days_between
from app.domain.grouping import Group, Key
from app.domain.lifecycle import ClaimStatus, Outcome
from app.domain.report_tables import Cell, ReportTable
from app.services.claims.clocks_of import days_off
from app.services.reports.asked import MOST_CLAIMS, gather, no_more_than, put_table


async def make_ageing(tx: Tx, groups: Sequence[Group]) -> ReportTable:
    """Tell how long the caller's open claims have been waiting, as of today.

    Raises Invalid for more than 50,000 claims that wait.
    """
    rows = no_more_than(await waiting_claims(tx, MOST_CLAIMS + 1), MOST_CLAIMS, "/group_by")
    off, today = days_off(await days_off_told(tx)), await tx.today()
    # In a thread: so many clocks would hold up every other request of the process.
    cells = await asyncio.to_thread(_aged, rows, groups, off, today)
    return await put_table(tx, REPORT, groups, None, cells)


def _aged(
    rows: Sequence[WaitingRow], groups: Sequence[Group], off: DaysOff, today: date
) -> dict[Key, tuple[Cell, ...]]:
    found = gather(rows, lambda row: tuple(_code(row, group) for group in groups))
    return {
        key: age_cells([_waiting(row, off, today) for row in waiting])
        for key, waiting in found.items()
    }


def _code(row: WaitingRow, group: Group) -> str:
    match group:
        case Group.TOWNSHIP:
            return row.township
        case Group.POLICY:
            return row.policy_no
        case Group.SCHEME:
            return row.scheme_code
        case Group.STATUS:
            return row.status
        case _:
            return row.insurer_code


def _waiting(row: WaitingRow, off: DaysOff, today: date) -> Waiting:
    count = DayCount(row.day_count)
    facts = ClockFacts(
        status=ClaimStatus(row.status),
        insured=bool(row.insurer_code),
        event_on=row.event_on,
        submitted_on=row.submitted_on,
        milestones=[(name, date.fromisoformat(day)) for name, day in row.milestones],
        due_on=row.due_on,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        amount_fen=row.amount_fen,
        decided_on=row.decided_on,
    )
    rules = ClockRules(
        count,
        papers_stop=row.papers_stop_clock,
        decide_days=row.decide_days,
        pay_days=row.pay_days,
        limitation_years=row.limitation_years,
    )
    return Waiting(
        days_between(row.submitted_on, today, count, off), clocks(facts, rules, off, today)
    )
