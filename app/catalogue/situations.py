"""Loads a family's situation from a YAML or JSON file, with the terms its policies stand on."""

import re
from dataclasses import replace
from pathlib import Path

from app.catalogue.loading import SCHEMES, load_file
from app.catalogue.pages import Page, located, read_page
from app.domain.canonical import decode
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.situation import SituationAnswer, Told, ToldPolicy, answer_situation
from app.domain.terms import Terms

_CODE = re.compile(r"[a-z0-9-]+", re.ASCII)


def answer_file(path: Path) -> SituationAnswer:
    """Assess the situation in a file; stores nothing and asks nobody.

    Raises Invalid whose faults name file, line and path, and OSError when there is no such file.
    """
    page = read_page(path.name, path.read_bytes())
    try:
        told = decode(Told, page.value)
        terms = tuple(_terms(path, i, policy) for i, policy in enumerate(told.policies))
        return answer_situation(told, terms)
    except Invalid as wrong:
        raise Invalid(*(_placed(page, fault) for fault in wrong.faults)) from None


def find_terms(folder: Path, word: str) -> Terms | None:
    """Give terms by catalogue code, or from a YAML file beside `folder`; None when there is none.

    Raises TermsInvalid for a file that is wrong.
    """
    if _CODE.fullmatch(word):
        known = SCHEMES / f"{word}.yaml"
        return load_file(known) if known.is_file() else None
    file = folder / word
    return load_file(file) if file.is_file() else None


def named_terms(word: str) -> Terms:
    """Give terms by catalogue code or file. Raises NotFound, and TermsInvalid for a wrong file."""
    found = find_terms(Path(), word)
    if found is None:
        raise NotFound(f"没有条款 {word}：写目录中的编码或文件名。", f"No such terms: {word}.")
    return found


def _terms(path: Path, index: int, policy: ToldPolicy) -> Terms:
    word = policy.scheme or policy.terms
    found = find_terms(path.parent, word) if word else None
    if found is None:
        at = f"/policies/{index}/{'scheme' if policy.scheme else 'terms'}"
        told = "没有这个项目：scheme 写目录中的编码，terms 写旁边的条款文件。"
        raise Invalid(_fault(at, told, "Unknown scheme: a catalogue code, or a file of terms."))
    return found


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)


def _placed(page: Page, fault: Fault) -> Fault:
    """Give the fault with its place; one in a file of terms already names its own."""
    if fault.code == "terms.invalid":
        return fault
    return replace(located(page, fault), code=fault.code)
