"""A module that signs (SM2) takes the place of our own key; what that key signed still holds."""

import pytest

from app.crypto import Keyring, UnusableKey, load_signer
from tests.crypto.sm2 import Sm2

KEY = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
MASTER = (1, "gm", bytes(range(32)))
ROOT = b"the heads of all chains"


def test_the_stand_in_gives_the_answer_of_the_standard() -> None:
    """GB/T 32918.5-2017, appendix A: key, nonce, public key and signature of `message digest`."""
    signer = Sm2(KEY, NONCE)
    assert signer.public_key().hex() == (
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    assert signer.sign(b"message digest").hex() == (
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )


def test_a_module_signs_and_our_own_key_still_vouches_for_what_it_signed() -> None:
    before = Keyring.of([MASTER])
    signer = load_signer("tests.crypto.sm2:module")
    after = Keyring.of([MASTER], signer)
    old, new = before.sign(ROOT), after.sign(ROOT)
    assert len(after.public_key()) == 65
    assert after.vouches(ROOT, old)
    assert after.vouches(ROOT, new)
    assert not after.vouches(ROOT + b"!", new)
    assert not before.vouches(ROOT, new)


def test_without_a_module_nothing_is_loaded() -> None:
    assert load_signer(None) is None


@pytest.mark.parametrize("name", ["nowhere.at_all:module", "tests.crypto.sm2:nothing", "tests:"])
def test_a_module_that_cannot_be_opened_is_refused(name: str) -> None:
    with pytest.raises(UnusableKey, match="cannot be opened"):
        load_signer(name)
