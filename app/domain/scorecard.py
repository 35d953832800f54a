"""How an insurer deals with its claims: how long it takes, what it refuses, where it differs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.clocks import CLOCK_ZH, Clock, ClockKind
from app.domain.differences import DIFFERENCE_STATE_ZH, DifferenceState
from app.domain.lifecycle import OUTCOME_ZH, Outcome
from app.domain.money import BP, yuan_zh
from app.domain.reports import Figure, Period, Unit
from app.domain.sentences import percent_zh

OWED_BY_INSURER = (ClockKind.DECIDE, ClockKind.REFUSAL_NOTICE, ClockKind.PAY, ClockKind.ADVANCE)
MEDIAN, NINE_OF_TEN = (1, 2), (9, 10)


@dataclass(frozen=True, slots=True)
class ScoredClaim:
    """What is scored of one claim: decided in the period, or not decided at its end.

    Days of Asia/Shanghai. `refused_before` and `raised`: an earlier decision was a refusal; the
    latest gives more than an earlier one. `difference` is the state of a difference from our sum
    (None without), `difference_fen` the insurer's amount less ours.
    """

    received_on: date | None
    decided_on: date | None
    paid_on: date | None
    outcome: Outcome | None
    amount_fen: int
    appealed: bool
    refused_before: bool
    raised: bool
    difference: str | None
    difference_fen: int
    clocks: Sequence[Clock]


@dataclass(frozen=True, slots=True)
class Booked:
    """What stands in the ledger for the insurer's own share in the period, in fen."""

    incurred_fen: int
    paid_fen: int
    claims: int


def score(
    claims: Sequence[ScoredClaim], booked: Booked, period: Period, until: date
) -> tuple[Figure, ...]:
    """Give every figure of an insurer for a period, each with how it came about.

    `until` is the day they were counted: the period's last one, or today while it goes on.
    """
    decided = [one for one in claims if one.decided_on is not None]
    return (
        _count("decided", "核定赔案", len(decided), f"{period.name} 期间内作出结论的赔案"),
        _count(
            "undecided",
            "未核定赔案",
            len(claims) - len(decided),
            f"截至 {_day_zh(until)} 已报送、尚无结论的赔案",
        ),
        *_days(
            "decide", "受理到核定", "收到报案（或重新受理）之日到作出结论之日", _to_decide(decided)
        ),
        *_days("pay", "核定到支付", "作出结论之日到全部到账之日", _to_pay(decided)),
        *_outcomes(decided),
        *_overturned(decided),
        *_differences(decided),
        *_overdue(claims),
        *_money(booked, period),
    )


