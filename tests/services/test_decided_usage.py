"""What insurers decide beyond our sums is booked, paid, and told as a difference; never refused."""

from app.api.claim_views import show_timeline
from app.db.invariants import INVARIANTS, check
from app.db.session import Database
from app.domain.lifecycle import ClaimStatus
from app.domain.limits import Scope
from app.domain.policy import Contract
from app.services.claims.read_claim import read_timeline
from tests.cases import claim_view, decided, deliver, file, work
from tests.contracts import COUNTY, SYSTEM
from tests.limits import amounts_of, assessed, ceiling, county_under, of_bills, paying, times, used

FIRST_TWO = [one for one in INVARIANTS if one.number in (1, 2)]


async def claim_of(database: Database, name: str, *bills: float, place: int = 0) -> str:
    filed = await file(database, of_bills(name, *bills))
    await work(database)
    return filed.claims[place].claim_no


async def decide(database: Database, claim_no: str, amount: str, outcome: str = "goodwill") -> None:
    told = decided(outcome, amount, reason_zh="通融")
    await deliver(database, claim_no, "claim.decided", **told)
    await work(database)


async def told_of(database: Database, claim_no: str) -> str:
    """How the timeline tells the decision."""
    async with database.transaction(COUNTY) as tx:
        shown = show_timeline(await read_timeline(tx, claim_no)).items
    return next(one.text_zh for one in shown if one.type == "claim.decide")


async def books_hold(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        assert [(await check(tx, one)).places for one in FIRST_TWO] == [(), ()]


async def difference_of(database: Database, claim_no: str) -> str | None:
    seen = (await claim_view(database, claim_no)).decision
    assert seen is not None
    return seen.difference


async def test_what_was_assessed_at_nothing_and_paid_counts_on_caps_and_bill(
    database: Database,
) -> None:
    await county_under(database, paying(100, ceiling(600), deductible=10_000))
    claim_no = await claim_of(database, "A", 2_000, 1_000)
    assert await amounts_of(database, [claim_no]) == [0]
    await decide(database, claim_no, "500.00")
    assert await used(database, Scope.BILL) == [33_333, 16_667]
    assert 50_000 in await used(database, Scope.PERSON_YEAR)
    assert await difference_of(database, claim_no) == "open"
    # The deductible is eaten by now but for 7,000 yuan, and 100 yuan are left of the year's cap.
    assert await assessed(database, of_bills("B", 9_000)) == [10_000]
    await books_hold(database)


async def test_where_the_bill_has_no_room_the_payment_stands_and_is_told(
    database: Database,
) -> None:
    await county_under(database, paying(100), paying(100, ceiling(600)))
    filed = await file(database, of_bills("A", 1_000))
    await work(database)
    first, second = (claim.claim_no for claim in filed.claims)
    await decide(database, first, "1000.00", "full")
    assert await amounts_of(database, [second]) == [0]
    await decide(database, second, "500.00")
    seen = (await claim_view(database, second)).claim
    assert (seen.status, seen.decided_fen) == (ClaimStatus.PAYING, 50_000)
    assert await used(database, Scope.BILL) == [100_000]
    assert await used(database, Scope.PERSON_YEAR) == [50_000]
    assert await told_of(database, second) == "作出结论（已定论），超出单据余额 500.00 元"
    assert await difference_of(database, second) == "open"
    await books_hold(database)


async def test_more_than_the_bill_leaves_is_paid_but_not_held_of_it(database: Database) -> None:
    await county_under(database, paying(50))
    claim_no = await claim_of(database, "A", 1_000)
    await decide(database, claim_no, "1200.00")
    assert await used(database, Scope.BILL) == [100_000]
    assert "超出单据余额 200.00 元" in await told_of(database, claim_no)
    await books_hold(database)


async def test_beyond_a_cap_is_booked_and_told_whatever_the_tolerance(database: Database) -> None:
    cover = paying(50, ceiling(5_000))
    await county_under(database, cover, contract=Contract(tolerance_fen=10_000_000))
    claim_no = await claim_of(database, "A", 20_000)
    await decide(database, claim_no, "7000.00")
    assert await used(database, Scope.PERSON_YEAR) == [700_000]
    assert "超出封顶 2,000.00 元" in await told_of(database, claim_no)
    assert await difference_of(database, claim_no) == "open"
    assert await assessed(database, of_bills("B", 9_000)) == [0]


async def test_within_cap_and_bill_nothing_is_beyond(database: Database) -> None:
    await county_under(database, paying(50, ceiling(5_000)))
    claim_no = await claim_of(database, "A", 2_000)
    await decide(database, claim_no, "1100.00")
    assert await told_of(database, claim_no) == "作出结论（已定论）"
    assert await used(database, Scope.BILL) == [110_000]


async def test_times_and_days_beyond_their_limit_are_told_in_their_own_units(
    database: Database,
) -> None:
    await county_under(database, paying(100, times(1)))
    await decide(database, await claim_of(database, "A", 1_000), "1000.00", "full")
    claim_no = await claim_of(database, "B", 1_000)
    assert await amounts_of(database, [claim_no]) == [0]
    await decide(database, claim_no, "300.00")
    assert await used(database, Scope.PERSON_YEAR) == [2]
    assert "超出封顶 1 次" in await told_of(database, claim_no)
