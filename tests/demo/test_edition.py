"""The demo's county belongs to the code it was made by."""

import fcntl
from pathlib import Path

import pytest

from app.demo import edition


def test_other_terms_make_another_county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = edition.folder_of(tmp_path)
    assert edition.folder_of(tmp_path) == before
    monkeypatch.setattr(edition, "MADE_FROM", edition.MADE_FROM[:1])
    assert edition.folder_of(tmp_path) != before


def test_old_counties_are_stopped_and_removed_unless_they_are_played(tmp_path: Path) -> None:
    mine, old, played, foreign = (
        tmp_path / name for name in ("demo-mine", "demo-old", "demo-played", "demo-foreign")
    )
    for folder in (mine, old, played, foreign):
        folder.mkdir()
    for folder in (mine, old, played):
        (folder / "demo.lock").touch()
    stopped: list[Path] = []
    with (played / "demo.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        edition.sweep(mine, stopped.append)
    assert stopped == [old]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "demo-foreign",
        "demo-mine",
        "demo-played",
    ]
