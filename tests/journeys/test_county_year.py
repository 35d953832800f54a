"""A county's year with everything that happens to money, told alike to the fen by whoever tells it.

Every claim says what it must have come to; the books, the reports, the views for charts, the
statements and the claims' own figures must all say that.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import cast
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import text

from app.db.reconciliation_items import items_of
from app.db.reconciliations import read_day
from app.db.reporting import Reader, grant_reader, revoke_reader
from app.db.session import Database
from app.db.summaries import SUMMARIES, count_differences
from app.domain.caller import area_range
from app.domain.closing import day_number
from app.domain.grouping import Group
from app.domain.money import split_fen
from app.domain.report_tables import Cell
from app.domain.reports import read_period
from app.domain.statement import Direction
from app.services.funds.read_fund import read_fund
from app.services.policies.read_ledger import read_ledger
from app.services.policies.read_premium import read_premium
from app.services.reconciliations.close_day import close_day
from app.services.reconciliations.match_day import counts_of
from app.services.reports.claim_list import REPORT as LIST
from app.services.reports.claim_list import claim_pages
from app.services.reports.loss_ratio import make_loss_ratio
from app.services.reports.pipeline import make_amounts, make_pipeline
from app.services.reports.scorecard import make_scorecard
from app.services.reports.year_end import settle_policy_year
from app.services.summaries.fold_summaries import fold_summaries
from tests.cases import claim_view
from tests.contracts import COUNTY, COUNTY_AREA, INSURER, SYSTEM
from tests.journeys.county_year import begin, change_rosters, live, next_month
from tests.journeys.lived_claims import COUNT, FUND, LEAD, RIVAL, SHARES, WAYS, Life, Year
from tests.paying import green
from tests.services.test_report_tables import Row, made, rows
from tests.settled import take


def fen(amount: Decimal | None) -> int:
    return int((amount or Decimal()) * 100)


async def agree_on_claims(year: Year) -> None:
    """Claim by claim: what was lived, what its view says, what its payouts say, what is listed."""
    async with year.database.transaction(COUNTY) as tx:
        rows_ = [
            dict(zip((column.code for column in LIST.columns), row, strict=True))
            async for page in claim_pages(lambda: year.database.transaction(COUNTY), None, None)
            for row in page
        ]
        booked = {
            (str(claim_no), str(account)): int(amount)
            for claim_no, account, amount in await tx.sql.execute(
                text(
                    "SELECT c.claim_no, e.account, sum(e.amount_fen) FROM ledger_entry AS e "
                    "JOIN claim AS c ON c.id = e.claim_id GROUP BY 1, 2"
                )
            )
        }
    listed = {row["claim_no"]: row for row in rows_}
    assert len(listed) == len(rows_) == COUNT
    for life in year.lives:
        claim = (await claim_view(year.database, life.claim_no)).claim
        told = (life.decided, life.paid, life.recovered)
        assert (claim.decided_fen or 0, claim.paid_fen) == told[:2], life
        row = listed[life.claim_no]
        assert (row["decided"] or 0, row["paid"]) == told[:2], life
        assert (
            booked.get((life.claim_no, "incurred"), 0),
            -booked.get((life.claim_no, "paid"), 0),
            booked.get((life.claim_no, "recovered"), 0),
        ) == told, life
        owed = -booked.get((life.claim_no, "payable"), 0)
        ahead = booked.get((life.claim_no, "advance"), 0)
        assert owed == life.decided - life.paid + ahead, life
        assert 0 in (owed, ahead), life


async def agree_on_policies(year: Year) -> None:
    """Policy by policy: the books of county and insurers, the year's end, the loss ratio."""
    ratios = rows(await made(year.database, make_loss_ratio, Group.POLICY))
    for policy_no in WAYS:
        lives = year.of(policy_no)
        paid, incurred = sum(one.paid for one in lives), sum(one.decided for one in lives)
        back = sum(one.recovered for one in lives)
        async with year.database.transaction(COUNTY) as tx:
            books = await read_ledger(tx, policy_no, None, None)
            premium = await read_premium(tx, policy_no)
            end = await settle_policy_year(tx, policy_no)
        stands: Counter[tuple[str, str | None]] = Counter()
        for line in books.lines:
            stands[line.account, line.insurer_code] += line.stands_fen
            assert line.debit_fen - line.credit_fen == line.stands_fen
        whole: Counter[str] = Counter()
        for (account, _), amount in stands.items():
            whole[account] += amount
        assert sum(whole.values()) == 0
        assert (whole["incurred"], -whole["paid"], whole["recovered"]) == (incurred, paid, back)
        assert -whole["premium"] == sum(one.due_fen for one in premium.payers)
        assert whole["premium_paid"] == sum(one.amount_fen for one in premium.payments)
        told = {one.code: one.value for one in end.figures}
        assert (told["incurred"], told["paid"], told["recovered"]) == (incurred, paid, back)
        assert (told["premium"], told["premium_paid"]) == (
            -whole["premium"],
            whole["premium_paid"],
        )
        assert told["open_claims"] == sum(one.open for one in lives)
        assert sum(one.incurred_fen for one in end.shares) == (incurred if SHARES[policy_no] else 0)
        ratio = ratios[policy_no]
        owed = -whole["payable"]
        assert (ratio["incurred"], ratio["paid"], ratio["unpaid"]) == (incurred, paid, owed)
        assert incurred == paid + owed - whole["advance"]
        await agree_on_shares(year, policy_no, stands)


