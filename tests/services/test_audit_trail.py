"""F86: whoever bends a row with the owner's rights is found, and the place is named."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db.session import Database, Tx
from app.domain.caller import AREA_END, Caller, Role
from app.services.audit.publish_root import publish_root
from app.services.audit.verify_trail import TrailVerified, verify_trail
from tests.contracts import COUNTY_AREA
from tests.services.test_invariants import Unbend, bend, lives

AUDITOR = Caller(Role.AUDIT, 0, AREA_END, "test:auditor")
WRITTEN_ANEW = """
    DO $$ DECLARE r audit; forged text; before bytea := '\\x00'; BEGIN
        FOR r IN SELECT * FROM audit WHERE chain = 990127000000 ORDER BY seq LOOP
            forged := CASE WHEN r.action LIKE 'ledger.%' THEN r.actor ELSE 'forger' END;
            UPDATE audit SET prev = before, actor = forged, hash = sha256(
                before || int8send(r.seq) || convert_to(jsonb_build_array(
                    r.chain, extract(epoch FROM r.at)::text, forged, r.action, r.object,
                    r.request_id, r.detail)::text, 'UTF8'))
                WHERE chain = r.chain AND seq = r.seq RETURNING hash INTO before;
        END LOOP;
        UPDATE audit_head SET hash = before WHERE chain = 990127000000;
        UPDATE event SET actor = 'forger' WHERE area_code >= 990127000000;
        UPDATE access SET actor = 'forger';
    END $$
"""
LINE_ADDED = """
    INSERT INTO ledger_entry (set_id, area_code, insurer_code, policy_id, claim_id, payer, booking,
                              account, amount_fen, actor)
    SELECT set_id, area_code, insurer_code, policy_id, claim_id, payer, booking, account,
           amount_fen, actor
    FROM ledger_entry ORDER BY id LIMIT 1
"""
EVENT_ADDED = """
    INSERT INTO event (area_code, resource, number, version, type, actor)
    SELECT area_code, resource, number, 99, type, actor FROM event ORDER BY seq LIMIT 1
"""
ROW_ADDED = """
    INSERT INTO audit SELECT chain, seq + 999, at, actor, action, object, request_id, detail, prev,
                             hash FROM audit WHERE seq = 2
"""
FIRST_LINE = "(SELECT min(id) FROM ledger_entry)"
THIRD_EVENT = "(SELECT seq FROM event ORDER BY seq OFFSET 2 LIMIT 1)"
BENDINGS = {
    "audit row edited": ("UPDATE audit SET object = 'x' WHERE seq = 3", 3, "bent"),
    "audit row deleted": ("DELETE FROM audit WHERE seq = 3", 4, "broken"),
    "audit row inserted": (ROW_ADDED, 1001, "broken"),
    "ledger line edited": (
        f"UPDATE ledger_entry SET amount_fen = amount_fen + 1 WHERE id = {FIRST_LINE}",
        0,
        "unaudited ledger ",
    ),
    "ledger line deleted": (
        f"DELETE FROM ledger_entry WHERE id = {FIRST_LINE}",
        None,
        "gone ledger ",
    ),
    "ledger line inserted": (LINE_ADDED, 0, "unaudited ledger "),
    "event edited": (
        f"UPDATE event SET now = 'closed' WHERE seq = {THIRD_EVENT}",
        0,
        "unaudited event ",
    ),
    "event deleted": (f"DELETE FROM event WHERE seq = {THIRD_EVENT}", None, "gone "),
    "event inserted": (EVENT_ADDED, 0, "unaudited event "),
}


async def verified(tx: Tx, roots: Path | None = None) -> TrailVerified:
    """Verify as the auditor, in a transaction that may not be his."""
    auditor = {"lo": 0, "hi": AREA_END}
    await tx.sql.execute(
        text("SELECT set_context(:lo, :hi, NULL, 'audit', 'test:auditor', NULL)"), auditor
    )
    return await verify_trail(tx, roots)


async def test_f86_every_bent_row_is_found_and_its_place_named(database: Database) -> None:
    claim_no = await lives(database)
    async with database.transaction(AUDITOR) as tx:
        whole = await verified(tx)
    assert (whole.faults, whole.rows > 30) == ((), True)
    for name, (bending, seq, words) in BENDINGS.items():
        with pytest.raises(Unbend):  # noqa: PT012 - all of it is rolled back together
            async with database.transaction(AUDITOR) as tx:
                await bend(tx, bending, claim_no)
                faults = (await verified(tx)).faults
                named = [fault for fault in faults if fault.fault.startswith(words)]
                assert named, (name, faults)
                assert seq is None or seq in {fault.seq for fault in named}, (name, faults)
                raise Unbend


async def test_f86_a_chain_written_anew_is_found_by_a_root_that_left_the_house(
    database: Database, tmp_path: Path
) -> None:
    await lives(database)
    async with database.transaction(AUDITOR) as tx:
        await publish_root(tx, tmp_path)
        assert (await verified(tx, tmp_path)).faults == ()
    with pytest.raises(Unbend):  # noqa: PT012 - all of it is rolled back together
        async with database.transaction(AUDITOR) as tx:
            await tx.sql.execute(text("SET LOCAL ROLE NONE"))
            await tx.sql.execute(text("SET LOCAL session_replication_role = replica"))
            await tx.sql.execute(text(WRITTEN_ANEW))
            await tx.sql.execute(text("SET LOCAL ROLE relief_app"))
            assert (await verified(tx)).faults == ()  # alone, the chain holds together
            (fault,) = (await verified(tx, tmp_path)).faults
            assert (fault.chain, fault.fault[:12]) == (COUNTY_AREA, "differs from")
            raise Unbend


async def test_f86_a_root_that_was_changed_or_is_not_ours_is_told(
    database: Database, tmp_path: Path
) -> None:
    await lives(database)
    async with database.transaction(AUDITOR) as tx:
        path, _ = await publish_root(tx, tmp_path)
    told = json.loads(path.read_bytes())
    for bent in (
        told | {"at": "2020-01-01T00:00:00+00:00"},
        told | {"heads": []},
        told | {"signature": "00" * 64},
        told | {"signature": "no hex"},
        told | {"format": "another"},
        {},
    ):
        path.write_text(json.dumps(bent))
        async with database.transaction(AUDITOR) as tx:
            (fault,) = (await verified(tx, tmp_path)).faults
        assert path.name in fault.fault
    path.write_bytes(b"\xff")
    async with database.transaction(AUDITOR) as tx:
        assert len((await verified(tx, tmp_path)).faults) == 1


async def test_the_trail_is_read_by_the_audit_role_alone(database: Database) -> None:
    await lives(database)
    for role, seen in ((Role.AUDIT, True), (Role.SYSTEM, False), (Role.COUNTY, False)):
        async with database.transaction(Caller(role, 0, AREA_END, "test")) as tx:
            counted = await tx.sql.execute(text("SELECT count(*) FROM audit"))
            assert (counted.scalar_one() > 0) is seen
    elsewhere = Caller(Role.AUDIT, 110000000000, 120000000000, "test")
    async with database.transaction(elsewhere) as tx:
        counted = await tx.sql.execute(text("SELECT count(*) FROM audit"))
        assert counted.scalar_one() == 0
