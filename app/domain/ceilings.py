"""What the regulator limits and the law asks of death covers: warnings, never a refusal.

Minors: the notice of 2015 on death covers for minors (in force from 2016, in a copy we read) bounds
the sums of all contracts together at 200,000 below 10 and 500,000 from 10 to 17, written for
policies that parents buy and not counting a major natural disaster. Others: Insurance Law articles
33 and 34, to be settled by legal review before a bureau buys such a cover.
"""

from collections.abc import Sequence
from datetime import date

from app.domain.errors import Fault
from app.domain.figures import whole_years
from app.domain.money import yuan_zh
from app.domain.terms import Cover, DeathBasis, Nature, Terms, TermsKind
from app.domain.words import Cause, EventKind

FROM = date(2016, 1, 1)
_CEILINGS_FEN = ((10, 20_000_000), (18, 50_000_000))  # below this age in whole years
_DISASTERS = frozenset(
    {Cause.TYPHOON, Cause.FLOOD, Cause.LANDSLIDE, Cause.EARTHQUAKE, Cause.HAIL, Cause.DROUGHT}
)


def minor_ceiling_fen(birth_on: date, on: date) -> int | None:
    """Give the ceiling in fen on all death sums for a person on a day; None for adults."""
    age = whole_years(birth_on, on)
    if on < FROM:
        return None
    return next((ceiling for below, ceiling in _CEILINGS_FEN if age < below), None)


def minor_warning(birth_on: date, on: date, cause: Cause, sums_fen: Sequence[int]) -> Fault | None:
    """Warn when the death sums of all policies together pass the ceiling for a minor."""
    ceiling = minor_ceiling_fen(birth_on, on)
    if ceiling is None or cause in _DISASTERS or sum(sums_fen) <= ceiling:
        return None
    return Fault(
        "",
        "terms.invalid",
        f"未成年人身故保险金各合同合计 {yuan_zh(sum(sums_fen))}，超过监管上限 {yuan_zh(ceiling)}。",
        "The death sums of all policies together pass the regulator's ceiling for a minor.",
        "请与保险公司核对各保单的身故保额。",
    )


def death_warnings(terms: Terms) -> tuple[Fault, ...]:
    """Warn of insured death sums whose legal basis the terms do not state."""
    if terms.kind is TermsKind.FUND:
        return ()
    return tuple(
        Fault(
            f"/covers/{i}/death_basis",
            "terms.invalid",
            f"“{cover.name_zh}”以被保险人身故为给付条件，须写明依据（保险法第三十三、三十四条）。",
            "A death cover for others needs consent or another basis: legal review is due.",
            "请在 death_basis 中写明：被保险人同意、父母投保、责任险形式或法规规定。",
        )
        for i, cover in enumerate(terms.covers)
        if _pays_on_death(cover) and cover.death_basis is DeathBasis.UNSTATED
    )


def _pays_on_death(cover: Cover) -> bool:
    return EventKind.DEATH in cover.events and cover.nature is Nature.FIXED
