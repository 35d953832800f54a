"""Speak with an insurer in its own dialect, over the one client of the process."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import httpx

from app.outside.insurers.dialects import DIALECTS
from app.outside.insurers.port import (
    AccountQuestion,
    Endpoint,
    Instruction,
    Match,
    NotSent,
    SendResult,
    Unknown,
)
from app.outside.insurers.register import Listed, fetch_register
from app.outside.insurers.statements import Given, fetch_statement


class Speaker:
    """Hands instructions over; holds the client, knows no state of any claim.

    `deadline_seconds` bounds one whole exchange.
    """

    deadline_seconds = 20.0

    def __init__(
        self, client: httpx.AsyncClient, deadline_seconds: float, drop_dir: Path | None = None
    ) -> None:
        self._client = client
        self.drop_dir = drop_dir
        self.deadline_seconds = deadline_seconds

    async def hand_over(
        self, dialect: str, endpoint: Endpoint, instruction: Instruction, *, ask_first: bool
    ) -> SendResult:
        """Send an instruction; with `ask_first` only when the insurer says it never had it.

        A key or folder of ours that cannot be used is found before a byte is written: NotSent.
        """
        try:
            speaking = DIALECTS[dialect].speak(self._client, endpoint)
        except ValueError:
            return NotSent("endpoint_unusable")
        if ask_first:
            known = await speaking.ask(instruction.instruction_id)
            if not isinstance(known, NotSent):
                return known
        return await speaking.send(instruction)

    async def ask(self, dialect: str, endpoint: Endpoint, instruction_id: UUID) -> SendResult:
        """Ask what became of an instruction, and nothing more."""
        return await DIALECTS[dialect].speak(self._client, endpoint).ask(instruction_id)

    async def check_account(
        self, dialect: str, endpoint: Endpoint, question: AccountQuestion
    ) -> Match | Unknown | NotSent:
        """Ask whether an account belongs to a name. A key of ours that is unusable: NotSent."""
        try:
            speaking = DIALECTS[dialect].speak(self._client, endpoint)
        except ValueError:
            return NotSent("endpoint_unusable")
        return await speaking.check_account(question)

    async def fetch_statement(
        self, endpoint: Endpoint, area_code: int, day: date
    ) -> Given | Unknown | NotSent:
        """Ask an insurer that gives statements for a county's statement of a day."""
        return await fetch_statement(self._client, endpoint, area_code, day)

    async def fetch_register(
        self, endpoint: Endpoint, since: datetime
    ) -> list[Listed] | Unknown | NotSent:
        """Ask an insurer for the instructions that it took since an instant."""
        return await fetch_register(self._client, endpoint, since)

    def endpoint(
        self,
        insurer: str,
        base_url: str,
        secrets: Sequence[str],
        peer_keys: Sequence[str] = (),
    ) -> Endpoint:
        """Give where an insurer listens, under this process's deadline.

        `secrets` are the keys we sign with, the newest first; none for a dialect without keys.
        """
        newest, *old = secrets or ("",)
        return Endpoint(
            insurer,
            base_url,
            newest,
            self.deadline_seconds,
            tuple(old),
            tuple(peer_keys),
            self.drop_dir,
        )
