"""Result files of an insurer that deals in files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.domain.money import parse_yuan, yuan
from app.outside.insurers.batch import DropFolder
from app.outside.insurers.batch.folder import digest_of

CLAIM_NO = "990127-2026-000001-1"
ROW: dict[str, Any] = {
    "type": "claim.decided",
    "data": {
        "claim_no": CLAIM_NO,
        "insurer_case_no": "C-1",
        "outcome": "full",
        "amount": "2000.00",
        "decided_on": "2026-06-20",
    },
}


def header_of(rows: Sequence[dict[str, Any]], **changed: object) -> dict[str, object]:
    total = sum(parse_yuan(row["data"].get("amount", "0.00")) for row in rows)
    return {
        "format": "relief-results/1",
        "file_no": "R-1",
        "insurer": "filing-insurer",
        "made_at": "2026-06-21T00:00:00Z",
        "count": len(rows),
        "total": yuan(total),
    } | changed


def put_results(
    folder: DropFolder,
    rows: Sequence[dict[str, Any]],
    name: str = "results-1.jsonl",
    raw: bytes | None = None,
    **changed: object,
) -> Path:
    """Deliver a result file as the insurer would: the data first, its digest after it."""
    folder.prepare()
    if raw is None:
        lines = [header_of(rows, **changed)]
        lines += [{"row": number, **row} for number, row in enumerate(rows, start=1)]
        raw = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    path = folder.incoming / name
    path.write_bytes(raw)
    (folder.incoming / f"{name}.sha256").write_text(f"{digest_of(raw)}  {name}\n")
    return path
