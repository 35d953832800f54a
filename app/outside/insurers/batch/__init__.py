"""The `batch` dialect: case files out and result files back, over a drop folder.

An insurer's folder below RELIEF_DROP_DIR holds `out/` (it fetches case files there) and `in/` (it
delivers result files there); who may enter the folder is who is believed. A file counts when its
`.sha256` beside it does: the data first, the digest after it.
"""

from app.outside.insurers.batch.cases import BatchDialect, write_batches
from app.outside.insurers.batch.folder import BrokenFile, DropFolder, check_address
from app.outside.insurers.batch.results import Checked, check_results, rows_of

__all__ = [
    "BatchDialect",
    "BrokenFile",
    "Checked",
    "DropFolder",
    "check_address",
    "check_results",
    "rows_of",
    "write_batches",
]
