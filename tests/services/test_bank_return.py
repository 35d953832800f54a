"""A fund's day: what the bank handed back is a side of its own, and its statement another."""

from sqlalchemy import text

from app.db.reconciliation_items import items_of
from app.db.reconciliations import read_day
from app.db.session import Database
from app.domain.bank_file import Result, Totals
from app.domain.closing import BANK, day_number
from app.domain.matching import Kind
from app.domain.statement import Direction, StatementLine
from app.services.batches.export_batch import export_batch
from app.services.batches.make_batch import make_batch
from app.services.batches.settle_batch import settle_batch
from app.services.reconciliations.match_day import counts_of
from tests.cases import claim_view
from tests.contracts import COUNTY, COUNTY_AREA, SYSTEM
from tests.services.test_funds import POLICY
from tests.services.test_guard import decided_of_fund
from tests.settled import take


async def test_three_sides_of_a_funds_payment_are_held_against_each_other(
    database: Database,
) -> None:
    claim_no = await decided_of_fund(database)
    async with database.transaction(COUNTY) as tx:
        batch = await make_batch(tx, POLICY)
        await export_batch(tx, batch.batch_no)
        today = await tx.today()
    (sent,) = (await claim_view(database, claim_no)).payouts
    async with database.transaction(SYSTEM) as tx:
        reference = str((await tx.sql.execute(text("SELECT reference FROM payout"))).scalar_one())
    paid = Result(reference, "paid", sent.amount_fen, "B-1", None, None)
    async with database.transaction(COUNTY) as tx:
        await settle_batch(tx, batch.batch_no, [paid], Totals(1, sent.amount_fen, 0, 0))
    number = day_number(COUNTY_AREA, BANK, today)
    async with database.transaction(COUNTY) as tx:
        day = await read_day(tx, number)
        assert counts_of(day.figures) == {"matched": 1}
        assert list(day.figures) == ["bank_return"]
    told = StatementLine(
        claim_no, reference, "B-1", None, Direction.PAID, sent.amount_fen - 1, today
    )
    await take(database, told, day=today, party=BANK)
    async with database.transaction(COUNTY) as tx:
        day = await read_day(tx, number)
        (item,) = await items_of(tx, number)
    assert {side: list(paid["paid"]) for side, paid in day.figures.items()} == {
        "bank_return": ["matched"],
        "statement": ["amount_mismatch"],
    }
    assert (item.side, item.kind, item.insurer_code) == ("statement", Kind.AMOUNT_MISMATCH, None)
