"""The README tells what the code says: map of rooms, configuration, the way of a claim."""

import re
from pathlib import Path

from tests.architecture import chart
from tests.architecture.readme import BLOCK, BLOCKS, README, renewed

ROOT = README.parent
FENCE = re.compile(r"^```\w*$")
HEADING = re.compile(r"^#{1,4} \S")
NAMED_TEST = re.compile(r"`((?:tests/)?[\w/]*test_\w+\.py)`")
NAMED_FILE = re.compile(r"`((?:app|tests|tools|openapi|helm|benchmarks|client)/[\w./-]+)`")
NAMED_TARGET = re.compile(r"(?:`|^)make ([a-z][a-z-]+)", re.MULTILINE)


def test_the_readme_has_every_part_that_is_made_from_code() -> None:
    assert {found[2] for found in BLOCK.finditer(README.read_text())} == set(BLOCKS)


def test_the_readme_is_as_make_readme_would_write_it() -> None:
    text = README.read_text()
    assert text == renewed(text), "run `make readme`"


def test_the_chart_knows_every_setting_and_its_readme_every_value() -> None:
    made = chart.schema(chart.SCHEMA.read_text())
    assert chart.SCHEMA.read_text() == made, "run `make readme`"
    text = chart.README.read_text()
    assert text == chart.readme(text, made), "run `make readme`"


def test_every_block_of_commands_ends_before_the_next_heading() -> None:
    inside, swallowed = False, []
    for number, line in enumerate(README.read_text().splitlines(), start=1):
        if FENCE.match(line):
            inside = not inside
        elif inside and line.startswith("## ") and HEADING.match(line):
            swallowed.append((number, line))
    assert not swallowed
    assert not inside


def test_every_test_file_and_target_that_the_readme_names_is_there() -> None:
    text = README.read_text()
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    named = set(NAMED_TEST.findall(text))
    assert len(named) > 15
    assert not {name for name in named if Path(name).name not in tests}
    assert not {n for n in named if n.startswith("tests/") and not (ROOT / n).is_file()}
    assert not {name for name in NAMED_FILE.findall(text) if not (ROOT / name).exists()}
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert not set(NAMED_TARGET.findall(text)) - targets
