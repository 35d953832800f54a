"""Days are closed in order, by people who answer for every difference; what is signed stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.invariants import INVARIANTS, check
from app.db.reconciliation_books import list_books
from app.db.reconciliation_items import ItemRow, items_of
from app.db.reconciliations import DayRow, read_day
from app.db.session import Database
from app.domain.caller import Caller, Role
from app.domain.closing import day_number
from app.domain.errors import (
    Forbidden,
    IllegalMove,
    Invalid,
    OutOfArea,
    PeriodBlocked,
    PeriodClosed,
)
from app.domain.lifecycle import ClaimStatus
from app.domain.matching import ItemState, Kind
from app.domain.statement import Direction, Totals
from app.outside.insurers import Unknown
from app.services.reconciliations.assign_item import assign_item
from app.services.reconciliations.carry_item import carry_item
from app.services.reconciliations.close_day import close_day, day_record
from app.services.reconciliations.match_day import counts_of, match_day
from app.services.reconciliations.resolve_item import Resolution, resolve_item
from app.services.reconciliations.verify_days import verify_days
from app.services.statements.discard_statement import discard_statement
from app.services.statements.take_statement import take_lines
from tests.cases import (
    CHUNAN,
    Wire,
    callback_states,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    work,
)
from tests.contracts import COUNTY, COUNTY_AREA, INSURER, OTHER_COUNTY, SYSTEM
from tests.settled import DAY, NUMBER, line, settled_claim, take, tell_paid, told

SECOND = Caller(Role.COUNTY, COUNTY_AREA, 990128000000, "key:second")
NEXT = DAY + timedelta(days=1)
NEXT_NUMBER = day_number(COUNTY_AREA, "demo-insurer", NEXT)

ADD_LINE = """
    INSERT INTO statement_line
    SELECT statement_id, 99, area_code, insurer_code, book_id, side, book_on, claim_no,
           payout_reference, 'S-99', NULL, direction, 1, settled_on
    FROM statement_line
