"""Another amount for a cover: proposed by one person, settled by another, within every limit."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Caller
from app.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, ReliefError, VersionStale
from app.domain.lifecycle import ClaimStatus
from app.domain.limits import Scope
from app.domain.policy import Approval
from app.domain.sentences import sentence_zh
from app.services.claims.approve_claim import approve_claim
from app.services.claims.override_claim import (
    NewOverride,
    Overridden,
    confirm_override,
    list_overrides,
    propose_override,
    reject_override,
)
from app.services.estimates.explain_claim import explain_claim
from app.services.notices.record_payer import record_payer
from tests.cases import CHUNAN, county_with, decided, deliver, file, notice, work
from tests.cases import claim_view as view
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.limits import (
    all_come_out_again,
    amounts_of,
    ceiling,
    county_under,
    of_bills,
    paying,
    used,
)
from tests.services.test_decisions import SECOND

WANTED = NewOverride("medical", 400_000, "一事一议", "第八条")


async def assessed_claim(database: Database, *bills: float, percent: int = 50) -> str:
    """A claim of 50 % of its bills (3,000 yuan), at its insurer; caps: 5,000 a person, a bill's."""
    await county_under(database, paying(percent, ceiling(5_000)))
    filed = await file(database, of_bills("S", *(bills or (6_000,))))
    await work(database)
    return filed.claims[0].claim_no


async def propose(
    database: Database, claim_no: str, new: NewOverride = WANTED, caller: Caller = COUNTY
) -> Overridden:
    version = (await view(database, claim_no)).claim.version
    async with database.transaction(caller) as tx:
        return await propose_override(tx, claim_no, version, new)


async def confirm(
    database: Database, claim_no: str, seq: int = 1, caller: Caller = SECOND
) -> Overridden:
    version = (await view(database, claim_no)).claim.version
    async with database.transaction(caller) as tx:
        return await confirm_override(tx, claim_no, version, seq)


async def approved(database: Database, claim_no: str, new: NewOverride = WANTED) -> Overridden:
    row = (await propose(database, claim_no, new)).override
    return await confirm(database, claim_no, row.seq)


async def sentences(database: Database, claim_no: str) -> list[str]:
    async with database.transaction(COUNTY) as tx:
        told = await explain_claim(tx, claim_no)
    return [sentence_zh(line) for line in told.assessment.lines]


async def types(database: Database, claim_no: str) -> list[str]:
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text("SELECT type FROM event WHERE number = :no ORDER BY version"), {"no": claim_no}
        )
        return [row.type for row in rows]


async def test_an_override_takes_effect_when_another_person_confirms_it(database: Database) -> None:
    claim_no = await assessed_claim(database)
    proposed = await propose(database, claim_no)
    assert proposed.comes_to_fen == 400_000
    assert await amounts_of(database, [claim_no]) == [300_000]
    assert await used(database, Scope.PERSON_YEAR) == [300_000]

    done = await confirm(database, claim_no)
    assert (done.override.state, done.comes_to_fen) == ("confirmed", 400_000)
    assert await amounts_of(database, [claim_no]) == [400_000]
    assert await used(database, Scope.PERSON_YEAR) == [400_000]
    assert await used(database, Scope.BILL) == [400_000]
    assert await all_come_out_again(database) == 2
    assert (await types(database, claim_no))[-3:] == [
        "claim.propose_override",
        "claim.confirm_override",
        "claim.assess",
    ]


async def test_its_sentence_names_the_reason_the_basis_and_the_approval(database: Database) -> None:
    claim_no = await assessed_claim(database)
    await approved(database, claim_no)
    (told,) = [one for one in await sentences(database, claim_no) if "经批准" in one]
    assert told == (
        f"经批准调整（一事一议，依据：第八条，{claim_no} 特批第 1 号）："
        "由 3,000.00 元 调整为 4,000.00 元"
    )


