"""What is wrong with the clauses on premium, its sources and the sharing of the year's result."""

from app.domain.clauses.premiums import RiskSharing
from app.domain.figures import Unit
from app.domain.findings import Findings
from app.domain.money import BP
from app.domain.terms import Terms


def check_funding(found: Findings, terms: Terms) -> None:
    """Check funding and risk sharing, where the terms have them."""
    funding = terms.funding
    if funding is not None:
        found.unique("/funding/sources", [source.code for source in funding.sources])
        for i, source in enumerate(funding.sources):
            found.number(f"/funding/sources/{i}/share", source.share, Unit.BP)
        if funding.sources and sum(source.share.value for source in funding.sources) != BP:
            found.add(
                "/funding/sources", "各来源的比例合计应为 100%。", "Shares must make the whole."
            )
        if bool(funding.barred) != bool(funding.barred_clause):
            found.add(
                "/funding/barred_clause", "限制来源须写明依据。", "What is barred needs a clause."
            )
    if terms.risk_sharing is not None:
        _check_sharing(found, terms.risk_sharing)


def _check_sharing(found: Findings, sharing: RiskSharing) -> None:
    found.number("/risk_sharing/expenses", sharing.expenses, Unit.BP)
    found.number("/risk_sharing/shared", sharing.shared, Unit.BP)
    end: int | None = None
    for i, band in enumerate(sharing.overrun):
        here = f"/risk_sharing/overrun/{i}"
        found.number(f"{here}/above", band.above, Unit.BP, above_whole=True)
        if band.to is not None:
            found.number(f"{here}/to", band.to, Unit.BP, above_whole=True)
        found.number(f"{here}/insurer", band.insurer, Unit.BP)
        if i and (end is None or band.above.value != end):
            found.add(f"{here}/above", "各段须首尾相接。", "Bands overlap or leave a gap.")
        if band.to is not None and band.to.value <= band.above.value:
            found.add(f"{here}/to", "上限须大于下限。", "The upper bound must be above the lower.")
        end = None if band.to is None else band.to.value
