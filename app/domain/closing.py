"""The record of a closed day: canonical, so that anybody recomputes the same digest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from app.domain.caller import county_of

FORMAT = "relief-reconciliation/1"
BANK = "bank"  # the party of a county's own funds, which no insurer carries


@dataclass(frozen=True, slots=True)
class DayRecord:
    """Everything that a signature under a day vouches for.

    `figures` are counts and sums by side and direction, `roots` Merkle roots in hex by name (see
    `merkle`), `before` the digest of the day that was closed before in hex, empty for the first.
    """

    number: str
    area_code: int
    party: str
    day_on: date
    before: str
    figures: Mapping[str, object]
    roots: Mapping[str, str]

    def canonical(self) -> bytes:
        """Give the one way to write it: JSON with sorted keys and without blanks, in UTF-8."""
        members = {
            "format": FORMAT,
            "number": self.number,
            "area_code": f"{self.area_code:012d}",
            "party": self.party,
            "day": self.day_on.isoformat(),
            "before": self.before,
            "figures": self.figures,
            "roots": self.roots,
        }
        return json.dumps(
            members, sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()

    @property
    def digest(self) -> bytes:
        """Give the SHA-256 that is signed."""
        return sha256(self.canonical()).digest()


def day_number(area_code: int, party: str, day_on: date) -> str:
    """Name a day of one party in a county: `990127-demo-insurer-20260620`."""
    return f"{county_of(area_code) // 10**6:06d}-{party}-{day_on:%Y%m%d}"
