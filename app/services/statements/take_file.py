"""Take a statement file: checked whole first, then its lines in chunks."""

import asyncio
from dataclasses import dataclass
from typing import BinaryIO

from app.db.session import Tx
from app.outside.statement_file import CheckedFile, check_file, lines_of
from app.services.statements.take_statement import Taken, Told, take_statement


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A file that was checked, still open, and whose statement it is."""

    file: BinaryIO
    told: Told
    checked: CheckedFile


async def check(file: BinaryIO, told: Told) -> StatementFile:
    """Check a file to its end, in a thread. Raises Invalid; nothing is taken."""
    checked = await asyncio.to_thread(check_file, file, told.day_on)
    return StatementFile(file, told, checked)


async def take_file(tx: Tx, statement: StatementFile) -> Taken:
    """Take a checked file. Raises as `take_statement`."""
    lines = lines_of(statement.file, statement.checked, statement.told.day_on)
    checked = statement.checked
    return await take_statement(tx, statement.told, checked.sha256, checked.totals, lines)
