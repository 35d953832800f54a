"""What if: a policy's year of claims under other terms."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.db.past_claims import categories_of, opening_usage, past_claims
from app.db.policies import PolicyRow, read_policy
from app.db.session import Database, Tx
from app.db.terms import terms_of
from app.domain.caller import Caller
from app.domain.errors import Fault, Invalid
from app.domain.replay import Chunk, Opening, PastClaim, Tally, one_sequence
from app.domain.terms import Terms
from app.services.assessments.pool import replay

CHUNK = 2_000  # claims; a chunk ends with a family


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The policy, all alternatives with its own terms first, and a tally of each."""

    policy: PolicyRow
    alternatives: tuple[Terms, ...]
    tallies: list[Tally]


async def what_if(
    database: Database, caller: Caller, policy_no: str, others: tuple[Terms, ...], workers: int
) -> WhatIf:
    """Replay a policy's claims under its own terms and under others; stores nothing.

    Raises NotFound, and Invalid where terms do not know a category that has claims.
    """
    async with database.transaction(caller) as tx:
        policy = await read_policy(tx, policy_no)
        alternatives = (await terms_of(tx, policy.terms_sha256), *others)
        _refuse_strangers(alternatives, await categories_of(tx, policy.id))
        opening = await opening_usage(tx, policy.id)
        chunks = _chunks(tx, policy, opening, together=one_sequence(alternatives))
        return WhatIf(policy, alternatives, await replay(chunks, alternatives, workers))


def _refuse_strangers(alternatives: tuple[Terms, ...], categories: dict[str, int]) -> None:
    """No year is assessed by half: every category that has claims must be known to all terms."""
    faults = [
        Fault(
            "/categories",
            "terms.invalid",
            f"“{terms.name_zh}”（{terms.scheme_code}）没有类别 {category}（{claims} 件赔案）。",
            f"The terms {terms.scheme_code} do not know {category}, which has {claims} claims.",
            "请在条款的 categories 中加入这一类别。",
        )
        for terms in alternatives[1:]
        for category, claims in categories.items()
        if category not in terms.categories
    ]
    if faults:
        raise Invalid(*faults)


async def _chunks(
    tx: Tx, policy: PolicyRow, opening: dict[str, list[Opening]], *, together: bool
) -> AsyncIterator[Chunk]:
    """Cut the stream between families; the first chunk carries what the policy itself has used."""
    claims: list[PastClaim] = []
    balances = list(opening.get(str(policy.id), ()))
    async for claim in past_claims(tx, policy.id, by_family=not together):
        if len(claims) >= CHUNK and (together or claims[-1].family != claim.family):
            yield Chunk(tuple(claims), tuple(balances))
            claims, balances = [], []
        claims.append(claim)
        for subject in {claim.family, claim.person}:
            balances += opening.pop(subject, ())
    if claims:
        yield Chunk(tuple(claims), tuple(balances))
