"""Warnings on policies and claims: something to look into, which stops nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.clocks import Clock, ClockKind
from app.domain.lifecycle import Outcome
from app.domain.money import yuan_zh


@dataclass(frozen=True, slots=True)
class Flagged:
    """A code of the registry and what it means here, in one sentence."""

    code: str
    sentence_zh: str


def premium_warnings(gap_fen: int, due_on: date, today: date) -> tuple[Flagged, ...]:
    """Warn of premium (fen) that should have been paid by now; no claim is refused for it."""
    if gap_fen <= 0 or today <= due_on:
        return ()
    sentence = f"保费尚欠 {yuan_zh(gap_fen)}，请尽快缴清；不影响赔案的受理与支付"
    return (Flagged("premium.unpaid", sentence),)


def refusal_warnings(
    outcome: Outcome | None, clause: str | None, reason_zh: str | None
) -> tuple[Flagged, ...]:
    """Warn of a refusal by an insurer that does not say on which clause, or why (art. 24)."""
    if outcome is not Outcome.DECLINED:
        return ()
    parts = ((clause, "条款"), (reason_zh, "理由"))
    missing = "、".join(name for told, name in parts if not told)
    if not missing:
        return ()
    sentence = f"拒赔未载明{missing}（保险法第二十四条），请要求保险公司补充说明"
    return (Flagged("decision.unexplained", sentence),)


def clock_warnings(
    found: Sequence[Clock], unknown: Sequence[int], *, asked_twice: bool
) -> tuple[Flagged, ...]:
    """Warn of a second request for papers, a late claim, and years whose days off are unknown."""
    warnings = []
    if asked_twice:
        sentence = "保险公司多次要求补充材料；法律规定应当一次性通知（保险法第二十二条）"
        warnings.append(Flagged("papers.asked_twice", sentence))
    for clock in found:
        if clock.kind is ClockKind.LIMITATION and clock.overdue:
            sentence = f"报案晚于索赔时效（{clock.due_on}，保险法第二十六条）；由保险公司核定"
            warnings.append(Flagged("limitation.passed", sentence))
    if unknown:
        years = "、".join(str(year) for year in unknown)
        sentence = f"{years} 年的节假日安排尚未录入，工作日只按周末推算"
        warnings.append(Flagged("calendar.year_missing", sentence))
    return tuple(warnings)


def difference_warnings(state_zh: str | None, kind_zh: str) -> tuple[Flagged, ...]:
    """Warn of an amount that is not ours while nobody has accepted it."""
    if state_zh is None:
        return ()
    sentence = f"保险公司核定金额{kind_zh}，{state_zh}；不影响支付"
    return (Flagged("decision.differs", sentence),)
