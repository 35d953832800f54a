"""One limit of a whole policy, and a hundred claims that want the last of it at once."""

import asyncio

from app.db.session import Database
from app.domain.limits import Scope
from tests.cases import Wire, file, work
from tests.limits import (
    all_come_out_again,
    amounts_of,
    ceiling,
    county_under,
    of_bills,
    paying,
    used,
)

CLAIMS = 100
EACH_FEN = 10_000
LIMIT_YUAN = 6_050


async def test_f53_a_hundred_claims_race_for_a_policys_limit_and_share_it_to_the_fen(
    fresh_database: Database,
) -> None:
    """Sixty are paid in full, one gets the half that is left, and the others nothing."""
    cover = paying(100, ceiling(LIMIT_YUAN, Scope.POLICY_YEAR))
    await county_under(fresh_database, cover, households=(1,) * 10)
    filed = [
        await file(fresh_database, of_bills(f"R-{n}", EACH_FEN / 100, person=1 + n % 10))
        for n in range(CLAIMS)
    ]
    wire = Wire()
    await asyncio.gather(*(work(fresh_database, wire) for _ in range(4)))
    amounts = await amounts_of(fresh_database, [one.claims[0].claim_no for one in filed])
    assert sorted(set(amounts)) == [0, EACH_FEN // 2, EACH_FEN]
    assert (amounts.count(EACH_FEN), amounts.count(EACH_FEN // 2)) == (60, 1)
    assert await used(fresh_database, Scope.POLICY_YEAR) == [LIMIT_YUAN * 100]
    assert await all_come_out_again(fresh_database) == CLAIMS
    assert len(wire.sent) == CLAIMS  # what comes to nothing is the insurer's to say as well
