from dataclasses import replace
from datetime import date

import pytest

from app.domain.assess import assess
from app.domain.clauses.sums import FixedSum
from app.domain.figures import Dated, From
from app.domain.terms_checks import check_terms
from app.domain.terms_zh import terms_lines
from app.domain.versions import version_on
from tests.domain.facts_made import bp, fen, make_cover, make_facts, make_terms

CHANGED = date(2015, 6, 14)
OLD = replace(
    make_terms(), version="2014", effective_from=date(2014, 1, 1), effective_to=date(2015, 6, 13)
)
NEW = replace(OLD, version="2015", effective_from=CHANGED, effective_to=None)
# Putian: 8,000 for an accidental death, 11,000 from 14 June 2015.
PUTIAN = Dated((From(CHANGED, fen(1_100_000)),), fen(800_000))


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2013, 12, 31), None),
        (date(2015, 6, 13), "2014"),
        (CHANGED, "2015"),
        (date(2026, 1, 1), "2015"),
    ],
)
def test_the_day_of_the_event_chooses_the_version(on: date, version: str | None) -> None:
    found = version_on([NEW, OLD], on)

    assert (None if found is None else found.version) == version


def test_a_retroactive_version_holds_over_the_one_it_replaces() -> None:
    better = replace(NEW, version="2015a", effective_from=date(2014, 6, 1))

    assert version_on([OLD, better], date(2014, 7, 1)) == better


@pytest.mark.parametrize(("on", "due"), [(date(2015, 6, 13), 800_000), (CHANGED, 1_100_000)])
def test_a_sum_that_changed_within_a_version_goes_by_the_day_of_the_event(
    on: date, due: int
) -> None:
    terms = make_terms(make_cover(measure=FixedSum("意外身故", PUTIAN)))
    facts = make_facts()

    answer = assess(terms, replace(facts, event=replace(facts.event, on=on)), {})

    assert answer.amount_fen == due
    assert check_terms(terms) == ()
    assert any("2015-06-14 起" in line for line in terms_lines(terms))


def test_before_every_row_nothing_is_due_where_the_terms_say_nothing() -> None:
    silent = replace(PUTIAN, rows=(From(date(2027, 1, 1), fen(1)),), before=None)
    terms = make_terms(make_cover(measure=FixedSum("意外身故", silent)))

    assert assess(terms, make_facts(), {}).amount_fen == 0


@pytest.mark.parametrize(
    ("dated", "pointer"),
    [
        (replace(PUTIAN, rows=()), "rows"),
        (replace(PUTIAN, rows=PUTIAN.rows * 2), "rows"),
        (replace(PUTIAN, rows=(From(CHANGED, bp(1)),)), "rows/0/value"),
        (replace(PUTIAN, before=bp(1)), "before"),
    ],
)
def test_dated_rows_go_from_old_to_new_in_one_unit(dated: Dated, pointer: str) -> None:
    terms = make_terms(make_cover(measure=FixedSum("意外身故", dated)))

    assert f"/covers/0/measure/amount/{pointer}" in {fault.pointer for fault in check_terms(terms)}
