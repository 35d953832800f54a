"""What relief doctor says of one thing that it found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`must` be mended, or advice. Never carries a value."""

    must: bool
    words_zh: str
    words_en: str


def bad(words_zh: str, words_en: str) -> Finding:
    """Make a finding that must be mended."""
    return Finding(must=True, words_zh=words_zh, words_en=words_en)


def advise(words_zh: str, words_en: str) -> Finding:
    """Make a finding that should be considered."""
    return Finding(must=False, words_zh=words_zh, words_en=words_en)
