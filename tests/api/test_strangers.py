"""F70: every kind of object at every address, asked for by everybody whose it is not: a 404 each.

The addresses come from the routes. A path that names something new fails here until it is in the
story, or is said to be nobody's own.
"""

import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, event, text

from app.db import session
from app.db.session import ROLE, Database
from app.db.walls import CRITERIA
from app.domain.caller import PERMITTED, Role
from tests.api.conftest import Caller_, Client
from tests.api.story import (
    NAME,
    Insurer,
    desk,
    found_county,
    good,
    keyed,
    pending_fund_claim,
    submitted,
    this_year,
)
from tests.api.test_matrix import CLOSED, DOCUMENT, ask
from tests.contracts import COUNTY_AREA, SYSTEM, TOWN, take_on
from tests.people import id_number
from tests.settled import line, take

# What a path may name that belongs to nobody in particular, and why that leaks nothing.
NOBODYS = {
    "code": "schemes are public programmes",
    "insurer": "where an insurer's signed callbacks arrive; the signature decides",
}
# What one township sees of the county's own business, its neighbour sees as well.
COUNTYS = {
    *("policy_no", "endorsement_no", "batch_no", "hold_id", "reconciliation_no", "item_id"),
    "statement_id",
}
STANDING = ("first and second wall", "first wall alone", "second wall alone")
NEIGHBOUR = "township next door"
STRANGERS: dict[str, tuple[Role, int, str | None]] = {
    NEIGHBOUR: (Role.TOWNSHIP, 990127104000, None),
    "township of another county": (Role.TOWNSHIP, 990128001000, None),
    "another county": (Role.COUNTY, 990128000000, None),
    "another prefecture": (Role.PREFECTURE, 990200000000, None),
    "another province": (Role.PROVINCE, 980000000000, None),
    "dashboard of another county": (Role.DASHBOARD, 990128000000, None),
    "another insurer": (Role.INSURER, 0, "rival"),
}
# Keys, lanes and what is known by its system alone have no strangers of the same role: the matrix
# of roles closes them. A declaration is its officer's own, also within the county.
ONE_ROLE = {"key_id", "lane", "callback_id", "instruction_id"}
NONE = "01890a5d-ac96-774b-bcce-b302099a8057"
# Numbers of the right form that there are not.
MISSING = {
    "claim_no": "990127-2026-999999-1",
    "notice_no": "990127-2026-999999",
    "policy_no": "P-NONE",
    "endorsement_no": "E-NONE",
    "batch_no": "B-NONE",
    "reconciliation_no": "990127-demo-insurer-20260101",
    "seq": "999",
    "item_id": "999999",
    "callback_id": "999999",
    **dict.fromkeys(
        (
            *("payout_id", "document_id", "person_id", "delegation_id", "hold_id", "statement_id"),
            *("recovery_id", "instruction_id", "declaration_id", "key_id"),
            *("endpoint_id", "delivery_id"),
        ),
        NONE,
    ),
}
SHORT = 4  # a number as short as this may stand anywhere
_NUMBERS = """
    SELECT (SELECT id::text FROM instruction LIMIT 1) AS instruction_id,
        (SELECT id::text FROM callback_event LIMIT 1) AS callback_id,
        (SELECT id::text FROM statement LIMIT 1) AS statement_id,
        (SELECT id::text FROM reconciliation_item LIMIT 1) AS item_id
"""
_RECOVERY = """
    INSERT INTO recovery (id, area_code, insurer_code, payout_id, amount_fen, state, reason_zh,
                          demanded_by)
    SELECT gen_random_uuid(), area_code, insurer_code, id, 1, 'demanded', '试', 'test'
    FROM payout LIMIT 1 RETURNING id::text
"""
_HOLD = """
    INSERT INTO payout_hold (id, policy_id, area_lo, area_hi, insurer_code, number, reason_zh,
                             places)
    SELECT gen_random_uuid(), id, area_lo, area_hi, insurer_code, 1, '试', '[]'::jsonb
    FROM policy WHERE policy_no = 'F-1' RETURNING id::text
"""


_OPEN_THE_SECOND = """
    DO $$ DECLARE t text; BEGIN
        FOR t IN SELECT DISTINCT tablename FROM pg_policies LOOP
            EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', t);
        END LOOP;
    END $$
"""
ASKING = re.compile(
    "|".join(
        re.escape(asked).replace(re.escape("{t}"), r"\w+\.")
        for asked in sorted(set(CRITERIA.values()), key=len, reverse=True)
    )
)


