"""Receive the rows of a result file: each is a callback, stored once, applied by the worker."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import islice

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.inbox import store_callback
from app.db.insurers import hold_insurer
from app.db.session import Database, Tx
from app.domain.caller import AREA_END, Caller, Role, worker
from app.outside.insurers import DIALECTS
from app.outside.insurers.batch import Checked
from app.services.callbacks.receive_callback import file_under

CHUNK = 500


async def receive_results(
    database: Database, insurer_code: str, checked: Checked, rows: Iterable[tuple[int, bytes]]
) -> int:
    """Store every row of a checked file, by (insurer, digest of the file and row); give the new.

    In chunks: after a crash the file is read again and what is there already is a duplicate.
    """
    caller = Caller(Role.INSURER, 0, AREA_END, f"file:{insurer_code}", insurer_code)
    left, fresh = iter(rows), 0
    while chunk := list(islice(left, CHUNK)):
        async with database.transaction(caller) as tx:
            for number, body in chunk:
                event_id = f"file:{checked.sha256}:{number}"
                filed = file_under(DIALECTS["batch"], body)
                digest = sha256(body).digest()
                stored = await store_callback(tx, insurer_code, event_id, body, digest, filed)
                fresh += stored.fresh
    async with database.transaction(worker("batch")) as tx:
        detail = {
            "file_no": checked.file_no,
            "sha256": checked.sha256,
            "count": checked.count,
            "total_fen": checked.total_fen,
            "new": fresh,
        }
        await _tell(tx, insurer_code, "insurer.results_taken", detail)
    return fresh


async def refuse_results(database: Database, insurer_code: str, file: str, reason: str) -> None:
    """Write down that a result file was broken and put aside; no row of it was taken."""
    async with database.transaction(worker("batch")) as tx:
        detail = {"file": file, "reason": reason}
        await _tell(tx, insurer_code, "insurer.results_refused", detail)


async def _tell(tx: Tx, code: str, type_: str, detail: Mapping[str, object]) -> None:
    await hold_insurer(tx, code)
    await write_act(
        tx,
        NewEvent("insurer", code, COUNTED, type_, EVERYWHERE, insurer_code=code, detail=detail),
    )
