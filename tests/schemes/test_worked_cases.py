"""Every worked case beside this file comes out to the fen, line by line, with its sentences."""

from collections import Counter
from pathlib import Path

import pytest

from tests.schemes.cases import Case, load_cases

CASES = load_cases(Path(__file__).parent)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_worked_case_comes_out_to_the_fen(case: Case) -> None:
    assessment = case.assess()

    assert case.told(assessment) == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_lines_of_a_worked_case_sum_to_its_amount(case: Case) -> None:
    assessment = case.assess()

    assert sum(line.amount_fen for line in assessment.lines) == assessment.amount_fen
    assert sum(fen for _, fen in assessment.by_bill) <= assessment.amount_fen


def test_every_version_of_every_scheme_has_at_least_three_cases() -> None:
    from app.catalogue import load_versions  # noqa: PLC0415

    cases = Counter((case.terms.scheme_code, case.terms.version) for case in CASES)
    for code, versions in load_versions().items():
        for terms in versions:
            at_least = 3 if terms is versions[-1] else 2
            assert cases[code, terms.version] >= at_least, (code, terms.version)
