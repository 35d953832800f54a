import pytest

from app.domain.errors import IllegalMove
from app.domain.lifecycle import (
    CLAIM_MOVES,
    NEXT_ACTOR_ZH,
    NOTICE_ZH,
    OUTCOME_ZH,
    PAYOUT_ZH,
    STATUS_ZH,
    ClaimStatus,
    Move,
    Moved,
    NoticeStatus,
    Outcome,
    PayoutStatus,
    admits,
    next_status,
    path,
)


def test_every_status_is_reachable_and_only_withdrawn_is_final() -> None:
    reached = {ClaimStatus.SUBMITTED}
    while more := {after for (was, _), after in CLAIM_MOVES.items() if was in reached} - reached:
        reached |= more

    assert reached == set(ClaimStatus)
    assert set(ClaimStatus) - {was for was, _ in CLAIM_MOVES} == {ClaimStatus.WITHDRAWN}


def test_every_move_is_used() -> None:
    assert {move for _, move in CLAIM_MOVES} == set(Move)


def test_a_move_that_is_not_in_the_table_names_those_that_are() -> None:
    assert not admits(ClaimStatus.PAID, Move.DECIDE)
    with pytest.raises(IllegalMove) as refused:
        next_status(ClaimStatus.PAID, Move.DECIDE)

    assert refused.value.allowed == ("close", "return_payment")
    assert "已到账" in refused.value.detail_zh


def test_a_path_is_checked_move_by_move() -> None:
    assert path(ClaimStatus.DECIDED, Move.PAY, Move.CONFIRM_PAID) == (
        Moved(Move.PAY, ClaimStatus.DECIDED, ClaimStatus.PAYING),
        Moved(Move.CONFIRM_PAID, ClaimStatus.PAYING, ClaimStatus.PAID),
    )
    with pytest.raises(IllegalMove):
        path(ClaimStatus.DECIDED, Move.CONFIRM_PAID)


def test_every_word_has_a_label() -> None:
    assert set(STATUS_ZH) == set(NEXT_ACTOR_ZH) == set(ClaimStatus)
    assert (set(NOTICE_ZH), set(OUTCOME_ZH)) == (set(NoticeStatus), set(Outcome))
    assert set(PAYOUT_ZH) == set(PayoutStatus)
