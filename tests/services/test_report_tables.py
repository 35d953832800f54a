"""Reports over real claims: every figure is what the rows behind it give, to the fen."""

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import text

from app.catalogue import load_all
from app.db.session import Database, Tx
from app.domain.caller import Caller
from app.domain.errors import Invalid
from app.domain.grouping import Group
from app.domain.loss_ratio import by_cover, rest_earned_fen, shares_of
from app.domain.money import half_up
from app.domain.policy import Share
from app.domain.report_tables import Cell, ReportTable
from app.domain.reports import Period, read_period
from app.domain.roster import Member
from app.services.claims.approve_claim import approve_claim
from app.services.people.register_person import register_person
from app.services.policies import enrol, issue_policy
from app.services.reports import asked
from app.services.reports.ageing import make_ageing
from app.services.reports.coverage_gap import make_coverage_gap
from app.services.reports.delegated import make_delegated
from app.services.reports.limits_near_cap import make_limits_near_cap
from app.services.reports.loss_ratio import make_loss_ratio
from app.services.reports.pipeline import make_amounts, make_pipeline
from app.services.reports.self_borne import make_self_borne
from app.services.schemes import load_scheme
from app.services.summaries.fold_summaries import fold_summaries
from tests import contracts
from tests.cases import CHUNAN, HUAINAN, county_with, decided, deliver, file, notice, stay, work
from tests.contracts import COUNTY, INSURER, OTHER_COUNTY, OTHER_TOWN, SYSTEM, TOWN, TOWNSHIP
from tests.limits import ceiling, county_under, of_bills, paying
from tests.paying import later
from tests.people import person
from tests.services.test_funds import PAPERS, delegate, fund, pending
from tests.services.test_reports import POLICY, some_claims

IN_2026 = read_period("2026")
Row = dict[str, Cell]


def rows(table: ReportTable) -> dict[Cell, Row]:
    """Rows by their first cell; each as a dictionary by column."""
    codes = [column.code for column in table.columns]
    return {row[0]: dict(zip(codes, row, strict=True)) for row in table.rows}


async def made(
    database: Database,
    make: object,
    *groups: Group,
    period: Period | None = IN_2026,
    caller: Caller = COUNTY,
) -> ReportTable:
    async with database.transaction(caller) as tx:
        table: ReportTable = await make(tx, groups, period)  # type: ignore[operator]
    assert table.how_zh
    return table


async def test_the_pipeline_counts_each_claim_once_where_it_stands(database: Database) -> None:
    await some_claims(database)
    found = await made(database, make_pipeline, Group.STATUS, Group.OUTCOME, period=None)
    told = {(row[0], row[2]): row[3:] for row in found.rows}
    assert told == {
        ("closed", "declined"): ("不予赔付", 1, 200_000, 0, 0),
        ("closed", "full"): ("全额赔付", 1, 200_000, 200_000, 200_000),
        ("paying", "partial"): ("部分赔付", 1, 200_000, 150_000, 0),
        ("under_review", ""): ("未定", 1, 200_000, 0, 0),
    }
    async with database.transaction(SYSTEM) as tx:
        await fold_summaries(tx)
    assert (await made(database, make_pipeline, Group.STATUS, Group.OUTCOME)).rows == found.rows
    assert (await made(database, make_pipeline, Group.STATUS, caller=OTHER_COUNTY)).rows == []
    assert (
        await made(database, make_pipeline, Group.STATUS, period=read_period("2025"))
    ).rows == []
    by_place = await made(database, make_pipeline, Group.TOWNSHIP, Group.MONTH)
    assert [row[0] for row in by_place.rows] == [str(TOWN)]
    assert by_place.rows[0][2:4] == ("2026-06", 4)


async def test_amounts_are_those_of_the_ledger_and_add_up(database: Database) -> None:
    await some_claims(database)
    for group in (Group.SCHEME, Group.POLICY, Group.INSURER, Group.COUNTY, Group.MONTH):
        (one,) = rows(await made(database, make_amounts, group)).values()
        assert (one["claims"], one["open_claims"], one["expected"]) == (4, 1, 200_000)
        assert (one["incurred"], one["paid"], one["unpaid"]) == (350_000, 200_000, 150_000)
        assert one["recovered"] == 0
    insurer = rows(await made(database, make_amounts, Group.INSURER, caller=INSURER))
    assert insurer["demo-insurer"]["incurred"] == 350_000


async def test_ageing_counts_days_and_what_is_overdue_by_insurer(database: Database) -> None:
    await some_claims(database)

    async def ageing(tx: Tx, groups: Sequence[Group], _: Period | None) -> ReportTable:
        return await make_ageing(tx, groups)

    fresh = rows(await made(database, ageing, Group.INSURER))["demo-insurer"]
    assert (fresh["waiting"], fresh["to_7"], fresh["overdue"]) == (2, 2, 0)
    await later(database, 45)
    late = rows(await made(database, ageing, Group.INSURER))["demo-insurer"]
    assert (late["waiting"], late["over_30"], late["longest"]) == (2, 2, 45)
    assert (late["overdue"], late["overdue_decide"], late["overdue_pay"]) == (2, 1, 1)
    assert late["overdue_bureau"] == 0
    by_status = rows(await made(database, ageing, Group.STATUS, Group.TOWNSHIP))
    assert {key: row["waiting"] for key, row in by_status.items()} == {
        "under_review": 1,
        "paying": 1,
    }


