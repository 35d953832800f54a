"""我的待办 over the door: everybody finds what waits for them, and nothing of anybody else."""

from typing import Any

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Role
from app.domain.tasks import ROLE_TASKS, TASK_WORDS, TaskKind, sentences
from tests.api.conftest import Caller_, Client
from tests.api.story import (
    Insurer,
    desk,
    found_county,
    good,
    keyed,
    pending_fund_claim,
    submitted,
    this_year,
)
from tests.api.test_door import refused
from tests.api.test_strangers import STRANGERS
from tests.contracts import COUNTY_AREA, SYSTEM, TOWN

PATH = "/v1/tasks"


async def kinds(client: Client) -> dict[str, str]:
    """Kind and object of everything that waits for somebody."""
    items = good(await client.get(PATH))["items"]
    return {item["kind"]["code"]: item["object"]["id"] for item in items}


async def as_role(client_of: Caller_, role: Role) -> Client:
    area = {Role.TOWNSHIP: TOWN, Role.COUNTY: COUNTY_AREA}.get(role, 0)
    return await client_of(role, area, "demo-insurer" if role is Role.INSURER else None)


async def test_a_claim_waits_for_one_after_the_other(
    database: Database, county: Client, township: Client, nobody: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    firm = await as_role(client_of, Role.INSURER)
    claim = await submitted(database, township)
    number = claim["claim_no"]
    insurer = Insurer(nobody, database, number)
    await insurer.tell("claim.accepted")
    assert (await kinds(firm))["decide_claim"] == number
    (task,) = good(await firm.get(PATH, params={"kind": "decide_claim"}))["items"]
    clock = next(
        c
        for c in good(await firm.get(f"/v1/claims/{number}"))["clocks"]
        if c["kind"]["code"] == "decide"
    )
    assert task["due_on"] == clock["due_on"] is not None
    assert number in task["sentence_zh"]
    await insurer.tell(
        "claim.evidence_requested",
        items=[{"code": "discharge", "label_zh": "出院小结"}],
        due_on=this_year(12, 31).isoformat(),
        reason_zh="请补充",
    )
    assert (await kinds(township))["supply_papers"] == number
    assert "decide_claim" not in await kinds(firm)


async def test_a_fund_claim_is_decided_by_one_and_confirmed_by_another(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    claim = await pending_fund_claim(database, township, county)
    number, path = claim["claim_no"], f"/v1/claims/{claim['claim_no']}"
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    assert (await kinds(county))["decide_fund_claim"] == number
    assert "approve" not in await kinds(township)
    form = {"outcome": "full", "amount": claim["amounts"]["assessed"]}
    tag = {"If-Match": f'"{claim["version"]}"'}
    good(await county.post(f"{path}:decide", json=form, headers=keyed() | tag))
    assert {"decide_fund_claim", "confirm_decision"} & (await kinds(county)).keys() == set()
    assert (await kinds(second))["confirm_decision"] == number


async def test_the_township_is_asked_to_approve_what_is_delegated_to_it(
    database: Database, county: Client, township: Client
) -> None:
    claim = await pending_fund_claim(database, township, county)
    delegation = {
        "policy_no": "F-1",
        "area_code": str(TOWN),
        "max_amount": "100000.00",
        "valid_from": this_year().isoformat(),
        "valid_to": this_year(12, 31).isoformat(),
    }
    good(await county.post("/v1/delegations", json=delegation, headers=keyed()), 201)
    assert (await kinds(township))["approve"] == claim["claim_no"]


async def test_drafts_wait_until_they_are_submitted(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    drafted = good(
        await township.post("/v1/notices", json={"area_code": str(TOWN)}, headers=keyed()),
        201,
    )
    assert (await kinds(township))["finish_draft"] == drafted["notice_no"]


async def test_every_kind_of_every_role_is_a_statement_that_runs_and_counts(
    database: Database, client_of: Caller_, county: Client, township: Client
) -> None:
    await found_county(database, county)
    await submitted(database, township)
    await desk(database)
    for role in Role:
        client = (
            await as_role(client_of, role)
            if role not in (Role.PREFECTURE, Role.PROVINCE, Role.DASHBOARD)
            else await client_of(
                role,
                {Role.PREFECTURE: 990100000000, Role.PROVINCE: 990000000000}.get(role, COUNTY_AREA),
            )
        )
        for kind in TaskKind:
            found = good(await client.get(PATH, params={"kind": kind.value}))["items"]
            assert not found or kind in ROLE_TASKS[role]
        counts = good(await client.get(f"{PATH}/counts"))
        listed = good(await client.get(PATH, params={"limit": 200}))["items"]
        assert counts["count"] == len(listed)
        assert {one["kind"]["code"]: one["count"] for one in counts["items"]} == {
            code: [item["kind"]["code"] for item in listed].count(code)
            for code in {item["kind"]["code"] for item in listed}
        }


async def test_what_stops_waits_for_the_operator_and_ending_keys_for_security(
    database: Database, client_of: Caller_
) -> None:
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("INSERT INTO job (kind, lane, subject, state) VALUES ('x', 'desk', 's', 'dead')")
        )
        await tx.sql.execute(text("UPDATE lane SET paused = true WHERE key = 'desk'"))
        await tx.sql.execute(
            text(
                "INSERT INTO invariant_check (number, broken, took_ms, red_since) "
                "VALUES (7, 2, 1, now())"
            )
        )
    system = await client_of(Role.SYSTEM)
    assert {"dead_job", "paused_lane", "red_invariant"} <= (await kinds(system)).keys()
    security = await client_of(Role.SECURITY)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("UPDATE api_key SET expires_at = now() + interval '3 days'"))
    assert "renew_key" in await kinds(security)


async def test_pages_go_on_where_they_stopped_and_repeat_nothing(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    for _ in range(5):
        form = {"area_code": str(TOWN)}
        good(await township.post("/v1/notices", json=form, headers=keyed()), 201)
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = good(await township.get(PATH, params=params))
        seen += [item["object"]["id"] for item in page["items"]]
        if not page["has_more"]:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == sorted(set(seen))
    assert len(seen) == 5
    refused(await county.get(PATH, params=params), 400, "request.malformed")
    refused(await county.get(PATH, params={"kind": "nothing"}), 422, "validation.failed")
    refused(await county.get(PATH, params={"limit": 10_000}), 422, "validation.failed")


async def test_nothing_waits_for_strangers(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    await submitted(database, township)
    await pending_fund_claim(database, township, county)
    for role, area, insurer in STRANGERS.values():
        if insurer != "rival":
            stranger = await client_of(role, area, insurer)
            assert good(await stranger.get(PATH))["items"] == []


@pytest.mark.parametrize("kind", TaskKind)
def test_every_kind_is_said_in_both_languages_and_is_somebodys(kind: TaskKind) -> None:
    zh, en = sentences(kind, "N-1", "D-1")
    assert zh != en
    assert "{" not in zh + en
    assert TASK_WORDS[kind].label_zh
    assert any(kind in kinds for kinds in ROLE_TASKS.values())
