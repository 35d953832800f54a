"""Case files: instructions are laid aside one by one and go out together, with control totals."""

import asyncio
import json
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx

from app.domain.money import parse_yuan, yuan
from app.outside.insurers.batch.folder import DropFolder, digest_beside, digest_of
from app.outside.insurers.port import (
    AccountQuestion,
    Endpoint,
    HandedOver,
    Instruction,
    NotSent,
    Rejected,
    SendResult,
)
from app.outside.insurers.rest import render
from app.outside.whole_files import write_whole

FORMAT = "relief-cases/1"
ROWS_MAX = 10_000


class BatchDialect:
    """Hands instructions over by file. A key is honoured by construction: one file per key."""

    def __init__(self, client: httpx.AsyncClient, endpoint: Endpoint) -> None:
        """Raise ValueError when there is no drop folder."""
        del client  # nothing is called
        self._folder = DropFolder(endpoint.drop_dir, endpoint.base_url)

    async def send(self, instruction: Instruction) -> SendResult:
        """Lay an instruction aside for the next batch; once, however often it is sent."""
        return await asyncio.to_thread(self._lay_aside, instruction)

    async def ask(self, instruction_id: UUID) -> SendResult:
        """Tell whether it was handed over; what the insurer did with it, its result file says."""
        known = await asyncio.to_thread(self._known, str(instruction_id))
        return NotSent("insurer_never_had_it") if known is None else HandedOver(duplicate=True)

    async def check_account(self, question: AccountQuestion) -> NotSent:
        """Nobody can be asked: files go to and fro once a round."""
        del question
        return NotSent("channel_cannot_tell")

    def _lay_aside(self, instruction: Instruction) -> SendResult:
        key, body = str(instruction.instruction_id), render(instruction)
        try:
            self._folder.prepare()
            known = self._known(key)
            if known is None:
                write_whole(self._folder.staged / f"{key}.json", body)
        except OSError:
            return NotSent("drop_folder_unusable")
        if known is not None and known != digest_of(body):
            return Rejected("idempotency.conflict", "同一指令号内容不同")
        return HandedOver(duplicate=known is not None)

    def _known(self, key: str) -> str | None:
        """Give the digest of what was handed over under a key, None for nothing."""
        for place in (self._folder.staged, *sorted(self._folder.making.glob("*"))):
            try:
                return digest_of((place / f"{key}.json").read_bytes())
            except FileNotFoundError:
                continue
        try:
            return (self._folder.handed / key).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None


def write_batches(folder: DropFolder, insurer: str, on: date) -> list[str]:
    """Write what waits as case files; give the numbers of the batches that went out.

    `on` is the business day (Asia/Shanghai). A batch that was interrupted is finished first, under
    its number and with the same bytes. Call it with the folder held (`alone`).
    """
    written = [_finish(folder, insurer, left) for left in sorted(folder.making.iterdir())]
    waiting = sorted(folder.staged.glob("*.json"))
    while waiting:
        now, waiting = waiting[:ROWS_MAX], waiting[ROWS_MAX:]
        place = folder.making / _next_number(folder, insurer, on)
        place.mkdir(mode=0o700)
        for path in now:
            path.rename(place / path.name)
        written.append(_finish(folder, insurer, place))
    return written


def _next_number(folder: DropFolder, insurer: str, on: date) -> str:
    prefix = f"{insurer}-{on:%Y%m%d}-"
    used = [int(path.stem.removeprefix(prefix)) for path in folder.batches.glob(f"{prefix}*.json")]
    return f"{prefix}{max(used, default=0) + 1:04d}"


def _finish(folder: DropFolder, insurer: str, place: Path) -> str:
    """Write the batch of one folder in `making`; each step may be done again after a crash."""
    bodies = {path.stem: path.read_bytes() for path in sorted(place.glob("*.json"))}
    rows = [json.loads(body) for body in bodies.values()]
    total = sum(parse_yuan(row["assessment"]["amount"]) for row in rows if "assessment" in row)
    header = {
        "format": FORMAT,
        "batch_no": place.name,
        "insurer": insurer,
        "count": len(rows),
        "total": yuan(total),
    }
    raw = b"".join(
        line + b"\n" for line in (json.dumps(header, sort_keys=True).encode(), *bodies.values())
    )
    path = folder.out / f"cases-{place.name}.jsonl"
    write_whole(path, raw)
    write_whole(digest_beside(path), f"{digest_of(raw)}  {path.name}\n".encode())
    for key, body in bodies.items():
        write_whole(folder.handed / key, digest_of(body).encode())
    record = json.dumps(header | {"sha256": digest_of(raw)}, sort_keys=True)
    write_whole(folder.batches / f"{place.name}.json", record.encode())
    for key in bodies:
        (place / f"{key}.json").unlink()
    place.rmdir()
    return place.name
