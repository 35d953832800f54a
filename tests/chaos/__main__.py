"""`make chaos N=2000`: a storm over the whole house, from a seed that is printed."""

import argparse
import asyncio
import json
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.play import Outcome, Run, play
from tests.database import _open_folder

ROWS_SHOWN = 20


def main() -> int:
    """Exit status 0 when nothing was lost, paid twice or wrong by a fen."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--at-once", type=int, default=24, help="claims that are seen to at once")
    parser.add_argument(
        "--share", type=float, default=0.15, help="of what insurers say that goes wrong"
    )
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="relief-chaos-", dir=_open_folder()))
    folder.chmod(0o711)  # the server's own user passes through when root plays
    run = Run(asked.claims, asked.seed, asked.at_once, asked.share)
    outcome = asyncio.run(play(run, folder, {}))
    print(table(outcome))
    if outcome.verdict.good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"the logs are kept in {folder}/logs")
    if outcome.calm:
        print(f"this run proves nothing of: {', '.join(outcome.calm)}")
    print(json.dumps(outcome.as_json()))
    return 0 if outcome.verdict.good and not outcome.calm else 1


def table(outcome: Outcome) -> str:
    """What happened, and what is wrong, in lines."""
    verdict = outcome.verdict
    paid = f"{verdict.paid_fen / 100:,.2f} yuan paid"
    lines = [
        f"{outcome.run.claims} claims in {outcome.seconds:.0f} s, {paid}",
        _counted("the storm", outcome.storm),
        _counted("the insurers", outcome.mischief),
        _counted("the clients saw", outcome.answers),
        f"{'acknowledged writes':<20}  {outcome.acknowledged}, {verdict.replayed} read again alike",
    ]
    for name, wrong in (
        ("lost", verdict.lost),
        ("paid twice", verdict.paid_twice),
        ("wrong fen", verdict.wrong_fen),
        ("answers of 500", verdict.broken_answers),
        ("broken invariants", verdict.invariants),
        ("other", verdict.others),
    ):
        lines.append(f"{name:<20}  {len(wrong)}")
        lines += [f"    {one}" for one in wrong[:ROWS_SHOWN]]
    return "\n".join(lines)


def _counted(name: str, counts: dict[str, int]) -> str:
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    return f"{name:<20}  {told}"


if __name__ == "__main__":
    sys.exit(main())
