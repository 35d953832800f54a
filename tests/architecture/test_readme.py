"""The README tells what the code says: map of rooms, configuration, the way of a claim."""

from tests.architecture import chart
from tests.architecture.readme import BLOCK, BLOCKS, README, renewed


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
