"""Notes hold no personal numbers; our own numbers are not mistaken for them."""

import pytest

from app.domain.note_checks import note_faults
from tests.people import id_number


@pytest.mark.parametrize(
    "text",
    [
        f"身份证{id_number(1)}已核对",
        "卡号6222 0000 1111 2222 333",
        "6222-0000-1111-2222",
        "电话13800000000",
        "打138 0000 0000联系",
        "99012719800101001X",
    ],
)
def test_a_note_with_a_personal_number_is_refused_without_repeating_it(text: str) -> None:
    (fault,) = note_faults(text)
    assert fault.pointer == "/text_zh"
    assert not any(letter.isdigit() for letter in fault.message_zh + fault.message_en)


@pytest.mark.parametrize(
    "text",
    [
        "已电话联系，周五补齐出院记录",
        "见 990127-2026-000123-1，金额 12345678.90 元",
        "990127-2026-000123 与 990127-2026-000124-2 为同一事故",
        "2026-11-22 收到保险公司来函（2026）123 号",
    ],
)
def test_our_own_numbers_amounts_and_days_are_no_personal_numbers(text: str) -> None:
    assert note_faults(text) == ()