async def test_the_loss_ratio_earns_premium_by_the_day(database: Database) -> None:
    await some_claims(database)
    async with database.transaction(COUNTY) as tx:
        today = await tx.today()
        stays = person(9, area_code=OTHER_TOWN)
        await enrol(tx, POLICY, [Member("dibao", stays, covered_from=date(2026, 3, 1))])
    found = rows(await made(database, make_loss_ratio, Group.TOWNSHIP))
    days = (min(today, date(2026, 12, 31)) - date(2026, 1, 1)).days + 1
    each = half_up(15_000 * days, 365)
    here, there = found[str(TOWN)], found[str(OTHER_TOWN)]
    assert (here["people"], here["earned"]) == (4, 4 * each)
    assert (here["incurred"], here["paid"], here["unpaid"]) == (350_000, 200_000, 150_000)
    assert here["ratio"] == 350_000 * 10_000 // (4 * each)
    assert (here["expected"], here["small_number"]) == (200_000, True)
    assert (there["people"], there["incurred"], there["ratio"]) == (1, 0, 0)
    whole = rows(await made(database, make_loss_ratio, Group.POLICY))[POLICY]
    assert whole["earned"] == sum(int(str(row["earned"])) for row in found.values())
    june = rows(await made(database, make_loss_ratio, Group.POLICY, period=read_period("2026-06")))
    assert june[POLICY]["incurred"] == 350_000
    may = rows(await made(database, make_loss_ratio, Group.POLICY, period=read_period("2026-05")))
    assert (may[POLICY]["incurred"], may[POLICY]["people"]) == (0, 5)
    insurer = rows(await made(database, make_loss_ratio, Group.INSURER, caller=INSURER))
    assert insurer["demo-insurer"]["earned"] == whole["earned"]


async def test_the_loss_ratio_by_cover_splits_each_claim_to_the_fen(database: Database) -> None:
    await some_claims(database)
    found = await made(database, make_loss_ratio, Group.COVER)
    told = {(row[0], row[2]): row for row in found.rows}
    assert {key[0] for key in told} == {CHUNAN}
    named = {cover.code: cover.name_zh for cover in load_all()[CHUNAN].covers}
    assert {key[1]: row[3] for key, row in told.items()} == named
    at = [column.code for column in found.columns].index
    assert sum(int(str(row[at("incurred")])) for row in found.rows) == 350_000
    assert sum(int(str(row[at("paid")])) for row in found.rows) == 200_000


def test_parts_of_a_claim_sum_to_the_whole() -> None:
    covers = '[{"cover": "a", "amount_fen": 1}, {"cover": "b", "amount_fen": 2}]'
    assert by_cover(covers, 100, 50) == {"a": (33, 17), "b": (67, 33)}
    assert by_cover('[{"cover": "a", "amount_fen": 0}]', 100, 50) == {"": (100, 50)}
    assert by_cover(None, 100, 0) == {"": (100, 0)}
    assert shares_of(101, [("x", 6_000), ("y", 4_000)]) == {"x": 61, "y": 40}
    assert shares_of(101, [("y", 4_000)]) == {"y": 40}
    assert shares_of(7, None) == {"": 7}
    year = (date(2026, 1, 1), date(2026, 12, 31))
    assert rest_earned_fen(36_500, year, (date(2026, 1, 1), date(2026, 1, 31))) == 3_100
    assert rest_earned_fen(36_500, year, (date(2025, 1, 1), date(2025, 12, 31))) == 0


async def test_premium_of_co_insurers_is_split_and_each_sees_its_own(database: Database) -> None:
    await contracts.take_on(database)
    await contracts.take_on(database, "rival")
    shares = (Share("demo-insurer", 6_000, lead=True), Share("rival", 4_000, lead=False))
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, contracts.terms())
        await issue_policy(tx, contracts.policy(shares=shares))
        await enrol(tx, "P-1", [Member("dibao", person(1))])
    found = rows(await made(database, make_loss_ratio, Group.INSURER))
    whole = rows(await made(database, make_loss_ratio, Group.POLICY))["P-1"]["earned"]
    assert isinstance(whole, int)
    assert found["demo-insurer"]["earned"] == half_up(whole * 6, 10)
    assert sum(int(str(row["earned"])) for row in found.values()) == whole
    lead = rows(await made(database, make_loss_ratio, Group.INSURER, caller=INSURER))
    assert set(lead) == {"demo-insurer"}


