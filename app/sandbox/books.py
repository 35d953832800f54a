"""The stand-in's own records: one SQLite file that survives kill -9, never a person's number."""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.sandbox.story import Step

_TABLES = """
CREATE TABLE IF NOT EXISTS insurance_case (
    case_no TEXT PRIMARY KEY, claim_no TEXT NOT NULL, story TEXT NOT NULL,
    assessed_fen INTEGER NOT NULL, deductible INTEGER NOT NULL, payees TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('deciding', 'awaiting_papers', 'withdrawn')),
    received_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS case_by_claim ON insurance_case (claim_no);
CREATE TABLE IF NOT EXISTS instruction (
    key TEXT PRIMARY KEY, sha256 TEXT NOT NULL, kind TEXT NOT NULL, case_no TEXT NOT NULL,
    claim_no TEXT NOT NULL DEFAULT '', received_at TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS payment (
    id INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, case_no TEXT NOT NULL,
    claim_no TEXT NOT NULL, amount_fen INTEGER NOT NULL, account_last4 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'sent', 'paid', 'failed', 'returned'))
) STRICT;
CREATE TABLE IF NOT EXISTS settlement (
    settlement_no TEXT PRIMARY KEY, payment_id INTEGER NOT NULL, claim_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('paid', 'returned')),
    paid_on TEXT NOT NULL, returned_on TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS paid_once ON settlement (payment_id) WHERE state = 'paid';
CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, claim_no TEXT NOT NULL,
    case_no TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, effect TEXT NOT NULL,
    payment_id INTEGER NOT NULL, due_at REAL NOT NULL, body BLOB,
    tries INTEGER NOT NULL DEFAULT 0, next_try_at REAL NOT NULL DEFAULT 0, answer TEXT,
    state TEXT NOT NULL CHECK (state IN ('planned', 'ready', 'delivered'))
) STRICT;
CREATE INDEX IF NOT EXISTS letter_planned ON letter (due_at) WHERE state = 'planned';
CREATE INDEX IF NOT EXISTS letter_ready ON letter (claim_no, id) WHERE state = 'ready';
"""


SHANGHAI = ZoneInfo("Asia/Shanghai")


class Books:
    """Opens the file; every change happens inside `writing`."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + _TABLES
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing, on disk when it ends."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def run(self, statement: str, **values: object) -> None:
        """Run one statement."""
        self._connection.execute(statement, values)

    def one(self, statement: str, **values: object) -> sqlite3.Row | None:
        """Give the first row, if there is one."""
        row: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return row

    def all(self, statement: str, **values: object) -> list[sqlite3.Row]:
        """Give every row."""
        return self._connection.execute(statement, values).fetchall()

    def add(self, table: str, **values: object) -> int:
        """Insert a row into one of the tables above; give its row id."""
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - our own words
        return self._connection.execute(statement, values).lastrowid or 0

    def plan(self, case: sqlite3.Row, step: Step, due_at: float) -> None:
        """Put a step on the calendar of its claim."""
        self.add(
            "letter",
            event_id=f"evt_{uuid4().hex}",
            claim_no=case["claim_no"],
            case_no=case["case_no"],
            type=step.type,
            data=json.dumps(step.data, ensure_ascii=False),
            effect=step.effect,
            payment_id=step.payment,
            due_at=due_at,
            state="planned",
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def today() -> date:
    """Give the calendar day in China."""
    return datetime.now(SHANGHAI).date()


def new_number(prefix: str) -> str:
    """Make a business number that is new even when the books were thrown away."""
    return f"{prefix}{today():%Y%m%d}{secrets.token_hex(5).upper()}"
