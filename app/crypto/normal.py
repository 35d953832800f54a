"""One spelling per number before it is indexed, so that one person is found however it was typed.

Nothing is refused here: a wrong number stays a wrong number, spelt one way.
"""

import unicodedata

_JOINERS = str.maketrans("", "", "-‐‑‒–—−_.")  # the dashes people type
_COUNTRY_PREFIXES = ("+86", "0086")


def normalise_id(text: str) -> str:
    """Give an identity number without spaces, full-width forms made ASCII, letters upper-case."""
    return _plain(text).upper()


def normalise_phone(text: str) -> str:
    """Give a phone number without spaces, dashes, brackets or the prefix of mainland China."""
    plain = _plain(text).translate(_JOINERS).replace("(", "").replace(")", "")
    for prefix in _COUNTRY_PREFIXES:
        plain = plain.removeprefix(prefix)
    return plain


def normalise_account(text: str) -> str:
    """Give a bank account or card number without spaces and dashes, letters upper-case."""
    return _plain(text).translate(_JOINERS).upper()


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
