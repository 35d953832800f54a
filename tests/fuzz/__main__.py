"""make fuzz: schemathesis as four roles, all phases, against the running service."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests import database as databases
from tests.fuzz.house import STRANGERS, served
from tests.fuzz.hunting import hunt


def main() -> int:
    """Exit status 0 when no role found a failure; prints the seed, to find the same again."""
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("--examples", type=int, default=50, help="per operation")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--roles", nargs="+", default=sorted(STRANGERS), choices=sorted(STRANGERS))
    chosen = parser.parse_args()
    run = databases.Run.begin()
    worst = 0
    try:
        with served(run) as house, tempfile.TemporaryDirectory(prefix="relief-st-") as folder:
            for role in chosen.roles:
                began = time.monotonic()
                done = hunt(house, role, Path(folder), examples=chosen.examples, seed=chosen.seed)
                if done.returncode:
                    print(done.stdout[-20_000:], done.stderr[-5_000:])
                tally = [line for line in done.stdout.splitlines() if "generated" in line]
                told = tally[-1].strip() if tally else "no tally"
                seconds = time.monotonic() - began
                print(f"{role}: {told}; {seconds:.0f} s; seed {chosen.seed}", flush=True)
                worst = max(worst, done.returncode)
    finally:
        run.end()
    return worst


if __name__ == "__main__":
    sys.exit(main())
