"""`python -m tests.upgrade.keep COMMIT`: keep the code of a commit as the previous version.

From `git archive`: the application, its migrations, and the few test tools that lay a small county
with it; without the bulk that no claim needs (other schemes, divisions, the page of the docs).
"""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

FOLDER = Path(__file__).parent
KEPT = (
    *("app", "migrations", "alembic.ini"),
    *("tests/contracts.py", "tests/people.py", "tests/database.py"),
    *("tests/chaos/house.py", "tests/chaos/nursery.py", "tests/chaos/plan.py"),
)
SCHEME = "app/catalogue/schemes/chunan-supplementary-medical"
LEFT_OUT = ("app/api/docs_assets/", "app/catalogue/divisions/2", "app/catalogue/schemes/")


def wanted(name: str) -> bool:
    """Tell whether a file of the commit is kept."""
    return name.startswith(SCHEME) or not name.startswith(LEFT_OUT)


def main() -> int:
    """Write `previous-COMMIT.tar.xz` beside this file."""
    [commit] = sys.argv[1:]
    whole = subprocess.run(
        ["git", "archive", commit, *KEPT], check=True, capture_output=True
    ).stdout
    target = FOLDER / f"previous-{commit}.tar.xz"
    with tarfile.open(fileobj=io.BytesIO(whole)) as source, tarfile.open(target, "w:xz") as kept:
        for member in source:
            if member.isfile() and wanted(member.name):
                kept.addfile(member, source.extractfile(member))
    print(f"{target.name}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
