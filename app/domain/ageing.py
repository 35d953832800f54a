"""How long claims have been waiting, and what of it is overdue, by the clocks of their policies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.clocks import Clock, ClockKind
from app.domain.report_tables import Cell, Column, Kind, Report

UP_TO = (7, 15, 30)  # days; the last part is everything above
_OWED_BY_INSURER = (ClockKind.DECIDE, ClockKind.PAY, ClockKind.REFUSAL_NOTICE, ClockKind.ADVANCE)
REPORT = Report(
    "ageing",
    "在办时长与超期",
    (
        Column("waiting", "在办赔案", Kind.COUNT),
        Column("to_7", "7 天以内", Kind.COUNT),
        Column("to_15", "8 至 15 天", Kind.COUNT),
        Column("to_30", "16 至 30 天", Kind.COUNT),
        Column("over_30", "30 天以上", Kind.COUNT),
        Column("longest", "最长等待", Kind.DAYS),
        Column("overdue", "超期赔案", Kind.COUNT),
        Column("overdue_decide", "核定超期", Kind.COUNT),
        Column("overdue_pay", "赔付超期", Kind.COUNT),
        Column("overdue_bureau", "民政、乡镇超期", Kind.COUNT),
        Column("first_due", "最早的到期日", Kind.DAY),
    ),
    (
        "在办：未撤案、未结案、未到账的赔案；天数自报案之日起算，按各保单约定的自然日或工作日（节假日以已录入的日历为准）。",
        "超期：按保险法第二十二至二十五条及保单约定的期限，当日已过最后一日而未办；同一赔案有几项超期，超期赔案只计一次。",
    ),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One claim that waits: days since it was filed, as its policy counts them, and its clocks."""

    days: int
    clocks: Sequence[Clock]


def age_cells(claims: Sequence[Waiting]) -> tuple[Cell, ...]:
    """Give the cells of the report's own columns for the claims of one group."""
    bounds = (-1, *UP_TO)
    parts = [
        sum(low < one.days <= high for one in claims)
        for low, high in zip(bounds, UP_TO, strict=False)
    ]
    late = [_overdue(one.clocks) for one in claims]
    running = [
        clock.due_on
        for one in claims
        for clock in one.clocks
        if clock.due_on is not None and clock.done_on is None
    ]
    return (
        len(claims),
        *parts,
        sum(one.days > UP_TO[-1] for one in claims),
        max((one.days for one in claims), default=0),
        sum(bool(kinds) for kinds in late),
        sum(ClockKind.DECIDE in kinds for kinds in late),
        sum(ClockKind.PAY in kinds for kinds in late),
        sum(bool(kinds - set(_OWED_BY_INSURER)) for kinds in late),
        _first(running),
    )


def _overdue(clocks: Iterable[Clock]) -> frozenset[ClockKind]:
    """Give what is overdue and not done; the limitation of a claim is nobody's delay."""
    return frozenset(
        clock.kind
        for clock in clocks
        if clock.overdue and clock.done_on is None and clock.kind is not ClockKind.LIMITATION
    )


def _first(days: Sequence[date]) -> date | None:
    return min(days, default=None)
