"""A county whose insurer settled many claims: the rows of one, multiplied, and its statement."""

from dataclasses import replace
from datetime import date, timedelta

import asyncpg

from app.db.session import Database
from app.domain.closing import day_number
from app.domain.statement import Direction, Side, StatementLine, Totals, totals_of
from app.services.statements.take_statement import Taken, Told, take_lines, take_statement
from tests.cases import CHUNAN, county_with, decided, deliver, file, notice, payout, work
from tests.contracts import COUNTY, COUNTY_AREA

INSURER = "demo-insurer"
DAY = date(2026, 6, 20)
NUMBER = day_number(COUNTY_AREA, INSURER, DAY)
_OWN = {
    "claim": "'id', md5('claim' || g)::uuid, 'notice_id', md5('notice' || g)::uuid,"
    " 'claim_no', '990127-2025-' || lpad(g::text, 6, '0') || '-1', 'insurer_case_no', 'C' || g",
    "payout": "'id', md5('payout' || g)::uuid, 'claim_id', md5('claim' || g)::uuid,"
    " 'reference', 'PAY' || g",
    "payout_attempt": "'id', md5('attempt' || g)::uuid, 'payout_id', md5('payout' || g)::uuid,"
    " 'settlement_no', 'N' || g",
}
_MULTIPLY = """
INSERT INTO {table}
SELECT (jsonb_populate_record(one, jsonb_build_object({own}))).*
FROM {table} AS one, generate_series(1, {count}) AS g
WHERE one.ctid = (SELECT ctid FROM {table} LIMIT 1)
"""


async def settled_claim(database: Database, sequence: int = 1, on: date = DAY) -> str:
    """One claim, decided and paid 2,000 yuan under settlement number S-<sequence>."""
    claim_no = (await file(database, notice(sequence))).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await tell_paid(database, claim_no, sequence, on)
    return claim_no


async def tell_paid(database: Database, claim_no: str, sequence: int, on: date = DAY) -> None:
    told = payout(
        payout_reference=f"P-{sequence}", settlement_no=f"S-{sequence}", paid_on=on.isoformat()
    )
    await deliver(database, claim_no, "payout.paid", **told)
    await work(database)


def line(claim_no: str, sequence: int = 1, /, **changed: object) -> StatementLine:
    """The insurer's line of such a claim."""
    whole = StatementLine(
        claim_no, f"P-{sequence}", f"S-{sequence}", "CASE-1", Direction.PAID, 200_000, DAY
    )
    return replace(whole, **changed)  # type: ignore[arg-type]


def told(day: date = DAY, **changed: object) -> Told:
    """Whose statement, by default the insurer's of one day."""
    whole = Told(COUNTY_AREA, INSURER, Side.STATEMENT.value, "api", day, day)
    return replace(whole, **changed)  # type: ignore[arg-type]


async def take(
    database: Database, *lines: StatementLine, day: date = DAY, **changed: object
) -> Taken:
    """Take a statement as the county."""
    async with database.transaction(COUNTY) as tx:
        return await take_lines(tx, told(day, **changed), lines, totals_of(lines))


async def settle_many(database: Database, count: int) -> list[StatementLine]:
    """A county in which `count` claims more were paid on DAY; gives the insurer's true lines."""
    await county_with(database, CHUNAN)
    await settled_claim(database, on=DAY - timedelta(days=40))
    owner = await asyncpg.connect(database.url.replace("+asyncpg", ""))
    try:
        await owner.execute("SET session_replication_role = replica")
        for table, own in _OWN.items():
            await owner.execute(_MULTIPLY.format(table=table, own=own, count=count))
        await owner.execute(
            "UPDATE payout_attempt SET paid_on = $1 WHERE settlement_no LIKE 'N%'", DAY
        )
        await owner.execute("ANALYZE")
    finally:
        await owner.close()
    return [true_line(g) for g in range(1, count + 1)]


def true_line(g: int) -> StatementLine:
    """The insurer's line of multiplied claim `g`."""
    return StatementLine(
        f"990127-2025-{g:06d}-1", f"PAY{g}", f"N{g}", f"C{g}", Direction.PAID, 200_000, DAY
    )


async def take_many(database: Database, lines: list[StatementLine], day: date = DAY) -> Taken:
    """Take a long statement, as a file is taken."""
    async with database.transaction(COUNTY) as tx:
        totals: Totals = totals_of(lines)
        return await take_statement(tx, told(day), f"{day:%Y%m%d}{len(lines)}", totals, lines)
