"""The stand-in's daily statement, asked for as we ask any insurer, and taken by a worker."""

from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import text

from app.db.insurers import let_give
from app.db.jobs import enqueue, insurer_lane
from app.db.reconciliations import read_day
from app.db.session import Database
from app.db.statements import list_statements, statements_to_pull
from app.domain.closing import day_number
from app.domain.statement import Direction
from app.outside.insurers import Endpoint, NotSent, RestDialect, Speaker, Unknown, open_client
from app.outside.insurers.statements import Given, fetch_statement
from app.sandbox.books import today
from app.services.reconciliations.match_day import counts_of
from app.worker.statements import PULL
from tests.cases import CHUNAN, county_with, work
from tests.contracts import COUNTY, COUNTY_AREA, LOOPBACK, SYSTEM
from tests.insurer import INSURER, SECRET, Mailbox
from tests.sandbox.test_stories import PAID, Writes, accepted, arrived
from tests.settled import settled_claim, take

DAY = date(2026, 6, 20)


async def test_what_was_paid_and_came_back_is_on_the_days_statement(
    dialect: RestDialect, refer: Writes, mailbox: Mailbox, insurer_url: str, claim_no: str
) -> None:
    case_no = await accepted(dialect, refer("907"))
    await arrived(mailbox, [*PAID, "payout.returned"])
    async with open_client(LOOPBACK) as client:
        endpoint = Endpoint(INSURER, insurer_url, SECRET, 2.0)
        given = await fetch_statement(client, endpoint, COUNTY_AREA, today())
        assert isinstance(given, Given)
        lines = [line for line in given.lines if line.claim_no == claim_no]
        assert [(line.direction, line.amount_fen) for line in lines] == [
            (Direction.PAID, 160_001),
            (Direction.RETURNED, 160_001),
        ]
        assert {line.insurer_case_no for line in lines} == {case_no}
        assert given.totals.count == len(given.lines)
        forged = Endpoint(INSURER, insurer_url, "whsec_" + "QUJD" * 10, 2.0)
        assert await fetch_statement(client, forged, COUNTY_AREA, today()) == Unknown("status_401")


LINE = {
    "claim_no": "990127-2026-000001-1",
    "payout_reference": "P-1",
    "settlement_no": "S-1",
    "insurer_case_no": "C-1",
    "direction": "paid",
    "amount": "2000.00",
    "settled_on": DAY.isoformat(),
}
TOTALS = {"paid_count": 1, "paid_amount": "2000.00", "returned_count": 0, "returned_amount": "0"}
BODY = {
    "insurer": INSURER,
    "area_code": str(COUNTY_AREA),
    "day": DAY.isoformat(),
    "totals": TOTALS,
    "lines": [LINE],
}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"insurer": "rival"}, "another_statement"),
        ({"day": "2026-06-19"}, "another_statement"),
        ({"lines": [LINE | {"amount": "2000.001"}]}, "money.precision"),
        ({"lines": [LINE | {"settled_on": "2026-06-21"}]}, "validation.failed"),
        ({"lines": [LINE | {"amount": True}]}, "statement_malformed"),
        ({"lines": [1]}, "statement_malformed"),
        ({"lines": {}}, "statement_malformed"),
        ({"totals": None}, "statement_malformed"),
        ({"totals": TOTALS | {"paid_count": "many"}}, "import.control_total"),
    ],
    ids=["rival", "day", "decimals", "later", "bool", "line", "lines", "totals", "count"],
)
async def test_an_answer_that_is_no_statement_is_a_doubt(
    changed: dict[str, object], reason: str
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=BODY | changed))
    async with httpx.AsyncClient(transport=transport) as client:
        endpoint = Endpoint(INSURER, "http://insurer", SECRET, 2.0)
        assert await fetch_statement(client, endpoint, COUNTY_AREA, DAY) == Unknown(reason)


class Giving(Speaker):
    """Stands for the wire: gives what the contract's body says, or nothing."""

    def __init__(self, *answers: Given | Unknown | NotSent) -> None:
        self.answers = list(answers)

    async def fetch_statement(
        self, endpoint: Endpoint, area_code: int, day: date
    ) -> Given | Unknown | NotSent:
        return self.answers.pop(0)

    def endpoint(self, insurer: str, base_url: str, *_: object) -> Endpoint:
        return Endpoint(insurer, base_url, SECRET)


async def given() -> Given:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=BODY))
    async with httpx.AsyncClient(transport=transport) as client:
        endpoint = Endpoint(INSURER, "http://insurer", SECRET, 2.0)
        answer = await fetch_statement(client, endpoint, COUNTY_AREA, DAY)
    assert isinstance(answer, Given)
    return answer


async def test_a_worker_asks_again_until_a_statement_adds_up(database: Database) -> None:
    await county_with(database, CHUNAN)
    subject = f"{INSURER}/{COUNTY_AREA:012d}/{DAY}"
    good = await given()
    short = Given(good.totals, ())
    wire = Giving(Unknown("timeout"), short, good)
    async with database.transaction(SYSTEM) as tx:
        await enqueue(tx, PULL, subject, lane=insurer_lane(INSURER))
    for errors in (["timeout"], ["import.control_total"], [None]):
        await work(database, wire)  # type: ignore[arg-type]
        async with database.transaction(SYSTEM) as tx:
            rows = await tx.sql.execute(
                text("SELECT CASE WHEN state = 'ready' THEN last_error END FROM job "
                     "WHERE kind = 'pull_statement'")
            )  # fmt: skip
            assert list(rows.scalars()) == errors
            await tx.sql.execute(text("UPDATE job SET run_at = now()"))
    async with database.transaction(COUNTY) as tx:
        (taken,) = await list_statements(tx, party=None, day=DAY, before=None, limit=9)
        day = await read_day(tx, day_number(COUNTY_AREA, INSURER, DAY))
    assert (taken.source, taken.paid_fen) == ("pull", 200_000)
    assert counts_of(day.figures) == {"only_theirs": 1}


async def test_the_nightly_round_asks_for_each_day_since_the_last(database: Database) -> None:
    await county_with(database, CHUNAN)
    await settled_claim(database)
    async with database.transaction(SYSTEM) as tx:
        assert await statements_to_pull(tx) == []
        await let_give(tx, INSURER, gives=True)
        yesterday = await tx.today() - timedelta(days=1)
        assert [one.day for one in await statements_to_pull(tx)] == [yesterday]
    await take(database, day=yesterday - timedelta(days=2))
    async with database.transaction(SYSTEM) as tx:
        wanted = await statements_to_pull(tx)
    assert [one.day for one in wanted] == [yesterday - timedelta(days=1), yesterday]
    assert wanted[0].subject == f"{INSURER}/990127000000/{yesterday - timedelta(days=1)}"
