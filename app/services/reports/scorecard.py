"""Score how an insurer dealt with the claims of a period."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.db.insurers import find_insurer
from app.db.reports import ScoredRow, booked_of, days_off_told, scored_claims
from app.db.session import Tx
from app.domain.clocks import ClockFacts, ClockRules, clocks, latest_course
from app.domain.days_off import DayCount, DaysOff
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.lifecycle import ClaimStatus, Outcome
from app.domain.reports import Figure, Period
from app.domain.scorecard import Booked, ScoredClaim, score
from app.services.claims.clocks_of import days_off

MOST = 50_000


@dataclass(frozen=True, slots=True)
class Scorecard:
    """An insurer's figures for a period, over the claims of the caller's area."""

    insurer: str
    insurer_zh: str
    period: Period
    figures: tuple[Figure, ...]


async def make_scorecard(tx: Tx, insurer_code: str, period: Period) -> Scorecard:
    """Work out an insurer's scorecard; an insurer gets its own only.

    Raises NotFound, and Invalid when the period holds more than 50,000 claims.
    """
    insurer = await find_insurer(tx, insurer_code)
    if insurer is None or tx.caller.insurer not in (None, insurer_code):
        raise NotFound("没有这家保险公司。", "There is no such insurer.")
    rows = await scored_claims(tx, insurer_code, period.from_on, period.to_on, MOST + 1)
    if len(rows) > MOST:
        raise Invalid(
            Fault(
                "/period",
                "validation.failed",
                f"期间内赔案超过 {MOST} 件",
                f"more than {MOST} claims in the period",
                "请按月查询",
            )
        )
    booked = await booked_of(tx, insurer_code, period.from_on, period.to_on)
    off, today = days_off(await days_off_told(tx)), await tx.today()
    # In a thread: so many clocks would hold up every other request of the process.
    figures = await asyncio.to_thread(
        _scored,
        rows,
        Booked(booked.incurred_fen, booked.paid_fen, booked.claims),
        off,
        min(today, period.to_on),
        period,
    )
    return Scorecard(insurer_code, insurer.name_zh, period, figures)


def _scored(
    rows: Sequence[ScoredRow], booked: Booked, off: DaysOff, on: date, period: Period
) -> tuple[Figure, ...]:
    return score([_claim(row, off, on) for row in rows], booked, period, on)


def _claim(row: ScoredRow, off: DaysOff, on: date) -> ScoredClaim:
    facts = ClockFacts(
        status=ClaimStatus(row.status),
        insured=True,
        event_on=row.event_on,
        submitted_on=row.submitted_on,
        milestones=[(name, date.fromisoformat(day)) for name, day in row.milestones],
        due_on=row.due_on,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        amount_fen=row.amount_fen,
        decided_on=row.decided_on,
        paid_on=row.paid_on,
    )
    rules = ClockRules(
        DayCount(row.day_count),
        papers_stop=row.papers_stop_clock,
        decide_days=row.decide_days,
        pay_days=row.pay_days,
        limitation_years=row.limitation_years,
    )
    received_on, decided_on, paid_on = latest_course(facts)
    return ScoredClaim(
        received_on=received_on,
        decided_on=row.decided_on if decided_on is None else decided_on,
        paid_on=paid_on,
        outcome=facts.outcome,
        amount_fen=row.amount_fen,
        appealed=row.appealed,
        refused_before=row.refused_before,
        raised=row.raised,
        difference=row.difference,
        difference_fen=row.difference_fen,
        clocks=clocks(facts, rules, off, on),
    )
