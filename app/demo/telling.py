"""How the story is told on the terminal: seconds, a word for the step, a sentence in Chinese."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any


class Teller:
    """Prints lines with the seconds since it was made; every line is out at once."""

    def __init__(self, started: float | None = None) -> None:
        self._started = time.monotonic() if started is None else started

    def seconds(self) -> float:
        """Give the seconds since the start, to a tenth."""
        return round(time.monotonic() - self._started, 1)

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self.plain(f"\n■ {title}")

    def step(self, word: str, sentence: str) -> None:
        """Tell one step."""
        self.plain(f"{self.seconds():6.1f} s  {word}  {sentence}")

    def more(self, sentence: str) -> None:
        """Add to the step before."""
        self.plain(f"{'':10}{'':6}{sentence}")

    def plain(self, text: str) -> None:
        """Print a line as it is."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def assessment(self, assessment: Mapping[str, Any]) -> None:
        """Tell every line of a computation; its sentence says which numbers are unconfirmed."""
        for cover in assessment["covers"]:
            for line in cover["lines"]:
                self.more(line["sentence_zh"])
        for reason in assessment["reasons"]:
            self.more(reason["sentence_zh"])


def listed(papers: Sequence[Mapping[str, Any]]) -> str:
    """Give the labels of papers in one line."""
    return "、".join(paper["label_zh"] for paper in papers)
