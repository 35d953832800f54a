"""A claim's way through the services, without HTTP: filed, assessed, handed to a stand-in wire."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role, area_range
from app.outside.insurers import Accepted, Endpoint, Instruction, SendResult, Speaker
from app.services.claims.assess_notice import assess_notice
from app.services.notices.submit_notice import submit_notice
from app.worker.loop import Worker
from benchmarks import county
from benchmarks.county import County

_DESK = Caller(Role.SYSTEM, 0, AREA_END, "bench")


class Wire(Speaker):
    """Accepts whatever is handed over; nobody is at the other end."""

    def __init__(self) -> None:
        """Bring nothing: no client is opened, and nobody is waited for."""
        self.drop_dir = None
        self.deadline_seconds = 20.0

    async def hand_over(
        self, dialect: str, endpoint: Endpoint, instruction: Instruction, *, ask_first: bool
    ) -> SendResult:
        """Accept."""
        del dialect, endpoint, ask_first
        return Accepted(f"CASE-{instruction.instruction_id}", duplicate=False)

    async def ask(self, dialect: str, endpoint: Endpoint, instruction_id: UUID) -> SendResult:
        """Nothing is ever in doubt here."""
        raise NotImplementedError(dialect, endpoint, instruction_id)

    def endpoint(
        self, insurer: str, base_url: str, secrets: Sequence[str], peer_keys: Sequence[str] = ()
    ) -> Endpoint:
        """Name the address; it is never opened."""
        del peer_keys
        return Endpoint(insurer, base_url, secrets[0])


async def first_claims(settled: County) -> None:
    """File one claim of each township through the services and let a worker refer it; copy one in
    that is paid: rows of every kind."""
    drafts = await county.file_drafts(settled, 0, len(county.TOWNSHIPS))
    await county.file_claims(settled, 50_000, 1)
    database = Database(settled.url, settled.keyring, pool_size=4)
    worker = Worker(
        database,
        Wire(),
        name="bench",
        concurrency=2,
        lease=timedelta(seconds=60),
        poll_seconds=0.01,
    )
    try:
        for place, numbers in enumerate(drafts):
            await submit(database, place, numbers[0])
        await worker.drain()
    finally:
        await database.close()


async def submit(database: Database, place: int, notice_no: str) -> None:
    """Submit a draft as the clerk of its township, the one at this place."""
    clerk = Caller(Role.TOWNSHIP, *area_range(county.TOWNSHIPS[place]), "bench")
    async with database.transaction(clerk) as tx:
        await submit_notice(tx, notice_no)


async def submit_and_assess(database: Database, place: int, notice_no: str) -> None:
    """Submit a draft, and do what the worker's next job does: assess its claims."""
    await submit(database, place, notice_no)
    async with database.transaction(_DESK) as tx:
        await assess_notice(tx, notice_no)
