"""赔付率: claims of a period against the premium earned on its days, to the fen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.money import BP, half_up, split_fen
from app.domain.report_tables import SMALL_NUMBER, Cell, Column, Kind, Report
from app.domain.risk_sharing import loss_ratio_bp

TITLE_ZH = "赔付率"
REPORT = Report(
    "loss-ratio",
    TITLE_ZH,
    (
        Column("people", "参保人次", Kind.COUNT, "人次"),
        Column("earned", "已赚保费", Kind.YUAN),
        Column("claims", "赔案数", Kind.COUNT),
        Column("incurred", "已发生赔款", Kind.YUAN),
        Column("paid", "其中已付", Kind.YUAN),
        Column("unpaid", "其中未付", Kind.YUAN),
        Column("expected", "未结论赔案的理算额", Kind.YUAN),
        Column("ratio", "赔付率", Kind.PERCENT),
        Column("small_number", "样本过小", Kind.FLAG),
    ),
    (
        "已赚保费：每人每段参保的保费按天分摊，取期间内（至业务日期为止）的天数，逐段四舍五入到分。",
        "不落在个人名下的保费按整张保单的保险期间分摊，列在“未分到乡镇”。",
        "赔款：出险日在期间内的赔案，取自台账；未付 = 逐案的已发生 − 已付，预付超出结论时为零。",
        "赔付率 = 已发生赔款 ÷ 已赚保费，舍去百分比两位小数以下。",
        "未结论赔案按理算额单列，不计入赔付率。",
        "参保人次：期间内在每张保单名下至少一天的人，同一保单只计一次。",
        f"参保少于 {SMALL_NUMBER} 人次标为样本过小，不宜比较。",
        "共保保单的保费按份额分到各公司；保险公司只看到本公司份额。",
    ),
)
BY_COVER = Report(
    "loss-ratio",
    TITLE_ZH,
    (
        Column("earned", "项目已赚保费", Kind.YUAN),
        Column("claims", "赔案数", Kind.COUNT),
        Column("incurred", "结论金额", Kind.YUAN),
        Column("paid", "其中已付", Kind.YUAN),
        Column("unpaid", "其中未付", Kind.YUAN),
        Column("ratio", "占保费比", Kind.PERCENT),
        Column("small_number", "样本过小", Kind.FLAG),
    ),
    (
        "一个赔案的结论金额按最近一次理算中各责任的金额分到责任，最大余额法，合计不差一分；理算为零而有赔付的列在“未分到责任”。",
        "保费不分责任：占保费比 = 该责任结论金额 ÷ 该项目全部已赚保费，各责任相加即项目的赔付率。",
        f"赔案少于 {SMALL_NUMBER} 件标为样本过小，不宜比较。",
    ),
)
OTHER_COVER = ""


@dataclass(slots=True)
class Experience:
    """What is summed up of one group; fen."""

    people: int = 0
    earned_fen: int = 0
    claims: int = 0
    incurred_fen: int = 0
    paid_fen: int = 0
    unpaid_fen: int = 0
    expected_fen: int = 0

    def cells(self) -> tuple[Cell, ...]:
        """Give the cells of `REPORT`; without premium there is no ratio."""
        return (
            self.people,
            self.earned_fen,
            self.claims,
            self.incurred_fen,
            self.paid_fen,
            self.unpaid_fen,
            self.expected_fen,
            loss_ratio_bp(self.earned_fen, self.incurred_fen),
            self.people < SMALL_NUMBER,
        )

    def cover_cells(self) -> tuple[Cell, ...]:
        """Give the cells of `BY_COVER`."""
        return (
            self.earned_fen,
            self.claims,
            self.incurred_fen,
            self.paid_fen,
            self.incurred_fen - self.paid_fen,
            loss_ratio_bp(self.earned_fen, self.incurred_fen),
            self.claims < SMALL_NUMBER,
        )


def rest_earned_fen(rest_fen: int, policy: tuple[date, date], period: tuple[date, date]) -> int:
    """Give the part of a premium (fen) that a policy earns in a period; all days inclusive."""
    days = (policy[1] - policy[0]).days + 1
    inside = (min(policy[1], period[1]) - max(policy[0], period[0])).days + 1
    return half_up(max(0, rest_fen) * max(0, inside), days)


def shares_of(earned_fen: int, shares: Sequence[tuple[str, int]] | None) -> dict[str, int]:
    """Split premium (fen) over a policy's insurers; "" stands for a fund.

    Shares that do not make a whole are those an insurer may see: what is not its own is left out.
    """
    if not shares:
        return {"": earned_fen}
    weights = [share for _, share in shares]
    parts = split_fen(earned_fen, [*weights, max(0, BP - sum(weights))])
    return {code: part for (code, _), part in zip(shares, parts, strict=False)}


def by_cover(covers: str | None, decided_fen: int, paid_fen: int) -> Mapping[str, tuple[int, int]]:
    """Split what was decided and paid of a claim (fen) over the covers of its assessment (JSON)."""
    told = [(str(one["cover"]), int(one["amount_fen"])) for one in json.loads(covers or "[]")]
    weights = [(cover, fen) for cover, fen in told if fen > 0]
    if not weights:
        return {OTHER_COVER: (decided_fen, paid_fen)}
    amounts = [fen for _, fen in weights]
    decided, paid = split_fen(decided_fen, amounts), split_fen(paid_fen, amounts)
    return {
        cover: parts
        for (cover, _), *parts_ in zip(weights, decided, paid, strict=True)
        for parts in [(parts_[0], parts_[1])]
    }
