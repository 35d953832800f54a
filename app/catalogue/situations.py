"""Loads a family's situation from a YAML or JSON file, with the terms its policies stand on."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from app.catalogue.loading import find_versions, load_file, load_standards
from app.catalogue.pages import Page, located, read_page
from app.domain.canonical import decode
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.facts import LocalStandard
from app.domain.situation import SituationAnswer, Told, ToldPolicy, answer_situation
from app.domain.standards import joined, local_standards, standards_needed
from app.domain.terms import Terms
from app.domain.versions import days_zh, version_on

_CODE = re.compile(r"[a-z0-9-]+", re.ASCII)


def answer_file(path: Path) -> SituationAnswer:
    """Assess the situation in a file; stores nothing and asks nobody.

    Raises Invalid whose faults name file, line and path, and OSError when there is no such file.
    """
    page = read_page(path.name, path.read_bytes())
    try:
        told = decode(Told, page.value)
        terms = tuple(
            _terms(path.parent, i, policy, told.event.on) for i, policy in enumerate(told.policies)
        )
        return answer_situation(told, terms, _standards(path.parent, told, terms))
    except Invalid as wrong:
        raise Invalid(*(_placed(page, fault) for fault in wrong.faults)) from None


def _standards(folder: Path, told: Told, terms: tuple[Terms, ...]) -> tuple[LocalStandard, ...]:
    """Give what terms refer to and the file does not tell: from `standards/` beside, or ours."""
    beside = folder / "standards"
    tables = (
        joined(load_standards(beside), load_standards()) if beside.is_dir() else load_standards()
    )
    needed = frozenset().union(*(standards_needed(its) for its in terms))
    missing = needed - {standard.code for standard in told.standards}
    return local_standards(tables, missing, told.event.area, told.event.on)


def named_terms(word: str) -> Terms:
    """Give terms by catalogue code (the newest version, or `code@version`) or by file.

    Raises NotFound, and TermsInvalid for a wrong file.
    """
    code, _, version = word.partition("@")
    versions = [terms for terms in find_versions(code) if version in ("", terms.version)]
    if versions:
        return versions[-1]
    if not _CODE.fullmatch(code) and Path(word).is_file():
        return load_file(Path(word))
    raise NotFound(f"没有条款 {word}：写目录中的编码或文件名。", f"No such terms: {word}.")


def _terms(folder: Path, index: int, policy: ToldPolicy, on: date) -> Terms:
    """Give the terms of a policy: a file beside, or the version of a scheme for the event day."""
    at = f"/policies/{index}"
    if policy.scheme:
        return _version(at, policy, on)
    file = folder / policy.terms
    if policy.terms and file.is_file():
        return load_file(file)
    told = "没有这个文件：terms 写旁边的条款文件，或改用 scheme 写目录中的编码。"
    raise Invalid(_fault(f"{at}/terms", told, "No such file of terms beside this one."))


def _version(at: str, policy: ToldPolicy, on: date) -> Terms:
    versions = find_versions(policy.scheme)
    if not versions:
        told = (
            "没有这个项目：scheme 写目录中的编码（relief schemes list），terms 写旁边的条款文件。"
        )
        raise Invalid(_fault(f"{at}/scheme", told, "Unknown scheme: a catalogue code is needed."))
    known = "；".join(f"{terms.version}（{days_zh(terms)}）" for terms in versions)
    if policy.version:
        found = next((terms for terms in versions if terms.version == policy.version), None)
        if found is None:
            told = f"没有这个版本。已有：{known}。"
            raise Invalid(_fault(f"{at}/version", told, f"No such version; known: {known}."))
        return found
    found = version_on(versions, on)
    if found is None:
        told = f"出险日 {on} 没有有效的条款版本。已有：{known}；可用 version 指定。"
        raise Invalid(
            _fault(f"{at}/scheme", told, f"No version holds on {on}; name one by `version`.")
        )
    return found


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)


def _placed(page: Page, fault: Fault) -> Fault:
    """Give the fault with its place; one in a file of terms already names its own."""
    if fault.code == "terms.invalid":
        return fault
    return replace(located(page, fault), code=fault.code)
