"""F21 in small: after a restoration nothing leaves, and what insurers have is found and adopted."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.db.restorations import list_cases, open_restoration
from app.db.session import Database
from app.domain.errors import IllegalMove, Invalid, NotFound, RestorationOpen
from app.domain.lifecycle import ClaimStatus
from app.outside.insurers import NotSent
from app.outside.insurers.register import Listed, Unreadable, read_register
from app.outside.trail_roots import published_roots
from app.services.audit.publish_root import publish_root
from app.services.batches.make_batch import make_batch
from app.services.notices.draft_notice import draft_notice
from app.services.restorations.begin_restoration import begin_restoration, hold_if_restored
from app.services.restorations.end_restoration import dismiss_case, end_restoration
from app.services.restorations.hear_insurer import hear_by_word, hear_insurer
from tests.cases import CHUNAN, FUND, INSURER, Wire, claim_view, county_with, file, notice, work
from tests.contracts import COUNTY, SYSTEM, TOWN, TOWNSHIP
from tests.services.test_sending import states

LOST_NO = "990127-2026-000777"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


async def begin(database: Database, skipped: int = 100) -> None:
    async with database.transaction(SYSTEM) as tx:
        await begin_restoration(tx, "演练", [], skipped=skipped)


async def hear(database: Database, *listed: Listed) -> dict[str, int]:
    return dict(await hear_insurer(database, SYSTEM, INSURER, list(listed), "file"))


def had(claim_no: str, instruction_id: UUID | None = None, kind: str = "refer_claim") -> Listed:
    """One entry of the insurer's register."""
    return Listed(instruction_id or uuid4(), kind, claim_no, "CASE-9", AT)


async def its_instruction(database: Database) -> UUID:
    async with database.transaction(SYSTEM) as tx:
        found: UUID = await tx.sql.scalar(text("SELECT id FROM instruction"))
        return found


async def test_while_a_restoration_is_open_nothing_is_sent(database: Database) -> None:
    await county_with(database, CHUNAN)
    await begin(database)
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    await work(database, wire)
    assert wire.sent == []
    assert await states(database) == [("ready", 0)]
    async with database.transaction(SYSTEM) as tx:
        await hear_by_word(tx, INSURER, "电话核对，没有新案")
        await end_restoration(tx, "核对完毕")
        assert await open_restoration(tx) is None
    await work(database, wire)
    assert len(wire.sent) == 1
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW


