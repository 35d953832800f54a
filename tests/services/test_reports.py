"""Reports over real claims: what was done is what is told, and nobody is told of others."""

import pytest

from app.catalogue import load_all
from app.db.session import Database
from app.domain.errors import Invalid, NotFound, OutOfArea
from app.domain.reports import read_period
from app.domain.roster import Member
from app.services.claims.appeal_claim import answer_appeal, appeal_claim
from app.services.policies import enrol, issue_policy
from app.services.reports.scorecard import Scorecard, make_scorecard
from app.services.reports.year_end import YearEnd, settle_policy_year
from app.services.schemes import load_scheme
from tests import contracts
from tests.cases import (
    CHUNAN,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, INSURER, OTHER_COUNTY, OTHER_INSURER, TOWNSHIP, take_on
from tests.people import person

WEIXIAN = "weixian-fangpinbao"
CODE = "demo-insurer"
POLICY = f"P-{CHUNAN}"


async def some_claims(database: Database) -> list[str]:
    """One paid in full, one refused, one for less than our sum, one that is not decided."""
    await county_with(database, CHUNAN, people=4)
    numbers = [(await file(database, notice(n))).claims[0].claim_no for n in range(1, 5)]
    await work(database)
    full, refused, less, _ = numbers
    await deliver(database, full, "claim.decided", **decided())
    await deliver(database, full, "payout.paid", **payout(settlement_no="N-1"))
    told = decided("declined", "0.00", clause="第三条", reason_zh="理由")
    await deliver(database, refused, "claim.decided", **told)
    await deliver(database, less, "claim.decided", **decided("partial", "1500.00"))
    await work(database)
    return numbers


async def scorecard(database: Database, period: str | None = None) -> Scorecard:
    async with database.transaction(COUNTY) as tx:
        return await make_scorecard(tx, CODE, read_period(period or str((await tx.today()).year)))


async def year_end(database: Database, policy_no: str = POLICY) -> YearEnd:
    async with database.transaction(COUNTY) as tx:
        return await settle_policy_year(tx, policy_no)


def values(found: Scorecard | YearEnd) -> dict[str, int | None]:
    return {one.code: one.value for one in found.figures}


async def test_a_scorecard_tells_what_was_decided_refused_and_paid(database: Database) -> None:
    await some_claims(database)
    found = values(await scorecard(database))
    assert (found["decided"], found["undecided"]) == (3, 1)
    assert (found["outcome_full"], found["outcome_declined"], found["refusal_rate"]) == (1, 1, 3333)
    assert (found["decide_days_median"], found["pay_days_median"]) == (0, 0)
    assert (found["difference_less"], found["difference_rate"]) == (250_000, 6666)
    assert (found["incurred"], found["paid"]) == (350_000, 200_000)
    assert found["overdue_decide"] == 0
    before = values(await scorecard(database, "2020"))
    assert (before["decided"], before["undecided"], before["incurred"]) == (0, 0, 0)


async def test_a_refusal_that_an_appeal_overturned_is_told(database: Database) -> None:
    _, refused, *_ = await some_claims(database)
    version = (await claim_view(database, refused)).claim.version
    async with database.transaction(COUNTY) as tx:
        claim = await appeal_claim(tx, refused, version, "appeal", "事故不属于免责情形")
        await answer_appeal(tx, refused, claim.version, "请重新核定", accepted=True)
    await work(database)
    await deliver(database, refused, "claim.decided", **decided())
    await work(database)
    found = values(await scorecard(database))
    assert (found["appealed"], found["overturned_rate"]) == (1, 10_000)
    assert (found["refusals_reversed"], found["outcome_declined"]) == (1, 0)


async def test_a_scorecard_is_of_the_own_area_and_of_the_own_company(database: Database) -> None:
    await some_claims(database)
    await take_on(database, "rival")
    year = read_period("2026")
    async with database.transaction(OTHER_COUNTY) as tx:
        assert values(await make_scorecard(tx, CODE, year))["incurred"] == 0
    async with database.transaction(INSURER) as tx:
        own = values(await make_scorecard(tx, CODE, read_period(str((await tx.today()).year))))
    assert own["decided"] == 3
    for caller, code in ((OTHER_INSURER, CODE), (INSURER, "rival"), (COUNTY, "nobody")):
        with pytest.raises(NotFound):
            async with database.transaction(caller) as tx:
                await make_scorecard(tx, code, year)


async def test_too_many_claims_are_refused_with_the_way_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_claims(database)
    monkeypatch.setattr("app.services.reports.scorecard.MOST", 3)
    with pytest.raises(Invalid) as refused:
        await scorecard(database)
    assert refused.value.faults[0].hint_zh == "请按月查询"


async def test_a_year_is_told_from_the_ledger(database: Database) -> None:
    await some_claims(database)
    found = await year_end(database)
    told = values(found)
    assert (told["incurred"], told["paid"], told["open_claims"]) == (350_000, 200_000, 1)
    assert told["premium"] == 4 * 15_000
    assert found.final is False
    assert [(one.insurer_code, one.incurred_fen, one.paid_fen) for one in found.shares] == [
        (CODE, 350_000, 200_000)
    ]
    (incurred,) = [one for one in found.figures if one.code == "incurred"]
    assert incurred.claims == 2


async def test_a_year_with_agreed_sharing_is_settled(database: Database) -> None:
    await take_on(database)
    form = contracts.policy(f"P-{WEIXIAN}", scheme_code=WEIXIAN, premium_per_person_fen=100_000)
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, load_all()[WEIXIAN])
        await issue_policy(tx, form)
        members = [Member("villager", person(n)) for n in (1, 2)]
        await enrol(tx, f"P-{WEIXIAN}", members)
    told = values(await year_end(database, f"P-{WEIXIAN}"))
    assert (told["premium"], told["surplus"], told["surplus_shared"]) == (200_000,) * 3
    assert told["bureau_bears"] == 0


async def test_a_part_of_a_policy_is_not_settled(database: Database) -> None:
    await some_claims(database)
    for caller, error in (
        (TOWNSHIP, OutOfArea),
        (OTHER_COUNTY, NotFound),
        (OTHER_INSURER, NotFound),
    ):
        with pytest.raises(error):
            async with database.transaction(caller) as tx:
                await settle_policy_year(tx, POLICY)
    async with database.transaction(INSURER) as tx:
        assert values(await settle_policy_year(tx, POLICY))["incurred"] == 350_000
