"""What a policy would cost for so many heads: premium, and claims with a range from its history."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from app.db.past_claims import (
    Exposure,
    categories_of,
    exposure_of,
    opening_usage,
    past_claims,
)
from app.db.policies import PolicyRow, read_policy
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.budget import Budget, Past, premium_per_head_fen
from app.domain.budget import budget as work_out
from app.domain.clauses.premiums import Basis
from app.domain.errors import Fault, Invalid
from app.domain.replay import Chunk, Opening, PastClaim, Replay, Share, one_sequence
from app.domain.terms import Terms

HISTORY_MOST = 20_000  # claims that a scenario replays while the caller waits


@dataclass(frozen=True, slots=True)
class Budgeted:
    """The budget, the terms it stands on, and how many claims the history has."""

    policy: PolicyRow
    terms: Terms
    budget: Budget
    claims: int


async def budget(
    tx: Tx,
    policy_no: str,
    heads: Mapping[str, int],
    months: int,
    scenario: Terms | None = None,
) -> Budgeted:
    """Work out a budget under the policy's own terms or, replaying its history, under a scenario.

    Raises NotFound, and Invalid for a category that the terms do not know, or a history too long
    for a scenario to be replayed at once.
    """
    policy = await read_policy(tx, policy_no)
    own = await terms_of(tx, policy.terms_sha256)
    terms = scenario or own
    claims = await categories_of(tx, policy.id)
    _refuse(terms, heads, claims, replayed=scenario is not None)
    exposures = await exposure_of(tx, policy.id)
    past = {one.category: Past(one.people, one.days, one.fen, one.squares) for one in exposures}
    if scenario is not None:
        shares = await _replayed(tx, policy, scenario)
        past = {one.category: _under(one, shares.get(one.category, Share())) for one in exposures}
    prices = {category: _price(policy, terms, category, own=scenario is None) for category in heads}
    basis = Basis.HEAD_YEAR if terms.funding is None else terms.funding.basis
    return Budgeted(
        policy, terms, work_out(past, heads, prices, months, basis), sum(claims.values())
    )


def _refuse(
    terms: Terms, heads: Mapping[str, int], claims: Mapping[str, int], *, replayed: bool
) -> None:
    known = "、".join(f"{code}（{label}）" for code, label in terms.categories.items())
    faults = [
        Fault(
            f"/heads/{category}",
            "validation.failed",
            "条款没有这类被保人。",
            "The terms know no such category.",
            f"可选：{known}。",
        )
        for category in (*heads, *(claims if replayed else ()))
        if category not in terms.categories
    ]
    if not heads:
        faults.append(
            Fault(
                "/heads", "validation.failed", "至少写一类人数。", "Heads of one category at least."
            )
        )
    if replayed and sum(claims.values()) > HISTORY_MOST:
        faults.append(
            Fault(
                "/terms",
                "validation.failed",
                f"历史赔案超过 {HISTORY_MOST} 件，请用命令 relief whatif 重算。",
                "The history is too long to be replayed at once: use relief whatif.",
            )
        )
    if faults:
        raise Invalid(*faults)


async def _replayed(tx: Tx, policy: PolicyRow, scenario: Terms) -> dict[str, Share]:
    """Replay the history under the scenario alone, in a thread beside the requests."""
    sheet = Replay((scenario,))
    opening = await opening_usage(tx, policy.id)
    balances = tuple(one for each in opening.values() for one in each)
    claims = [
        claim async for claim in past_claims(tx, policy.id, by_family=not one_sequence((scenario,)))
    ]
    return await asyncio.to_thread(_run, sheet, tuple(claims), balances)


def _run(
    sheet: Replay, claims: tuple[PastClaim, ...], opening: tuple[Opening, ...]
) -> dict[str, Share]:
    sheet.run(Chunk(claims, opening))
    return sheet.end()[0].by_category


def _under(exposure: Exposure, share: Share) -> Past:
    return Past(exposure.people, exposure.days, share.fen, share.squares)


def _price(policy: PolicyRow, terms: Terms, category: str, *, own: bool) -> int:
    """Give the price of one head in fen: the policy's own where it has one, else the terms'."""
    if own and policy.premium_per_person_fen:
        return policy.premium_per_person_fen
    return premium_per_head_fen(terms, category, policy.period_from)