async def test_what_stays_with_families_is_the_bill_less_everybody(database: Database) -> None:
    await some_claims(database)
    found = rows(await made(database, make_self_borne, Group.TOWNSHIP))[str(TOWN)]
    assert (found["notices"], found["bills"], found["others"]) == (4, 20_000_000, 16_000_000)
    assert (found["relief"], found["relief_paid"]) == (350_000, 200_000)
    assert (found["on_bills"], found["left"]) == (350_000, 3_650_000)
    assert found["left_share"] == 1_825
    by_month = rows(await made(database, make_self_borne, Group.MONTH, Group.COUNTY))
    assert by_month["2026-06"]["left"] == 3_650_000


async def test_fixed_sums_leave_the_bills_as_they_are(database: Database) -> None:
    await county_with(database, HUAINAN)
    filed = await file(database, notice(1, stays=(stay(12),)), "discharge_record")
    await work(database)
    claim_no = filed.claims[0].claim_no
    await deliver(database, claim_no, "claim.decided", **decided("goodwill", "500.00"))
    await work(database)
    (found,) = rows(await made(database, make_self_borne, Group.TOWNSHIP)).values()
    assert (found["relief"], found["on_bills"], found["left"]) == (50_000, 0, 1_000_000)


async def test_approvals_within_a_delegation_are_told_apart(database: Database) -> None:
    await fund(database)
    claim = await pending(database, 1, *PAPERS)
    assert claim.assessed_fen is not None
    await delegate(database, claim.assessed_fen)
    async with database.transaction(TOWNSHIP) as tx:
        await approve_claim(tx, claim.claim_no, claim.version)
        year = read_period(str((await tx.today()).year))
    found = rows(await made(database, make_delegated, Group.TOWNSHIP, period=year))[str(TOWN)]
    assert (found["alone"], found["alone_amount"]) == (1, claim.assessed_fen)
    assert (found["largest"], found["by_two"]) == (claim.assessed_fen, 0)
    for group in (Group.POLICY, Group.SCHEME, Group.MONTH):
        assert len((await made(database, make_delegated, group, period=year)).rows) == 1


async def test_limits_tell_how_far_they_are_used_and_name_nobody(database: Database) -> None:
    await county_under(database, paying(50, ceiling(5_000)))
    await file(database, of_bills("A", 9_000))
    await file(database, of_bills("B", 20_000, person=2))
    await work(database)

    async def limits(tx: Tx, _: Sequence[Group], __: Period | None) -> ReportTable:
        return await make_limits_near_cap(tx)

    found = await made(database, limits)
    codes = [column.code for column in found.columns]
    (told,) = [dict(zip(codes, row, strict=True)) for row in found.rows]
    assert (told["policy"], told["bound"], told["unit_zh"]) == ("P-1", "5000.00", "元")
    assert (told["scope_zh"], told["category_zh"]) == ("每人每年", "全部")
    assert (told["users"], told["near"], told["used_up"]) == (2, 2, 1)
    assert told["most_used"] == 10_000
    assert "张试" not in str(found)


async def test_the_coverage_gap_counts_who_is_registered_and_not_covered(
    database: Database,
) -> None:
    await county_with(database, CHUNAN, HUAINAN, people=3)
    async with database.transaction(COUNTY) as tx:
        joined = await enrol(tx, POLICY, [Member("dibao", person(7))])
        ended = {"covered_from": date(2026, 1, 1), "covered_to": date(2026, 1, 31)}
        await enrol(tx, POLICY, [Member("dibao", person(8), **ended)])
        await enrol(tx, POLICY, [Member("dibao", person(11), covered_from=date(2026, 2, 1))])
        await register_person(tx, person(9, area_code=OTHER_TOWN))
        await register_person(tx, person(10))
        await tx.sql.execute(
            text("UPDATE person SET died_on = '2026-06-01' WHERE id = :id"),
            {"id": joined.members[0].person_id},
        )

    async def gap(tx: Tx, groups: Sequence[Group], _: Period | None) -> ReportTable:
        return await make_coverage_gap(tx, groups)

    found = rows(await made(database, gap, Group.TOWNSHIP))
    here, there = found[str(TOWN)], found[str(OTHER_TOWN)]
    assert (here["people"], here["covered"], here["uncovered"]) == (6, 4, 2)
    assert (here["rate"], here["late"], here["dead"], here["twice"]) == (6_666, 1, 1, 0)
    assert (there["people"], there["covered"], there["rate"]) == (1, 0, 0)
    (county,) = rows(await made(database, gap, Group.COUNTY)).values()
    assert (county["people"], county["uncovered"]) == (7, 3)
    assert (await made(database, gap, Group.TOWNSHIP, caller=OTHER_COUNTY)).rows == []


async def test_more_than_a_report_holds_is_refused_with_its_name(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_claims(database)
    monkeypatch.setattr(asked, "MOST_GROUPS", 1)
    with pytest.raises(Invalid) as refused:
        await made(database, make_pipeline, Group.STATUS, Group.OUTCOME)
    assert [fault.pointer for fault in refused.value.faults] == ["/group_by"]
