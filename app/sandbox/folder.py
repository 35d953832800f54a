"""The stand-in that deals in files: fetches case files from a drop folder, delivers results there.

A file counts when its `.sha256` stands beside it and agrees; the data is written first, the digest
after it. Control totals are checked before any row is taken.
"""

import asyncio
import hashlib
import json
import os
import sqlite3
from pathlib import Path

from app.sandbox import story
from app.sandbox.books import new_number
from app.sandbox.insurer import Insurer
from app.sandbox.till import happen

TURN_SECONDS = 0.05
ROWS_MOST = 5_000


class Broken(Exception):
    """A case file whose digest, count or total is wrong; none of its rows is taken."""


async def keep_exchanging(insurer: Insurer, folder: Path) -> None:
    """Run until cancelled: take what lies in `out`, let due steps happen, put results into `in`."""
    fetched: set[str] = set()  # to spare reading again; the desk takes a key once whatever happens
    while True:
        for path in sorted((folder / "out").glob("cases-*.jsonl")):
            if path.name not in fetched and _beside(path).exists():
                _fetch(insurer, path)
                fetched.add(path.name)
        happen(insurer.books)
        letters = insurer.books.all(
            "SELECT * FROM letter WHERE state = 'ready' ORDER BY id LIMIT :most", most=ROWS_MOST
        )
        if letters:
            _deliver(insurer, folder / "in", letters)
        await asyncio.sleep(TURN_SECONDS)


def _fetch(insurer: Insurer, path: Path) -> None:
    """Take every row of a whole case file. Raises Broken, which ends the stand-in: it is ours."""
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != _beside(path).read_text().split()[0]:
        raise Broken(path.name)
    head, *lines = raw.splitlines()
    header, rows = json.loads(head), [json.loads(line) for line in lines]
    total = sum(story.fen(row["assessment"]["amount"]) for row in rows if "assessment" in row)
    if (header["count"], header["total"]) != (len(rows), story.yuan(total)):
        raise Broken(path.name)
    for line, row in zip(lines, rows, strict=True):
        insurer.receive(row["instruction_id"], line)


def _deliver(insurer: Insurer, folder: Path, letters: list[sqlite3.Row]) -> None:
    events = [json.loads(letter["body"]) for letter in letters]
    rows = [
        {"row": number, "type": event["type"], "data": event["data"]}
        for number, event in enumerate(events, start=1)
    ]
    total = sum(story.fen(event["data"].get("amount", "0.00")) for event in events)
    header = {
        "format": "relief-results/1",
        "file_no": new_number("JG"),
        "insurer": insurer.code,
        "made_at": events[-1]["timestamp"],
        "count": len(rows),
        "total": story.yuan(total),
    }
    lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in (header, *rows))
    raw = "".join(lines).encode()
    path = folder / f"results-{header['file_no']}.jsonl"
    _write(path, raw)
    _write(_beside(path), f"{hashlib.sha256(raw).hexdigest()}  {path.name}\n".encode())
    with insurer.books.writing():
        for letter in letters:
            insurer.books.run(
                "UPDATE letter SET state = 'delivered', answer = :file WHERE id = :id",
                file=path.name,
                id=letter["id"],
            )


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _write(path: Path, raw: bytes) -> None:
    """Write under another name, then rename: the other side never sees half of it."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
