"""Claims of one disaster share what a limit leaves them, when two persons have it so."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.db.claims import ClaimRow
from app.db.session import Database
from app.domain.caller import Caller
from app.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, OutOfArea, VersionStale
from app.domain.limits import Exceeded, Scope
from app.domain.notice import EventReport
from app.domain.sentences import sentence_zh
from app.domain.terms import Terms
from app.services.estimates.explain_claim import explain_claim
from app.services.notices.withdraw_notice import withdraw_notice
from app.services.policies.scale_back import (
    Wanted,
    confirm_scale_back,
    list_scale_backs,
    preview_scale_back,
    propose_scale_back,
    reject_scale_back,
)
from tests.cases import EVENT_ON, claim_view, decided, deliver, file, work
from tests.contracts import COUNTY, OTHER_COUNTY, TOWNSHIP
from tests.domain.facts_made import make_limit, make_terms
from tests.limits import (
    all_come_out_again,
    amounts_of,
    ceiling,
    county_under,
    of_bills,
    paying,
    used,
    yuan,
)
from tests.services.test_decisions import SECOND

STORM = "台风-1"
WANTED = Wanted(STORM, "应赔合计超过一次灾害总限额")


def disaster(amount: float = 100, scope: Scope = Scope.EVENT, *limits: object) -> Terms:
    """A cover over bills with a limit on all claims of one disaster, or of the year, in yuan."""
    code = "event" if scope is Scope.EVENT else "year"
    limit = make_limit(
        yuan(amount), code=code, scope=scope, covers=("medical",), exceeded=Exceeded.SCALED_BACK
    )
    cover = paying(100, *limits)  # type: ignore[arg-type]
    return replace(make_terms(cover), limits=(limit,))


async def struck(
    database: Database, name: str, amount: float, person: int, occurrence: str = STORM
) -> str:
    """A claim for the storm of so many yuan; gives its number."""
    event = EventReport("illness", "typhoon", EVENT_ON, "示范镇", occurrence=occurrence)
    filed = await file(database, of_bills(name, amount, person=person, event=event))
    await work(database)
    return filed.claims[0].claim_no


async def three(database: Database, terms: Terms | None = None) -> list[str]:
    """Three claims of 60 yuan each against a limit of 100: first come, 60, 40 and nothing."""
    await county_under(database, terms or disaster(), households=(1, 1, 1))
    return [await struck(database, f"S{n}", 60, n) for n in (1, 2, 3)]


async def propose(database: Database, wanted: Wanted = WANTED, policy_no: str = "P-1") -> int:
    async with database.transaction(COUNTY) as tx:
        return (await propose_scale_back(tx, policy_no, wanted)).seq


async def confirm(database: Database, seq: int = 1, caller: Caller = SECOND) -> None:
    async with database.transaction(caller) as tx:
        await confirm_scale_back(tx, "P-1", seq)


async def amounts(database: Database, claims: list[str]) -> list[int]:
    return await amounts_of(database, claims)


async def claim_of(database: Database, claim_no: str) -> ClaimRow:
    return (await claim_view(database, claim_no)).claim


async def test_first_come_is_the_rule_until_two_persons_have_it_shared(database: Database) -> None:
    claims = await three(database)
    assert await amounts(database, claims) == [6_000, 4_000, 0]
    await confirm(database, await propose(database))
    assert await amounts(database, claims) == [3_334, 3_333, 3_333]
    assert await used(database, Scope.EVENT) == [10_000]
    assert await all_come_out_again(database) == 6


async def test_each_share_is_an_explained_line(database: Database) -> None:
    claims = await three(database)
    await confirm(database, await propose(database))
    async with database.transaction(COUNTY) as tx:
        told = await explain_claim(tx, claims[0])
    (line,) = [
        sentence_zh(one) for one in told.assessment.lines if "按比例回调" in sentence_zh(one)
    ]
    assert line == (
        "按比例回调（封顶，P-1 回调第 1 号）：应赔合计 180.00 元 超过可用限额 100.00 元，"
        "本案由 60.00 元 减为 33.34 元"
    )


async def test_a_preview_stores_nothing(database: Database) -> None:
    claims = await three(database)
    async with database.transaction(COUNTY) as tx:
        told = await preview_scale_back(tx, "P-1", WANTED)
        assert await list_scale_backs(tx, "P-1") == []
    assert (told.limit_fen, told.kept_fen, told.due_fen) == (10_000, 0, 18_000)
    assert [share for _, _, share in told.shares] == [3_334, 3_333, 3_333]
    assert await amounts(database, claims) == [6_000, 4_000, 0]


async def test_what_was_decided_keeps_its_own(database: Database) -> None:
    claims = await three(database)
    await deliver(database, claims[0], "claim.decided", **decided(amount="60.00"))
    await work(database)
    await confirm(database, await propose(database))
    assert await amounts(database, claims) == [6_000, 2_000, 2_000]
    assert (await claim_of(database, claims[0])).decided_fen == 6_000
    assert await used(database, Scope.EVENT) == [10_000]


async def test_a_later_claim_finds_nothing_until_all_share_again(database: Database) -> None:
    claims = await three(database)
    await confirm(database, await propose(database))
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, claims[2].rpartition("-")[0], "填错")
    claims[2] = await struck(database, "S4", 30, 3)
    assert await amounts(database, claims) == [3_334, 3_333, 3_000]
    await confirm(database, await propose(database))
    assert await amounts(database, claims) == [4_000, 4_000, 2_000]
    assert await used(database, Scope.EVENT) == [10_000]
    await all_come_out_again(database)


async def test_other_occurrences_and_other_limits_are_left_alone(database: Database) -> None:
    claims = await three(database, disaster(100, Scope.EVENT, ceiling(50)))
    other = await struck(database, "X", 45, 2, "台风-2")
    assert await amounts(database, [*claims, other]) == [5_000, 5_000, 0, 0]
    await confirm(database, await propose(database))
    # Person 2 has nothing left of the year's 50 yuan but what this claim itself gives up.
    assert await amounts(database, [*claims, other]) == [3_334, 3_333, 3_333, 0]


async def test_a_limit_of_the_year_is_shared_by_all_of_its_claims(database: Database) -> None:
    await county_under(database, disaster(100, Scope.POLICY_YEAR), households=(1, 1))
    claims = [await struck(database, "A", 80, 1), await struck(database, "B", 80, 2, "台风-2")]
    assert await amounts(database, claims) == [8_000, 2_000]
    await confirm(database, await propose(database, replace(WANTED, occurrence="2026-01-01")))
    assert await amounts(database, claims) == [5_000, 5_000]


async def test_four_eyes_and_one_proposal_at_a_time(database: Database) -> None:
    claims = await three(database)
    seq = await propose(database)
    with pytest.raises(IllegalMove):
        await propose(database)
    with pytest.raises(Forbidden):
        await confirm(database, seq, COUNTY)
    with pytest.raises(NotFound):
        await confirm(database, 9)
    with pytest.raises(NotFound):
        await confirm(database, seq, OTHER_COUNTY)
    async with database.transaction(SECOND) as tx:
        assert (await reject_scale_back(tx, "P-1", seq)).state == "rejected"
    with pytest.raises(IllegalMove):
        await confirm(database, seq)
    assert await amounts(database, claims) == [6_000, 4_000, 0]


async def test_a_township_does_not_scale_back(database: Database) -> None:
    await three(database)
    with pytest.raises(OutOfArea):
        async with database.transaction(TOWNSHIP) as tx:
            await propose_scale_back(tx, "P-1", WANTED)


async def test_what_changed_since_the_proposal_stops_it(database: Database) -> None:
    claims = await three(database)
    seq = await propose(database)
    await deliver(database, claims[1], "claim.decided", **decided(amount="40.00"))
    await work(database)
    with pytest.raises(VersionStale):
        await confirm(database, seq)
    async with database.transaction(COUNTY) as tx:
        assert [row.state for row in await list_scale_backs(tx, "P-1")] == ["proposed"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"occurrence": "台风-9"}, "/occurrence"),
        ({"limit": "other"}, "/limit"),
        ({"reason_zh": "电话 13812345678"}, "/reason_zh"),
    ],
)
async def test_what_cannot_be_shared_is_named(
    database: Database, changed: Mapping[str, str], pointer: str
) -> None:
    await three(database)
    with pytest.raises(Invalid) as refused:
        await propose(database, replace(WANTED, **changed))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


async def test_terms_that_say_nothing_stay_first_come(database: Database) -> None:
    silent = disaster()
    (limit,) = silent.limits
    silent = replace(silent, limits=(replace(limit, exceeded=Exceeded.FIRST_COME),))
    claims = await three(database, silent)
    with pytest.raises(Invalid):
        await propose(database)
    assert await amounts(database, claims) == [6_000, 4_000, 0]


async def test_within_the_limit_there_is_nothing_to_share(database: Database) -> None:
    await county_under(database, disaster())
    await struck(database, "A", 40, 1)
    with pytest.raises(Invalid):
        await propose(database)


async def test_f57_two_who_confirm_at_once_share_it_once(fresh_database: Database) -> None:
    claims = await three(fresh_database)
    seq = await propose(fresh_database)
    third = replace(SECOND, actor="key:third")
    told = await asyncio.gather(
        confirm(fresh_database, seq), confirm(fresh_database, seq, third), return_exceptions=True
    )
    assert [type(one) for one in told if one is not None] == [IllegalMove]
    assert await amounts(fresh_database, claims) == [3_334, 3_333, 3_333]


async def test_f53_claims_that_arrive_meanwhile_never_exceed_the_limit(
    fresh_database: Database,
) -> None:
    await three(fresh_database)
    seq = await propose(fresh_database)
    late = asyncio.gather(*(struck(fresh_database, f"L{n}", 20, n) for n in (1, 2, 3)))
    told = (await asyncio.gather(confirm(fresh_database, seq), return_exceptions=True))[0]
    await late
    assert told is None or isinstance(told, VersionStale)
    assert sum(await used(fresh_database, Scope.EVENT)) == 10_000
    await all_come_out_again(fresh_database)