def rank_of(values: Sequence[int], part: tuple[int, int]) -> tuple[int, int] | None:
    """Give the place (from 1) and the value of a quantile by nearest rank; None of nothing."""
    if not values:
        return None
    numerator, denominator = part
    place = max(1, -(-len(values) * numerator // denominator))
    return place, sorted(values)[place - 1]


def _to_decide(decided: Iterable[ScoredClaim]) -> list[int]:
    return [
        (one.decided_on - one.received_on).days
        for one in decided
        if one.decided_on is not None and one.received_on is not None
    ]


def _to_pay(decided: Iterable[ScoredClaim]) -> list[int]:
    return [
        (one.paid_on - one.decided_on).days
        for one in decided
        if one.paid_on is not None and one.decided_on is not None
    ]


def _days(code: str, label_zh: str, what_zh: str, days: list[int]) -> list[Figure]:
    found = []
    for suffix, name_zh, part in (
        ("days_median", "中位天数", MEDIAN),
        ("days_p90", "九成件内天数", NINE_OF_TEN),
    ):
        ranked = rank_of(days, part)
        told = f"没有可计算的赔案（{what_zh}）"
        if ranked is not None:
            told = (
                f"{what_zh}，按日历日；{len(days)} 件由短到长排列，"
                f"第 {ranked[0]} 件为 {ranked[1]} 天"
            )
        value = None if ranked is None else ranked[1]
        found.append(
            Figure(f"{code}_{suffix}", label_zh + name_zh, Unit.DAYS, value, len(days), told)
        )
    return found


def _outcomes(decided: Sequence[ScoredClaim]) -> list[Figure]:
    counted = Counter(one.outcome for one in decided)
    found = [
        _count(f"outcome_{outcome.value}", OUTCOME_ZH[outcome], counted[outcome], "按最近一次结论")
        for outcome in Outcome
    ]
    return [
        *found,
        _rate("refusal_rate", "拒赔率", counted[Outcome.DECLINED], len(decided), "不予赔付"),
    ]


def _overturned(decided: Sequence[ScoredClaim]) -> list[Figure]:
    appealed = [one for one in decided if one.appealed]
    raised = sum(one.raised for one in appealed)
    refused = [one for one in decided if one.refused_before]
    paid_after = sum(one.outcome is not Outcome.DECLINED for one in refused)
    return [
        _count("appealed", "经申诉的赔案", len(appealed), "期间内有结论、且提出过申诉的赔案"),
        _rate("overturned_rate", "申诉改判率", raised, len(appealed), "申诉后赔付增加"),
        _count(
            "refusals_reversed", "拒赔后改为赔付", paid_after, f"先前拒赔的 {len(refused)} 件中"
        ),
    ]


def _differences(decided: Sequence[ScoredClaim]) -> list[Figure]:
    differing = [one for one in decided if one.difference is not None]
    states = Counter(one.difference for one in differing)
    less = -sum(one.difference_fen for one in differing if one.difference_fen < 0)
    more = sum(one.difference_fen for one in differing if one.difference_fen > 0)
    told = "、".join(
        f"{DIFFERENCE_STATE_ZH[state]} {states[state.value]} 件" for state in DifferenceState
    )
    return [
        _rate(
            "difference_rate", "与理算不同的比例", len(differing), len(decided), f"超出容差；{told}"
        ),
        _yuan("difference_less", "少于理算合计", less, len(differing), "核定低于理算的差额之和"),
        _yuan("difference_more", "多于理算合计", more, len(differing), "核定高于理算的差额之和"),
    ]


def _overdue(claims: Sequence[ScoredClaim]) -> list[Figure]:
    late = Counter(clock.kind for one in claims for clock in one.clocks if clock.overdue)
    return [
        _count(
            f"overdue_{kind.value}",
            f"逾期：{CLOCK_ZH[kind]}",
            late[kind],
            f"{len(claims)} 件中超过保单约定期限的件数，待补材料的天数按保单约定扣除",
        )
        for kind in OWED_BY_INSURER
    ]


def _money(booked: Booked, period: Period) -> list[Figure]:
    return [
        _yuan(
            "incurred",
            "已发生赔款",
            booked.incurred_fen,
            booked.claims,
            f"{period.name} 期间台账“已发生赔款”中本公司份额的发生额",
        ),
        _yuan(
            "paid",
            "已付赔款",
            booked.paid_fen,
            booked.claims,
            f"{period.name} 期间台账“已付赔款”中本公司份额的发生额，退汇已扣除",
        ),
    ]


def _count(code: str, label_zh: str, count: int, told: str) -> Figure:
    return Figure(code, label_zh, Unit.COUNT, count, count, f"{told}，共 {count} 件")


def _yuan(code: str, label_zh: str, fen: int, claims: int, told: str) -> Figure:
    return Figure(code, label_zh, Unit.YUAN, fen, claims, f"{told}：{yuan_zh(fen)}")


def _rate(code: str, label_zh: str, part: int, whole: int, told: str) -> Figure:
    if whole == 0:
        return Figure(code, label_zh, Unit.PERCENT, None, 0, f"{told}：没有可计算的赔案")
    rate = part * BP // whole
    return Figure(
        code, label_zh, Unit.PERCENT, rate, whole, f"{told}：{part} ÷ {whole} = {percent_zh(rate)}"
    )


def _day_zh(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
