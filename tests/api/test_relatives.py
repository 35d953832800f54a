"""近亲属备案: who declared a relative does not decide about them; somebody else does."""

from typing import Any

import pytest
from sqlalchemy import text

from app.api.writing import Writes
from app.db.session import Database
from app.domain.caller import LEFT_TO_ANOTHER, PERMITTED, Act, Role
from tests.api.conftest import Caller_, Client
from tests.api.story import (
    NAME,
    desk,
    found_county,
    good,
    keyed,
    pending_fund_claim,
    submitted,
)
from tests.api.test_door import refused
from tests.api.test_matrix import CLOSED, ask
from tests.api.test_strangers import whole_story
from tests.contracts import COUNTY, COUNTY_AREA, TOWN
from tests.people import id_number

PATH = "/v1/near-relatives"
NAMING = {"claim_no", "payout_id", "recovery_id"}
LEFT = [
    (route, door)
    for route, door in CLOSED
    if isinstance(door, Writes) and set(route.param_convertors) & NAMING
]
# What an officer may go on doing for a relative: file, add papers and notes, complain.
OWN = {Act.FILE_NOTICE, Act.NOTE, Act.APPEAL, Act.REQUEST_EVIDENCE}


def relative(**changed: Any) -> dict[str, Any]:
    return {"name": NAME, "id_number": id_number(1), "relation": "sibling"} | changed


def test_every_act_on_a_claim_or_payout_is_left_to_another_or_said_to_be_one_s_own() -> None:
    acts = {door.act for _, door in LEFT}
    assert acts - LEFT_TO_ANOTHER == OWN
    assert len(LEFT) > 20


async def test_each_act_that_decides_or_pays_is_refused_for_a_declared_relative(
    database: Database, county: Client, township: Client, nobody: Client, client_of: Caller_
) -> None:
    real = await whole_story(database, county, township, nobody, client_of)
    person = {"name": NAME, "id_number": id_number(1), "relation": "sibling"}
    officers = {Role.COUNTY: county, Role.TOWNSHIP: await client_of(Role.TOWNSHIP, TOWN)}
    for officer in officers.values():
        good(await officer.post(PATH, json=person, headers=keyed()), 201)
    for route, door in LEFT:
        allowed = PERMITTED[door.act]
        officer = officers[Role.COUNTY if Role.COUNTY in allowed else Role.TOWNSHIP]
        answer = await ask(officer, route, door, named=real)
        refusal = answer.json().get("code") == "approval.near_relative"
        assert refusal is (door.act in LEFT_TO_ANOTHER), (route.path, answer.text)


async def test_who_declared_a_relative_pays_no_batch_with_theirs(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    claim = await pending_fund_claim(database, township, county)
    good(await county.post(PATH, json=relative(), headers=keyed()), 201)
    second, third = [await client_of(Role.COUNTY, COUNTY_AREA) for _ in range(2)]
    form = {"outcome": "full", "amount": claim["amounts"]["assessed"]}
    where = f"/v1/claims/{claim['claim_no']}"
    tag = {"If-Match": f'"{claim["version"]}"'}
    proposed = good(await second.post(f"{where}:decide", json=form, headers=keyed() | tag))
    tag = {"If-Match": f'"{proposed["version"]}"'}
    good(await third.post(f"{where}:confirm", headers=keyed() | tag))
    await desk(database)
    batch = {"policy_no": "F-1"}
    answer = await county.post("/v1/payout-batches", json=batch, headers=keyed())
    refused(answer, 403, "approval.near_relative")
    good(await second.post("/v1/payout-batches", json=batch, headers=keyed()), 201)


async def test_who_declared_a_relative_approves_nothing_of_theirs(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    declared = good(await county.post(PATH, json=relative(), headers=keyed()), 201)
    assert declared["relation"] == {"code": "sibling", "label_zh": "兄弟姐妹"}
    etag = {"If-Match": f'"{claim["version"]}"'}
    where = f"/v1/claims/{claim['claim_no']}"
    acts = (
        (":approve", {}),
        (":reject", {"reason_zh": "不符合"}),
        (":decide", {"outcome": "full", "amount": "1.00"}),
        (":confirm", None),
    )
    for act, form in acts:
        answer = await county.post(where + act, json=form, headers=keyed() | etag)
        refused(answer, 403, "approval.near_relative")
    another = await client_of(Role.COUNTY, COUNTY_AREA)
    answer = await another.post(f"{where}:approve", json={}, headers=keyed() | etag)
    assert answer.json().get("code") != "approval.near_relative"
    gone = await county.delete(f"{PATH}/{declared['id']}")
    assert gone.status_code == 204
    answer = await county.post(f"{where}:approve", json={}, headers=keyed() | etag)
    assert answer.json().get("code") != "approval.near_relative"


async def test_a_notice_for_a_declared_relative_is_flagged_and_never_refused(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    good(await township.post(PATH, json=relative(), headers=keyed()), 201)
    claim = await submitted(database, township)
    async with database.transaction(COUNTY) as tx:
        flagged = await tx.sql.execute(
            text("SELECT number FROM event WHERE detail ->> 'near_relative' = 'true' ORDER BY 1")
        )
        numbers = list(flagged.scalars())
    assert numbers == [claim["notice_no"], claim["claim_no"]]
    told = good(await county.get(f"/v1/claims/{claim['claim_no']}/timeline"))["items"]
    (opened,) = [one for one in told if one["type"] == "claim.open"]
    assert "近亲属" in opened["text_zh"]


async def test_a_declaration_is_one_s_own_and_tells_nobody_s_name(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    declared = good(await county.post(PATH, json=relative(), headers=keyed()), 201)
    again = await county.post(PATH, json=relative(relation="other"), headers=keyed())
    refused(again, 422, "validation.failed")
    assert good(await township.get(PATH))["items"] == []
    refused(await township.delete(f"{PATH}/{declared['id']}"), 404, "resource.not_found")
    (own,) = good(await county.get(PATH))["items"]
    assert own == declared
    async with database.transaction(COUNTY) as tx:
        (row,) = (await tx.sql.execute(text("SELECT n::text FROM near_relative AS n"))).scalars()
        person = (await tx.sql.execute(text("SELECT id::text FROM person LIMIT 1"))).scalar_one()
    assert person not in row


@pytest.mark.parametrize("changed", [{"name": "李四"}, {"id_number": id_number(99)}])
async def test_nobody_is_found_by_half_of_what_is_known(
    database: Database, county: Client, changed: dict[str, str]
) -> None:
    await found_county(database, county)
    answer = await county.post(PATH, json=relative(**changed), headers=keyed())
    refused(answer, 404, "resource.not_found")
