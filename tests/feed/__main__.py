"""The feed's storm, as long as one likes: python -m tests.feed --seconds 120."""

import argparse
import asyncio
import secrets
import sys

from tests import database as databases
from tests.feed.storm import storm


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked = parser.parse_args()
    run = databases.Run.begin()
    try:
        print(f"seed {asked.seed}, {asked.seconds:g} s")
        outcome = asyncio.run(storm(run.clone(), asked.seconds, asked.seed))
    finally:
        run.end()
    print(
        f"已提交 committed {outcome.committed:,}；杀进程 killed {outcome.killed}；"
        f"读者中断 readers died {outcome.readers_died}；"
        f"丢失 lost {outcome.lost}；重复 twice {outcome.twice}；"
        f"乱序 out of order {outcome.out_of_order}"
    )
    return 1 if outcome.lost or outcome.twice or outcome.out_of_order else 0


if __name__ == "__main__":
    sys.exit(main())