async def test_what_might_have_left_before_is_in_doubt_and_settled_by_the_insurers_register(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    wire.answers = [NotSent("no_connection")]
    await work(database, wire)
    assert await states(database) == [("ready", 1)]
    wire.sent.clear()
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE instruction SET created_at = now() - interval '1 hour'"))
    await begin(database)
    assert await states(database) == [("unknown", 1)]
    assert await hear(database, had(claim_no, await its_instruction(database))) == {"known": 1}
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW
    async with database.transaction(SYSTEM) as tx:
        await end_restoration(tx, "核对完毕")
    await work(database, wire)
    assert wire.sent == []


async def test_an_instruction_made_anew_is_not_sent_when_the_insurer_has_the_claim(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    await begin(database)
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    await work(database, wire)
    lost = had(claim_no)
    assert await hear(database, lost) == {"adopted": 1}
    assert await hear(database, lost) == {"adopted": 1}
    seen = await claim_view(database, claim_no)
    assert (seen.claim.status, seen.claim.insurer_case_no) == (ClaimStatus.UNDER_REVIEW, "CASE-9")
    async with database.transaction(SYSTEM) as tx:
        await end_restoration(tx, "核对完毕")
    await work(database, wire)
    assert wire.sent == []
    assert [state for state, _ in await states(database)] == ["accepted"]


async def test_a_lost_claim_is_filed_again_under_its_own_number_and_nothing_else_ends_it(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    await begin(database)
    lost = had(f"{LOST_NO}-1")
    papers = had(f"{LOST_NO}-1", kind="supply_papers")
    assert await hear(database, lost, papers) == {"lost": 1, "noted": 1}
    async with database.transaction(SYSTEM) as tx:
        with pytest.raises(IllegalMove, match=r"status|act"):
            await end_restoration(tx, "太早")
    async with database.transaction(TOWNSHIP) as tx:
        filed = await draft_notice(tx, notice(), TOWN, restored_no=LOST_NO)
        assert filed.notice.notice_no == LOST_NO
        fresh = await draft_notice(tx, notice(2), TOWN)
        assert int(fresh.notice.notice_no[-6:]) > 100
    for taken in (LOST_NO, "990127-2026-000778", "990128-2026-000777"):
        async with database.transaction(TOWNSHIP) as tx:
            with pytest.raises(Invalid):
                await draft_notice(tx, notice(), TOWN, restored_no=taken)


async def test_a_lost_claim_may_be_settled_by_a_persons_word_once(database: Database) -> None:
    await county_with(database, CHUNAN)
    await begin(database)
    await hear(database, had(f"{LOST_NO}-1"))
    async with database.transaction(SYSTEM) as tx:
        assert await dismiss_case(tx, f"{LOST_NO}-1", "保险公司已撤案") == 1
        with pytest.raises(NotFound):
            await dismiss_case(tx, f"{LOST_NO}-1", "再一次")
        [case] = await list_cases(tx)
        assert (case.state, case.note) == ("dismissed", "保险公司已撤案")
        await end_restoration(tx, "核对完毕")


async def test_the_end_waits_for_every_insurer(database: Database) -> None:
    await county_with(database, CHUNAN)
    async with database.transaction(SYSTEM) as tx:
        for early in (end_restoration(tx, "?"), hear_by_word(tx, INSURER, "?")):
            with pytest.raises(IllegalMove):
                await early
    await begin(database)
    async with database.transaction(SYSTEM) as tx:
        with pytest.raises(IllegalMove):
            await begin_restoration(tx, "再一次", [])
        with pytest.raises(NotFound):
            await hear_by_word(tx, "nobody", "?")
        with pytest.raises(IllegalMove):
            await end_restoration(tx, "太早")


async def test_no_batch_is_made_for_the_bank_meanwhile(database: Database) -> None:
    await county_with(database, FUND)
    await begin(database)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(RestorationOpen):
            await make_batch(tx, f"P-{FUND}")


async def test_a_database_that_holds_less_than_was_published_was_restored(
    fresh_database: Database, tmp_path: Path
) -> None:
    await county_with(fresh_database, CHUNAN)
    async with fresh_database.transaction(SYSTEM) as tx:
        await publish_root(tx, tmp_path)
        assert await hold_if_restored(tx, published_roots(tmp_path)) is None
    await file(fresh_database, notice())
    async with fresh_database.transaction(SYSTEM) as tx:
        path, _ = await publish_root(tx, tmp_path / "later")
    path.rename(tmp_path / "root-29991231T000000Z.json")  # as the hour would have it
    owner = Database(fresh_database.url, fresh_database.keyring)
    async with owner.engine.begin() as connection:
        await connection.execute(text("SET ROLE NONE"))
        await connection.execute(text("UPDATE audit_head SET seq = 1 WHERE seq > 1"))
    await owner.close()
    async with fresh_database.transaction(SYSTEM) as tx:
        assert await hold_if_restored(tx, published_roots(tmp_path)) is not None
        held = await open_restoration(tx)
        assert held is not None
        assert held.last_root == "root-29991231T000000Z.json"
        assert await hold_if_restored(tx, published_roots(tmp_path)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"insurer": "another", "instructions": []},
        {"insurer": INSURER, "instructions": {}},
        {"insurer": INSURER, "instructions": [{"instruction_id": "x"}]},
        {"insurer": INSURER, "instructions": ["x"]},
        [],
    ],
    ids=str,
)
def test_a_register_that_is_not_as_agreed_is_not_read(wrong: object) -> None:
    with pytest.raises(Unreadable):
        read_register(wrong, INSURER)


async def test_the_feed_begins_another_life(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        before = (await tx.sql.execute(text("SELECT lives FROM feed_tail"))).scalar_one()
        await begin_restoration(tx, "从备份恢复", ())
        after = (await tx.sql.execute(text("SELECT lives FROM feed_tail"))).scalar_one()
    assert (after[:-1], len(after)) == (before, len(before) + 1)
