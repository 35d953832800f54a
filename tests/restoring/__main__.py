"""`make restore-drill`: an older state is put back while insurers pay on; nobody is paid twice."""

import argparse
import asyncio
import json
import secrets
import shutil
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from tests import database as databases
from tests.chaos.house import House
from tests.restoring.drill import Drill, Found, calm


async def play(folder: Path, each: int, seed: int) -> Found:
    """Play a drill below an empty folder that the server's user may reach."""
    with House(folder, databases.UNSAFE_BUT_FAST, 0.0, seed).standing() as house:
        await house.settle(list(islice(calm(seed), 4 * each + 1)))
        house.start()
        return await Drill(house, each).play()


def main() -> int:
    """Exit status 0 when everything that was lost was found and nobody was paid twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.restoring")
    parser.add_argument("--claims", type=int, default=6, help="of each of the four kinds")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="relief-restore-", dir=databases._open_folder()))
    folder.chmod(0o711)
    began = time.monotonic()
    found = asyncio.run(play(folder, given.claims, given.seed))
    for wrong in found.wrong:
        print(f"    {wrong}")
    if found.wrong:
        print(f"the logs are kept in {folder}/logs")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    told = found.counts | {"wrong": len(found.wrong)}
    print(json.dumps(told | {"seconds": round(time.monotonic() - began, 1)}))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
