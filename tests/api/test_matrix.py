"""Who may do what, for every route there is: made from the routes, so a new one is in it."""

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute

from app.api.contract import doors
from app.api.routes import ROUTERS
from app.api.writing import Writes
from app.db.session import Database
from app.domain.caller import LEVEL_DIGITS, PERMITTED, Role
from tests.api.conftest import Caller_, Client
from tests.api.story import SCAN, keyed
from tests.api.test_contract import DOCUMENT
from tests.api.test_door import refused
from tests.contracts import take_on

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
CLOSED = [(route, door) for route in ROUTES for door in doors(route) if door.act is not None]
AREA = {"province": 99 * 10**10, "prefecture": 9901 * 10**8, "county": 990127 * 10**6}
NAMES = {
    "instruction_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "callback_id": "1",
    "item_id": "1",
    "statement_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "reconciliation_no": "990127-demo-insurer-20260620",
    "lane": "insurer:nobody",
    "notice_no": "990127-2026-000001",
    "claim_no": "990127-2026-000001-1",
    "hold_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "payout_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "person_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "delegation_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "recovery_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "seq": "1",
    "endpoint_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "delivery_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "document_id": "01890a5d-ac96-774b-bcce-b302099a8057",
}


def level_area(role: Role) -> int:
    if role is Role.TOWNSHIP:
        return 990127103000
    return AREA.get(role.value, 0) if role.value in LEVEL_DIGITS else 0


async def client_for(role: Role, client_of: Caller_) -> Client:
    area = 990127000000 if role is Role.DASHBOARD else level_area(role)
    return await client_of(role, area, "demo-insurer" if role is Role.INSURER else None)


SCALARS = {"integer": 1, "boolean": True, "object": {}, "anything": "1"}


def example(schema: dict[str, Any]) -> Any:
    """The least that fills a form of the description."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return example(schema["anyOf"][0])
    if "enum" in schema or "examples" in schema:
        return schema.get("enum", schema.get("examples"))[0]
    if "properties" in schema:
        return {name: example(schema["properties"][name]) for name in schema.get("required", [])}
    if schema.get("type") == "array":
        return [example(schema["items"])] * schema.get("minItems", 0)
    if schema.get("type") == "string":
        return "2026-01-01" if schema.get("format") == "date" else "text"
    return SCALARS[schema.get("type", "anything")]


async def ask(
    client: Client, route: APIRoute, door: Any, named: dict[str, str] = NAMES, **extra: Any
) -> Any:
    path = re.sub(r"\{(\w+)\}", lambda found: named.get(found[1], "P-1"), route.path_format)
    (method,) = route.methods
    headers = {**keyed(), "If-Match": '"1"'} if isinstance(door, Writes) else {}
    if path.endswith("/documents") and method == "POST":
        return await client.post(
            path, data={"kind": "id_card"}, files={"file": SCAN}, headers=headers
        )
    if path.endswith("/files"):
        told = {"insurer": "demo-insurer", "area_code": "990127000000", "day": "2026-01-01"}
        return await client.post(path, data=told, files={"file": b"x"}, headers=headers)
    content = DOCUMENT["paths"][route.path_format][method.lower()].get("requestBody")
    if content is None:
        query = {"claim_no": named["claim_no"]} if path == "/v1/payouts" else {}
        return await client.request(method, path, headers=headers, params=query)
    (schema,) = [each["schema"] for each in content["content"].values()]
    return await client.request(method, path, json=example(schema) | extra, headers=headers)


@pytest.mark.parametrize("role", Role)
async def test_f71_a_role_is_refused_exactly_where_the_table_does_not_name_it(
    role: Role, database: Database, client_of: Caller_
) -> None:
    await take_on(database)
    client = await client_for(role, client_of)
    for route, door in CLOSED:
        answer = await ask(client, route, door)
        assert answer.status_code < 500, (route.path, answer.text)
        forbidden = answer.status_code == 403 and answer.json()["code"] == "auth.forbidden"
        assert forbidden is (role not in PERMITTED[door.act]), (route.path, answer.text)


FORMS = [
    (route, door)
    for route, door in CLOSED
    if "requestBody" in DOCUMENT["paths"][route.path_format].get(min(route.methods).lower(), {})
    and not route.path.endswith(("/documents", "/files"))
    and route.path != "/v1/schemes"  # terms are free JSON; the library refuses what it knows not
]


@pytest.mark.parametrize(
    "stolen", ["status", "version", "created_by", "decided_amount", "__class__"]
)
@pytest.mark.parametrize("case", FORMS, ids=[route.name for route, _ in FORMS])
async def test_f72_no_form_takes_a_field_that_is_not_its_own(
    case: tuple[APIRoute, Any], stolen: str, database: Database, client_of: Caller_
) -> None:
    route, door = case
    may = PERMITTED[door.act]
    role = Role.COUNTY if Role.COUNTY in may else min(may)
    if role is Role.INSURER:
        await take_on(database)
    client = await client_for(role, client_of)
    body = refused(await ask(client, route, door, **{stolen: "1"}), 422, "validation.failed")
    assert body["errors"]
