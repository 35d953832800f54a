"""Double entry: every set sums to zero, co-insurers' parts to the whole."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger import (
    Account,
    Booking,
    advance_to_count_fen,
    lines_for,
    split_account,
)

SHARES = st.lists(st.integers(1, 9_999), min_size=1, max_size=5).map(
    lambda parts: [(f"insurer-{n}", part) for n, part in enumerate(parts)]
)


@given(st.sampled_from(Booking), st.integers(-(10**12), 10**12), SHARES)
def test_a_set_sums_to_zero_and_its_parts_to_the_whole(
    booking: Booking, amount: int, shares: list[tuple[str, int]]
) -> None:
    for given_shares in (shares, []):
        lines = lines_for(booking, amount, given_shares)
        assert sum(line.amount_fen for line in lines) == 0
        debit = lines[0].account if lines else None
        assert sum(line.amount_fen for line in lines if line.account is debit) == amount


def test_a_return_is_booked_as_the_payment_the_other_way() -> None:
    paid = lines_for(Booking.PAID, 100, [])
    back = lines_for(Booking.RETURNED, 100, [])
    total: dict[Account, int] = {}
    for line in (*paid, *back):
        total[line.account] = total.get(line.account, 0) + line.amount_fen
    assert set(total.values()) == {0}


def test_the_last_fen_goes_to_the_larger_remainder() -> None:
    lines = lines_for(Booking.DECIDED, 1_001, [("lead", 7_000), ("second", 3_000)])
    incurred = {ln.insurer_code: ln.amount_fen for ln in lines if ln.account is Account.INCURRED}
    assert incurred == {"lead": 701, "second": 300}


@given(st.lists(st.integers(-(10**6), 10**6), max_size=8), SHARES)
def test_where_co_insurers_stand_depends_on_the_total_alone(
    pieces: list[int], shares: list[tuple[str, int]]
) -> None:
    shared = split_account(Booking.PAID)
    stands: dict[str | None, int] = {}
    for piece in pieces:
        lines = lines_for(Booking.PAID, piece, shares, stands)
        assert sum(line.amount_fen for line in lines) == 0
        for line in lines:
            if line.account is shared:
                code = line.insurer_code
                stands[code] = stands.get(code, 0) + line.amount_fen
    at_once = lines_for(Booking.PAID, sum(pieces), shares)
    whole = {line.insurer_code: line.amount_fen for line in at_once if line.account is shared}
    assert {code: fen for code, fen in stands.items() if fen} == whole


@given(
    st.permutations([("advance", 1_000), ("decide", -2_000), ("return", -1_000), ("pay", 1_000)])
)
def test_an_advance_is_counted_the_same_in_every_order(steps: list[tuple[str, int]]) -> None:
    advance = payable = 0
    for name, fen in steps:
        if name in ("advance", "return"):
            advance += fen
        else:
            payable += fen
        counted = advance_to_count_fen(advance, payable)
        advance, payable = advance - counted, payable + counted
        assert advance >= 0
        assert advance == 0 or payable == 0
    assert (advance, payable) == (0, -1_000)
