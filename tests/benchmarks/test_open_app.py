"""The house without walls exists in the benchmarks alone, and asks nobody for a key."""

from httpx import ASGITransport, AsyncClient

from app.crypto import Keyring
from benchmarks.open_app import OPEN_SESSION, open_app


async def test_it_answers_whoever_calls(fresh_database_url: str, keyring: Keyring) -> None:
    app = open_app(fresh_database_url, keyring)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bench") as anybody,
    ):
        answer = await anybody.get("/v1/claims/990127-2026-000001-1")
    assert answer.status_code == 404  # and not 401: nothing is there, and nobody was asked
    assert "x-request-id" not in answer.headers


def test_it_is_bound_by_no_role() -> None:
    assert "role" not in OPEN_SESSION
