"""One stand-in insurer for all stories, the letter box it writes to, a claim of the test's own."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import pytest

from app.outside.insurers import Endpoint, Instruction, RestDialect, open_client
from tests.contracts import LOOPBACK
from tests.insurer import INSURER, SECRET, Mailbox, about, referral, running_insurer

_serial = itertools.count(1)

Writes = Callable[..., Instruction]


@pytest.fixture(scope="session")
def letter_box() -> Iterator[Mailbox]:
    """Where all callbacks arrive; ask for `mailbox`."""
    with Mailbox().open() as opened:
        yield opened


@pytest.fixture(scope="session")
def insurer_url(tmp_path_factory: pytest.TempPathFactory, letter_box: Mailbox) -> Iterator[str]:
    """A running stand-in."""
    with running_insurer(tmp_path_factory.mktemp("insurer"), letter_box.url) as (url, _):
        yield url


@pytest.fixture
def claim_no() -> str:
    """A claim nobody else speaks of."""
    return f"990127-2026-{next(_serial):06}-1"


@pytest.fixture
def mailbox(letter_box: Mailbox, claim_no: str) -> Mailbox:
    """What arrives about this test's claim."""
    return letter_box.about(claim_no)


@pytest.fixture
def refer(claim_no: str) -> Writes:
    """Write a referral of this test's claim."""
    return partial(referral, claim_no=claim_no)


@pytest.fixture
def tell(claim_no: str) -> Writes:
    """Write another instruction about this test's claim."""
    return partial(about, claim_no=claim_no)


@pytest.fixture
async def dialect(insurer_url: str) -> AsyncIterator[RestDialect]:
    """Our way of speaking to it."""
    async with open_client(LOOPBACK) as client:
        yield RestDialect(client, Endpoint(INSURER, insurer_url, SECRET, 2.0))
