"""Two people who act on one claim at the same moment: one of them wins, by the version."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from app.db.claims import ClaimRow
from app.db.session import Database
from app.domain.errors import Forbidden, IllegalMove, ReliefError, VersionStale
from app.domain.lifecycle import ClaimStatus, Outcome
from app.services.claims.approve_claim import approve_claim
from app.services.claims.decide_fund_claim import confirm_decision, propose_decision
from app.services.funds.read_fund import read_fund
from app.services.notices.withdraw_notice import withdraw_notice
from tests.cases import claim_view
from tests.contracts import COUNTY, TOWNSHIP
from tests.paying import SECOND
from tests.services.test_funds import PAPERS, POLICY, delegate, fund, pending


async def at_once(*acts: Coroutine[Any, Any, None]) -> list[str]:
    """Begin acts together; give what became of each, in the order of the words."""

    async def named(act: Coroutine[Any, Any, None]) -> str:
        try:
            await act
        except ReliefError as refused:
            return type(refused).__name__
        return "done"

    return sorted(await asyncio.gather(*(named(act) for act in acts)))


async def approve(database: Database, claim: ClaimRow) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        await approve_claim(tx, claim.claim_no, claim.version)


async def withdraw(database: Database, claim: ClaimRow) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, claim.notice_no, "填错")


async def fund_claim(database: Database) -> ClaimRow:
    await fund(database)
    await delegate(database, 10_000_000)
    return await pending(database, 1, *PAPERS)


async def test_f57_approved_twice_at_once_is_approved_once(fresh_database: Database) -> None:
    claim = await fund_claim(fresh_database)
    done = await at_once(*(approve(fresh_database, claim) for _ in range(3)))
    assert done == ["VersionStale", "VersionStale", "done"]
    async with fresh_database.transaction(COUNTY) as tx:
        assert (await read_fund(tx, POLICY)).committed_fen == claim.assessed_fen


async def test_f57_of_an_approval_and_a_withdrawal_at_once_one_wins(
    fresh_database: Database,
) -> None:
    claim = await fund_claim(fresh_database)
    done = await at_once(approve(fresh_database, claim), withdraw(fresh_database, claim))
    now = (await claim_view(fresh_database, claim.claim_no)).claim
    async with fresh_database.transaction(COUNTY) as tx:
        committed = (await read_fund(tx, POLICY)).committed_fen
    if now.status is ClaimStatus.DECIDED:
        assert (done, committed) == (["IllegalMove", "done"], claim.assessed_fen)
    else:
        assert now.status is ClaimStatus.WITHDRAWN
        assert (done, committed) == (["VersionStale", "done"], 0)


async def test_f57_who_proposes_never_confirms_and_two_confirmations_decide_once(
    fresh_database: Database,
) -> None:
    claim = await fund_claim(fresh_database)
    assert claim.assessed_fen
    async with fresh_database.transaction(COUNTY) as tx:
        proposed = await propose_decision(
            tx,
            claim.claim_no,
            claim.version,
            outcome=Outcome.FULL,
            amount_fen=claim.assessed_fen,
            reason_zh=None,
        )
    async with fresh_database.transaction(COUNTY) as tx:
        with pytest.raises(Forbidden):
            await confirm_decision(tx, claim.claim_no, proposed.version)

    async def confirm() -> None:
        async with fresh_database.transaction(SECOND) as tx:
            await confirm_decision(tx, claim.claim_no, proposed.version)

    assert await at_once(confirm(), confirm()) == ["VersionStale", "done"]
    async with fresh_database.transaction(SECOND) as tx:
        with pytest.raises((IllegalMove, VersionStale)):
            await confirm_decision(tx, claim.claim_no, proposed.version + 1)
