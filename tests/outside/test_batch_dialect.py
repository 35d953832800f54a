"""Case files out, result files back: whole or not at all, and checked before any row is taken."""

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from app.outside.addresses import AddressRefused
from app.outside.insurers import (
    DIALECTS,
    Endpoint,
    HandedOver,
    Instruction,
    NotSent,
    Rejected,
    SendResult,
)
from app.outside.insurers.batch import (
    BrokenFile,
    DropFolder,
    check_results,
    rows_of,
    write_batches,
)
from app.outside.insurers.batch.folder import digest_of
from tests.insurer import about, referral
from tests.results import ROW, header_of, put_results

KEY = UUID("0192f0c1-0000-7000-8000-000000000001")
DAY = date(2026, 6, 20)
ADDRESS = "drop:filing-insurer"


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    made = DropFolder(tmp_path, ADDRESS)
    made.prepare()
    return made


async def send(tmp_path: Path, instruction: Instruction) -> SendResult:
    async with httpx.AsyncClient() as client:
        endpoint = Endpoint("filing-insurer", ADDRESS, "", drop_dir=tmp_path)
        return await DIALECTS["batch"].speak(client, endpoint).send(instruction)


async def ask(tmp_path: Path, key: UUID) -> SendResult:
    async with httpx.AsyncClient() as client:
        endpoint = Endpoint("filing-insurer", ADDRESS, "", drop_dir=tmp_path)
        return await DIALECTS["batch"].speak(client, endpoint).ask(key)


def batch(folder: DropFolder) -> list[str]:
    with folder.alone():
        return write_batches(folder, "filing-insurer", DAY)


def out(folder: DropFolder) -> list[str]:
    return sorted(path.name for path in folder.out.iterdir())


async def test_instructions_go_out_together_with_control_totals(
    tmp_path: Path, folder: DropFolder
) -> None:
    sent = [referral("901", KEY), referral("902"), about("withdraw_claim")]
    for instruction in sent:
        assert await send(tmp_path, instruction) == HandedOver(duplicate=False)
    assert out(folder) == []
    assert batch(folder) == ["filing-insurer-20260620-0001"]
    name = "cases-filing-insurer-20260620-0001.jsonl"
    assert out(folder) == [name, f"{name}.sha256"]
    raw = (folder.out / name).read_bytes()
    header, *rows = [json.loads(line) for line in raw.splitlines()]
    assert header == {
        "format": "relief-cases/1",
        "batch_no": "filing-insurer-20260620-0001",
        "insurer": "filing-insurer",
        "count": 3,
        "total": "3200.02",
    }
    assert {row["instruction_id"] for row in rows} == {str(one.instruction_id) for one in sent}
    assert (folder.out / f"{name}.sha256").read_text().split() == [digest_of(raw), name]
    assert (folder.out / name).stat().st_mode & 0o077 == 0
    assert batch(folder) == []


async def test_a_key_is_handed_over_once_for_ever(tmp_path: Path, folder: DropFolder) -> None:
    first, other = referral("901", KEY), referral("901", KEY, policy_no="P-2")
    assert await ask(tmp_path, KEY) == NotSent("insurer_never_had_it")
    await send(tmp_path, first)
    for _ in ("laid aside", "sent out"):
        assert await send(tmp_path, first) == HandedOver(duplicate=True)
        assert isinstance(await send(tmp_path, other), Rejected)
        assert await ask(tmp_path, KEY) == HandedOver(duplicate=True)
        batch(folder)
    await send(tmp_path, referral("902"))
    assert batch(folder) == ["filing-insurer-20260620-0002"]
    last = (folder.out / "cases-filing-insurer-20260620-0002.jsonl").read_text()
    assert str(KEY) not in last


