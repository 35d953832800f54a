"""Replays a year of claims in a process pool: one engine, so the amounts are the same.

Claims come grouped by family, whole families to a worker, so that no two workers ever share a
counter. Where the terms have a limit that all people share, one worker takes everything in order.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import reduce
from multiprocessing import get_context

from app.domain.canonical import from_json, to_json
from app.domain.replay import Chunk, Replay, Tally, joined, one_sequence
from app.domain.terms import Terms

AHEAD = 3  # chunks that wait for each worker, so that none is idle and memory stays flat


async def replay(
    chunks: AsyncIterator[Chunk], alternatives: tuple[Terms, ...], workers: int
) -> list[Tally]:
    """Replay chunks under each of the alternatives; gives one tally for each."""
    texts = [to_json(terms) for terms in alternatives]
    together = one_sequence(alternatives)
    workers = 1 if together else max(1, workers)
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),  # a fork would copy the connections and their threads
        initializer=_begin,
        initargs=(texts, together),
    )
    with pool:
        tallies = [Tally() for _ in alternatives]
        waiting: list[Future[list[Tally]]] = []
        async for chunk in chunks:
            waiting.append(pool.submit(_run, chunk))
            if len(waiting) >= workers * AHEAD:
                tallies = _added(tallies, await asyncio.wrap_future(waiting.pop(0)))
        for future in waiting:
            tallies = _added(tallies, await asyncio.wrap_future(future))
        if together:
            tallies = await asyncio.wrap_future(pool.submit(_end))
    return tallies


def _added(so_far: list[Tally], more: list[Tally]) -> list[Tally]:
    return [reduce(joined, pair) for pair in zip(so_far, more, strict=True)] if more else so_far


class _Worker:
    """What a worker process keeps between chunks."""

    alternatives: tuple[Terms, ...] = ()
    all_together: Replay | None = None


def _begin(texts: list[str], together: bool) -> None:  # noqa: FBT001 - a process's arguments
    _Worker.alternatives = tuple(from_json(Terms, text) for text in texts)
    _Worker.all_together = Replay(_Worker.alternatives) if together else None


def _run(chunk: Chunk) -> list[Tally]:
    if _Worker.all_together is not None:
        _Worker.all_together.run(chunk)
        return []
    replay = Replay(_Worker.alternatives)
    replay.run(chunk)
    return replay.end()


def _end() -> list[Tally]:
    assert _Worker.all_together is not None
    return _Worker.all_together.end()
