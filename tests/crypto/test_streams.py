"""Files sealed piece by piece: they come back whole, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crypto import Keyring, Tampered
from app.crypto.streams import PIECE_BYTES, TAG_BYTES, Opening, Sealing

RING = Keyring(bytes(range(32)))
CIPHER = RING.new_data_key("document.key_sealed.a")[1].cipher
SIZES = st.sampled_from([0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
WHOLE = PIECE_BYTES + TAG_BYTES


def seal(content: bytes, step: int = PIECE_BYTES, place: str = "a") -> bytes:
    sealing = Sealing(CIPHER, place)
    parts = [sealing.update(content[at : at + step]) for at in range(0, len(content), step)]
    return b"".join([*parts, sealing.finish()])


def unseal(sealed: bytes, step: int = PIECE_BYTES, place: str = "a") -> bytes:
    opening = Opening(CIPHER, place)
    parts = [opening.update(sealed[at : at + step]) for at in range(0, len(sealed), step)]
    return b"".join([*parts, opening.finish()])


@given(size=SIZES, going_in=st.integers(1, 2 * WHOLE), coming_out=st.integers(1, 2 * WHOLE))
def test_a_file_comes_back_however_it_was_cut_on_the_way(
    size: int, going_in: int, coming_out: int
) -> None:
    content = bytes(number % 251 for number in range(size))
    # Steps of a byte over hundreds of KiB would only cost time.
    going_in, coming_out = max(going_in, size // 50 + 1), max(coming_out, size // 50 + 1)
    assert unseal(seal(content, going_in), coming_out) == content


CONTENT = b"x" * (2 * PIECE_BYTES + 5)
SEALED = seal(CONTENT)
FIRST, SECOND, LAST = SEALED[:WHOLE], SEALED[WHOLE : 2 * WHOLE], SEALED[2 * WHOLE :]


@pytest.mark.parametrize(
    "bent",
    [
        b"",
        SEALED[:-1],
        FIRST + SECOND,
        FIRST,
        SECOND + FIRST + LAST,
        FIRST + FIRST + SECOND + LAST,
        FIRST + LAST,
        SEALED + b"x",
        SEALED + LAST,
        SEALED[:100] + bytes((SEALED[100] ^ 1,)) + SEALED[101:],
    ],
    ids=[
        *("nothing", "a byte short", "cut at a piece", "first piece only", "swapped"),
        *("repeated", "one dropped", "a byte more", "the end twice", "a bit flipped"),
    ],
)
def test_a_file_that_was_bent_does_not_open(bent: bytes) -> None:
    with pytest.raises(Tampered):
        unseal(bent)


def test_a_file_put_in_the_place_of_another_does_not_open() -> None:
    with pytest.raises(Tampered):
        unseal(SEALED, place="b")
    with pytest.raises(Tampered):
        unseal(seal(CONTENT, place="b"))
