"""What claims software gets wrong: sums that are known beforehand, against the whole house."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.db.session import Database
from app.domain.caller import Caller
from app.domain.errors import DuplicateNotice, NotFound
from app.domain.figures import Selector, Table
from app.domain.limits import Scope
from app.domain.notice import EventReport
from app.domain.words import BillKind, EventKind
from app.services.claims.assess_notice import assess_notice
from app.services.claims.read_claim import read_claim
from app.services.notices.read_notice import read_notice
from tests.cases import EVENT_ON, draft, file, submit, work
from tests.contracts import OTHER_COUNTY, OTHER_INSURER, OTHER_TOWN, SYSTEM, TOWNSHIP
from tests.database import in_thread_call
from tests.domain.facts_made import make_terms
from tests.limits import (
    all_come_out_again,
    amounts_of,
    assessed,
    ceiling,
    county_under,
    of_bills,
    paid_by_person,
    paying,
    times,
    used,
    yuan,
)
from tests.racing import assess_in_two_processes


@pytest.mark.parametrize(
    ("percent", "deductible", "bills", "due"),
    [
        (80, None, (300,), 24_000),
        (100, 150, (100,), 0),
        (100, 150, (100, 200), 15_000),
        (100, None, (10.75,), 1_075),
        (33, None, (0.05,), 2),
        (100, None, (100, 100, 200), 40_000),
    ],
    ids=[
        "co-insurance of 80 % on 300 pays 240",
        "a bill below the deductible pays nothing",
        "a deductible is taken once over two bills",
        "10.75 is paid to the fen",
        "0.0165 is rounded half up to 0.02",
        "two bills of 100 and one of 200 are 400",
    ],
)
async def test_a_claim_pays_to_the_fen(
    database: Database,
    percent: int,
    deductible: float | None,
    bills: tuple[float, ...],
    due: int,
) -> None:
    await county_under(database, paying(percent, deductible=deductible))
    assert await assessed(database, of_bills("one", *bills)) == [due]
    assert sum(await used(database, Scope.BILL)) == due


async def test_a_yearly_deductible_is_eaten_across_claims_and_only_once(database: Database) -> None:
    await county_under(database, paying(deductible=150))
    due = [
        await assessed(database, of_bills("a", 100)),
        await assessed(database, of_bills("b", 200)),
        await assessed(database, of_bills("c", 60)),
        await assessed(database, of_bills("d", 60, person=2)),
    ]
    assert due == [[0], [15_000], [6_000], [0]]
    assert await used(database, Scope.PERSON_YEAR) == [15_000, 6_000]


async def test_a_ceiling_of_250_pays_200_and_then_50(database: Database) -> None:
    await county_under(database, paying(100, ceiling(250)))
    assert await assessed(database, of_bills("a", 200)) == [20_000]
    assert await assessed(database, of_bills("b", 200)) == [5_000]
    assert await assessed(database, of_bills("c", 200)) == [0]
    assert await used(database, Scope.PERSON_YEAR) == [25_000]


async def test_two_processes_at_once_pay_250_together(
    fresh_database: Database, fresh_database_url: str
) -> None:
    """One person's two claims, two of a household, two of a policy: three races, one after another.

    Each kind of event has a cover of its own, with a limit of its own scope.
    """
    races = {
        EventKind.ILLNESS: (Scope.PERSON_YEAR, 1),
        EventKind.ACCIDENT: (Scope.HOUSEHOLD_YEAR, 2),
        EventKind.CRITICAL_ILLNESS: (Scope.POLICY_YEAR, 3),
    }
    covers = tuple(
        replace(paying(100, ceiling(250, scope)), code=kind.value, events=(kind,))
        for kind, (scope, _) in races.items()
    )
    await county_under(fresh_database, make_terms(*covers), households=(2, 1))
    filed: list[list[str]] = [[], []]
    for kind, (_, rival) in races.items():
        event = EventReport(kind.value, "disease", EVENT_ON, "示范镇")
        for at, person in enumerate((1, rival)):
            content = of_bills(f"{kind}-{at}", 200, person=person, event=event)
            filed[at].append((await file(fresh_database, content)).notice.notice_no)
    in_thread_call(assess_in_two_processes, fresh_database_url, filed)
    for ours, theirs in zip(*filed, strict=True):
        amounts = await amounts_of(fresh_database, [f"{ours}-1", f"{theirs}-1"])
        assert sorted(amounts) == [5_000, 20_000]
    for scope, _ in races.values():
        assert await used(fresh_database, scope) == [25_000]
    assert await all_come_out_again(fresh_database) == 6


async def test_lines_of_two_policies_count_once_and_each_under_its_own(database: Database) -> None:
    inpatient = paying(100, ceiling(1_000), kinds=(BillKind.INPATIENT,))
    outpatient = paying(100, ceiling(1_000), kinds=(BillKind.OUTPATIENT,))
    await county_under(database, inpatient, outpatient)
    bills = (paid_by_person("in", 100), paid_by_person("out", 10, "outpatient"))
    assert await assessed(database, of_bills("both", bills=bills)) == [10_000, 1_000]
    assert await used(database, Scope.PERSON_YEAR) == [10_000, 1_000]


@pytest.mark.parametrize("days_before", [0, 40], ids=["same day", "back-dated"])
async def test_of_two_consultations_only_the_first_is_paid(
    database: Database, days_before: int
) -> None:
    await county_under(database, paying(100, times(1)))
    assert await assessed(database, of_bills("first", 30)) == [3_000]
    on = EVENT_ON - timedelta(days=days_before)
    earlier = EventReport("illness", "disease", on, "示范镇")
    assert await assessed(database, of_bills("second", 30, event=earlier)) == [0]
    assert await used(database, Scope.PERSON_YEAR) == [1]


async def test_a_claim_that_is_evaluated_twice_uses_its_limit_once(database: Database) -> None:
    await county_under(database, paying(100, ceiling(250)))
    filed = await file(database, of_bills("a", 200))
    await work(database)
    for _ in range(2):
        async with database.transaction(SYSTEM) as tx:
            await assess_notice(tx, filed.notice.notice_no)
    assert await assessed(database, of_bills("b", 100)) == [5_000]
    assert await used(database, Scope.PERSON_YEAR) == [25_000]


async def test_a_household_has_100_and_50_for_each_further_member(database: Database) -> None:
    """The number of members is told in the notice; the limit is the household's."""
    by_members = Table(
        Selector.EXTRA, "members", {str(n): yuan(100 + 50 * (n - 1)) for n in (1, 2, 3, 4)}, None
    )
    await county_under(
        database, paying(100, ceiling(by_members, Scope.HOUSEHOLD_YEAR)), households=(4, 1)
    )

    async def claimed(name: str, amount: int, person: int, members: int) -> list[int]:
        content = of_bills(name, amount, person=person)
        return await assessed(database, replace(content, extra={"members": str(members)}))

    assert await claimed("a", 200, 1, 4) == [20_000]
    assert await claimed("b", 200, 2, 4) == [5_000]
    assert await claimed("c", 200, 5, 1) == [10_000]
    assert await used(database, Scope.HOUSEHOLD_YEAR) == [25_000, 10_000]


