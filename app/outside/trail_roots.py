"""The folder of published roots: one small JSON file for each, for whoever keeps them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.outside.whole_files import write_whole

PATTERN = "root-*.json"
FILE_BYTES_MAX = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PublishedRoot:
    """A root's file; `told` is empty when it cannot be read."""

    name: str
    told: Mapping[str, object]


def publish_root(folder: Path, at: datetime, told: Mapping[str, object]) -> Path:
    """Write a root under its instant (UTC); give the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"root-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"
    write_whole(path, json.dumps(told, indent=1).encode() + b"\n")
    return path


def published_roots(folder: Path) -> list[PublishedRoot]:
    """Read the published roots, oldest first; none when there is no such folder."""
    return [_read(path) for path in sorted(folder.glob(PATTERN))]


def _read(path: Path) -> PublishedRoot:
    told: object = None
    if path.stat().st_size <= FILE_BYTES_MAX:
        try:
            told = json.loads(path.read_bytes())
        except ValueError:
            told = None
    return PublishedRoot(path.name, told if isinstance(told, dict) else {})
