"""The short form of `make fuzz`: one role, few examples, against the running service."""

from pathlib import Path

from tests import database as databases
from tests.fuzz.house import served
from tests.fuzz.hunting import hunt


def test_schemathesis_finds_nothing_as_a_township(run: databases.Run, tmp_path: Path) -> None:
    with served(run) as house:
        done = hunt(
            house, "township", tmp_path, examples=1, seed=20261122, phases="examples,fuzzing"
        )
    assert done.returncode == 0, done.stdout[-6_000:]
    assert " passed" in done.stdout
