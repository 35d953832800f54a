"""F76: tokens that are not what they say, at the token endpoint and as bearers; 401 each."""

import asyncio
import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import Response

from app.api.access import KnownKeys
from app.crypto.tokens import ALGORITHMS, public_keys
from app.db.session import Database
from app.domain.caller import Role
from app.main import create_app
from app.outside.key_sets import KeyFile
from app.services.keys import Binding, issue_key, revoke_key_by_id
from app.services.tokens import OidcTrust
from app.services.tokens.issue_token import ASSERTION_TYPE
from app.settings import Settings
from tests.api.conftest import SECURITY, Client
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA, take_on
from tests.tokens import (
    EC,
    ED,
    ISSUER,
    RSA,
    STRANGER,
    assertion,
    forged,
    identity,
    public,
    signed,
)

ENDPOINT = "https://relief.example/v1/oauth/token"
PATH = "/v1/oauth/token"
PROBE = "/v1/meta/errors"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, allowed_hosts="*", public_url="https://relief.example")


@pytest.fixture
async def application(settings: Settings, database: Database) -> AsyncGenerator[FastAPI]:
    """The application, which also believes the bureau's identity provider."""
    keys = settings.data_dir / "jwks.json"
    keys.write_text(json.dumps({"keys": [public(EC), public(RSA, "rsa"), public(ED, "ed")]}))
    app = create_app(settings, database)
    async with app.router.lifespan_context(app):
        app.state.trust = trust = type(app.state.trust)(
            app.state.trust.issuer,
            app.state.trust.keys,
            app.state.trust.life,
            OidcTrust(
                ISSUER,
                "relief",
                ("ES256", "RS256", "Ed25519"),
                KeyFile(keys),
                "sub",
                "role",
                "area_code",
                {"county": Role.COUNTY, "town": Role.TOWNSHIP, "keys": Role.SECURITY},
                timedelta(hours=1),
            ),
        )
        app.state.keys = KnownKeys(database, trust)
        yield app


async def client_with(database: Database, *keys: dict[str, Any]) -> str:
    """The id of an insurer's client that signs its assertions."""
    await take_on(database)
    async with database.transaction(SECURITY) as tx:
        bound = Binding(jwks=keys or (public(EC),))
        key = await issue_key(tx, Role.INSURER, 0, "demo-insurer", bound=bound)
    assert key.token == ""
    return str(key.id)


async def ask(nobody: Client, **form: str) -> Response:
    return await nobody.post(PATH, data={"grant_type": "client_credentials"} | form)


async def prove(nobody: Client, token: str) -> Response:
    return await ask(nobody, client_assertion_type=ASSERTION_TYPE, client_assertion=token)


async def bear(nobody: Client, token: str) -> Response:
    return await nobody.get(PROBE, headers={"Authorization": f"Bearer {token}"})


# --- what is given -------------------------------------------------------------------------------


async def test_a_key_as_a_secret_gives_a_token_that_ends_with_the_key(
    nobody: Client, database: Database
) -> None:
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.COUNTY, COUNTY_AREA)
    answer = await ask(nobody, client_id=str(key.id), client_secret=key.token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    assert (await bear(nobody, given["access_token"])).is_success
    basic = await nobody.post(
        PATH, data={"grant_type": "client_credentials"}, auth=(key.prefix, key.token)
    )
    assert basic.is_success
    async with database.transaction(SECURITY) as tx:
        await revoke_key_by_id(tx, key.id)
    await asyncio.sleep(1.01)  # what is remembered of a caller lives for one second
    refused(await bear(nobody, given["access_token"]), 401, "auth.invalid")


@pytest.mark.parametrize(
    ("key", "alg"), [(EC, "ES256"), (RSA, "PS256"), (RSA, "RS256"), (ED, "Ed25519")]
)
async def test_a_signed_assertion_gives_a_token_once(
    nobody: Client, database: Database, key: Any, alg: str
) -> None:
    token = signed(assertion(await client_with(database, public(key)), ENDPOINT), key, alg)
    given = await prove(nobody, token)
    assert given.status_code == 200, given.text
    assert (await bear(nobody, given.json()["access_token"])).is_success
    body = refused(await prove(nobody, token), 401, "auth.invalid")
    assert body["error"] == "invalid_client"


async def test_the_published_keys_verify_our_tokens(nobody: Client, application: FastAPI) -> None:
    published = (await nobody.get("/v1/oauth/jwks")).json()["keys"]
    assert [key["kid"] for key in published] == [
        key["kid"] for key in application.state.trust.keys.public()
    ]
    assert not any(key.keys() & {"d", "k"} for key in published)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_request"),
        ({"grant_type": "client_credentials", "client_assertion": "x"}, "invalid_request"),
        (
            {
                "grant_type": "client_credentials",
                "client_secret": "x",
                "client_assertion": "x",
                "client_assertion_type": ASSERTION_TYPE,
            },
            "invalid_request",
        ),
    ],
)
async def test_what_is_asked_wrongly_is_told(
    nobody: Client, form: dict[str, str], error: str
) -> None:
    body = refused(await nobody.post(PATH, data=form), 400, "request.malformed")
    assert body["error"] == error