async def test_of_one_settlement_filed_twice_at_once_one_claim_comes(
    fresh_database: Database,
) -> None:
    await county_under(fresh_database, paying())
    drafts = [await draft(fresh_database, of_bills("same", 200)) for _ in range(4)]
    ended = await asyncio.gather(
        *(submit(fresh_database, number) for number in drafts), return_exceptions=True
    )
    refused = [one for one in ended if isinstance(one, BaseException)]
    assert [type(one) for one in refused] == [DuplicateNotice] * 3
    await work(fresh_database)
    assert await used(fresh_database, Scope.BILL) == [20_000]


OTHER_TOWNSHIP = replace(
    TOWNSHIP, area_lo=OTHER_TOWN, area_hi=OTHER_TOWN + 1000, actor="key:other-town"
)


@pytest.mark.parametrize("caller", [OTHER_COUNTY, OTHER_TOWNSHIP, OTHER_INSURER])
async def test_a_foreign_area_and_another_insurer_see_nothing(
    database: Database, caller: Caller
) -> None:
    await county_under(database, paying())
    filed = await file(database, of_bills("a", 200))
    await work(database)
    async with database.transaction(caller) as tx:
        with pytest.raises(NotFound):
            await read_claim(tx, filed.claims[0].claim_no)
        with pytest.raises(NotFound):
            await read_notice(tx, filed.notice.notice_no)
