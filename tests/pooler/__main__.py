"""`make pgbouncer-test`: the whole house behind PgBouncer in transaction mode.

More claims at once than the pooler has servers, from notice to money; then the books are compared
as after a storm. Exit status 2 when there is no PgBouncer: nothing was tested then.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests import database as databases
from tests.chaos.clerk import Notebook
from tests.chaos.house import House
from tests.chaos.plan import plans
from tests.chaos.play import Run, see_all_through
from tests.chaos.verdict import Verdict, judge
from tests.pooler.bouncer import SERVERS, bouncing, find_bouncer

MISSING = (
    "没有找到 PgBouncer，未作任何测试；请安装（Debian：apt install pgbouncer）或以 PGBOUNCER= 指定"
    " / PgBouncer is missing, nothing was tested: install it or name it with PGBOUNCER="
)
LOGIN, PASSWORD = "relief_service", "behind-the-pooler"
LAY_LOGIN = f"CREATE ROLE {LOGIN} LOGIN PASSWORD '{PASSWORD}' IN ROLE relief_app"


@dataclass
class PooledHouse(House):
    """A house whose API and worker reach the database through PgBouncer, as a plain login."""

    program: str = ""
    pooled_url: str = field(default="", repr=False)
    direct_url: str = field(default="", repr=False)

    @contextmanager
    def standing(self) -> Iterator["House"]:
        with ExitStack() as bouncer:
            self._bouncer = bouncer
            with super().standing():
                yield self

    def lay(self) -> None:
        super().lay()
        databases.in_thread(_execute(self.database_url, LAY_LOGIN))
        parts = urlsplit(self.database_url)
        self.direct_url = parts._replace(
            netloc=f"{LOGIN}:{PASSWORD}@{parts.hostname}:{parts.port}"
        ).geturl()
        self.pooled_url = self._bouncer.enter_context(
            bouncing(self.program, self.folder, self.direct_url)
        )

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "RELIEF_DATABASE_URL": self.pooled_url,
            "RELIEF_DIRECT_URL": self.direct_url,
            "RELIEF_DB_PGBOUNCER": "true",
        }


async def play_pooled(run: Run, folder: Path, program: str) -> tuple[Notebook, Verdict]:
    """Play claims without a storm behind the pooler."""
    planned = list(plans(run.claims, run.seed))
    notebook = Notebook()
    house = PooledHouse(folder, databases.UNSAFE_BUT_FAST, run.share, run.seed, program=program)
    with house.standing():
        await house.settle(planned)
        house.start()
        ended, failed = await see_all_through(house, run, planned, notebook)
        return notebook, await judge(house, notebook, ended, failed)


def main() -> int:
    """Exit status 0 when every claim came to its end, to the fen, without one failed request."""
    parser = argparse.ArgumentParser(prog="python -m tests.pooler")
    parser.add_argument("--claims", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=12)
    asked = parser.parse_args()
    program = find_bouncer()
    if program is None:
        print(MISSING, file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="relief-pooler-", dir=databases._open_folder()))
    folder.chmod(0o711)
    run = Run(asked.claims, seed=1, at_once=asked.at_once, share=0.0)
    notebook, verdict = asyncio.run(play_pooled(run, folder, program))
    bad = {
        answer: count
        for answer, count in notebook.seen.items()
        if not answer.startswith(("2", "304"))
    }
    print(f"{asked.claims} 件赔案 / claims, {asked.at_once} at once, {SERVERS} servers: {verdict}")
    print(f"answers {dict(notebook.seen)}")
    if verdict.good and not bad:
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    print(f"{bad}; the logs are kept in {folder}")
    return 1


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


if __name__ == "__main__":
    sys.exit(main())
