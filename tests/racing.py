"""Acts that race from processes of their own: each commits for itself, both begin at once."""

import asyncio
import multiprocessing
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier

from app.db.session import Database
from app.services.claims.assess_notice import assess_notice
from tests.contracts import SYSTEM
from tests.database import keyring

PATIENCE = 60  # seconds: starting an interpreter takes long where many run


def assess_in_two_processes(url: str, filed: Sequence[Sequence[str]]) -> None:
    """Assess two lists of notices, each in a process of its own, pair by pair at the same moment.

    Both transactions of a pair are open before either act begins.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(filed))
    racers = [context.Process(target=_assess, args=(url, mine, barrier)) for mine in filed]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(PATIENCE)
    assert [racer.exitcode for racer in racers] == [0] * len(racers)


def _assess(url: str, notices: Sequence[str], barrier: Barrier) -> None:
    asyncio.run(_assess_each(url, notices, barrier))


async def _assess_each(url: str, notices: Sequence[str], barrier: Barrier) -> None:
    database = Database(url, keyring(), pool_size=1)
    try:
        for notice_no in notices:
            async with database.transaction(SYSTEM) as tx:
                barrier.wait(PATIENCE)
                await assess_notice(tx, notice_no)
    finally:
        await database.close()
