"""A stand-in insurer of the test's own, and the letter box it writes to."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.outside.insurers import Endpoint, RestDialect, open_client
from tests.insurer import INSURER, SECRET, Mailbox, running_insurer


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Where the callbacks arrive."""
    with Mailbox().open() as opened:
        yield opened


@pytest.fixture
def insurer_url(tmp_path: Path, mailbox: Mailbox) -> Iterator[str]:
    """A running stand-in."""
    with running_insurer(tmp_path / "insurer", mailbox.url) as (url, _):
        yield url


@pytest.fixture
async def dialect(insurer_url: str) -> AsyncIterator[RestDialect]:
    """Our way of speaking to it."""
    async with open_client() as client:
        yield RestDialect(client, Endpoint(INSURER, insurer_url, SECRET, 2.0))
