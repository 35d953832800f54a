"""`make upgrade-test`: the previous version serves on while the database becomes ours (F19, F20).

The previous version lays its schema, its county and its claims. Under load its API and worker go on
while our migrations run, are killed half-way, and run twice at once; then ours take over, and are
restarted one by one (F05). No request may fail but refused connections that were tried again, and
everything that was ever acknowledged must be readable and right to the fen.
"""

import argparse
import asyncio
import json
import random
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from app.demo.processes import ROOT, Child, stop_all
from tests import database as databases
from tests.chaos.verdict import Verdict, judge
from tests.upgrade.fleet import Fleet, Load, migrate_under_load

COUNTY = 600  # claims that may be filed at most


async def play(fleet: Fleet, *, at_once: int, kills: int, claims: int) -> tuple[Load, Verdict]:
    """Play the whole change of versions; `claims` come to their end in each of its parts."""
    chance = random.Random(fleet.seed)
    with fleet.standing():
        planned = fleet.settle_previous(COUNTY)
        fleet.open_insurers()
        fleet.open_apis()
        fleet.open_worker()
        load = Load(fleet, iter(planned), at_once)
        async with load.running():
            await load.more(claims)
            _say(load, "the previous version serves")
            if wrong := await migrate_under_load(fleet, kills, chance):
                raise SystemExit("\n".join(wrong))
            _say(load, "our schema is laid beneath it")
            await load.more(claims)
            _say(load, "the previous version served on it")
            await _take_over(fleet, load)
            await load.more(claims)
            _say(load, "ours has taken over")
            await restart_one_by_one(fleet, load)
            await load.more(claims)
            _say(load, "each of ours was restarted")
            await load.rest()
            verdict = await judge(fleet, load.notebook, load.ended, load.failed)
    return load, verdict


async def _take_over(fleet: Fleet, load: Load) -> None:
    """Start ours beside the previous ones, send everybody there, and stop the previous ones."""
    before, worker = fleet.apis, fleet.worker
    fleet.root = ROOT
    load.balanced.ports = await asyncio.to_thread(fleet.open_apis)
    await asyncio.sleep(1)  # who had been sent to the old ones is answered by them
    await asyncio.to_thread(stop_all, [*before, worker])
    await asyncio.to_thread(fleet.open_worker)


async def restart_one_by_one(fleet: Fleet, load: Load) -> None:
    """Restart each API and the worker in order, as a rolling deploy does."""
    for place, port in enumerate(fleet.ports):
        await _stop(fleet.apis[place], load)
        fleet.apis[place] = await asyncio.to_thread(fleet.api_on, port)
        await asyncio.to_thread(fleet.apis[place].wait_ready, f"http://127.0.0.1:{port}/readyz")
    await _stop(fleet.worker, load)
    await asyncio.to_thread(fleet.open_worker)


async def _stop(child: Child, load: Load) -> None:
    child.ask_to_stop()
    status = await asyncio.to_thread(child.wait)
    if status != 0:
        load.failed.append(f"{child.name} did not stop in order: {status}")


def _say(load: Load, what: str) -> None:
    print(
        f"{what}: {len(load.ended)} claims ended, {len(load.notebook.acknowledged)} writes",
        flush=True,
    )


def main() -> int:
    """Exit status 0 when no request failed and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade")
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--claims", type=int, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="relief-upgrade-", dir=databases._open_folder()))
    folder.chmod(0o711)
    fleet = Fleet(folder, databases.UNSAFE_BUT_FAST, 0.0, given.seed)
    began = time.monotonic()
    load, verdict = asyncio.run(
        play(fleet, at_once=given.at_once, kills=given.kills, claims=given.claims)
    )
    failures = load.failures()
    answered = sum(load.notebook.seen.values())
    print(f"{answered} requests, {sum(failures.values())} failed {failures}")
    print(f"{load.balanced.seen['refused']} refused connections were tried again")
    print(f"{len(load.ended)} claims, {len(load.notebook.acknowledged)} acknowledged writes")
    print(verdict)
    good = verdict.good and not failures
    if good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"the logs are kept in {folder}/logs")
    told = {"requests": answered, "failed": sum(failures.values()), "claims": len(load.ended)}
    print(json.dumps(told | {"seconds": round(time.monotonic() - began, 1)}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
