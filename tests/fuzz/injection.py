"""make sqlmap: every parameter and body of the interface, against the running service."""

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import database as databases
from tests.fuzz.house import STRANGERS, Served, served

SQLMAP = Path(sys.executable).with_name("sqlmap")
# What the interface answers to nonsense; without this the tool would stop at the first.
REFUSALS = "400,401,403,404,405,406,408,409,412,413,415,421,422,423,428,429,431,500,503"


def main() -> int:
    """Exit status 0 when nothing was found and the tool ran to its end."""
    parser = argparse.ArgumentParser(prog="sqlmap")
    parser.add_argument("--level", type=int, default=1, choices=range(1, 6))
    parser.add_argument("--roles", nargs="+", default=["county"], choices=sorted(STRANGERS))
    chosen = parser.parse_args()
    run = databases.Run.begin()
    worst = 0
    try:
        with served(run) as house, tempfile.TemporaryDirectory(prefix="relief-sqlmap-") as folder:
            for role in chosen.roles:
                worst = max(worst, _try(house, role, Path(folder), chosen.level))
    finally:
        run.end()
    return worst


def _try(house: Served, role: str, folder: Path, level: int) -> int:
    began, results = time.monotonic(), folder / f"{role}.csv"
    command = [str(SQLMAP), "--openapi", f"{house.url}/openapi.json", "--batch"]
    command += ["-H", f"Authorization: Bearer {house.keys[role]}", "-H", 'If-Match: "1"']
    # A number of its own in each refusal would look like an answer to what was tried.
    command += ["-H", "X-Request-Id: sqlmap"]
    command += ["-H", "Idempotency-Key: sqlmap", "--dbms", "PostgreSQL", "--level", str(level)]
    command += ["--ignore-code", REFUSALS, "--output-dir", str(folder / role), "--skip-waf"]
    command += ["--results-file", str(results), "--disable-coloring", "--threads", "2"]
    done = subprocess.run(  # noqa: PLW1510 - the status is looked at below
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8"
    )
    tried = done.stdout.count("testing URL ")
    found = []
    if results.exists():
        with results.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row.get("Technique(s)")]
        # What the tool itself took back after a second look stands in its list with this note.
        found = [row for row in rows if "false positive" not in row.get("Note(s)", "")]
    seconds = time.monotonic() - began
    print(f"{role}: {tried} targets, {len(found)} findings; {seconds:.0f} s", flush=True)
    for row in found:
        print(row)
    if done.returncode or not tried:
        print(done.stdout[-3000:], done.stderr[-2000:])
    return int(bool(found) or not tried or done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
