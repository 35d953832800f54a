"""What stands for an insured person before anything happens."""

from datetime import date

from app.catalogue.loading import load_all
from app.domain.limits import LimitKey, Scope
from app.domain.standing import standing_covers, standing_limits

SCHEMES = load_all()
FROM, ON = date(2025, 3, 1), date(2026, 2, 28)


def test_limits_count_over_the_policy_year_or_the_whole_life() -> None:
    limits = standing_limits(SCHEMES["chongqing-minzheng-jikunbao"], "dibao", FROM, ON)
    keys = {limit.key for limit in limits}
    assert LimitKey(Scope.PERSON_YEAR, "big_illness.year", "2025-03-01") in keys
    assert LimitKey(Scope.PERSON_LIFE, "student_critical_illness.once", "all") in keys


def test_a_limit_that_depends_on_what_happens_does_not_stand() -> None:
    limits = standing_limits(SCHEMES["chongqing-minzheng-jikunbao"], "dibao", FROM, ON)
    assert "school_entry" not in {limit.cover_code for limit in limits}


def test_a_limit_that_each_stay_begins_anew_does_not_stand() -> None:
    limits = standing_limits(SCHEMES["huainan-nursing"], "tekun", FROM, ON)
    assert {limit.limit.code for limit in limits} == {"year_township", "year_above"}
    assert {limit.bound for limit in limits} == {60, 120}


def test_covers_for_other_categories_are_left_out() -> None:
    terms = SCHEMES["chunan-supplementary-medical"]
    assert [cover.code for cover in standing_covers(terms, "dibao")] == ["inpatient", "outpatient"]
