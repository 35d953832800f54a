"""The migration books premiums of before exactly as the code books them since."""

import importlib.util
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import ModuleType

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.crypto import Keyring
from app.db.session import Database, driver_url
from app.services.policies.record_premium import Payment, record_premium
from tests.cases import CHUNAN
from tests.contracts import COUNTY, SYSTEM
from tests.services.test_ledger import shared_county

REVISION = Path("migrations/versions/2026_11_22_1530_pay_in_every_shape.py")
STANDS = """
    SELECT account || ' ' || coalesce(insurer_code, '') || ' ' || payer AS place,
           sum(amount_fen)::bigint AS fen
    FROM ledger_entry WHERE claim_id IS NULL GROUP BY account, insurer_code, payer
"""


def revision() -> ModuleType:
    spec = importlib.util.spec_from_file_location("revision", REVISION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def stands(database: Database) -> Mapping[str, int]:
    async with database.transaction(SYSTEM) as tx:
        return {row["place"]: row["fen"] for row in await tx.rows(STANDS)}


async def test_premiums_of_before_are_booked_as_those_of_today(
    fresh_database_url: str, keyring: Keyring
) -> None:
    database = Database(fresh_database_url, keyring)
    await shared_county(database)
    for reference, payer, amount in (("V1", "town", 5_000), ("V2", "bureau", 12_345)):
        async with database.transaction(COUNTY) as tx:
            payment = Payment(payer, amount, date(2026, 3, 1), reference)
            await record_premium(tx, f"P-{CHUNAN}", payment)
    booked = {place: fen for place, fen in (await stands(database)).items() if fen}
    assert len(booked) == 12

    def again(connection: Connection) -> None:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("DELETE FROM ledger_entry"))
        connection.execute(text("SET session_replication_role = origin"))
        with Operations.context(MigrationContext.configure(connection)):
            revision().book_premiums()

    owner = create_async_engine(driver_url(fresh_database_url))
    async with owner.begin() as connection:
        await connection.run_sync(again)
    await owner.dispose()
    assert await stands(database) == booked
    await database.close()