@pytest.mark.parametrize("act", [confirm_override, reject_override])
async def test_the_proposer_settles_nothing(database: Database, act: object) -> None:
    claim_no = await assessed_claim(database)
    version = (await propose(database, claim_no)).claim.version
    with pytest.raises(Forbidden):
        async with database.transaction(COUNTY) as tx:
            await act(tx, claim_no, version, 1)  # type: ignore[operator]
    assert await amounts_of(database, [claim_no]) == [300_000]


async def test_four_eyes_stand_in_the_database_too(database: Database) -> None:
    claim_no = await assessed_claim(database)
    await propose(database, claim_no)
    statement = "UPDATE claim_override SET state = 'confirmed', settled_on = '2026-01-01', "
    with pytest.raises(Exception, match="four_eyes"):
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text(statement + "settled_by = proposed_by"))


async def test_the_cap_of_the_person_holds_for_it(database: Database) -> None:
    claim_no = await assessed_claim(database, 20_000, percent=10)
    done = await approved(database, claim_no, replace(WANTED, amount_fen=900_000))
    assert done.comes_to_fen == 500_000
    assert await used(database, Scope.PERSON_YEAR) == [500_000]
    assert any("减为 5,000.00 元" in one for one in await sentences(database, claim_no))


async def test_what_is_left_of_the_bill_holds_for_it(database: Database) -> None:
    claim_no = await assessed_claim(database, 2_000)
    done = await approved(database, claim_no)
    assert done.comes_to_fen == 200_000
    assert await used(database, Scope.BILL) == [200_000]


async def test_a_cover_that_owes_nothing_may_be_overridden(database: Database) -> None:
    await county_under(database, paying(50, ceiling(5_000), deductible=10_000))
    claim_no = (await file(database, of_bills("S", 2_000, 4_000))).claims[0].claim_no
    await work(database)
    assert await amounts_of(database, [claim_no]) == [0]
    done = await approved(database, claim_no, replace(WANTED, amount_fen=150_000))
    assert done.comes_to_fen == 150_000
    assert await used(database, Scope.BILL) == [150_000]


async def test_a_later_override_takes_the_place_of_the_earlier_one(database: Database) -> None:
    claim_no = await assessed_claim(database)
    await approved(database, claim_no)
    done = await approved(database, claim_no, replace(WANTED, amount_fen=100_000))
    assert (done.override.seq, done.comes_to_fen) == (2, 100_000)
    assert await used(database, Scope.PERSON_YEAR) == [100_000]
    assert await all_come_out_again(database) == 3


async def test_one_proposal_at_a_time_and_a_rejected_one_changes_nothing(
    database: Database,
) -> None:
    claim_no = await assessed_claim(database)
    version = (await propose(database, claim_no)).claim.version
    with pytest.raises(IllegalMove):
        await propose(database, claim_no)
    async with database.transaction(SECOND) as tx:
        done = await reject_override(tx, claim_no, version, 1)
    assert (done.override.state, done.comes_to_fen) == ("rejected", 300_000)
    with pytest.raises(IllegalMove):
        await confirm(database, claim_no)
    with pytest.raises(NotFound):
        await confirm(database, claim_no, seq=9)
    async with database.transaction(COUNTY) as tx:
        assert [one.state for one in await list_overrides(tx, claim_no)] == ["rejected"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"cover": "death"}, "/cover"),
        ({"reason_zh": "请电 13812345678"}, "/reason_zh"),
        ({"basis_zh": "账号 6200000000001234"}, "/basis_zh"),
    ],
)
async def test_what_cannot_be_proposed_is_named(
    database: Database, changed: dict[str, str], pointer: str
) -> None:
    claim_no = await assessed_claim(database)
    with pytest.raises(Invalid) as refused:
        await propose(database, claim_no, replace(WANTED, **changed))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


async def test_before_the_first_assessment_there_is_nothing_to_override(
    database: Database,
) -> None:
    await county_under(database, paying(50))
    claim_no = (await file(database, of_bills("S", 2_000))).claims[0].claim_no
    with pytest.raises(NotFound):
        await propose(database, claim_no)


