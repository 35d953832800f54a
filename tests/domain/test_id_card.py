from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.id_card import (
    check_character,
    mask_account,
    mask_id,
    mask_name,
    mask_phone,
    read_id,
)
from app.domain.words import Sex

TODAY = date(2026, 6, 15)


def number(first_17: str) -> str:
    return first_17 + check_character(first_17)


def codes(text: str) -> list[str]:
    return [fault.code for fault in read_id(text, TODAY, "/person/id_number").faults]


def test_a_right_number_tells_birth_and_sex() -> None:
    card = read_id(number("99012719600229121"), TODAY)

    assert (card.birth_on, card.sex) == (date(1960, 2, 29), Sex.MALE)
    assert card.faults == card.warnings == ()
    assert read_id(number("99012719600229122"), TODAY).sex is Sex.FEMALE


def test_full_width_digits_spaces_and_a_small_x_are_the_same_number() -> None:
    first = next(
        text
        for text in (f"99012719600101{serial}" for serial in range(100, 200))
        if check_character(text) == "X"
    )
    assert not codes(f" {first[:6]} {first[6:]}x")
    assert not codes(f"９{first[1:]}ｘ")


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16))
def test_one_wrong_digit_is_always_found(born: date, serial: int, place: int) -> None:
    right = number(f"990127{born:%Y%m%d}{serial:03d}")
    wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]

    assert not codes(right)
    assert "person.id_checksum" in codes(wrong)


@pytest.mark.parametrize("birth", ["20260616", "19590229", "18791231", "20261301"])
def test_an_impossible_birth_date_is_a_fault_of_its_own(birth: str) -> None:
    assert codes(number(f"990127{birth}121")) == ["person.id_date"]


def test_today_is_a_possible_birth_date() -> None:
    assert not codes(number("99012720260615121"))


@pytest.mark.parametrize("text", ["", "123", "99012719600229121", "9901271960022912Y1", "½" * 18])
def test_another_form_is_a_checksum_fault(text: str) -> None:
    assert codes(text) == ["person.id_checksum"]


def test_an_old_15_digit_number_is_refused_with_a_hint() -> None:
    card = read_id("990127600229121", TODAY)

    assert [fault.code for fault in card.faults] == ["person.id_checksum"]
    assert "15 位" in card.faults[0].hint_zh


def test_an_unknown_area_is_only_a_warning() -> None:
    card = read_id(number("88012719600229121"), TODAY, "/person/id_number")

    assert card.faults == ()
    assert [(w.pointer, w.code) for w in card.warnings] == [
        ("/person/id_number", "person.id_area_unknown")
    ]


def test_faults_never_repeat_the_number() -> None:
    card = read_id("990127196002291210", TODAY)

    assert card.faults
    for fault in card.faults:
        assert "1960" not in f"{fault.message_zh}{fault.message_en}{fault.hint_zh}"


def test_masks_keep_what_lists_may_show() -> None:
    assert mask_id("990127196002291213") == "990127********1213"
    assert mask_id("1234") == "****"
    assert [mask_name(name) for name in ("", "仲", "仲妮", "仲小妮", "欧阳小妮")] == [
        "*",
        "*",
        "仲*",
        "仲*妮",
        "欧**妮",
    ]
    assert mask_account("6222020000001234") == "****1234"
    assert mask_account("1234") == "****"
    assert mask_phone("13800001234") == "138****1234"
    assert mask_phone("12345") == "*****"
