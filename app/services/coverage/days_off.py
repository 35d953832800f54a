"""Days off for terms that count working days: from the stored calendars into the facts."""

from dataclasses import replace

from app.db.enrolments import Spell
from app.domain.compared_days import exceptions_between
from app.domain.facts import Facts
from app.domain.terms import Terms


def with_days_off(facts: Facts, terms: Terms, spell: Spell) -> tuple[Facts, dict[str, str] | None]:
    """Give the facts with the days off that the terms need, and a remark where a year is unknown.

    Terms that count no working days leave the facts as they are.
    """
    if spell.years_off is None:
        return facts, None
    found = exceptions_between(terms, facts, spell.years_off)
    told = replace(facts, holidays=found.holidays, workdays=found.workdays)
    if not found.unknown_years:
        return told, None
    first, last = found.unknown_years[0], found.unknown_years[-1]
    years = f"{first} 年" if first == last else f"{first} 年至 {last} 年"
    return told, {
        "code": "calendar.year_missing",
        "sentence_zh": f"“{spell.scheme_name_zh}”按工作日计算，{years}的节假日安排尚未录入，"
        "暂按周一至周五计算。",
        "policy_no": spell.policy_no,
    }
