import pytest

from app.domain.advances import AdvanceDue, advances, balance_fen
from app.domain.assess import assess
from app.domain.clauses.bills import Ratio
from app.domain.clauses.conditions import ExtraIs
from app.domain.clauses.sums import FixedSum
from app.domain.figures import Selector, Table
from app.domain.terms import Advance, Terms
from tests.domain.facts_made import (
    bp,
    fen,
    make_bill,
    make_cover,
    make_facts,
    make_limit,
    make_measure,
    make_terms,
)

SUM = Advance("先行垫付", fen(1_000_000), None)
NOBODY = Table(Selector.CATEGORY, "", {"tekun": fen(1)}, None)


def medical(advance: Advance, *conditions: ExtraIs) -> Terms:
    """Qingdao Shinan: medical costs of a brave act up to 50,000, 10,000 of it at once."""
    return make_terms(
        make_cover(
            measure=make_measure(Ratio(bp(10_000))),
            limits=(make_limit(fen(5_000_000)),),
            advance=advance,
            conditions=conditions,
        )
    )


def advanced(terms: Terms, borne: int) -> tuple[AdvanceDue, ...]:
    facts = make_facts(make_bill(borne=borne))
    return advances(terms, facts, assess(terms, facts, {}))


def test_n14_ten_thousand_at_once_whatever_the_bill_is_yet_and_the_rest_later() -> None:
    assert advanced(medical(SUM), 1) == (AdvanceDue("medical", "先行垫付", 1_000_000),)
    later = assess(medical(SUM), make_facts(make_bill(borne=9_000_000)), {})

    assert balance_fen(later.amount_fen, 1_000_000) == (4_000_000, 0)


@pytest.mark.parametrize(
    ("advance", "due"),
    [
        (Advance("先付", None, bp(5_000)), 50_000),
        (Advance("先付", fen(30_000), bp(5_000)), 30_000),
        (Advance("先付", fen(9_000_000), None), 5_000_000),
        (Advance("先付", NOBODY, None), 0),
    ],
)
def test_a_share_of_what_is_due_the_lower_of_both_and_never_above_the_limit(
    advance: Advance, due: int
) -> None:
    assert sum(each.amount_fen for each in advanced(medical(advance), 100_000)) == due


def test_a_cover_whose_condition_is_not_met_advances_nothing() -> None:
    proof = ExtraIs("finding", "见义勇为认定", ("yes",))

    assert advanced(medical(SUM, proof), 100_000) == ()


def test_a_cover_without_an_advance_has_none() -> None:
    assert advanced(make_terms(make_cover(measure=FixedSum("定额", fen(5)))), 1) == ()


def test_what_was_advanced_too_much_is_told_and_not_taken_back() -> None:
    assert balance_fen(600_000, 1_000_000) == (0, 400_000)
