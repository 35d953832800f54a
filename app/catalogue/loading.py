"""Loads and validates schemes: one YAML file for each dated version."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.catalogue.pages import Page, located, read_page
from app.domain.errors import Fault, Invalid, TermsInvalid
from app.domain.standards import Standard, read_standard
from app.domain.terms import Terms
from app.domain.terms_checks import read_terms
from app.domain.versions import succeeds

SCHEMES = Path(__file__).parent / "schemes"
STANDARDS = Path(__file__).parent / "standards"


def load_all() -> dict[str, Terms]:
    """Give the newest version of every scheme that comes with the service, by scheme code."""
    return {code: versions[-1] for code, versions in _own().items()}


def load_versions() -> dict[str, tuple[Terms, ...]]:
    """Give all versions of every scheme that comes with the service, oldest first, by code."""
    return dict(_own())


@cache
def _own() -> dict[str, tuple[Terms, ...]]:
    return load_folder(SCHEMES)


def load_folder(folder: Path) -> dict[str, tuple[Terms, ...]]:
    """Load every `*.yaml` of a folder: by scheme code, the versions of each, oldest first.

    A file holds one version; files with one scheme code are its versions, and an open one holds
    until the next begins. Raises TermsInvalid with the faults of all files; each names file, line
    and path.
    """
    read: list[tuple[Page, Terms]] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            read.append(_read(path))
        except TermsInvalid as wrong:
            faults += wrong.faults
    found: dict[str, list[tuple[Page, Terms]]] = {}
    for page, terms in read:
        found.setdefault(terms.scheme_code, []).append((page, terms))
    for versions in found.values():
        versions.sort(key=lambda each: each[1].effective_from)
        faults += _clashes(versions)
    if faults:
        raise TermsInvalid(*sorted(faults, key=lambda fault: fault.message_zh.partition(":")[0]))
    return {code: tuple(terms for _, terms in versions) for code, versions in found.items()}


def _clashes(versions: list[tuple[Page, Terms]]) -> Iterator[Fault]:
    """Tell where versions of one scheme bear one name, hold on one day, or are of two kinds."""
    for place, (page, terms) in enumerate(versions):
        for other, earlier in versions[:place]:
            told = f" {other.name}（版本 {earlier.version}）"
            if terms.version == earlier.version:
                yield _clash(page, "/version", f"版本号与{told}相同。", "The version is taken.")
            elif not succeeds(terms, earlier):
                yield _clash(
                    page,
                    "/effective_from",
                    f"有效期与{told}重叠。",
                    f"Its days overlap the version in {other.name}.",
                )
            if terms.kind is not earlier.kind:
                yield _clash(page, "/kind", f"性质与{told}不同。", "A scheme keeps its kind.")


def _clash(page: Page, pointer: str, message_zh: str, message_en: str) -> Fault:
    return located(page, Fault(pointer, "terms.invalid", message_zh, message_en))


def find_versions(code: str) -> tuple[Terms, ...]:
    """Give the versions of one scheme that comes with the service, oldest first; empty if none."""
    return _own().get(code, ())


def load_file(path: Path) -> Terms:
    """Load one version; raises TermsInvalid whose faults name file, line and path."""
    return _read(path)[1]


def _read(path: Path) -> tuple[Page, Terms]:
    try:
        page = read_page(path.name, path.read_bytes())
    except Invalid as wrong:
        raise TermsInvalid(*wrong.faults) from None
    try:
        return page, read_terms(page.value)
    except TermsInvalid as wrong:
        raise TermsInvalid(*(located(page, fault) for fault in wrong.faults)) from None


def load_standards(folder: Path = STANDARDS) -> dict[str, Standard]:
    """Load the dated tables of local standards, by code.

    Raises TermsInvalid whose faults name file, line and path.
    """
    found: dict[str, Standard] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            page = read_page(path.name, path.read_bytes())
        except Invalid as wrong:
            raise TermsInvalid(*wrong.faults) from None
        try:
            standard = read_standard(page.value)
        except TermsInvalid as wrong:
            raise TermsInvalid(*(located(page, fault) for fault in wrong.faults)) from None
        if standard.code in found:
            fault = Fault(
                "/code", "terms.invalid", "此标准已在另一个文件中。", "The code is taken."
            )
            raise TermsInvalid(located(page, fault))
        found[standard.code] = standard
    return found