"""


async def the_items(database: Database, number: str = NUMBER) -> list[ItemRow]:
    async with database.transaction(COUNTY) as tx:
        return await items_of(tx, number)


async def the_item(database: Database, number: str = NUMBER) -> ItemRow:
    (item,) = await the_items(database, number)
    return item


async def the_day(database: Database, number: str = NUMBER) -> DayRow:
    async with database.transaction(COUNTY) as tx:
        return await read_day(tx, number)


async def close(database: Database, number: str = NUMBER) -> DayRow:
    async with database.transaction(COUNTY) as tx:
        return await close_day(tx, number)


async def carry(database: Database, item_id: int) -> None:
    async with database.transaction(COUNTY) as tx:
        await assign_item(tx, item_id, "老王")
        await carry_item(tx, item_id, "保险公司核查中")
    async with database.transaction(SECOND) as tx:
        await carry_item(tx, item_id, "同意挂账")


async def bent_days(database: Database) -> list[str]:
    async with database.transaction(SYSTEM) as tx:
        return [bent for book in await list_books(tx) for bent in await verify_days(tx, book)]


async def test_what_they_list_and_we_lack_is_kept_outside_the_ledger_until_accepted(
    database: Database,
) -> None:
    """F42: their word is never refused and never booked by itself."""
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    await take(database, line(claim_no))
    item = await the_item(database)
    assert (item.kind, item.reason, item.state) == (Kind.ONLY_THEIRS, "in_flight", ItemState.OPEN)
    assert (await claim_view(database, claim_no)).claim.paid_fen == 0
    async with database.transaction(COUNTY) as tx:
        await resolve_item(tx, item.id, Resolution("电话核实已到账", accept_theirs=True))
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)
    assert counts_of((await the_day(database)).figures) == {"matched": 1}
    await tell_paid(database, claim_no, 1)  # the callback comes at last
    assert (await claim_view(database, claim_no)).claim.paid_fen == 200_000
    assert (await callback_states(database, claim_no))[-1] == ("payout.paid", "ignored_stale")
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(IllegalMove):
            await resolve_item(tx, item.id, Resolution("再来一次", accept_theirs=True))


@pytest.mark.parametrize(
    ("changed", "kind", "reason"),
    [
        ({"amount_fen": 200_001}, Kind.AMOUNT_MISMATCH, None),
        ({"amount_fen": 199_999}, Kind.AMOUNT_MISMATCH, None),
        ({"payout_reference": "P-9"}, Kind.REFERENCE_MISMATCH, "payout_reference"),
        ({"insurer_case_no": "CASE-9"}, Kind.REFERENCE_MISMATCH, "insurer_case_no"),
        ({"claim_no": "990127-2026-000777-1"}, Kind.REFERENCE_MISMATCH, "claim_no"),
        ({"settlement_no": "S-9"}, Kind.REFERENCE_MISMATCH, "settlement_no"),
    ],
    ids=["f40-more", "f40-less", "reference", "case", "f41-claim", "f35-number"],
)
async def test_a_line_must_agree_on_every_reference_and_to_the_fen(
    database: Database, changed: dict[str, object], kind: Kind, reason: str | None
) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    await take(database, line(claim_no, **changed))
    item = await the_item(database)
    assert (item.kind, item.reason) == (kind, reason)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await resolve_item(tx, item.id, Resolution("照付", accept_theirs=True))
    assert (await claim_view(database, claim_no)).claim.paid_fen == 200_000


async def test_what_is_on_its_way_or_of_a_day_nobody_spoke_of_is_not_missing(
    database: Database,
) -> None:
    await county_with(database, CHUNAN, people=3)
    await settled_claim(database, 1, NEXT)
    sent = (await file(database, notice(2))).claims[0].claim_no
    await work(database)
    await deliver(database, sent, "claim.decided", **decided())
    await deliver(database, sent, "payout.sent", payout_reference="P-2", amount="2000.00")
    await work(database)
    await take(database)
    assert await the_items(database) == []
    assert counts_of((await the_day(database)).figures) == {}


async def test_a_second_run_writes_the_same_items_and_a_mended_one_settles_itself(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    await take(database)
    first = await the_item(database)
    assert first.kind is Kind.ONLY_OURS
    async with database.transaction(COUNTY) as tx:
        await match_day(tx, NUMBER)
    assert await the_item(database) == first
    await take(database, line(claim_no))  # a supplement
    mended = await the_item(database)
    assert (mended.id, mended.state, mended.effect) == (first.id, ItemState.RESOLVED, "matched")
    assert counts_of((await the_day(database)).figures) == {"matched": 1}


async def test_the_same_statement_twice_is_the_first_answer(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    first = await take(database, line(claim_no))
    again = await take(database, line(claim_no))
    assert (again.repeated, again.statement) == (True, first.statement)
    assert await the_items(database) == []


async def test_not_one_line_is_taken_when_the_control_totals_differ(database: Database) -> None:
    await county_with(database, CHUNAN)
    lines = [line("990127-2026-000001-1")]
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid) as refused:
            await take_lines(tx, told(), lines, Totals(1, 200_001))
        assert await list_books(tx) == []
    assert refused.value.faults[0].code == "import.control_total"


async def test_a_statement_is_taken_only_by_its_county_and_its_insurer(database: Database) -> None:
    await county_with(database, CHUNAN)
    async with database.transaction(OTHER_COUNTY) as tx:
        with pytest.raises(OutOfArea):
            await take_lines(tx, told(), [], Totals())
    async with database.transaction(INSURER) as tx:
        await take_lines(tx, told(), [], Totals())
    async with database.transaction(OTHER_COUNTY) as tx:
        assert await list_books(tx) == []


async def test_a_day_closes_when_nothing_is_open_and_then_stays_as_it_was_signed(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    taken = await take(database, line(claim_no))
    closed = await close(database)
    assert (closed.state, closed.closed_by, closed.before) == ("closed", "key:county", None)
    assert closed.digest is not None
    assert closed.signature is not None
    assert database.keyring.vouches(await canonical(database, closed), closed.signature)
    assert await bent_days(database) == []
    with pytest.raises(PeriodClosed):
        await close(database)
    with pytest.raises(PeriodClosed):
        await take(database, line(claim_no, amount_fen=1))
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(PeriodClosed):
            await match_day(tx, NUMBER)
        with pytest.raises(PeriodClosed):
            await discard_statement(tx, taken.statement.id, "送错了")
    for statement in (
        "UPDATE reconciliation SET figures = '{}'",
        ADD_LINE,
        "DELETE FROM statement_line",
        "UPDATE reconciliation_pair SET line_no = 7",
    ):
        with pytest.raises(DBAPIError):
            async with database.transaction(COUNTY) as tx:
                await tx.sql.execute(text(statement))


async def canonical(database: Database, row: DayRow) -> bytes:
    async with database.transaction(COUNTY) as tx:
        (book,) = await list_books(tx)
        return (await day_record(tx, book, row, before=None)).canonical()


async def test_an_open_difference_blocks_closing_until_two_officers_carry_it(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    await settled_claim(database)
    await take(database)
    item = await the_item(database)
    with pytest.raises(PeriodBlocked) as refused:
        await close(database)
    assert refused.value.blocking == {"unowned": 1, "in_hand": 0}
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(IllegalMove):  # nobody answers for it yet
            await carry_item(tx, item.id, "再查")
        await assign_item(tx, item.id, "老王")
        await carry_item(tx, item.id, "保险公司核查中")
        with pytest.raises(Forbidden):
            await carry_item(tx, item.id, "我自己确认")
    with pytest.raises(PeriodBlocked) as refused:
        await close(database)
    assert refused.value.blocking == {"unowned": 0, "in_hand": 1}
    async with database.transaction(SECOND) as tx:
        carried = await carry_item(tx, item.id, "同意挂账")
    assert (carried.state, carried.proposed_by, carried.settled_by) == (
        ItemState.CARRIED,
        "key:county",
        "key:second",
    )
    assert (await close(database)).carried == 1


async def test_days_close_in_their_order_and_quiet_ones_need_no_closing(
    database: Database,
) -> None:
    await county_with(database, CHUNAN, people=3)
    first, second = await settled_claim(database, 1), await settled_claim(database, 2, NEXT)
    await take(database, line(first))
    await take(database, line(second, 2, settled_on=NEXT), day=NEXT)
    with pytest.raises(PeriodBlocked) as refused:
        await close(database, NEXT_NUMBER)
    assert refused.value.first_open == DAY
    before = await close(database)
    after = await close(database, NEXT_NUMBER)
    assert after.before == before.digest
    later = DAY + timedelta(days=9)
    await take(database, day=later)
    quiet = await close(database, day_number(COUNTY_AREA, "demo-insurer", later))
    assert quiet.before == after.digest
    assert await bent_days(database) == []


async def test_a_day_with_money_and_no_statement_does_not_close(database: Database) -> None:
    await county_with(database, CHUNAN, people=3)
    first = await settled_claim(database, 1)
    await settled_claim(database, 2, NEXT)
    await take(database, line(first))
    await close(database)
    await take(database, day=NEXT, side="bank_return")
    with pytest.raises(PeriodBlocked) as refused:
        await close(database, NEXT_NUMBER)
    assert refused.value.blocking == {"no_statement": 1}


async def test_today_is_never_closed(database: Database) -> None:
    await county_with(database, CHUNAN)
    async with database.transaction(COUNTY) as tx:
        today = await tx.today()
    await take(database, day=today)
    with pytest.raises(PeriodBlocked):
        await close(database, day_number(COUNTY_AREA, "demo-insurer", today))


async def test_a_late_line_comes_into_the_next_open_day_and_settles_what_was_carried(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    await take(database)
    item = await the_item(database)
    await carry(database, item.id)
    closed = await close(database)
    await take(database, line(claim_no), day=NEXT)
    late = await the_item(database, NEXT_NUMBER)
    assert (late.kind, late.reason) == (Kind.LATE, "closed_day")
    cleared = await the_item(database)
    assert (cleared.state, cleared.cleared_on, cleared.cleared_effect) == (
        ItemState.CARRIED,
        NEXT,
        "matched",
    )
    async with database.transaction(COUNTY) as tx:
        await resolve_item(tx, late.id, Resolution("迟到一天"))
    assert (await close(database, NEXT_NUMBER)).carried == 0
    assert (await the_day(database)).digest == closed.digest
    assert await bent_days(database) == []


async def test_news_of_a_closed_day_is_kept_and_settles_what_was_carried(
    database: Database,
) -> None:
    """F21: our database lacks a payout that theirs has, and the callback comes after closing."""
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    await take(database, line(claim_no))
    await carry(database, (await the_item(database)).id)
    await close(database)
    await tell_paid(database, claim_no, 1)
    assert (await claim_view(database, claim_no)).claim.paid_fen == 200_000
    await take(database, day=NEXT)
    assert (await the_item(database)).cleared_effect == "matched"
    assert await the_items(database, NEXT_NUMBER) == []
    await close(database, NEXT_NUMBER)
    assert await bent_days(database) == []


async def test_a_carried_difference_is_accepted_on_a_later_day(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    await take(database, line(claim_no))
    item = await the_item(database)
    await carry(database, item.id)
    await close(database)
    async with database.transaction(COUNTY) as tx:
        after = await resolve_item(tx, item.id, Resolution("已核实", accept_theirs=True))
    assert (after.state, after.cleared_on, after.cleared_effect) == (
        ItemState.CARRIED,
        NEXT,
        "accepted",
    )
    await take(database, day=NEXT)
    assert await the_items(database, NEXT_NUMBER) == []
    await close(database, NEXT_NUMBER)
    assert await bent_days(database) == []
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(PeriodClosed):
            await resolve_item(tx, item.id, Resolution("再来一次"))


async def test_f39_a_return_is_matched_apart_from_its_payment(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    async with database.transaction(COUNTY) as tx:
        today = await tx.today()
    back = line(claim_no, direction=Direction.RETURNED, settled_on=today)
    await take(database, line(claim_no), back, day=today, from_on=DAY)
    number = day_number(COUNTY_AREA, "demo-insurer", today)
    item = await the_item(database, number)
    assert (item.kind, item.direction, item.reason) == (
        Kind.ONLY_THEIRS,
        "returned",
        "not_paid_here",
    )
    async with database.transaction(COUNTY) as tx:
        await resolve_item(tx, item.id, Resolution("银行退汇", accept_theirs=True))
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.paid_fen) == (ClaimStatus.PAYING, 0)
    assert counts_of((await the_day(database, number)).figures) == {"matched": 1}
    assert counts_of((await the_day(database)).figures) == {"matched": 1}


async def test_a_referral_in_doubt_is_settled_by_the_statement_where_nobody_can_be_asked(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE insurer SET honours_key = false, can_be_asked = false"))
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    wire.answers = [Unknown("deadline")]
    await work(database, wire)
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.SUBMITTED
    await take(database, line(claim_no, insurer_case_no="C-77"))
    await work(database)
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.insurer_case_no) == (ClaimStatus.UNDER_REVIEW, "C-77")
    item = await the_item(database)
    assert (item.kind, item.reason) == (Kind.ONLY_THEIRS, "not_decided")
    async with database.transaction(COUNTY) as tx:
        await resolve_item(tx, item.id, Resolution("以对账单为准", accept_theirs=True))
    paid = await claim_view(database, claim_no)
    assert (paid.claim.status, paid.claim.decided_fen, paid.claim.paid_fen) == (
        ClaimStatus.CLOSED,
        200_000,
        200_000,
    )


async def test_a_discarded_statement_counts_no_more(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    wrong = await take(database, line(claim_no, amount_fen=1))
    async with database.transaction(COUNTY) as tx:
        await discard_statement(tx, wrong.statement.id, "保险公司重报")
    await take(database, line(claim_no))
    assert counts_of((await the_day(database)).figures) == {"matched": 1}
    assert {item.state for item in await the_items(database)} == {ItemState.RESOLVED}


async def test_two_closings_at_once_close_one_day_once(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN)
    claim_no = await settled_claim(fresh_database)
    await take(fresh_database, line(claim_no))
    outcomes = await asyncio.gather(
        *(close(fresh_database) for _ in range(4)), return_exceptions=True
    )
    assert [type(one) for one in outcomes].count(DayRow) == 1
    assert [type(one) for one in outcomes].count(PeriodClosed) == 3
    assert await bent_days(fresh_database) == []


async def test_a_row_bent_behind_our_back_is_found(database: Database) -> None:
    await county_with(database, CHUNAN)
    await settled_claim(database)
    await take(database)
    await carry(database, (await the_item(database)).id)
    await close(database)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.sql.execute(text("UPDATE reconciliation_item SET note_zh = '没有这回事'"))
    assert await bent_days(database) == [NUMBER]


BENDINGS = (
    "DELETE FROM reconciliation_pair",
    "UPDATE statement_line SET amount_fen = amount_fen + 1",
    "UPDATE statement_line SET settlement_no = 'S-77'",
    "UPDATE payout_attempt SET amount_fen = amount_fen - 1 WHERE settlement_no = 'S-1'",
    "DELETE FROM reconciliation_item",
    "UPDATE reconciliation_item SET state = 'open'",
)


class Unbend(Exception):
    """Rolls the bending back."""


async def test_invariant_13_tells_a_closed_day_that_no_longer_holds(database: Database) -> None:
    await county_with(database, CHUNAN, people=3)
    claim_no = await settled_claim(database)
    await settled_claim(database, 2)
    await take(database, line(claim_no))
    await carry(database, (await the_item(database)).id)
    await close(database)
    (invariant,) = [one for one in INVARIANTS if one.number == 13]
    for bending in (None, *BENDINGS):
        with pytest.raises(Unbend):  # noqa: PT012 - all of it is rolled back together
            async with database.transaction(SYSTEM) as tx:
                if bending is not None:
                    await tx.sql.execute(text("SET LOCAL ROLE NONE"))
                    await tx.sql.execute(text("SET LOCAL session_replication_role = replica"))
                    assert (await tx.sql.execute(text(bending))).rowcount == 1
                assert bool((await check(tx, invariant)).places) is (bending is not None), bending
                raise Unbend