async def test_a_decided_claim_is_not_touched(database: Database) -> None:
    claim_no = await assessed_claim(database)
    await propose(database, claim_no)
    await deliver(database, claim_no, "claim.decided", **decided(amount="3000.00"))
    await work(database)
    for act in (propose, confirm):
        with pytest.raises(IllegalMove):
            await act(database, claim_no)
    assert await used(database, Scope.PERSON_YEAR) == [300_000]


async def test_a_claim_on_its_way_to_the_insurer_is_not_referred_again(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = await work(database)
    assert (await view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW
    cover = (await covers(database, claim_no))[0]
    await approved(database, claim_no, replace(WANTED, cover=cover))
    await work(database, wire)
    assert wire.kinds() == ["refer_claim"]
    assert (await view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW


async def covers(database: Database, claim_no: str) -> list[str]:
    async with database.transaction(COUNTY) as tx:
        told = await explain_claim(tx, claim_no)
    return [one.cover for one in told.assessment.covers]


async def test_an_override_outlasts_a_later_payer_and_gives_way_to_it(database: Database) -> None:
    await county_under(database, paying(50))
    filed = await file(database, of_bills("S", 6_000))
    claim_no = filed.claims[0].claim_no
    await work(database)
    await approved(database, claim_no, replace(WANTED, amount_fen=500_000))
    async with database.transaction(TOWNSHIP) as tx:
        await record_payer(tx, filed.notice.notice_no, "bill-1", "charity", 200_000)
    await work(database)
    async with database.transaction(COUNTY) as tx:
        told = await explain_claim(tx, claim_no)
    assert told.assessment.amount_fen == 400_000  # told as a difference: the insurer has the claim
    assert await amounts_of(database, [claim_no]) == [500_000]
    await all_come_out_again(database)


async def test_f57_of_two_who_settle_at_once_one_wins(fresh_database: Database) -> None:
    claim_no = await assessed_claim(fresh_database)
    version = (await propose(fresh_database, claim_no)).claim.version

    async def settle(act: object, caller: Caller) -> str:
        try:
            async with fresh_database.transaction(caller) as tx:
                done = await act(tx, claim_no, version, 1)  # type: ignore[operator]
        except ReliefError as refused:
            return type(refused).__name__
        return str(done.override.state)

    third = replace(SECOND, actor="key:third")
    told = await asyncio.gather(
        settle(confirm_override, SECOND),
        settle(confirm_override, third),
        settle(reject_override, third),
        settle(confirm_override, COUNTY),
    )
    assert sum(one in ("confirmed", "rejected") for one in told) == 1
    assert set(told) <= {"confirmed", "rejected", "VersionStale", "Forbidden"}
    async with fresh_database.transaction(COUNTY) as tx:
        (row,) = await list_overrides(tx, claim_no)
    assert row.settled_by in (SECOND.actor, third.actor)


async def test_f57_an_override_and_an_approval_at_once_do_not_both_pass(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN, approval=Approval.COUNTY_CHECK)
    claim_no = (await file(fresh_database, notice())).claims[0].claim_no
    await work(fresh_database)
    cover = (await covers(fresh_database, claim_no))[0]
    version = (await propose(fresh_database, claim_no, replace(WANTED, cover=cover))).claim.version

    async def confirming() -> None:
        async with fresh_database.transaction(SECOND) as tx:
            await confirm_override(tx, claim_no, version, 1)

    async def approving() -> None:
        async with fresh_database.transaction(COUNTY) as tx:
            await approve_claim(tx, claim_no, version)

    told = await asyncio.gather(confirming(), approving(), return_exceptions=True)
    assert [type(one) for one in told if one is not None] == [VersionStale]


async def test_what_no_policy_responds_to_any_more_is_not_approved(database: Database) -> None:
    claim_no = await assessed_claim(database)
    await propose(database, claim_no)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE enrolment SET void = true"))
    with pytest.raises(Invalid):
        await confirm(database, claim_no)
    async with database.transaction(COUNTY) as tx:
        assert [one.state for one in await list_overrides(tx, claim_no)] == ["proposed"]
