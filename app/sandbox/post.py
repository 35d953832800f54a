"""Sends the stand-in's letters: at least once, in order per claim, until the service says 2xx.

On a bad day (see `mischief`) letters of a claim overtake each other and come otherwise than they
should; each still arrives in the end as it was written.
"""

import asyncio
import base64
import json
import secrets
import sqlite3
import time
from collections.abc import Mapping
from uuid import uuid4

import httpx
from standardwebhooks import Webhook

from app.sandbox.insurer import Insurer, signed
from app.sandbox.story import fen, yuan
from app.sandbox.till import happen

AT_ONCE = 16
TURN_SECONDS = 0.05
PATIENCE_SECONDS = 5.0
BACKOFF_SECONDS_MAX = 5.0
LOST_ANSWER = "answer lost"
_IN_ORDER = (
    "SELECT id FROM letter WHERE state = 'ready' AND next_try_at <= :now AND id IN"
    " (SELECT min(id) FROM letter WHERE state = 'ready' GROUP BY claim_no)"
    " ORDER BY next_try_at, id LIMIT :at_once"
)
_IN_ANY_ORDER = (
    "SELECT id FROM letter WHERE state = 'ready' AND next_try_at <= :now"
    " ORDER BY next_try_at, id LIMIT :at_once"
)


async def keep_posting(insurer: Insurer) -> None:
    """Run until cancelled: let due steps happen, send the letters whose turn it is."""
    async with httpx.AsyncClient(
        timeout=PATIENCE_SECONDS, follow_redirects=False, trust_env=False
    ) as client:
        while True:
            happen(insurer.books)
            post = Post(insurer, client)
            turn = post.next_letters()
            await asyncio.gather(*(post.deliver(letter) for letter in turn))
            if not turn:
                await asyncio.sleep(TURN_SECONDS)


class Post:
    """One round of the post."""

    def __init__(self, insurer: Insurer, client: httpx.AsyncClient) -> None:
        self._insurer = insurer
        self._client = client

    def next_letters(self) -> list[sqlite3.Row]:
        """Give the letters to be tried now: the first open one of each claim, or any."""
        books, mischief = self._insurer.books, self._insurer.mischief
        found = books.all(
            _IN_ANY_ORDER if mischief.share else _IN_ORDER, now=time.time(), at_once=AT_ONCE
        )
        letters = []
        for letter_id in mischief.shuffled([row["id"] for row in found]):
            letters += books.all("SELECT * FROM letter WHERE id = :id", id=letter_id)
        return letters

    async def deliver(self, letter: sqlite3.Row) -> None:
        """Try one letter, with whatever goes wrong on the way."""
        wrong = self._insurer.mischief.letter(letter["type"])
        if wrong == "delayed":
            self._put_off(letter)
            return
        headers, body = self._insurer.write(letter)
        await self._before(wrong, letter["event_id"], body)
        answer = await self._send(body, headers)
        taken = answer.startswith("2")
        self._keep(letter, LOST_ANSWER if wrong == "told_again" and taken else answer)
        if taken:  # not before: of two bodies under one id the first would count
            await self._after(wrong, letter["event_id"], body)

    async def _before(self, wrong: str | None, event_id: str, body: bytes) -> None:
        """What arrives before the letter itself; none of it may have any effect."""
        headers = self._insurer.sign(event_id, body) if wrong else {}
        match wrong:
            case "twice_at_once":
                await asyncio.gather(self._send(body, headers), self._send(body, headers))
            case "cut_off":
                await self._send(body[: len(body) // 2], headers)
            case "bit_flipped":
                await self._send(bytes([*body[:-2], body[-2] ^ 1, body[-1]]), headers)
            case "forged":
                stranger = Webhook(base64.b64encode(secrets.token_bytes(32)).decode())
                await self._send(body, signed(stranger, event_id, body))
            case "wrong_sum":
                more = _a_fen_more(body)
                await self._send(more, self._insurer.sign(_new_id(), more))

    async def _after(self, wrong: str | None, event_id: str, body: bytes) -> None:
        match wrong:
            case "other_body":
                other = body + b" "
                await self._send(other, self._insurer.sign(event_id, other))
            case "new_id":
                await self._send(body, self._insurer.sign(_new_id(), body))

    async def _send(self, body: bytes, headers: Mapping[str, str]) -> str:
        """Post one body; give the status, or the name of what went wrong."""
        try:
            answer = await self._client.post(
                self._insurer.callback_url, content=body, headers=dict(headers)
            )
        except (httpx.HTTPError, AttributeError) as error:
            # The latter is anyio's (4.16) on uvloop, of a service that dies while we connect.
            return type(error).__name__
        return str(answer.status_code)

    def _put_off(self, letter: sqlite3.Row) -> None:
        with self._insurer.books.writing():
            self._insurer.books.run(
                "UPDATE letter SET next_try_at = :at WHERE id = :id",
                at=time.time() + self._insurer.mischief.delay_seconds(),
                id=letter["id"],
            )

    def _keep(self, letter: sqlite3.Row, answer: str) -> None:
        tries = letter["tries"] + 1
        pause = min(0.1 * 2 ** min(tries, 10), BACKOFF_SECONDS_MAX)
        with self._insurer.books.writing():
            self._insurer.books.run(
                "UPDATE letter SET state = :state, tries = :tries, answer = :answer,"
                " next_try_at = :next_try_at WHERE id = :id",
                state="delivered" if answer.startswith("2") else "ready",
                tries=tries,
                answer=answer,
                next_try_at=time.time() + pause,
                id=letter["id"],
            )


def _new_id() -> str:
    return f"evt_{uuid4().hex}"


def _a_fen_more(body: bytes) -> bytes:
    """The same letter about a fen more than was paid."""
    event = json.loads(body)
    event["data"]["amount"] = yuan(fen(event["data"]["amount"]) + 1)
    return json.dumps(event, ensure_ascii=False).encode()
