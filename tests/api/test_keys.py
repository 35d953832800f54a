"""Keys over REST, by the security administrator; bound to people, places and networks."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import product
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Role
from app.domain.errors import Invalid
from app.domain.seats import go_together
from app.services.keys import Binding, issue_key
from tests.api.conftest import SECURITY, Caller_, Client
from tests.api.story import good, keyed
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA, TOWN, take_on
from tests.tokens import EC, RSA, public

AREA = {Role.TOWNSHIP: TOWN, Role.PREFECTURE: 990100000000, Role.PROVINCE: 990000000000}


@pytest.fixture
async def security(client_of: Caller_) -> Client:
    return await client_of(Role.SECURITY)


def form(**changed: Any) -> dict[str, Any]:
    return {"role": "county", "area_code": str(COUNTY_AREA), "label": "审批系统"} | changed


async def issue(security: Client, **changed: Any) -> dict[str, Any]:
    return good(await security.post("/v1/keys", json=form(**changed), headers=keyed()), 201)


def area(role: Role) -> int:
    alone = role in (Role.INSURER, Role.SYSTEM, Role.SECURITY, Role.AUDIT)
    return 0 if alone else AREA.get(role, COUNTY_AREA)


async def test_a_key_s_token_is_told_once_and_never_kept(
    security: Client, database: Database
) -> None:
    headers = keyed()
    first = await security.post("/v1/keys", json=form(), headers=headers)
    again = await security.post("/v1/keys", json=form(), headers=headers)
    issued = good(first, 201)
    assert issued["token"].startswith(issued["prefix"])
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == issued | {"token": None}
    assert good(await security.get(f"/v1/keys/{issued['id']}"))["token"] is None
    (listed, *_) = good(await security.get("/v1/keys"))["items"]
    assert listed == issued | {"token": None}


async def test_f77_a_revoked_key_lives_for_one_second_at_most(
    security: Client, nobody: Client
) -> None:
    issued = await issue(security)
    bearer = {"Authorization": f"Bearer {issued['token']}"}
    assert (await nobody.get("/v1/claims", headers=bearer)).is_success
    assert (await security.delete(f"/v1/keys/{issued['id']}")).status_code == 204
    await asyncio.sleep(1.01)
    refused(await nobody.get("/v1/claims", headers=bearer), 401, "auth.invalid")
    gone = await security.delete(f"/v1/keys/{issued['id']}")
    refused(gone, 404, "resource.not_found")


async def test_f77_a_key_in_an_address_is_no_key_and_is_not_logged(
    security: Client, nobody: Client, caplog: pytest.LogCaptureFixture
) -> None:
    token = (await issue(security))["token"]
    answer = await nobody.get("/v1/claims", params={"access_token": token, "api_key": token})
    refused(answer, 401, "auth.missing")
    assert token not in caplog.text + answer.text


async def test_f77_guessing_keys_is_slowed_down_and_good_keys_still_pass(
    nobody: Client, county: Client
) -> None:
    guesses = [
        await nobody.get("/v1/claims", headers={"Authorization": f"Bearer rk_live_{n:043}"})
        for n in range(32)
    ]
    assert [answer.status_code for answer in guesses] == [401] * 30 + [429] * 2
    body = refused(guesses[-1], 429, "rate.limited")
    assert 1 <= int(guesses[-1].headers["retry-after"]) <= 300
    assert body["retryable"] is True
    assert (await county.get("/v1/claims")).is_success


async def test_f77_wrong_secrets_of_a_client_lock_it_out_from_there(
    security: Client, nobody: Client
) -> None:
    issued = await issue(security)
    ask = {"grant_type": "client_credentials", "client_id": issued["id"]}
    wrong = [
        (await nobody.post("/v1/oauth/token", data=ask | {"client_secret": "x"})).status_code
        for _ in range(12)
    ]
    assert wrong == [401] * 10 + [429] * 2
    right = await nobody.post("/v1/oauth/token", data=ask | {"client_secret": issued["token"]})
    refused(right, 429, "rate.limited")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"networks": ["10.8.0.0/33"]}, "/networks"),
        ({"networks": ["10.8.0.1/16"]}, "/networks"),
        ({"holder": "330127199001011239"}, "/holder"),
        ({"area_code": str(TOWN)}, "/area"),
        ({"jwks": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]}, "/jwks"),
        ({"jwks": [EC.as_dict(private=True) | {"kid": "a"}]}, "/jwks"),
        ({"jwks": [EC.as_dict(private=False)]}, "/jwks"),
        ({"jwks": [public(EC), public(RSA)]}, "/jwks"),
    ],
)
async def test_a_key_wrongly_bound_is_refused(
    security: Client, changed: dict[str, Any], pointer: str
) -> None:
    answer = await security.post("/v1/keys", json=form(**changed), headers=keyed())
    body: Any = refused(answer, 422, "validation.failed")
    assert [error["pointer"] for error in body["errors"]] == [pointer]


# --- where a key may be used from ----------------------------------------------------------------


@pytest.fixture
async def behind(application: FastAPI) -> AsyncGenerator[Client]:
    """A client that calls from 10.8.3.4."""
    transport = httpx.ASGITransport(application, client=("10.8.3.4", 1))
    async with Client(transport=transport, base_url="http://door") as client:
        yield client


async def test_a_key_bound_to_networks_opens_nothing_elsewhere(
    security: Client, nobody: Client, behind: Client
) -> None:
    issued = await issue(security, networks=["10.8.0.0/16", "2001:db8::/32"])
    assert issued["networks"] == ["10.8.0.0/16", "2001:db8::/32"]
    bearer = {"Authorization": f"Bearer {issued['token']}"}
    assert (await behind.get("/v1/claims", headers=bearer)).is_success
    refused(await nobody.get("/v1/claims", headers=bearer), 401, "auth.invalid")
    told = bearer | {"X-Forwarded-For": "10.8.3.4"}  # a proxy that nobody trusts
    refused(await nobody.get("/v1/claims", headers=told), 401, "auth.invalid")


# --- one person, one seat ------------------------------------------------------------------------


async def test_the_database_refuses_exactly_the_pairs_that_the_rules_forbid(
    database: Database,
) -> None:
    await take_on(database)
    for number, (one, other) in enumerate(product(Role, Role)):
        bound = Binding(holder=f"staff-{number}")
        refusal = await issuing(database, one, bound) or await issuing(database, other, bound)
        assert refusal == (None if go_together(one, other) else "auth.roles_apart"), (one, other)


async def issuing(database: Database, role: Role, bound: Binding) -> str | None:
    """Issue a key; gives the code of the refusal, if there is one."""
    insurer = "demo-insurer" if role is Role.INSURER else None
    try:
        async with database.transaction(SECURITY) as tx:
            await issue_key(tx, role, area(role), insurer, bound=bound)
    except Invalid as refusal:
        return refusal.faults[0].code
    return None


async def test_seats_are_kept_apart_over_rest_until_the_first_key_is_revoked(
    security: Client,
) -> None:
    first = await issue(security, holder="S-1")
    keeper = {"role": "audit", "area_code": "0" * 12, "holder": "S-1"}
    answer = await security.post("/v1/keys", json=keeper, headers=keyed())
    refused(answer, 422, "auth.roles_apart")
    assert (await security.delete(f"/v1/keys/{first['id']}")).status_code == 204
    good(await security.post("/v1/keys", json=keeper, headers=keyed()), 201)


async def test_issuing_and_revoking_stand_in_the_audit_trail(
    security: Client, database: Database
) -> None:
    issued = await issue(security, holder="S-1")
    await security.delete(f"/v1/keys/{issued['id']}")
    async with database.transaction(SECURITY) as tx:
        told = await tx.sql.execute(
            text("SELECT type, detail::text FROM event WHERE number = :id ORDER BY seq"),
            {"id": issued["id"]},
        )
        rows = told.all()
    assert [row.type for row in rows] == ["key.issue", "key.revoke"]
    assert issued["token"] not in str(rows)