# --- F76: assertions -----------------------------------------------------------------------------


def at_last(claims: dict[str, Any]) -> dict[str, Any]:
    """Claims with their times worked out."""
    now = int(time.time())
    return {
        name: now + int(told.total_seconds()) if isinstance(told, timedelta) else told
        for name, told in claims.items()
    }


# Times are seconds from now, and now is when the test runs, not when it is gathered.
WRONG_ASSERTIONS: dict[str, dict[str, Any]] = {
    "expired": {"iat": timedelta(seconds=-400), "exp": timedelta(seconds=-61)},
    "from the future": {"iat": timedelta(seconds=120), "exp": timedelta(seconds=240)},
    "not yet": {"nbf": timedelta(seconds=120)},
    "too long": {"exp": timedelta(seconds=400)},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "fractions": {"exp": 1e400},
    "truth as time": {"iat": True},
    "another audience": {"aud": "https://other.example/v1/oauth/token"},
    "no audience": {"aud": None},
    "another subject": {"sub": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "another issuer": {"iss": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "an issuer that is none": {"iss": "' OR 1=1 --", "sub": "' OR 1=1 --"},
    "no jti": {"jti": None},
    "a long jti": {"jti": "x" * 129},
    "a jti of another kind": {"jti": ["x"]},
}


@pytest.mark.parametrize("changed", WRONG_ASSERTIONS.values(), ids=WRONG_ASSERTIONS.keys())
async def test_f76_an_assertion_with_wrong_claims_is_refused(
    nobody: Client, database: Database, changed: dict[str, Any]
) -> None:
    client = await client_with(database)
    claims = assertion(client, ENDPOINT, **at_last(changed))
    if claims.get("exp") == 1e400:
        token = forged({"alg": "ES256", "kid": "k-1"}, claims)
    else:
        token = signed(claims)
    refused(await prove(nobody, token), 401, "auth.invalid")


async def test_f76_clocks_may_differ_by_a_minute(nobody: Client, database: Database) -> None:
    client, now = await client_with(database), int(time.time())
    for changed in ({"iat": now + 50, "exp": now + 170}, {"iat": now - 200, "exp": now - 50}):
        assert (await prove(nobody, signed(assertion(client, ENDPOINT, **changed)))).is_success


def crooked(claims: dict[str, Any]) -> dict[str, str]:
    """Every way we know to make a token look good that is not."""
    shared = json.dumps(public(EC)).encode()
    head = {"alg": "HS256", "kid": "k-1"}
    unsigned = forged(head, claims).rpartition(".")[0].encode()
    mac = hmac.new(shared, unsigned, hashlib.sha256).digest()
    good = signed(claims)
    return {
        "no algorithm": forged({"alg": "none", "kid": "k-1"}, claims),
        "no algorithm, spelt otherwise": forged({"alg": "nOnE", "kid": "k-1"}, claims),
        "the public key as a secret": forged(head, claims, mac),
        "another key": signed(claims, STRANGER),
        "another key under its own number": signed(claims, STRANGER, kid="k-2"),
        "no number of a key": signed(claims, kid=None),
        "a path as number": signed(claims, kid="../../../etc/passwd"),
        "SQL as number": signed(claims, kid="k-1' UNION SELECT 1 --"),
        "a key brought along": signed(claims, STRANGER, jwk=public(STRANGER)),
        "an address of keys": signed(claims, STRANGER, jku="https://evil.example/jwks"),
        "an address beside a good signature": signed(claims, jku="https://evil.example/jwks"),
        "a certificate's address": signed(claims, x5u="https://evil.example/x"),
        "another algorithm of the same key": signed(claims, RSA, "RS256"),
        "cut short": good[:-10],
        "a letter changed": f"{good[:-3]}{'A' if good[-3] != 'A' else 'B'}{good[-2:]}",
        "five parts": f"{good}.a.b",
        "huge": good + "A" * 5000,
        "dots": "..",
        "no text": "a.\x7f.b",
        "a list for a header": forged([], claims),  # type: ignore[arg-type]
        "deep": forged({"alg": "ES256"}, claims).replace("e30", "W" * 3000),
    }


CROOKED = list(crooked(assertion("x", "x")))


@pytest.mark.parametrize("way", CROOKED)
async def test_f76_a_crooked_assertion_is_refused(
    nobody: Client, database: Database, way: str
) -> None:
    token = crooked(assertion(await client_with(database), ENDPOINT))[way]
    refused(await prove(nobody, token), 401, "auth.invalid")


async def test_f76_a_revoked_client_and_one_without_keys_are_refused(
    nobody: Client, database: Database
) -> None:
    client = await client_with(database)
    async with database.transaction(SECURITY) as tx:
        await revoke_key_by_id(tx, UUID(client))
        plain = await issue_key(tx, Role.COUNTY, COUNTY_AREA)
    for client_id in (client, str(plain.id)):
        refused(await prove(nobody, signed(assertion(client_id, ENDPOINT))), 401, "auth.invalid")


# --- F76: bearers --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [*CROOKED, "whole"])
async def test_f76_a_crooked_token_of_the_provider_is_refused(nobody: Client, way: str) -> None:
    token = (crooked(identity()) | {"whole": signed(identity())})[way]
    answer = await bear(nobody, token)
    if way == "whole":
        assert answer.status_code == 200, answer.text
    else:
        assert answer.status_code == 401, way
        assert answer.json()["code"] in ("auth.invalid", "auth.missing")


WRONG_IDENTITIES: dict[str, dict[str, Any]] = {
    "expired": {"iat": timedelta(seconds=-700), "exp": timedelta(seconds=-61)},
    "not yet": {"nbf": timedelta(seconds=120)},
    "lives too long": {"exp": timedelta(seconds=7200)},
    "another issuer": {"iss": "https://evil.example"},
    "our own issuer": {"iss": "https://relief.example"},
    "another audience": {"aud": "other"},
    "no subject": {"sub": None},
    "an ID number for a subject": {"sub": "330127199001011239"},
    "a phone number for a subject": {"sub": "13800000000"},
    "a name for a subject": {"sub": "张三"},
    "no role": {"role": None},
    "a role that is not mapped": {"role": "system"},
    "an insurer": {"role": "insurer"},
    "two roles": {"role": ["county", "town"]},
    "no area": {"area_code": None},
    "an area of another level": {"area_code": "990127103000"},
    "an area that is none": {"area_code": "99"},
    "an area in other digits": {"area_code": "９９０１２７００００００"},
}


@pytest.mark.parametrize("changed", WRONG_IDENTITIES.values(), ids=WRONG_IDENTITIES.keys())
async def test_f76_a_token_of_the_provider_with_wrong_claims_is_refused(
    nobody: Client, changed: dict[str, Any]
) -> None:
    refused(await bear(nobody, signed(identity(**at_last(changed)))), 401, "auth.invalid")


async def test_the_provider_s_people_are_actors_by_their_numbers(
    nobody: Client, application: FastAPI
) -> None:
    keys: KnownKeys = application.state.keys
    known = await keys.caller(signed(identity(sub="staff-7")), "127.0.0.1")
    assert (known.role, known.area_lo, known.actor) == (Role.COUNTY, COUNTY_AREA, "holder:staff-7")
    by_uuid = await keys.caller(
        signed(identity(sub="01890a5d-ac96-774b-bcce-b30209912345")), "127.0.0.1"
    )
    assert by_uuid.actor.startswith("holder:01890a5d")


async def test_one_person_s_key_and_token_are_one_actor_and_keep_to_one_seat(
    nobody: Client, application: FastAPI, database: Database
) -> None:
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.COUNTY, COUNTY_AREA, bound=Binding(holder="staff-7"))
    keys: KnownKeys = application.state.keys
    by_key = await keys.caller(key.token, "127.0.0.1")
    by_token = await keys.caller(signed(identity(sub="staff-7")), "127.0.0.1")
    assert by_key.actor == by_token.actor
    keeper = {"role": "keys", "area_code": "0"}
    refused(await bear(nobody, signed(identity(sub="staff-7", **keeper))), 401, "auth.invalid")
    assert (await bear(nobody, signed(identity(sub="staff-8", **keeper)))).is_success


async def test_keys_of_the_provider_change_with_its_file(
    nobody: Client, settings: Settings
) -> None:
    fresh = signed(identity(), STRANGER, kid="new")
    refused(await bear(nobody, fresh), 401, "auth.invalid")
    path = settings.data_dir / "jwks.json"
    path.write_text(json.dumps({"keys": [public(STRANGER, "new")]}))
    os.utime(path, (1, 1))
    assert (await bear(nobody, fresh)).is_success
    refused(await bear(nobody, signed(identity(sub="other"))), 401, "auth.invalid")


def test_only_asymmetric_algorithms_are_known() -> None:
    assert not any(name.startswith("HS") or name.lower() == "none" for name in ALGORITHMS)
    assert public_keys([public(EC)])
