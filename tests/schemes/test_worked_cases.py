"""Every worked case beside this file comes out to the fen, line by line, with its sentences."""

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


def test_every_scheme_of_the_catalogue_has_at_least_three_cases() -> None:
    from app.catalogue import load_all  # noqa: PLC0415

    for code in load_all():
        assert sum(case.terms.scheme_code == code for case in CASES) >= 3, code
