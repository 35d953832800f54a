"""How often: requests of one key and of one address a minute, counted in this process.

What must hold across processes (refused credentials, look-ups of people) is counted in the
database, and only there where the database is asked anyway or an attacker is at work.
"""

import time
from dataclasses import dataclass

from app.db.counts import Counted, count_use
from app.db.session import Database
from app.domain.caller import Caller
from app.domain.errors import RateLimited

WINDOW_SECONDS = 60
SUBJECTS_MAX = 100_000
REFUSED_SECONDS = 300  # in which the credentials refused to one address are counted
ATTEMPTS_MAX, ATTEMPTS_SECONDS = 60, 60  # tokens asked for by one client from one address
LOCK_MAX, LOCK_SECONDS = 10, 300  # wrong proofs of one client from one address; then it waits
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit: `left` requests of `most` for `ends_in` seconds more."""

    name: str
    most: int
    left: int
    ends_in: int

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Give the fields of draft-ietf-httpapi-ratelimit-headers."""
        return (
            (b"ratelimit-policy", f'"{self.name}";q={self.most};w={WINDOW_SECONDS}'.encode()),
            (b"ratelimit", f'"{self.name}";r={self.left};t={self.ends_in}'.encode()),
        )


class Rate:
    """A limit per minute, per subject. A window begins on the minute, for all at once.

    So one small dictionary is thrown away a minute, and nothing has to be swept.
    """

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self._window = 0
        self._times: dict[str, int] = {}

    def take(self, subject: str) -> Standing:
        """Count one request. Raises RateLimited when there were too many."""
        now = time.time()
        window = int(now) // WINDOW_SECONDS
        if window != self._window or len(self._times) >= SUBJECTS_MAX:
            self._window, self._times = window, {}
        times = self._times[subject] = self._times.get(subject, 0) + 1
        ends_in = WINDOW_SECONDS - int(now) % WINDOW_SECONDS
        if times > self.most:
            raise RateLimited(ends_in)
        return Standing(self.name, self.most, self.most - times, ends_in)


@dataclass(frozen=True, slots=True)
class Allowed:
    """How often something may be done before it is refused.

    Requests of one key and of one address a minute, in this process; and over all processes
    look-ups of one key an hour, and refused credentials of one address in five minutes.
    """

    per_key: int
    per_address: int
    lookups: int
    refusals: int


class Limits:
    """The limits of one process; `database` keeps those that hold across processes."""

    def __init__(self, database: Database, allowed: Allowed) -> None:
        self._database = database
        self._allowed = allowed
        self.per_key = Rate("key", allowed.per_key)
        self.per_address = Rate("address", allowed.per_address)

    async def refused(self, address: str) -> None:
        """Count a refused credential. Raises RateLimited after too many from one address.

        Good credentials from there still pass: a whole office may call from one address.
        """
        counted = await count_use(self._database, "refused", address, REFUSED_SECONDS)
        _within(counted, self._allowed.refusals)

    async def attempt(self, client: str, address: str) -> None:
        """Count a client's asking for a token. Raises RateLimited: too often, or locked out."""
        subject = f"{client}|{address}"
        _within(await count_use(self._database, "token", subject, ATTEMPTS_SECONDS), ATTEMPTS_MAX)
        wrong = await count_use(self._database, "wrong", subject, LOCK_SECONDS, more=0)
        _within(wrong, LOCK_MAX - 1)

    async def wrong_proof(self, client: str, address: str) -> None:
        """Count a wrong secret or assertion of a client; ten lock it out for five minutes."""
        await count_use(self._database, "wrong", f"{client}|{address}", LOCK_SECONDS)
        await self.refused(address)

    async def look_up(self, caller: Caller) -> None:
        """Count a look-up of a person, found or not. Raises RateLimited."""
        _within(
            await count_use(self._database, "look_up", caller.actor, HOUR), self._allowed.lookups
        )


def _within(counted: Counted, most: int) -> None:
    if counted.times > most:
        raise RateLimited(counted.ends_in)
