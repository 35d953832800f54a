"""Funds over the door: money allotted, small claims approved by a township, opening balances."""

from typing import Any

import pytest

from app.db.session import Database
from tests.api.conftest import Client
from tests.api.story import good, keyed, pending_fund_claim
from tests.api.test_approvals import versioned
from tests.api.test_door import refused
from tests.contracts import TOWN
from tests.people import id_number


@pytest.fixture
async def claim(database: Database, township: Client, county: Client) -> dict[str, Any]:
    return await pending_fund_claim(database, township, county)


async def test_a_township_approves_small_relief_itself(
    claim: dict[str, Any], township: Client, county: Client
) -> None:
    path = f"/v1/claims/{claim['claim_no']}"
    alone = await township.post(f"{path}:approve", headers=versioned(claim))
    assert refused(alone, 422, "approval.over_delegation")["limit"] == "0.00"
    form = {
        "policy_no": "F-1",
        "area_code": str(TOWN),
        "max_amount": "50000.00",
        "valid_from": "2020-01-01",
        "valid_to": "2099-12-31",
        "sample_bp": 500,
    }
    granted = good(await county.post("/v1/delegations", json=form, headers=keyed()), 201)
    assert good(await township.get("/v1/delegations"))["items"] == [granted]
    done = good(await township.post(f"{path}:approve", headers=versioned(claim)))
    assert (done["status"]["code"], done["outcome"]["code"]) == ("decided", "full")
    balance = good(await county.get("/v1/policies/F-1/fund"))
    assert balance["committed"] == done["amounts"]["decided"]
    assert balance["allotted"] == "1000000.00"
    change = {"max_amount": "1.00", "valid_to": "2099-12-31", "revoked": True}
    revoked = await county.patch(
        f"/v1/delegations/{granted['id']}", json=change, headers={"If-Match": '"1"'}
    )
    assert good(revoked)["revoked_at"] is not None


@pytest.mark.usefixtures("claim")
async def test_money_that_is_not_there_is_not_taken_back(county: Client) -> None:
    back = {"amount": "1000000.01", "note_zh": "收回", "take_back": True}
    answer = await county.post("/v1/policies/F-1/allotments", json=back, headers=keyed())
    assert refused(answer, 422, "fund.exhausted")["left"] == "1000000.00"


@pytest.mark.usefixtures("claim")
async def test_opening_balances_name_the_line_that_is_wrong(county: Client) -> None:
    line = {"limit": "nothing.at_all", "id_number": id_number(1), "used": "10"}
    form = {"usage": [line], "source_zh": "旧系统"}
    answer = await county.post("/v1/policies/F-1/opening-usage", json=form, headers=keyed())
    body = refused(answer, 422, "validation.failed")
    assert [error["pointer"] for error in body["errors"]] == ["/usage/0/limit"]
