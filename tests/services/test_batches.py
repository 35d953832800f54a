"""An insurer that deals in files: a claim goes out in one and comes back decided in another."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.db.instructions import list_instructions
from app.db.jobs import enqueue
from app.db.session import Database
from app.domain.lifecycle import ClaimStatus
from app.outside.insurers.batch import Checked, DropFolder, check_results
from app.outside.insurers.speaking import Speaker
from app.outside.whole_files import write_whole
from app.worker.batches import run_round
from tests.cases import CHUNAN, callback_states, claim_view, county_with, file, notice, work
from tests.contracts import SYSTEM
from tests.results import ROW, put_results

CODE = "demo-insurer"


async def filed(database: Database, drop: Path) -> tuple[str, DropFolder]:
    """A claim whose referral lies in the drop folder, ready for the next batch."""
    await county_with(database, CHUNAN)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text(
                "UPDATE insurer SET dialect = 'batch', base_url = 'drop:demo', "
                "honours_key = false, can_be_asked = false"
            )
        )
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database, Speaker(None, 5.0, drop))  # type: ignore[arg-type]
    return claim_no, DropFolder(drop, "drop:demo")


def row(claim_no: str, type_: str = "claim.decided", **data: object) -> dict[str, Any]:
    said = (ROW["data"] if type_ == "claim.decided" else {}) | data
    return {"type": type_, "data": said | {"claim_no": claim_no}}


async def acts(database: Database) -> list[tuple[str, dict[str, Any]]]:
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text(
                "SELECT type, detail FROM event WHERE resource = 'insurer' "
                "AND type LIKE 'insurer.results%' ORDER BY seq"
            )
        )
        return [(one.type, one.detail) for one in rows]


async def test_a_claim_goes_out_by_file_and_comes_back_decided(
    database: Database, tmp_path: Path
) -> None:
    claim_no, folder = await filed(database, tmp_path)
    async with database.transaction(SYSTEM) as tx:
        (waiting,) = await list_instructions(tx, state="sent", claim_no=None, before=None, limit=2)
    done = await run_round(database, tmp_path, CODE)
    assert (len(done.batches), done.rows, done.refused) == (1, 0, ())
    (cases,) = folder.out.glob("*.jsonl")
    assert json.loads(cases.read_bytes().splitlines()[1])["instruction_id"] == str(waiting.id)

    put_results(folder, [row(claim_no)], insurer=CODE)
    done = await run_round(database, tmp_path, CODE)
    assert (done.batches, done.rows, done.refused) == ((), 1, ())
    await work(database)
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.insurer_case_no) == (ClaimStatus.PAYING, "C-1")
    async with database.transaction(SYSTEM) as tx:
        found = await list_instructions(tx, state="accepted", claim_no=None, before=None, limit=2)
    assert [one.id for one in found] == [waiting.id]
    assert [path.name for path in folder.taken.glob("*.jsonl")] == ["results-1.jsonl"]


async def test_f63_a_result_file_twice_is_taken_once(database: Database, tmp_path: Path) -> None:
    claim_no, folder = await filed(database, tmp_path)
    paid = {"payout_reference": "PAY-1", "settlement_no": "N-1", "amount": "2000.00"}
    rows = [row(claim_no), row(claim_no, "payout.paid", paid_on="2026-06-21", **paid)]
    for name in ("results-1.jsonl", "results-1.jsonl", "results-again.jsonl"):
        put_results(folder, rows, name, insurer=CODE)
        await run_round(database, tmp_path, CODE)
        await work(database)
    assert (await claim_view(database, claim_no)).claim.paid_fen == 200_000
    assert await callback_states(database, claim_no) == [
        ("claim.decided", "applied"),
        ("payout.paid", "applied"),
    ]
    assert [detail["new"] for _, detail in await acts(database)] == [2, 0, 0]
    assert len(list(folder.taken.glob("results-1.jsonl*"))) == 4  # both, each with its digest


async def test_no_row_of_a_broken_file_is_taken(database: Database, tmp_path: Path) -> None:
    claim_no, folder = await filed(database, tmp_path)
    put_results(folder, [row(claim_no)], insurer=CODE, total="2000.01")
    put_results(folder, [row(claim_no)], "results-2.jsonl", insurer="rival")
    done = await run_round(database, tmp_path, CODE)
    assert done.rows == 0
    assert dict(done.refused) == {
        "results-1.jsonl": "total_differs",
        "results-2.jsonl": "insurer_differs",
    }
    assert await callback_states(database, claim_no) == []
    told = json.loads((folder.refused / "results-1.jsonl.reason.json").read_text())
    assert told == {"file": "results-1.jsonl", "reason": "total_differs"}
    assert [type_ for type_, _ in await acts(database)] == ["insurer.results_refused"] * 2
    put_results(folder, [row(claim_no)], insurer=CODE)  # mended, under its old name
    assert (await run_round(database, tmp_path, CODE)).rows == 1


async def test_news_of_another_insurers_claim_is_parked(database: Database, tmp_path: Path) -> None:
    _, folder = await filed(database, tmp_path)
    stranger = "990127-2026-000999-1"
    put_results(folder, [row(stranger)], insurer=CODE)
    await run_round(database, tmp_path, CODE)
    await work(database)
    assert await callback_states(database, stranger) == [("claim.decided", "parked")]


async def test_the_workers_own_round_carries_the_files(database: Database, tmp_path: Path) -> None:
    claim_no, folder = await filed(database, tmp_path)
    speaker = Speaker(None, 5.0, tmp_path)  # type: ignore[arg-type]
    for results in (False, True):
        if results:
            put_results(folder, [row(claim_no)], insurer=CODE)
        async with database.transaction(SYSTEM) as tx:
            await enqueue(tx, "poll", "insurers")
        await work(database, speaker)
    assert len(list(folder.out.glob("*.jsonl"))) == 1
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.PAYING


async def test_a_file_that_changes_while_it_is_read_is_taken_as_it_was_checked(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_no, folder = await filed(database, tmp_path)
    path = put_results(folder, [row(claim_no)], insurer=CODE)

    def check_then_change(copy: Path, insurer: str) -> Checked:
        checked = check_results(copy, insurer)
        path.write_bytes(path.read_bytes().replace(b"2000.00", b"9000.00"))
        return checked

    monkeypatch.setattr("app.worker.batches.check_results", check_then_change)
    assert (await run_round(database, tmp_path, CODE)).rows == 1
    await work(database)
    assert (await claim_view(database, claim_no)).claim.decided_fen == 200_000
    assert list(folder.reading.iterdir()) == []


async def test_a_pipe_or_a_link_in_place_of_a_file_holds_nobody_up(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_no, folder = await filed(database, tmp_path)
    pipe, link = (put_results(folder, [row(claim_no)], f"results-{n}.jsonl") for n in "12")
    seen = folder.arrived()
    for path in (pipe, link):
        path.unlink()
    os.mkfifo(pipe)
    link.symlink_to("/etc/hostname")
    monkeypatch.setattr(DropFolder, "arrived", lambda _: seen)  # as they were a moment before
    done = await run_round(database, tmp_path, CODE)
    assert dict(done.refused) == dict.fromkeys(
        ("results-1.jsonl", "results-2.jsonl"), "file_unusable"
    )


def test_a_link_laid_where_we_write_is_not_followed(tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_text("ours")
    (tmp_path / ".cases-1.jsonl.part").symlink_to(treasure)
    write_whole(tmp_path / "cases-1.jsonl", b"theirs")
    assert treasure.read_text() == "ours"
    assert (tmp_path / "cases-1.jsonl").read_bytes() == b"theirs"
