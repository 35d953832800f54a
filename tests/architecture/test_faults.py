"""Every fault of the catalogue is injected by a test that bears its number."""

import re
from pathlib import Path

FAULTS = (*range(1, 61), *range(69, 87))
NUMBER = re.compile(r"(?<![A-Za-z0-9])[fF](\d{2})(?![0-9A-Za-z])")
TESTS = Path(__file__).parents[1]


def numbered() -> dict[int, set[str]]:
    """The files of tests by the faults that they name."""
    found: dict[int, set[str]] = {}
    for path in TESTS.rglob("*.py"):
        if path != Path(__file__):
            for number in NUMBER.findall(path.read_text()):
                found.setdefault(int(number), set()).add(path.name)
    return found


def test_every_fault_has_a_test_that_names_it() -> None:
    missing = sorted(set(FAULTS) - set(numbered()))
    assert missing == [], f"no test names {', '.join(f'F{number:02d}' for number in missing)}"
