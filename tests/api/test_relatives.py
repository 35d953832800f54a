"""近亲属备案: who declared a relative does not decide about them; somebody else does."""

from typing import Any

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import NAME, found_county, good, keyed, submitted
from tests.api.test_door import refused
from tests.contracts import COUNTY, COUNTY_AREA
from tests.people import id_number

PATH = "/v1/near-relatives"


def relative(**changed: Any) -> dict[str, Any]:
    return {"name": NAME, "id_number": id_number(1), "relation": "sibling"} | changed


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