async def agree_on_shares(
    year: Year, policy_no: str, stands: Counter[tuple[str, str | None]]
) -> None:
    """Each insurer's part of the books is its part of every claim; the lead sees its own alone."""
    shares = SHARES[policy_no]
    weights = [share.share_bp for share in shares]
    for place, share in enumerate(shares):
        for account, sign, lived in (("incurred", 1, "decided"), ("paid", -1, "paid")):
            parts = [split_fen(getattr(life, lived), weights) for life in year.of(policy_no)]
            whole = sign * sum(part[place] for part in parts)
            assert stands[account, share.insurer_code] == whole, account
    if shares:
        async with year.database.transaction(INSURER) as tx:
            own = await read_ledger(tx, policy_no, None, None)
        seen = Counter[tuple[str, str | None]]()
        for line in own.lines:
            seen[line.account, line.insurer_code] += line.stands_fen
        assert +seen == +Counter({key: of for key, of in stands.items() if key[1] == LEAD})
        assert sum(seen.values()) == 0


def summed(table: dict[Cell, Row], column: str) -> int:
    return sum(cast(int, row[column]) for row in table.values())


@dataclass(frozen=True)
class Sums:
    """What all claims together came to, or those of some policies; fen."""

    incurred: int
    paid: int
    recovered: int
    owed: int


def sums_of(lives: Sequence[Life]) -> Sums:
    return Sums(
        sum(one.decided for one in lives),
        sum(one.paid for one in lives),
        sum(one.recovered for one in lives),
        sum(max(0, one.decided - one.paid) for one in lives),
    )


async def agree_on_reports(year: Year) -> None:
    """However they are grouped, reports sum to the same."""
    whole = sums_of(year.lives)
    for group in (Group.POLICY, Group.SCHEME, Group.INSURER, Group.TOWNSHIP, Group.MONTH):
        amounts = rows(await made(year.database, make_amounts, group))
        pipeline = rows(await made(year.database, make_pipeline, group))
        told = (summed(amounts, one) for one in ("incurred", "paid", "recovered", "unpaid"))
        assert Sums(*told) == whole, group
        assert summed(amounts, "open_claims") == sum(one.open for one in year.lives)
        counted = tuple(summed(pipeline, one) for one in ("decided", "paid", "claims"))
        assert counted == (whole.incurred, whole.paid, COUNT), group


