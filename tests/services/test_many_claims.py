"""The way of a claim in a database that has had many: nothing on it is read from end to end.

RELIEF_MANY_CLAIMS makes the database larger; what a claim reads must stay the same.
"""

import os

from app.crypto import Keyring
from app.db.session import Database
from app.services.claims.read_claim import read_timeline
from app.services.notices.record_payer import record_payer
from app.services.notices.withdraw_notice import withdraw_notice
from app.services.policies.bring_in_usage import OpeningUsage, bring_in_usage
from tests.cases import (
    CHUNAN,
    JIKUNBAO,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, TOWNSHIP
from tests.many_rows import multiply, reads
from tests.people import id_number
from tests.services.test_coordination import big_bill

COPIES = int(os.environ.get("RELIEF_MANY_CLAIMS", "8000"))
ROWS_OF_A_CLAIM = 150  # read of any one table by everything that happens here


async def walk(database: Database, name: str, person: int) -> None:
    """A claim from filing to its money, a second that waits for it, and a withdrawal."""
    filed = await file(database, notice(person, bills=(big_bill(name),)))
    await work(database)
    async with database.transaction(TOWNSHIP) as tx:
        await record_payer(tx, filed.notice.notice_no, "bill-1", "charity", 100)
    await work(database)
    first, second = (claim.claim_no for claim in filed.claims)
    await deliver(database, first, "claim.decided", **decided(amount="5000.00"))
    await work(database)
    await deliver(database, first, "payout.paid", **payout("5000.00", payout_reference=name))
    await work(database)
    assert (await claim_view(database, second)).claim.assessed_fen == 700_000
    async with database.transaction(TOWNSHIP) as tx:
        await read_timeline(tx, first)
    other = await file(database, notice(person, bills=(big_bill(f"{name}-2"),)))
    await work(database)
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, other.notice.notice_no, "填错")


async def test_nothing_on_a_claims_way_is_read_from_end_to_end(
    fresh_database_url: str, keyring: Keyring
) -> None:
    database = Database(fresh_database_url, keyring)
    await county_with(database, CHUNAN, JIKUNBAO)
    await walk(database, "PAY-first", 1)
    await database.close()
    await multiply(fresh_database_url, COPIES)
    before = await reads(fresh_database_url)
    database = Database(fresh_database_url, keyring)
    await walk(database, "PAY-second", 2)
    async with database.transaction(COUNTY) as tx:
        line = OpeningUsage("big_illness.year", 1, id_number=id_number(2))
        await bring_in_usage(tx, f"P-{JIKUNBAO}", [line], "旧系统导出")
    await database.close()
    after = await reads(fresh_database_url)
    whole = {table: after[table][0] - before[table][0] for table in before}
    rows = {table: after[table][1] - before[table][1] for table in before}
    assert {table: scans for table, scans in whole.items() if scans} == {}
    assert {table: count for table, count in rows.items() if count > ROWS_OF_A_CLAIM} == {}
