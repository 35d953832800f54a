"""Endpoints over the door: secrets shown once, only the own scope, every refusal named."""

from typing import Any

import pytest

from app.db.session import Database
from app.domain.caller import Role
from app.settings import Settings
from tests.api.conftest import Caller_, Client
from tests.api.story import good, keyed
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA, take_on

URL = "http://127.0.0.1:9/hook"
PATH = "/v1/webhook-endpoints"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})


async def added(client: Client, **changed: object) -> dict[str, Any]:
    return good(await client.post(PATH, json={"url": URL} | changed, headers=keyed()), 201)


async def test_a_secret_is_shown_once_and_stands_in_no_kept_answer(county: Client) -> None:
    key = keyed()
    first = await county.post(PATH, json={"url": URL}, headers=key)
    again = await county.post(PATH, json={"url": URL}, headers=key)
    assert good(first, 201)["secret"].startswith("whsec_")
    assert good(again, 201)["secret"] is None
    assert again.headers["Idempotency-Replayed"] == "true"
    path = first.headers["Location"]
    read = await county.get(path)
    assert "secret" not in good(read)
    rotated = good(await county.post(f"{path}:rotate-secret", headers=keyed()))
    assert rotated["secret"] not in (None, first.json()["secret"])
    asymmetric = await added(county, scheme="v1a")
    assert asymmetric["secret"] is None
    assert asymmetric["public_key"].startswith("whpk_")


async def test_an_endpoint_is_changed_switched_off_pinged_and_removed(county: Client) -> None:
    endpoint = await added(county, types=["claim.decide", "payout"])
    path = f"{PATH}/{endpoint['id']}"
    refused(await county.patch(path, json={"active": False}), 428, "version.required")
    tag = {"If-Match": '"1"'}
    off = good(await county.patch(path, json={"active": False}, headers=tag))
    assert (off["state"]["code"], off["reason"]["code"], off["version"]) == (
        "disabled",
        "by_hand",
        2,
    )
    refused(await county.patch(path, json={"active": True}, headers=tag), 412, "version.stale")
    refused(await county.post(f"{path}:ping", headers=keyed()), 409, "claim.invalid_transition")
    on = good(
        await county.patch(
            path, json={"active": True, "types": ["claim"]}, headers={"If-Match": '"2"'}
        )
    )
    assert (on["state"]["code"], on["reason"], on["types"]) == ("active", None, ["claim"])
    ping = good(await county.post(f"{path}:ping", headers=keyed()), 202)
    assert (ping["type"], ping["state"]["code"]) == ("webhook.ping", "waiting")
    (listed,) = good(await county.get(f"{path}/deliveries"))["items"]
    assert listed["id"] == ping["id"]
    again = await county.post(f"{path}/deliveries/{ping['id']}:replay", headers=keyed())
    assert good(again, 202)["id"] == ping["id"]
    since = {"since": "2026-01-01T00:00:00Z"}
    assert good(await county.post(f"{path}:replay", json=since, headers=keyed()), 202) == {
        "count": 0
    }
    assert (await county.delete(path, headers={"If-Match": '"3"'})).status_code == 204
    refused(await county.get(path), 404, "resource.not_found")
    assert good(await county.get(PATH))["items"] == []


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"url": "http://10.0.0.1/hook"}, "/url"),
        ({"url": "http://169.254.169.254/latest"}, "/url"),
        ({"url": "https://[::1]/hook"}, "/url"),
        ({"url": "https://0x7f000002.example.invalid/"}, "/url"),
        ({"url": "https://user@127.0.0.1/hook"}, "/url"),
        ({"url": "https://127.0.0.1/hook?key=1"}, "/url"),
        ({"url": "file:///etc/passwd"}, "/url"),
        ({"url": "http://1.1.1.1/hook"}, "/url"),
        ({"url": URL, "types": ["claim.everything"]}, "/types/0"),
        ({"url": URL, "scheme": "v2"}, "/scheme"),
    ],
)
async def test_f50_what_cannot_be_an_endpoint_is_refused_by_name(
    county: Client, form: dict[str, object], pointer: str
) -> None:
    answer = await county.post(PATH, json=form, headers=keyed())
    body = refused(answer, 422, "validation.failed")
    assert [error["pointer"] for error in body["errors"]] == [pointer]


async def test_no_other_scope_finds_an_endpoint_wider_ones_neither(
    county: Client, client_of: Caller_, database: Database
) -> None:
    await take_on(database)
    endpoint = await added(county)
    same = await client_of(Role.DASHBOARD, COUNTY_AREA)
    assert good(await same.get(f"{PATH}/{endpoint['id']}"))["id"] == endpoint["id"]
    for role, area, insurer in (
        (Role.COUNTY, 990128000000, None),
        (Role.PREFECTURE, 990100000000, None),
        (Role.PROVINCE, 990000000000, None),
        (Role.INSURER, 0, "demo-insurer"),
    ):
        stranger = await client_of(role, area, insurer)
        refused(await stranger.get(f"{PATH}/{endpoint['id']}"), 404, "resource.not_found")
        rotate = await stranger.post(f"{PATH}/{endpoint['id']}:rotate-secret", headers=keyed())
        refused(rotate, 404, "resource.not_found")
        assert good(await stranger.get(PATH))["items"] == []


async def test_a_scope_has_no_more_than_twenty(county: Client) -> None:
    for _ in range(20):
        await added(county)
    answer = await county.post(PATH, json={"url": URL}, headers=keyed())
    refused(answer, 422, "validation.failed")


async def test_what_a_key_has_made_ends_with_the_key(client_of: Caller_, county: Client) -> None:
    security = await client_of(Role.SECURITY)
    form = {"role": "county", "area_code": str(COUNTY_AREA)}
    key = good(await security.post("/v1/keys", json=form, headers=keyed()), 201)
    bearer = {"Authorization": f"Bearer {key['token']}"}
    made = await county.post(PATH, json={"url": URL}, headers=keyed() | bearer)
    path = made.headers["Location"]
    assert (await security.delete(f"/v1/keys/{key['id']}")).status_code == 204
    ended = good(await county.get(path))
    assert (ended["state"]["code"], ended["reason"]["code"]) == ("disabled", "key_revoked")


@pytest.mark.parametrize("taking", ["address", "secret"])
async def test_what_a_key_has_turned_to_itself_ends_with_the_key(
    client_of: Caller_, county: Client, taking: str
) -> None:
    """Or a clerk who leaves could turn a colleague's endpoint to his own house first."""
    security = await client_of(Role.SECURITY)
    form = {"role": "county", "area_code": str(COUNTY_AREA)}
    key = good(await security.post("/v1/keys", json=form, headers=keyed()), 201)
    bearer = {"Authorization": f"Bearer {key['token']}"}
    path = f"{PATH}/{(await added(county))['id']}"
    if taking == "address":
        turned = {"url": "http://127.0.0.1:9/mine"}
        good(await county.patch(path, json=turned, headers=bearer | {"If-Match": '"1"'}))
    else:
        good(await county.post(f"{path}:rotate-secret", headers=keyed() | bearer))
    assert (await security.delete(f"/v1/keys/{key['id']}")).status_code == 204
    ended = good(await county.get(path))
    assert (ended["state"]["code"], ended["reason"]["code"]) == ("disabled", "key_revoked")