async def whole_story(
    database: Database, county: Client, township: Client, nobody: Client, client_of: Caller_
) -> dict[str, str]:
    """One of everything that a path may name, all of one county; gives the numbers."""
    await found_county(database, county)
    await take_on(database, "rival")
    claim = await submitted(database, township)
    insurer = Insurer(nobody, database, claim["claim_no"])
    await insurer.tell("claim.accepted")
    await insurer.tell("claim.decided", outcome="full", amount="1600.00", decided_on="2026-01-01")
    (payout,) = good(await county.get("/v1/payouts", params={"claim_no": claim["claim_no"]}))[
        "items"
    ]
    (paper, *_) = good(await county.get(f"/v1/notices/{claim['notice_no']}/documents"))["items"]
    person = {"name": NAME, "id_number": id_number(1)}
    relative = good(
        await township.post(
            "/v1/near-relatives", json=person | {"relation": "other"}, headers=keyed()
        ),
        201,
    )
    security = await client_of(Role.SECURITY)
    key = good(
        await security.post(
            "/v1/keys", json={"role": "county", "area_code": str(COUNTY_AREA)}, headers=keyed()
        ),
        201,
    )
    await take(database, line(claim["claim_no"]))
    (day,) = good(await county.get("/v1/reconciliations"))["items"]
    return {
        "claim_no": claim["claim_no"],
        "notice_no": claim["notice_no"],
        "policy_no": claim["policy_no"],
        "payout_id": payout["id"],
        "document_id": paper["id"],
        "person_id": good(await county.post("/v1/people:lookup", json=person))["id"],
        "seq": "1",
        "declaration_id": relative["id"],
        "key_id": key["id"],
        "lane": "insurer:demo-insurer",
        "reconciliation_no": day["reconciliation_no"],
        "endorsement_no": await endorsed(county, claim["policy_no"]),
        **await of_a_fund(database, county, township, client_of),
        **await told_elsewhere(county),
        **await by_number(database),
    }


async def endorsed(county: Client, policy_no: str) -> str:
    added = {
        "category": "dibao",
        "person": {"name": "张试二", "area_code": str(TOWN), "id_number": id_number(2)},
    }
    form = {"effective_on": this_year(6, 1).isoformat(), "reason_zh": "新增", "additions": [added]}
    path = f"/v1/policies/{policy_no}/endorsements"
    return str(good(await county.post(path, json=form, headers=keyed()), 201)["endorsement_no"])


