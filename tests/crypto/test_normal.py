"""However a number was typed, it is indexed in one spelling."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crypto import normalise_account, normalise_id, normalise_phone


@pytest.mark.parametrize(
    "typed",
    [
        "99010119900101001x",
        " 990101 19900101 001X ",
        "９９０１０１１９９００１０１００１ｘ",
        "990101\u300019900101\u00a0001X\n",
    ],
)
def test_an_id_number_has_one_spelling(typed: str) -> None:
    assert normalise_id(typed) == "99010119900101001X"


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "138 0013 8000", "138-0013-8000", "+86 13800138000", "008613800138000",
     "１３８００１３８０００", "（+86）138—0013—8000"],
)  # fmt: skip
def test_a_phone_number_has_one_spelling(typed: str) -> None:
    assert normalise_phone(typed) == "13800138000"


@pytest.mark.parametrize("typed", ["6200 0000 0000 0000 000", "6200-0000-0000-0000-000"])
def test_an_account_has_one_spelling(typed: str) -> None:
    assert normalise_account(typed) == "6200000000000000000"


def test_a_passport_keeps_its_letters() -> None:
    assert normalise_id("e 12345678") == "E12345678"


@pytest.mark.parametrize("normalise", [normalise_id, normalise_account])
@given(text=st.text(alphabet="09aXz０９Ｘ -－\u3000\n", max_size=40))
def test_a_number_that_has_its_one_spelling_keeps_it(
    normalise: Callable[[str], str], text: str
) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert normalise(f" {text.lower()} ") == once
    assert once.isascii()
