"""Replays a year of claims in a process pool: one engine, so the amounts are the same.

Claims come grouped by family, whole families to a worker, so that no two workers ever share a
counter. Where the terms have a limit that all people share, one worker takes everything in order.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from app.domain.canonical import from_json, to_json
from app.domain.errors import Fault, Invalid
from app.domain.replay import Chunk, Replay, Tally, joined, one_sequence
from app.domain.terms import Terms

Outcome = tuple[list[Tally], tuple[Fault, ...]]
AHEAD = 3  # chunks that wait for each worker, so that none is idle and memory stays flat


async def replay(
    chunks: AsyncIterator[Chunk], alternatives: tuple[Terms, ...], workers: int
) -> list[Tally]:
    """Replay chunks under each of the alternatives; gives one tally for each.

    Raises Invalid for facts that some of the terms cannot be applied to.
    """
    together = one_sequence(alternatives)
    workers = 1 if together else max(1, workers)
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),  # a fork would copy connections and their threads
        initializer=_begin,
        initargs=([to_json(terms) for terms in alternatives], together),
    )
    tallies = [Tally() for _ in alternatives]
    waiting: deque[Future[Outcome]] = deque()
    try:
        async for chunk in chunks:
            waiting.append(pool.submit(_run, chunk))
            if len(waiting) >= workers * AHEAD:
                tallies = await _added(tallies, waiting.popleft())
        while waiting:
            tallies = await _added(tallies, waiting.popleft())
        if together:
            tallies = await _added(tallies, pool.submit(_end))
    finally:
        pool.shutdown(cancel_futures=True)
    return tallies


async def _added(so_far: list[Tally], future: "Future[Outcome]") -> list[Tally]:
    more, faults = await asyncio.wrap_future(future)
    if faults:
        raise Invalid(*faults)
    return [joined(one, other) for one, other in zip(so_far, more, strict=True)]


class _Worker:
    """What a worker process keeps between chunks."""

    alternatives: tuple[Terms, ...] = ()
    all_together: Replay | None = None


def _begin(texts: list[str], together: bool) -> None:  # noqa: FBT001 - a process's arguments
    _Worker.alternatives = tuple(from_json(Terms, text) for text in texts)
    _Worker.all_together = Replay(_Worker.alternatives) if together else None


def _run(chunk: Chunk) -> Outcome:
    """Replay a chunk; refusals come back as faults, as an exception of ours does not travel."""
    sheet = _Worker.all_together or Replay(_Worker.alternatives)
    try:
        sheet.run(chunk)
    except Invalid as wrong:
        return [], wrong.faults
    if _Worker.all_together is not None:
        return [Tally() for _ in _Worker.alternatives], ()
    return sheet.end(), ()


def _end() -> Outcome:
    assert _Worker.all_together is not None
    return _Worker.all_together.end(), ()
