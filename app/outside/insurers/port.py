"""The port to an insurer: what we ask, and the five things that can be known afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one insurer listens and the keys between us.

    `secret` is what we sign with, in the dialect's form; `old_secrets` still count with the insurer
    while a rotation lasts; `peer_keys` vouch for its answers, where a dialect signs those.
    `drop_dir` holds the folders of those who deal in files.
    `deadline_seconds` bounds one whole exchange, however slowly its parts arrive.
    """

    insurer: str
    base_url: str
    secret: str | bytes = field(repr=False)
    deadline_seconds: float = 10.0
    old_secrets: tuple[str, ...] = field(default=(), repr=False)
    peer_keys: tuple[str, ...] = field(default=(), repr=False)
    drop_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Instruction:
    """One immutable thing we ask of an insurer; its id is its idempotency key for ever.

    `content` is the JSON document in our words, amounts as yuan strings, without the id.
    """

    instruction_id: UUID
    content: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The insurer has it, under this number of its own; `duplicate` when it had it before.

    `platform_case_no` is the number of a platform that stands between us, where there is one.
    """

    insurer_case_no: str
    duplicate: bool
    platform_case_no: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """It lies where the insurer fetches it, for good; the answer comes later by another way."""

    duplicate: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """The insurer refused it clearly: it took no effect.

    `may_retry` when it was turned away unread (signature, rate), so that the same key may be sent
    again after `retry_after_seconds`; otherwise a person must look. `message` is the insurer's own
    text: show it to officers, never log it.
    """

    code: str
    message: str = field(repr=False)
    may_retry: bool = False
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell whether it took effect; `reason` is a word of ours, safe to log."""

    reason: str
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """It is certain that the insurer does not have it; the same key may be sent at any time."""

    reason: str


SendResult = Accepted | HandedOver | Rejected | Unknown | NotSent


class Match(StrEnum):
    """What a channel says of a name and an account."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AccountQuestion:
    """Does this account belong to this name? A question only: it never takes effect anywhere."""

    question_id: UUID
    name: str = field(repr=False)
    account: str = field(repr=False)
    bank: str = field(repr=False)


class InsurerDialect(Protocol):
    """One insurer's way of being spoken to. No call ever raises for what a peer does."""

    async def send(self, instruction: Instruction) -> SendResult:
        """Hand over an instruction; after any doubt the answer is Unknown."""

    async def ask(self, instruction_id: UUID) -> SendResult:
        """Ask what became of an instruction: Accepted, NotSent when it never came, or Unknown."""

    async def check_account(self, question: AccountQuestion) -> Match | Unknown | NotSent:
        """Ask whether an account belongs to a name; NotSent also where the channel cannot tell."""
