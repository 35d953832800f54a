"""The sample of delegated decisions: drawn by a lot nobody can know, looked at by another."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.session import Database
from app.domain.caller import Role
from app.domain.sample import draw, is_drawn
from app.services.delegations.draw_case import PURPOSE, verify_draws
from tests.api.conftest import Caller_, Client
from tests.api.story import good, keyed, pending_fund_claim, this_year
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA, SYSTEM

PATH = "/v1/delegated-cases"


async def approved(
    database: Database, county: Client, township: Client, sample_bp: int, officer: Client
) -> dict[str, Any]:
    """A fund's claim that an officer approved alone under a delegation."""
    claim = await pending_fund_claim(database, township, county)
    delegation = {
        "policy_no": "F-1",
        "area_code": str(COUNTY_AREA),
        "max_amount": "100000.00",
        "valid_from": this_year().isoformat(),
        "valid_to": this_year(12, 31).isoformat(),
        "sample_bp": sample_bp,
    }
    good(await county.post("/v1/delegations", json=delegation, headers=keyed()), 201)
    tag = {"If-Match": f'"{claim["version"]}"'}
    path = f"/v1/claims/{claim['claim_no']}:approve"
    form = {"papers_due_on": this_year(12, 31).isoformat()}
    return good(await officer.post(path, json=form, headers=keyed() | tag))


async def test_a_drawn_decision_is_looked_at_by_another_and_the_act_is_told(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    claim = await approved(database, county, township, 10_000, county)
    (case,) = good(await county.get(PATH, params={"state": "open"}))["items"]
    assert (case["claim_no"], case["sample_bp"]) == (claim["claim_no"], 10_000)
    tag, path = {"If-Match": f'"{claim["version"]}"'}, f"/v1/claims/{claim['claim_no']}:recheck"
    own = await county.post(path, json={"confirmed": True}, headers=keyed() | tag)
    refused(own, 403, "auth.forbidden")
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    tasks = good(await second.get("/v1/tasks", params={"kind": "recheck"}))["items"]
    assert [task["object"]["id"] for task in tasks] == [claim["claim_no"]]
    assert good(await county.get("/v1/tasks", params={"kind": "recheck"}))["items"] == []
    bare = await second.post(path, json={"confirmed": False}, headers=keyed() | tag)
    refused(bare, 422, "validation.failed")
    form = {"confirmed": False, "reason_zh": "缺少住院小结，金额待核"}
    done = good(await second.post(path, json=form, headers=keyed() | tag))
    assert (done["state"]["code"], done["reason_zh"]) == ("objected", form["reason_zh"])
    told = good(await county.get(f"/v1/claims/{claim['claim_no']}/timeline"))["items"]
    assert "claim.object_recheck" in [one["type"] for one in told]
    current = good(await second.get(f"/v1/claims/{claim['claim_no']}"))
    tag = {"If-Match": f'"{current["version"]}"'}
    again = await second.post(path, json=form, headers=keyed() | tag)
    refused(again, 409, "claim.invalid_transition")


async def test_what_is_not_drawn_is_listed_and_waits_for_nobody(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    claim = await approved(database, county, township, 0, township)
    (case,) = good(await county.get(PATH, params={"policy_no": "F-1"}))["items"]
    found = good(await county.get(PATH, params={"period": case["period"]}))["items"]
    assert [one["claim_no"] for one in found] == [claim["claim_no"]]
    assert good(await county.get(PATH, params={"period": "2020-01"}))["items"] == []
    assert case["state"]["code"] == "undrawn"
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    assert good(await second.get("/v1/tasks", params={"kind": "recheck"}))["items"] == []
    refused(await township.get(PATH), 403, "auth.forbidden")
    tag = {"If-Match": f'"{claim["version"]}"'}
    path = f"/v1/claims/{claim['claim_no']}:recheck"
    answer = await second.post(path, json={"confirmed": True}, headers=keyed() | tag)
    refused(answer, 409, "claim.invalid_transition")


async def test_every_lot_can_be_drawn_again_and_a_bent_one_is_found(
    database: Database, county: Client, township: Client
) -> None:
    claim = await approved(database, county, township, 5_000, township)
    async with database.transaction(SYSTEM) as tx:
        verified = await verify_draws(tx)
        assert (verified.cases, verified.unknown, verified.wrong) == (1, 0, ())
    for bent in ("state = 'undrawn', draw = 0", "state = 'open', draw = 9999"):
        with pytest.raises(DBAPIError, match="drawn_by_lot"):
            async with database.transaction(SYSTEM) as tx:
                await tx.sql.execute(text(f"UPDATE delegated_case SET {bent}"))
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text(
                "UPDATE delegated_case SET draw = (draw + 1) % 10000, "
                "state = CASE WHEN (draw + 1) % 10000 < sample_bp THEN 'open' ELSE 'undrawn' END"
            )
        )
        assert (await verify_draws(tx)).wrong == (claim["claim_no"],)


def test_lots_are_even_and_nobody_knows_them_without_the_key(database: Database) -> None:
    key, other = database.keyring.seeds(PURPOSE)[0], bytes(32)
    delegation = UUID(int=7)
    numbers = [f"990127-2026-{serial:06d}-1" for serial in range(20_000)]
    lots = [draw(key, "2026-11", delegation, number) for number in numbers]
    share = sum(is_drawn(lot, 500) for lot in lots) / len(lots)
    assert 0.044 < share < 0.056  # five per cent, four standard deviations either way
    assert lots == [draw(key, "2026-11", delegation, number) for number in numbers]
    for strange in (
        [draw(other, "2026-11", delegation, number) for number in numbers],
        [draw(key, "2026-12", delegation, number) for number in numbers],
        [draw(key, "2026-11", UUID(int=8), number) for number in numbers],
    ):
        assert sum(a == b for a, b in zip(lots, strange, strict=True)) < 20
