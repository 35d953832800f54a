"""Sends the stand-in's letters: at least once, in order per claim, until the service says 2xx."""

import asyncio
import sqlite3
import time

import httpx

from app.sandbox.insurer import Insurer
from app.sandbox.till import happen

AT_ONCE = 16
TURN_SECONDS = 0.05
PATIENCE_SECONDS = 5.0
BACKOFF_SECONDS_MAX = 5.0


async def keep_posting(insurer: Insurer) -> None:
    """Run until cancelled: let due steps happen, send the first open letter of every claim."""
    async with httpx.AsyncClient(
        timeout=PATIENCE_SECONDS, follow_redirects=False, trust_env=False
    ) as client:
        while True:
            happen(insurer.books)
            heads = _heads(insurer)
            await asyncio.gather(*(_deliver(insurer, client, letter) for letter in heads))
            if not heads:
                await asyncio.sleep(TURN_SECONDS)


def _heads(insurer: Insurer) -> list[sqlite3.Row]:
    return insurer.books.all(
        "SELECT * FROM letter WHERE state = 'ready' AND next_try_at <= :now AND id IN"
        " (SELECT min(id) FROM letter WHERE state = 'ready' GROUP BY claim_no)"
        " ORDER BY next_try_at, id LIMIT :at_once",
        now=time.time(),
        at_once=AT_ONCE,
    )


async def _deliver(insurer: Insurer, client: httpx.AsyncClient, letter: sqlite3.Row) -> None:
    headers, body = insurer.write(letter)
    try:
        answer = await client.post(insurer.callback_url, content=body, headers=headers)
    except httpx.HTTPError as error:
        _keep(insurer, letter, type(error).__name__, delivered=False)
    else:
        _keep(insurer, letter, str(answer.status_code), delivered=answer.is_success)


def _keep(insurer: Insurer, letter: sqlite3.Row, answer: str, *, delivered: bool) -> None:
    tries = letter["tries"] + 1
    pause = min(0.1 * 2 ** min(tries, 10), BACKOFF_SECONDS_MAX)
    with insurer.books.writing():
        insurer.books.run(
            "UPDATE letter SET state = :state, tries = :tries, answer = :answer,"
            " next_try_at = :next_try_at WHERE id = :id",
            state="delivered" if delivered else "ready",
            tries=tries,
            answer=answer,
            next_try_at=time.time() + pause,
            id=letter["id"],
        )
