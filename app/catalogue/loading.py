"""Loads and validates schemes: one YAML file each, one dated version in each."""

from functools import cache
from pathlib import Path

from app.catalogue.pages import located, read_page
from app.domain.errors import Fault, Invalid, TermsInvalid
from app.domain.standards import Standard, read_standard
from app.domain.terms import Terms
from app.domain.terms_checks import read_terms

SCHEMES = Path(__file__).parent / "schemes"
STANDARDS = Path(__file__).parent / "standards"


def load_all() -> dict[str, Terms]:
    """Give the catalogue that comes with the service, by scheme code; it is read once a process."""
    return dict(_own())


@cache
def _own() -> dict[str, Terms]:
    return load_folder(SCHEMES)


def load_folder(folder: Path) -> dict[str, Terms]:
    """Load every `*.yaml` below a folder, by scheme code, in order of file name.

    Raises TermsInvalid with the faults of all files; each names file, line and path.
    """
    found: dict[str, Terms] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            terms = load_file(path)
        except TermsInvalid as wrong:
            faults += wrong.faults
            continue
        if terms.scheme_code in found:
            told = f"{path.name}:1: /scheme_code "
            faults.append(
                Fault(
                    "/scheme_code",
                    "terms.invalid",
                    f"{told}项目编码重复。",
                    f"{told}This scheme code is taken.",
                )
            )
        found[terms.scheme_code] = terms
    if faults:
        raise TermsInvalid(*faults)
    return found


def load_file(path: Path) -> Terms:
    """Load one scheme; raises TermsInvalid whose faults name file, line and path."""
    try:
        page = read_page(path.name, path.read_bytes())
    except Invalid as wrong:
        raise TermsInvalid(*wrong.faults) from None
    try:
        return read_terms(page.value)
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
        found[standard.code] = standard
    return found