async def of_a_fund(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> dict[str, str]:
    """A delegation, a batch of payouts that two persons decided, and a hold."""
    claim = await pending_fund_claim(database, township, county)
    delegation = {
        "policy_no": "F-1",
        "area_code": str(TOWN),
        "max_amount": "500.00",
        "valid_from": this_year().isoformat(),
        "valid_to": this_year(12, 31).isoformat(),
    }
    granted = good(await county.post("/v1/delegations", json=delegation, headers=keyed()), 201)
    path, form = f"/v1/claims/{claim['claim_no']}", {"outcome": "full"}
    form["amount"] = claim["amounts"]["assessed"]
    tag = {"If-Match": f'"{claim["version"]}"'}
    proposed = await county.post(f"{path}:decide", json=form, headers=keyed() | tag)
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    tag = {"If-Match": f'"{good(proposed)["version"]}"'}
    good(await second.post(f"{path}:confirm", headers=keyed() | tag))
    await desk(database)
    batch = await county.post("/v1/payout-batches", json={"policy_no": "F-1"}, headers=keyed())
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        hold = (await tx.sql.execute(text(_HOLD))).scalar_one()
        recovery = (await tx.sql.execute(text(_RECOVERY))).scalar_one()
        await tx.sql.execute(text(f"SET LOCAL ROLE {ROLE}"))  # the walls stand again
    return {
        "delegation_id": granted["id"],
        "batch_no": good(batch, 201)["batch_no"],
        "hold_id": hold,
        "recovery_id": recovery,
    }


async def told_elsewhere(county: Client) -> dict[str, str]:
    """An endpoint with a message on its way."""
    path, form = "/v1/webhook-endpoints", {"url": "https://1.1.1.1/hook"}
    endpoint = good(await county.post(path, json=form, headers=keyed()), 201)["id"]
    ping = await county.post(f"{path}/{endpoint}:ping", headers=keyed())
    return {"endpoint_id": endpoint, "delivery_id": good(ping, 202)["id"]}


async def by_number(database: Database) -> dict[str, str]:
    async with database.transaction(SYSTEM) as tx:
        row = (await tx.sql.execute(text(_NUMBERS))).mappings().one()
    assert all(row.values()), dict(row)
    return dict(row)


def told(answer: Any) -> tuple[int, dict[str, Any]]:
    """What an answer says, but for its own number."""
    assert answer.status_code >= 400, answer.text
    return answer.status_code, answer.json() | {"trace_id": ""}


def names(route: APIRoute) -> set[str]:
    return set(route.param_convertors)


def own(route: APIRoute, real: dict[str, str]) -> bool:
    """Whether a route names something that somebody owns."""
    return bool(names(route) - NOBODYS.keys() - ONE_ROLE) and names(route) <= real.keys()


@pytest.fixture
async def walls(
    request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[None]:
    """The walls that stand: row security may be switched off, and no statement need ask."""
    if "second" not in request.param:
        async with database.bare(SYSTEM) as tx:
            await tx.sql.execute(text("SET LOCAL ROLE NONE"))
            await tx.sql.execute(text(_OPEN_THE_SECOND))
            await tx.sql.execute(text(f"SET LOCAL ROLE {ROLE}"))
    if "first" in request.param:
        yield
        return
    monkeypatch.setattr(session, "walled", unasked)
    with opened(database.engine.sync_engine):
        yield


@contextmanager
def opened(engine: Engine) -> Iterator[None]:
    """Take the first wall out of every statement on its way to the driver."""

    def strip(_connection: Any, _cursor: Any, said: str, values: Any, *_more: Any) -> Any:
        return unasked(said), values

    event.listen(engine, "before_cursor_execute", strip, retval=True)
    yield
    event.remove(engine, "before_cursor_execute", strip)


@cache
def unasked(statement: str) -> str:
    """A statement that asks for everybody's rows."""
    return ASKING.sub("true", statement)


@pytest.fixture
async def real(
    walls: None,
    database: Database,
    county: Client,
    township: Client,
    nobody: Client,
    client_of: Caller_,
) -> dict[str, str]:
    return await whole_story(database, county, township, nobody, client_of)


@pytest.mark.parametrize("walls", STANDING, indirect=True)
async def test_f70_nobody_finds_what_is_not_theirs_at_any_address(
    real: dict[str, str], client_of: Caller_, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = found_nothing = 0
    for who, (role, area, insurer) in STRANGERS.items():
        stranger = await client_of(role, area, insurer)
        for route, door in CLOSED:
            if not own(route, real) or role not in PERMITTED[door.act]:
                continue
            if who == NEIGHBOUR and names(route) & COUNTYS:
                continue
            answer = await ask(stranger, route, door, named=real)
            nothing = await ask(stranger, route, door, named=MISSING)
            asked += 1
            assert told(answer) == told(nothing), (who, route.path)
            found_nothing += answer.status_code == 404
    with capsys.disabled():
        print(f" {asked} calls of {len(STRANGERS)} strangers, 0 leaks")  # noqa: T201
    assert asked > 150
    assert found_nothing > asked * 0.95  # the rest are forms that the example does not fill


@pytest.mark.parametrize("walls", STANDING, indirect=True)
async def test_f70_lists_of_strangers_hold_nothing_of_ours(
    real: dict[str, str], client_of: Caller_
) -> None:
    ours = {name: number for name, number in real.items() if len(number) > SHORT}
    listed = 0
    for who, (role, area, insurer) in STRANGERS.items():
        stranger = await client_of(role, area, insurer)
        for route, door in CLOSED:
            if names(route) or route.methods != {"GET"} or role not in PERMITTED[door.act]:
                continue
            answer = await stranger.get(route.path)
            listed += answer.status_code == 200
            leaked = {name for name, number in ours.items() if number in answer.text}
            assert leaked - (COUNTYS if who == NEIGHBOUR else set()) == set(), (who, route.path)
    assert listed > 20


@pytest.mark.parametrize("walls", STANDING[:1], indirect=True)
async def test_every_path_names_something_of_the_story_or_nothing_of_anybody_s(
    real: dict[str, str],
) -> None:
    named = set().union(*(names(route) for route, _ in CLOSED))
    assert named - NOBODYS.keys() - real.keys() == set(), "put it into whole_story"
    described = json.dumps(list(DOCUMENT["paths"]))
    assert all(f"{{{name}}}" in described for name in (*real, *NOBODYS))


@pytest.mark.parametrize("walls", ["neither wall"], indirect=True)
async def test_without_both_walls_a_stranger_does_find_them(
    real: dict[str, str], client_of: Caller_
) -> None:
    """Otherwise one of the walls of above would not have been taken away."""
    stranger = await client_of(Role.COUNTY, 990128000000)
    found = [
        route.path
        for route, door in CLOSED
        if own(route, real) and route.methods == {"GET"} and Role.COUNTY in PERMITTED[door.act]
        if (await ask(stranger, route, door, named=real)).status_code == 200
    ]
    assert len(found) > 20


@pytest.mark.parametrize("walls", STANDING, indirect=True)
async def test_the_owner_does_find_each_of_them(
    real: dict[str, str], county: Client, client_of: Caller_
) -> None:
    """Otherwise the 404s above would prove nothing."""
    security = await client_of(Role.SECURITY)
    found: dict[str, Any] = {}
    for route, door in CLOSED:
        if route.methods == {"GET"} and names(route) and names(route) <= real.keys():
            asking = county if Role.COUNTY in PERMITTED[door.act] else security
            if route.path.endswith(("/fund", "/payout-sample")):
                continue  # of a fund only, and the policy of the story is none
            if asking is security and Role.SECURITY not in PERMITTED[door.act]:
                continue
            found[route.path] = (await ask(asking, route, door, named=real)).status_code
    missed = {path: status for path, status in found.items() if status != 200}
    assert missed == {}
    assert len(found) > 20
