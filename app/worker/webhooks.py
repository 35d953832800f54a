"""Tell others: endpoints take turns side by side, none of them keeps another waiting.

Apart from the jobs: whoever hangs here takes no place from insurers or from the desk. No
transaction is open while we speak.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from datetime import timedelta

from app.db.session import Database
from app.db.webhook_deliveries import DeliveryRow
from app.db.webhook_endpoints import EndpointRow
from app.domain.caller import worker
from app.observe import get_logger
from app.outside.webhooks import Messenger, Told, message
from app.services.webhooks.take_turn import (
    Turn,
    begin_turns,
    end_turn,
    open_turn,
    record_told,
)

AT_ONCE = 32  # endpoints of one process
CALLS_OF_A_TURN = 3  # that all take the whole deadline
SPARE_SECONDS = 5.0  # of a lease, for the transactions around the last call

log = get_logger(__name__)


class Teller:
    """Tells the endpoints of all scopes what happened; `stop` lets it finish what it says."""

    def __init__(
        self,
        database: Database,
        messenger: Messenger,
        *,
        poll_seconds: float = 0.5,
    ) -> None:
        self._database = database
        self._messenger = messenger
        seconds = CALLS_OF_A_TURN * messenger.deadline_seconds + SPARE_SECONDS
        self._lease = timedelta(seconds=seconds)  # for so long one that died keeps it from others
        self._poll_seconds = poll_seconds
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._more = asyncio.Event()  # somebody took what was due; there may be more for them

    def stop(self) -> None:
        """Begin no further turn."""
        self._stopping.set()
        self._more.set()

    async def run(self) -> None:
        """Tell until stopped; then wait for the turns in hand."""
        while not self._stopping.is_set():
            await self._step()
            await self._rest()
        if self._running:
            await asyncio.wait(self._running)

    async def drain(self, limit: int = 1_000) -> int:
        """Take turns until nothing is due; for tests and the seed. Gives how many."""
        turns = 0
        while turns < limit:
            taken = await self._take(AT_ONCE)
            if not taken:
                break
            said = await asyncio.gather(*(self._turn(endpoint) for endpoint in taken))
            turns += len(taken)
            if not any(said):
                break
        return turns

    async def _step(self) -> None:
        self._more.clear()
        room = AT_ONCE - len(self._running)
        try:
            taken = await self._take(room) if room else []
        except Exception:
            log.exception("webhooks.database_lost")
            return
        for endpoint in taken:
            task = asyncio.create_task(self._do(endpoint))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _rest(self) -> None:
        """Wait for the next look: at once after a turn that said something."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._more.wait(), self._poll_seconds)

    async def _take(self, room: int) -> list[EndpointRow]:
        async with self._database.transaction(worker("webhooks")) as tx:
            return await begin_turns(tx, room, self._lease)

    async def _do(self, endpoint: EndpointRow) -> None:
        try:
            if await self._turn(endpoint):
                self._more.set()
        except Exception:
            log.exception("webhooks.turn_failed", endpoint=str(endpoint.id))

    async def _turn(self, endpoint: EndpointRow) -> int:
        """Tell one endpoint what is due, one message after the other; give how many were said."""
        until = time.monotonic() + self._lease.total_seconds() - SPARE_SECONDS
        caller = endpoint.caller()
        async with self._database.transaction(caller) as tx:
            turn = await open_turn(tx, endpoint)
        said = 0
        for delivery in () if turn is None else turn.due:
            if (
                time.monotonic() + self._messenger.deadline_seconds > until
                or self._stopping.is_set()
            ):
                break
            assert turn is not None
            told = await self._tell(turn, delivery)
            said += 1
            async with self._database.transaction(caller) as tx:
                if not await record_told(tx, endpoint, delivery, told):
                    break
        async with self._database.transaction(caller) as tx:
            await end_turn(tx, endpoint)
        return said

    async def _tell(self, turn: Turn, delivery: DeliveryRow) -> Told:
        body = message(delivery.type, delivery.happened_at, _thin(delivery))
        told = await self._messenger.tell(str(delivery.id), turn.endpoint.url, body, turn.secrets)
        log.info(
            "webhook.told",
            endpoint=str(turn.endpoint.id),
            delivery=str(delivery.id),
            status=told.status,
            reason=told.reason,
        )
        return told


def _thin(delivery: DeliveryRow) -> Mapping[str, object]:
    return {
        "resource": delivery.resource,
        "id": delivery.number,
        "version": delivery.event_version,
        "seq": delivery.seq,
    }
