from datetime import date

from app.domain.coverage import CoverageReason, Spell, covered_on

THIS_YEAR = Spell("P-2", "补充医疗", "dibao", date(2026, 1, 1), date(2026, 12, 31))
OPEN = Spell("P-1", "护理保险", "tekun", date(2026, 3, 1), None)


def test_both_ends_of_a_spell_are_covered() -> None:
    for on in (date(2026, 1, 1), date(2026, 12, 31)):
        assert covered_on((THIS_YEAR,), on).responding == (THIS_YEAR,)


def test_every_policy_that_covers_the_day_responds() -> None:
    found = covered_on((THIS_YEAR, OPEN), date(2026, 3, 1))

    assert found.responding == (OPEN, THIS_YEAR)
    assert (found.reason, found.nearest, found.sentence_zh) == (None, None, "")


def test_the_day_after_names_the_nearest_cover() -> None:
    found = covered_on((THIS_YEAR,), date(2027, 1, 2))

    assert (found.reason, found.nearest) == (CoverageReason.OUT_OF_PERIOD, THIS_YEAR)
    assert "晚于保障结束 2 天" in found.sentence_zh
    assert "P-2" in found.sentence_zh


def test_the_day_before_names_the_cover_to_come() -> None:
    found = covered_on((OPEN,), date(2026, 2, 28))

    assert found.reason is CoverageReason.OUT_OF_PERIOD
    assert "早于保障开始 1 天" in found.sentence_zh


def test_nobody_knows_a_person_without_spells() -> None:
    found = covered_on((), date(2026, 3, 1))

    assert (found.reason, found.nearest) == (CoverageReason.NOT_INSURED, None)


def test_a_policy_wide_waiting_period_is_told_as_such() -> None:
    waiting = Spell("P-3", "益联保", "dibao", date(2026, 1, 1), None, date(2026, 4, 1))

    found = covered_on((waiting,), date(2026, 3, 31))

    assert (found.reason, found.nearest) == (CoverageReason.WAITING_PERIOD, waiting)
    assert "2026-04-01" in found.sentence_zh
    assert covered_on((waiting,), date(2026, 4, 1)).responding == (waiting,)