@pytest.mark.parametrize("dies_at", ["moving", "data", "digest", "markers", "record"])
async def test_a_batch_that_was_interrupted_is_finished_under_its_number(
    tmp_path: Path, folder: DropFolder, dies_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each step; afterwards every instruction is in exactly one batch."""
    keys = [UUID(int=n) for n in (1, 2, 3)]
    for key in keys:
        await send(tmp_path, referral("901", key))
    cut(monkeypatch, dies_at)
    with pytest.raises(KeyboardInterrupt):
        batch(folder)
    monkeypatch.undo()
    if dies_at == "moving":
        assert len(list(folder.making.iterdir())) == 1
    batch(folder)
    found: list[str] = []
    for path in folder.out.glob("*.jsonl"):
        head, *rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert head["count"] == len(rows)
        found += [row["instruction_id"] for row in rows]
    assert sorted(found) == [str(key) for key in keys]
    assert list(folder.making.iterdir()) == []
    assert batch(folder) == []


def cut(monkeypatch: pytest.MonkeyPatch, dies_at: str) -> None:
    """Let the power fail before a step."""
    from app.outside.insurers.batch import cases  # noqa: PLC0415 - its names are replaced

    real_write, real_rename, moved = cases.write_whole, Path.rename, []

    def write(path: Path, raw: bytes) -> None:
        step = {"out": "data", "handed": "markers", "batches": "record"}[path.parent.name]
        if path.suffix == ".sha256":
            step = "digest"
        if step == dies_at:
            raise KeyboardInterrupt
        real_write(path, raw)

    def rename(path: Path, to: Path) -> Path:
        if path.parent.name == "staged" and not path.name.startswith("."):
            moved.append(path)
            if len(moved) == 2:
                raise KeyboardInterrupt
        return real_rename(path, to)

    monkeypatch.setattr(cases, "write_whole", write)
    if dies_at == "moving":
        monkeypatch.setattr(Path, "rename", rename)


async def test_a_folder_that_cannot_be_written_hands_nothing_over(tmp_path: Path) -> None:
    (tmp_path / "filing-insurer").write_text("in the way")
    assert await send(tmp_path, referral()) == NotSent("drop_folder_unusable")


async def test_an_address_names_a_folder_and_nothing_else(tmp_path: Path) -> None:
    check = DIALECTS["batch"].check_address
    await check("drop:picc-330127", ())
    for address in ("drop:", "drop:../x", "drop:/etc", "file:///etc", "picc", "drop:a/b", "drop:A"):
        with pytest.raises(AddressRefused):
            await check(address, ())
        with pytest.raises(ValueError, match="no drop folder"):
            DropFolder(tmp_path, address)


def test_a_right_result_file_is_read_row_by_row(folder: DropFolder) -> None:
    path = put_results(folder, [ROW, {"type": "claim.accepted", "data": {"claim_no": "1"}}])
    checked = check_results(path, "filing-insurer")
    assert (checked.file_no, checked.count, checked.total_fen) == ("R-1", 2, 200_000)
    events = [(number, json.loads(raw)) for number, raw in rows_of(path, checked)]
    assert [number for number, _ in events] == [1, 2]
    assert events[0][1] == {
        "type": "claim.decided",
        "timestamp": "2026-06-21T00:00:00Z",
        "data": ROW["data"],
    }


TWICE = b'{"row":1,"type":"a","type":"b","data":{}}\n'
BROKEN: dict[str, tuple[dict[str, object], str]] = {
    "a row less": ({"count": 2}, "count_differs"),
    "a row more": ({"count": 0}, "count_differs"),
    "a fen more": ({"total": "2000.01"}, "total_differs"),
    "total of a number": ({"total": 2000}, "header_malformed"),
    "total of no amount": ({"total": "2,000.00"}, "total_malformed"),
    "another insurer": ({"insurer": "rival"}, "insurer_differs"),
    "another format": ({"format": "relief-results/2"}, "header_malformed"),
    "count of text": ({"count": "1"}, "header_malformed"),
    "no number": ({"file_no": ""}, "header_malformed"),
}
ROWS: dict[str, tuple[bytes, str]] = {
    "F30 a key twice": (TWICE, "row_1_unreadable"),
    "F30 a float": (b'{"row":1,"type":"a","data":{"amount":2000.0}}\n', "row_1_unreadable"),
    "a number for an amount": (b'{"row":1,"type":"a","data":{"amount":2000}}\n', "row_1_amount"),
    "F40 three decimals": (b'{"row":1,"type":"a","data":{"amount":"1.234"}}\n', "row_1_amount"),
    "F40 negative": (b'{"row":1,"type":"a","data":{"amount":"-1.00"}}\n', "row_1_amount"),
    "no number": (b'{"type":"a","data":{}}\n', "row_1_malformed"),
    "another number": (b'{"row":2,"type":"a","data":{}}\n', "row_1_malformed"),
    "no type": (b'{"row":1,"data":{}}\n', "row_1_malformed"),
    "data of text": (b'{"row":1,"type":"a","data":"x"}\n', "row_1_malformed"),
    "an empty line": (b"\n", "row_1_unreadable"),
    "not UTF-8": (b"\xff\n", "row_1_unreadable"),
    "a line without end": (b"x" * 70_000, "line_too_long"),
}


@pytest.mark.parametrize(("changed", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_file_whose_control_totals_are_wrong_is_broken(
    folder: DropFolder, changed: dict[str, object], reason: str
) -> None:
    assert broken(put_results(folder, [ROW], **changed)) == reason


@pytest.mark.parametrize(("row", "reason"), ROWS.values(), ids=ROWS)
def test_a_file_with_an_odd_row_is_broken(folder: DropFolder, row: bytes, reason: str) -> None:
    head = json.dumps(header_of([ROW])).encode() + b"\n"
    assert broken(put_results(folder, [], raw=head + row)) == reason


def broken(path: Path) -> str:
    with pytest.raises(BrokenFile) as refused:
        check_results(path, "filing-insurer")
    return refused.value.reason


def test_a_file_whose_digest_is_wrong_or_that_is_empty_is_broken(folder: DropFolder) -> None:
    path = put_results(folder, [ROW])
    path.write_bytes(path.read_bytes().replace(b"claim.decided", b"claim.decidad"))
    assert broken(path) == "digest_differs"
    assert broken(put_results(folder, [], raw=b"")) == "header_missing"
    path = put_results(folder, [ROW])
    (folder.incoming / f"{path.name}.sha256").write_bytes(b"")
    assert broken(path) == "digest_unreadable"


def test_only_whole_files_of_the_right_name_have_arrived(folder: DropFolder) -> None:
    path = put_results(folder, [ROW])
    (folder.incoming / "results-2.jsonl").write_bytes(b"not yet whole")
    (folder.incoming / "notes.txt").write_bytes(b"")
    (folder.incoming / "results-3.jsonl").symlink_to("/etc/passwd")
    (folder.incoming / "results-3.jsonl.sha256").write_bytes(b"")
    assert folder.arrived() == [path]