async def agree_on_scores(year: Year) -> None:
    """Scorecards of both insurers are the insured part, the fund's balance is the rest."""
    scored: Counter[str] = Counter()
    async with year.database.transaction(COUNTY) as tx:
        for code in (LEAD, RIVAL):
            for each in (year.today.year, year.today.year + 1):
                card = await make_scorecard(tx, code, read_period(str(each)))
                scored.update({one.code: one.value or 0 for one in card.figures})
        fund = await read_fund(tx, FUND)
    insured = sums_of([life for life in year.lives if life.policy_no != FUND])
    funded = sums_of(year.of(FUND))
    assert (scored["incurred"], scored["paid"]) == (insured.incurred, insured.paid)
    assert (fund.spent_fen, fund.committed_fen) == (funded.paid, funded.owed)


async def agree_on_charts(year: Year, charts: asyncpg.Connection) -> None:
    """What chart programs read of the county."""
    whole = sums_of(year.lives)
    (money,) = await charts.fetch(
        "SELECT sum(incurred_yuan), sum(paid_yuan), sum(recovered_yuan), sum(unpaid_yuan) "
        "FROM money_totals"
    )
    assert Sums(*map(fen, money)) == whole
    (counted,) = await charts.fetch(
        "SELECT sum(decided_yuan), sum(paid_yuan), sum(claims)::int FROM claim_totals"
    )
    assert (fen(counted[0]), fen(counted[1]), counted[2]) == (whole.incurred, whole.paid, COUNT)
    ratios = await charts.fetch(
        "SELECT policy_no, sum(incurred_yuan), sum(paid_yuan) FROM loss_ratio GROUP BY 1"
    )
    lived = {policy_no: sums_of(year.of(policy_no)) for policy_no in WAYS}
    assert {row[0]: (fen(row[1]), fen(row[2])) for row in ratios} == {
        policy_no: (sums.incurred, sums.paid) for policy_no, sums in lived.items()
    }
    assert fen(await charts.fetchval("SELECT sum(paid_yuan) FROM payments_by_day")) == whole.paid


async def close_the_days(year: Year) -> None:
    """The insurer lists every day truly: everything is matched, and each day closes."""
    listed = Counter[Direction]()
    for day in sorted(year.lines):
        lines = year.lines[day]
        await take(year.database, *lines, day=day)
        number = day_number(COUNTY_AREA, LEAD, day)
        async with year.database.transaction(COUNTY) as tx:
            assert await items_of(tx, number) == [], day
            assert counts_of((await read_day(tx, number)).figures) == {"matched": len(lines)}
            assert (await close_day(tx, number)).state == "closed"
        for line in lines:
            listed[line.direction] += line.amount_fen
    insured = sum(life.paid for life in year.lives if life.policy_no != FUND)
    assert listed[Direction.PAID] - listed[Direction.RETURNED] == insured


@asynccontextmanager
async def chart_program(database: Database) -> AsyncGenerator[asyncpg.Connection]:
    """A login of a chart program over the county."""
    login = "chart_county_year"
    owner = database.url.replace("+asyncpg", "")
    password = await grant_reader(owner, Reader(login, *area_range(COUNTY_AREA)))
    parts = urlsplit(owner)
    place = f"{login}:{password}@{parts.netloc.rpartition('@')[2]}"
    charts = await asyncpg.connect(parts._replace(netloc=place).geturl())
    try:
        yield charts
    finally:
        await charts.close()
        await revoke_reader(owner, login)


async def test_whoever_tells_a_countys_year_tells_the_same_fen(fresh_database: Database) -> None:
    year = await begin(fresh_database)
    await change_rosters(year)
    await live(year)
    await next_month(year)
    await agree_on_claims(year)
    await agree_on_policies(year)
    await agree_on_scores(year)
    async with chart_program(fresh_database) as charts:
        for _ in range(2):  # totals that are not folded yet, and folded ones
            await agree_on_reports(year)
            await agree_on_charts(year, charts)
            async with fresh_database.transaction(SYSTEM) as tx:
                assert [await count_differences(tx, one) for one in SUMMARIES] == [0, 0]
                while await fold_summaries(tx):
                    pass
    await close_the_days(year)
    await green(fresh_database)
