"""A policy year told to the fen: premium, expenses, claims, surplus back, overrun by bands."""

from dataclasses import dataclass

from app.domain.clauses.premiums import RiskSharing, Surplus
from app.domain.money import yuan_zh
from app.domain.reports import Figure, Unit
from app.domain.risk_sharing import BandPart, band_parts, loss_ratio_bp, settle_year
from app.domain.sentences import percent_zh

SURPLUS_ZH: dict[Surplus, str] = {
    Surplus.KEPT: "归保险公司",
    Surplus.RETURNED: "返还出资方",
    Surplus.CARRIED: "结转下一年度",
}


@dataclass(frozen=True, slots=True)
class YearFacts:
    """What a year is settled on, in fen, as the ledger stands; counts of claims beside.

    `expected_fen` is what was assessed of claims without a decision. `payers` bear the premium,
    `recovered_fen` came back of what was wrongly paid.
    """

    premium_fen: int
    premium_paid_fen: int
    payers: int
    incurred_fen: int
    paid_fen: int
    recovered_fen: int
    claims: int
    open_claims: int
    expected_fen: int
    over: bool

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more: the period is over, no claim is open."""
        return self.over and self.open_claims == 0


def tell_year(facts: YearFacts, sharing: RiskSharing | None) -> tuple[Figure, ...]:
    """Give the figures of a policy year in the order in which they follow from each other.

    Without agreed risk sharing only the facts are given: there is nothing to settle by.
    """
    told = [*_facts(facts), *_standing(facts)]
    if sharing is not None:
        told += _settled(facts, sharing)
    return tuple(told)


def sentence_zh(facts: YearFacts, sharing: RiskSharing | None) -> str:
    """Say in one sentence what the figures are worth."""
    if sharing is None:
        return "本项目条款没有约定年终盈亏分担，只列事实，不作结算。"
    if facts.final:
        return "保险期间已结束，没有在办赔案，以下为终值。"
    why = [] if facts.over else ["保险期间尚未结束"]
    if facts.open_claims:
        why.append(f"还有 {facts.open_claims} 件赔案没有结论")
    return f"{'，'.join(why)}，以下为截至目前的暂算值。"


def _facts(facts: YearFacts) -> list[Figure]:
    ratio = loss_ratio_bp(facts.premium_fen, facts.incurred_fen)
    told = "没有保费，不计算赔付率"
    if ratio is not None:
        told = (
            f"{yuan_zh(facts.incurred_fen)} ÷ {yuan_zh(facts.premium_fen)} = {percent_zh(ratio)}"
            "，舍去百分比两位小数以下"
        )
    return [
        _yuan("premium", "应收保费", facts.premium_fen, 0,
              f"台账“保费”科目，{facts.payers} 个出资方"),
        _yuan("premium_paid", "已收保费", facts.premium_paid_fen, 0, "台账“已收保费”科目"),
        _yuan("incurred", "已发生赔款", facts.incurred_fen, facts.claims,
              f"台账“已发生赔款”科目，{facts.claims} 件赔案的结论金额之和"),
        _yuan("paid", "已付赔款", facts.paid_fen, facts.claims, "台账“已付赔款”科目，退汇已扣除"),
        _yuan("recovered", "已追回款", facts.recovered_fen, 0,
              "台账“已追回款”科目：错付后收回，不冲减赔款"),
        Figure("loss_ratio", "赔付率", Unit.PERCENT, ratio, facts.claims, told),
    ]  # fmt: skip


def _standing(facts: YearFacts) -> list[Figure]:
    return [
        Figure("open_claims", "未结论赔案", Unit.COUNT, facts.open_claims, facts.open_claims,
               f"还没有结论的赔案 {facts.open_claims} 件，未计入已发生赔款"),
        _yuan("expected", "未结论赔案的理算额", facts.expected_fen, facts.open_claims,
              "只作提示，不参与结算"),
    ]  # fmt: skip


def _settled(facts: YearFacts, sharing: RiskSharing) -> list[Figure]:
    premium, claims = facts.premium_fen, facts.incurred_fen
    year = settle_year(sharing, premium, claims)
    shared = year.returned_fen + year.carried_fen
    sources = facts.claims
    return [
        _yuan("expenses", "费用", year.expenses_fen, 0,
              f"{yuan_zh(premium)} × {percent_zh(sharing.expenses.value)} = "
              f"{yuan_zh(year.expenses_fen)}{_source(sharing.expenses.unconfirmed)}"),
        _yuan("surplus", "余额", year.surplus_fen, sources,
              f"{yuan_zh(premium)} − {yuan_zh(year.expenses_fen)} − {yuan_zh(claims)}"
              f"，不足为零 = {yuan_zh(year.surplus_fen)}"),
        _yuan("surplus_shared", f"余额{SURPLUS_ZH[sharing.surplus]}", shared, sources,
              _shared_zh(sharing, year.surplus_fen, shared)),
        *(_band(place, part, sources) for place, part in
          enumerate(band_parts(sharing, premium, claims), start=1)),
        _yuan("insurer_bears", "保险公司承担", year.insurer_fen, sources,
              f"{yuan_zh(claims)} − {yuan_zh(year.bureau_fen)} = {yuan_zh(year.insurer_fen)}"),
        _yuan("bureau_bears", "民政承担", year.bureau_fen, sources,
              "各超赔区间中不由保险公司承担的部分之和"),
    ]  # fmt: skip


def _shared_zh(sharing: RiskSharing, surplus_fen: int, shared_fen: int) -> str:
    if sharing.surplus is Surplus.KEPT:
        return "条款约定余额归保险公司，不返还、不结转"
    return (
        f"{yuan_zh(surplus_fen)} × {percent_zh(sharing.shared.value)} = {yuan_zh(shared_fen)}"
        f"{_source(sharing.shared.unconfirmed)}"
    )


def _band(place: int, part: BandPart, claims: int) -> Figure:
    to = "以上" if part.to_bp is None else f"至 {percent_zh(part.to_bp)}"
    insurer = part.inside_fen - part.bureau_fen
    return _yuan(
        f"overrun_{place}",
        f"超赔区间 {percent_zh(part.above_bp)} {to}",
        part.inside_fen,
        claims,
        f"赔款超过保费 {percent_zh(part.above_bp)}（{to}）的部分 {yuan_zh(part.inside_fen)}，"
        f"保险公司承担 {percent_zh(part.insurer_bp)} 即 {yuan_zh(insurer)}，"
        f"民政承担 {yuan_zh(part.bureau_fen)}",
    )


def _source(unconfirmed: str) -> str:
    return f"（未经证实：{unconfirmed}）" if unconfirmed else ""


def _yuan(code: str, label_zh: str, fen: int, claims: int, told: str) -> Figure:
    return Figure(code, label_zh, Unit.YUAN, fen, claims, told)
