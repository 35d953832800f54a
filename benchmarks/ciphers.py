"""Enciphering and indexing one person's number, a key of their own included, in both suites."""

import time
from collections.abc import Callable
from uuid import UUID

from app.crypto import Keyring, normalise_id
from app.db.ids import new_id
from app.db.person_seals import number_indexes, place, seal_person
from app.db.purposes import PERSON_NUMBER
from app.domain.person import NewPerson
from benchmarks.measure import Effort, Line, alternate, middle, tell

KEY = bytes(range(32))
GOALS_US = {"intl": 10.0, "gm": 20.0}
LOOPS = 3_000
NUMBER = "990127196005010013"


def measure(effort: Effort) -> list[Line]:
    """Measure by CPU time: sealing and indexing a number, registering, looking up."""
    tell("enciphering ...")
    return [line for suite in GOALS_US for line in _suite(suite, effort)]


def _suite(suite: str, effort: Effort) -> list[Line]:
    ring, goal = Keyring(KEY, suite), GOALS_US[suite]
    key = ring.new_data_key("person.key_sealed.x")[1]
    ids = [new_id() for _ in range(LOOPS)]
    person = NewPerson("张试一", 990127103000, id_number=NUMBER)

    def number(row_id: UUID) -> None:
        key.seal(NUMBER.encode(), place("id_sealed", row_id))
        ring.blind_index(PERSON_NUMBER, normalise_id(NUMBER))

    def register(row_id: UUID) -> None:
        seal_person(ring, row_id, person)

    def look_up(_: UUID) -> None:
        number_indexes(ring, NUMBER)

    rows = alternate(
        effort.rounds,
        [
            lambda: _cpu_us(ids, number),
            lambda: _cpu_us(ids, register),
            lambda: _cpu_us(ids, look_up),
        ],
    )
    value = middle(rows, 0)
    return [
        Line(
            f"id_number_{suite}",
            "us CPU to encipher and index",
            value,
            goal,
            "the goal",
            value / goal,
            1.0,
            at_most=True,
        ),
        _told(f"person_{suite}", "us CPU for key, name and number", middle(rows, 1), value),
        _told(f"look_up_{suite}", "us CPU for every index held", middle(rows, 2), value),
    ]


def _told(name: str, unit: str, value: float, beside: float) -> Line:
    return Line(name, unit, value, beside, "one number enciphered and indexed", value / beside)


def _cpu_us(ids: list[UUID], work: Callable[[UUID], None]) -> float:
    started = time.process_time()
    for row_id in ids:
        work(row_id)
    return (time.process_time() - started) / len(ids) * 1e6
