"""Settle a policy year as its terms share surplus and overrun; nothing is booked by it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.policies import PolicyRow, read_policy
from app.db.reports import ShareRow, shares_of, year_of
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.errors import Forbidden, OutOfArea
from app.domain.money import BP
from app.domain.reports import Figure, Unit
from app.domain.year_end import YearFacts, sentence_zh, tell_year


@dataclass(frozen=True, slots=True)
class YearEnd:
    """A policy's year: its figures, what they are worth, and each insurer's share in the claims."""

    policy: PolicyRow
    final: bool
    sentence_zh: str
    claims: int
    figures: tuple[Figure, ...]
    shares: tuple[ShareRow, ...]


async def settle_policy_year(tx: Tx, policy_no: str) -> YearEnd:
    """Work out the year of a policy from its ledger.

    Raises NotFound; OutOfArea when the policy reaches beyond the caller's area, and Forbidden for
    an insurer that holds a share only: neither sees the whole, and a part cannot be settled.
    """
    policy = await read_policy(tx, policy_no)
    if policy.area_lo < tx.caller.area_lo or policy.area_hi > tx.caller.area_hi:
        raise OutOfArea(
            "年终结算按整张保单计算，请由管理该保单的辖区查看。",
            "A year is settled for the whole policy: ask in the area that keeps it.",
        )
    if tx.caller.insurer is not None and sum(share.share_bp for share in policy.shares) != BP:
        raise Forbidden(
            "共保保单的年终结算由民政查看；本公司份额见台账（ledger）。",
            "A co-insured year is the bureau's to see; your own share stands in the ledger.",
        )
    year, open_claims, expected_fen = await year_of(tx, policy.id)
    facts = YearFacts(
        premium_fen=year.premium_fen,
        premium_paid_fen=year.premium_paid_fen,
        payers=len(policy.payers),
        incurred_fen=year.incurred_fen,
        paid_fen=year.paid_fen,
        recovered_fen=year.recovered_fen,
        claims=year.claims,
        open_claims=open_claims,
        expected_fen=expected_fen,
        over=await tx.today() > policy.period_to,
    )
    sharing = (await terms_of(tx, policy.terms_sha256)).risk_sharing
    return YearEnd(
        policy,
        facts.final,
        sentence_zh(facts, sharing),
        facts.claims,
        tell_year(facts, sharing),
        tuple(await shares_of(tx, policy.id)),
    )


def shares_told(shares: Sequence[ShareRow], claims: int) -> tuple[Figure, ...]:
    """Give each insurer's share in the year's claims as figures, for a file of one to a row."""
    return tuple(
        Figure(f"{code}.{share.insurer_code}", label_zh, Unit.YUAN, fen, claims, said_zh)
        for share in shares
        for code, label_zh, fen, said_zh in (
            (
                "share_incurred",
                f"{share.insurer_code} 分担的已决赔款",
                share.incurred_fen,
                "台账中由该保险公司承担的已决赔款",
            ),
            (
                "share_paid",
                f"{share.insurer_code} 已付",
                share.paid_fen,
                "台账中由该保险公司付出的赔款",
            ),
        )
    )
