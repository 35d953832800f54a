"""The previous version: its code unpacked beside ours, and run from there."""

import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent
SECONDS = 240


def unpack(folder: Path) -> Path:
    """Unpack the newest version that is kept; give the folder that it runs from."""
    archive = max(FOLDER.glob("previous-*.tar.xz"))
    with tarfile.open(archive) as kept:
        kept.extractall(folder, filter="data")
    return folder


def run_previous(
    root: Path, words: list[str], env: Mapping[str, str], stdin: str | None = None
) -> str:
    """Run Python with the previous version's code; give what it printed."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=root,
        env={**env, "PYTHONPATH": str(root)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
