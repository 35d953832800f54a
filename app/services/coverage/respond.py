"""Find every policy that responds to a notice: the same for an estimate and for submitting."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from app.catalogue import load_standards
from app.db.enrolments import Matched, Spell, spells_asked, spells_of
from app.db.person_seals import name_indexes, number_indexes
from app.db.session import Tx
from app.db.standards import standards_at
from app.db.terms import terms_of
from app.domain.assess import documents_needed, responds
from app.domain.clauses.bills import Bills
from app.domain.coverage import Coverage, covered_on
from app.domain.coverage import Spell as CoveredSpell
from app.domain.errors import Fault
from app.domain.exclusive import schemes_named
from app.domain.facts import Facts, LocalStandard
from app.domain.figures import StandardMissing
from app.domain.notice import NoticeContent
from app.domain.notice_facts import CoverSpell, Insured, facts_of
from app.domain.standards import (
    PREMIUM,
    Standard,
    joined,
    local_standards,
    premium_of,
    standards_needed,
)
from app.domain.terms import Document, Nature, Terms
from app.services.coverage.days_off import with_days_off

CATEGORY = "category"  # the extra field that tells who somebody is under an unnamed policy


@dataclass(frozen=True, slots=True)
class Response:
    """One policy that responds: its spell, terms, the facts under it and the covers called on."""

    spell: Spell
    terms: Terms
    facts: Facts
    covers: tuple[str, ...]
    documents: tuple[Document, ...]

    @property
    def indemnity(self) -> bool:
        """Tell whether a responding cover pays out of what is left of a bill."""
        return any(
            cover.nature is Nature.INDEMNITY and isinstance(cover.measure, Bills)
            for cover in self.terms.covers
            if cover.code in self.covers
        )


@dataclass(frozen=True, slots=True)
class Responses:
    """Who the person is, which policies respond in payer order, and what is said of the rest."""

    matched: Matched | None
    found: tuple[Response, ...]
    remarks: tuple[Mapping[str, str], ...]


async def match_person(tx: Tx, content: NoticeContent) -> Matched | None:
    """Find the registered person a notice names, with every spell of cover; None when unknown."""
    person = content.person
    return await spells_of(tx, _indexes(tx, content), person.person_id, person.id_type)


async def ask_for_person(tx: Tx, content: NoticeContent) -> Matched | None:
    """Find the person as `match_person` does, outside of any transaction (`Database.asking`)."""
    person = content.person
    return await spells_asked(tx, _indexes(tx, content), person.person_id, person.id_type)


def _indexes(tx: Tx, content: NoticeContent) -> tuple[bytes, ...] | None:
    number = content.person.id_number
    return number_indexes(tx.keyring, number) if number else None


async def respond(tx: Tx, content: NoticeContent) -> Responses:
    """Find the policies that cover this person on the event day and whose terms call for it.

    The notice must hold kind, cause and day of the event. Policies that cover the day but have
    nothing for this event, and the nearest cover when none holds the day, come as remarks.
    """
    return await respond_for(tx, content, await match_person(tx, content))


async def respond_for(tx: Tx, content: NoticeContent, matched: Matched | None) -> Responses:
    """Find the policies as `respond` does, for a person who was looked up already."""
    on = content.event.on
    assert on is not None
    if matched is None:
        return Responses(None, (), (_remark(covered_on((), on)),))
    active = tuple(spell for spell in matched.spells if spell.policy_status != "quoted")
    inside = [spell for spell in active if spell.covered_from <= on <= spell.covered_to]
    if not inside:
        return Responses(matched, (), (_remark(covered_on(_described(active), on)),))
    insured = Insured(matched.birth_on, matched.sex, matched.died_on)
    found: list[Response] = []
    remarks = []
    for spell in inside:
        terms = await terms_of(tx, spell.terms_sha256)
        category = spell.category or told_category(content, terms)
        if category is None:
            remarks.append(_category_needed(spell, terms))
            continue
        spell = replace(spell, category=category)  # noqa: PLW2901 - the same spell, told whole
        standards = await _standards_for(tx, spell, terms, matched.area_code, on)
        facts = facts_of(content, insured, _cover_spell(active, spell, terms, on, standards))
        facts, remark = with_days_off(facts, terms, spell)
        covers = responds(terms, facts)
        rival = _rival(spell, found)
        if covers and rival is not None:
            remarks.append(_excluded(spell, rival))
        elif covers:
            found.append(Response(spell, terms, facts, covers, documents_needed(terms, facts)))
            remarks += [remark] if remark else []
        else:
            remarks.append(_silent(spell))
    return Responses(matched, tuple(found), tuple(remarks))


def told_category(content: NoticeContent, terms: Terms) -> str | None:
    """Give the category that a notice tells under an unnamed policy, or the only one there is."""
    told = content.extra.get(CATEGORY)
    if told is None and len(terms.categories) == 1:
        return next(iter(terms.categories))
    return told if told in terms.categories else None


def _category_needed(spell: Spell, terms: Terms) -> dict[str, str]:
    words = "、".join(f"{code}（{label}）" for code, label in terms.categories.items())
    return {
        "code": "coverage.category_needed",
        "sentence_zh": f"“{spell.scheme_name_zh}”不记名承保，请在 extra.{CATEGORY} 填写人员类别："
        f"{words}。",
        "policy_no": spell.policy_no,
    }


def identity_faults(tx: Tx, content: NoticeContent, matched: Matched) -> tuple[Fault, ...]:
    """Tell where the notice names one person and its number another: nobody is paid by mistake."""
    found = []
    named, number = content.person.name, content.person.id_number
    if named and matched.name_index not in name_indexes(tx.keyring, named):
        found.append(
            Fault(
                "/person/name",
                "validation.failed",
                "姓名与该人员登记的姓名不一致。",
                "The name is not the one registered for this person.",
                "请核对姓名和证件号码，是否录成了另一个人。",
            )
        )
    if content.person.person_id is not None and number:
        other = matched.id_index not in number_indexes(tx.keyring, number)
        found += [_other_number()] if other else []
    return tuple(found)


def _other_number() -> Fault:
    return Fault(
        "/person/id_number",
        "validation.failed",
        "证件号码与该人员登记的不一致。",
        "The number is not the one registered for this person.",
        "请核对人员编号和证件号码。",
    )


def _described(spells: tuple[Spell, ...]) -> tuple[CoveredSpell, ...]:
    return tuple(
        CoveredSpell(
            spell.policy_no,
            spell.scheme_name_zh,
            spell.category,
            spell.covered_from,
            spell.covered_to,
        )
        for spell in spells
    )


async def _standards_for(
    tx: Tx, spell: Spell, terms: Terms, area_code: int, on: date
) -> tuple[LocalStandard, ...]:
    """Give the standards that terms refer to, for the person's place and the event's day.

    What is recorded counts before what comes with the service. Raises figures.StandardMissing for
    a standard that neither has.
    """
    needed, _ = _named_in(terms, spell.terms_sha256)
    if not needed:
        return ()
    area = f"{area_code:012d}"
    tables = joined(await standards_at(tx, needed, area, on), _standards())
    found = local_standards(tables, needed, area, on)
    if PREMIUM in needed:
        found = (*found, premium_of(spell.policy_no, spell.premium_due_fen))
    for code in sorted(needed - {standard.code for standard in found}):
        raise StandardMissing(code, area, on)
    return found


def _cover_spell(
    spells: tuple[Spell, ...],
    spell: Spell,
    terms: Terms,
    on: date,
    standards: tuple[LocalStandard, ...],
) -> CoverSpell:
    """Describe a spell to the rules."""
    _, named = _named_in(terms, spell.terms_sha256)
    first = first_covered(spells, spell)
    return CoverSpell(
        spell.category,
        spell.policy_from,
        spell.covered_from,
        spell.covered_to,
        first,
        lapsed_before(spells, spell, first),
        tuple(
            sorted(
                {
                    other.scheme_code
                    for other in spells
                    if other.scheme_code in named and other.covered_from <= on <= other.covered_to
                }
            )
        ),
        standards,
    )


_NAMED: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
_NAMED_MOST = 2_000


def _named_in(terms: Terms, sha256: str) -> tuple[frozenset[str], frozenset[str]]:
    """Give the standards and the other schemes that terms name; terms are walked through once."""
    found = _NAMED.get(sha256)
    if found is None:
        if len(_NAMED) >= _NAMED_MOST:
            _NAMED.clear()
        found = _NAMED[sha256] = (standards_needed(terms), frozenset(schemes_named(terms)))
    return found


@cache
def _standards() -> dict[str, Standard]:
    return load_standards()


def lapsed_before(spells: tuple[Spell, ...], spell: Spell, first: date) -> date | None:
    """Give the last day of an earlier cover under the same scheme that ended before a gap."""
    ended = [
        other.covered_to
        for other in spells
        if other.scheme_code == spell.scheme_code and other.covered_to < first
    ]
    return max(ended, default=None)


def first_covered(spells: tuple[Spell, ...], spell: Spell) -> date:
    """Give the first day of the unbroken cover under the same scheme that ends with this spell."""
    first = spell.covered_from
    earlier = sorted(
        (other for other in spells if other.scheme_code == spell.scheme_code),
        key=lambda other: other.covered_from,
        reverse=True,
    )
    for other in earlier:
        if other.covered_from < first <= other.covered_to + timedelta(days=1):
            first = other.covered_from
    return first


def _remark(coverage: Coverage) -> dict[str, str]:
    assert coverage.reason is not None
    nearest = coverage.nearest
    return {
        "code": coverage.reason.value,
        "sentence_zh": coverage.sentence_zh,
        "policy_no": "" if nearest is None else nearest.policy_no,
    }


def _rival(spell: Spell, found: list[Response]) -> Spell | None:
    """Give the responding policy that excludes this one: schemes of agencies that share people."""
    group = spell.exclusive_group
    same = (one.spell for one in found if group and one.spell.exclusive_group == group)
    return next(same, None)


def _excluded(spell: Spell, rival: Spell) -> dict[str, str]:
    return {
        "code": "coverage.exclusive",
        "sentence_zh": f"“{spell.scheme_name_zh}”与“{rival.scheme_name_zh}”互斥，由后者受理。",
        "policy_no": spell.policy_no,
    }


def _silent(spell: Spell) -> dict[str, str]:
    return {
        "code": "coverage.no_cover_for_event",
        "sentence_zh": f"“{spell.scheme_name_zh}”当日有效，但其保障责任不含此类事故。",
        "policy_no": spell.policy_no,
    }
