"""Before a claim goes on: the county's check, papers asked for, a fund's two persons."""

from datetime import timedelta
from typing import Any

import pytest

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import (
    attach,
    found_county,
    good,
    keyed,
    pending_fund_claim,
    submitted,
    today,
)
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA


def versioned(claim: dict[str, Any]) -> dict[str, str]:
    return {**keyed(), "If-Match": f'"{claim["version"]}"'}


async def test_a_county_check_is_passed_at_the_version_that_was_read(
    database: Database, township: Client, county: Client
) -> None:
    await found_county(database, county, approval="county_check")
    claim = await submitted(database, township)
    assert claim["status"]["code"] == "pending_approval"
    assert claim["due_on"] is not None
    path = f"/v1/claims/{claim['claim_no']}:approve"
    refused(await township.post(path, headers=versioned(claim)), 403, "auth.forbidden")
    refused(await county.post(path, headers=keyed()), 428, "version.required")
    stale = await county.post(path, headers={**keyed(), "If-Match": '"1"'})
    assert refused(stale, 412, "version.stale")["current"] == f'"{claim["version"]}"'
    tag = (await county.get(f"/v1/claims/{claim['claim_no']}")).headers["etag"]
    passed = await county.post(path, headers={**keyed(), "If-Match": tag})
    assert good(passed)["status"]["code"] == "submitted"
    again = await county.post(path, headers={**keyed(), "If-Match": passed.headers["etag"]})
    body = refused(again, 409, "claim.invalid_transition")
    assert "withdraw" in str(body["allowed"])


async def test_an_insured_claim_is_never_decided_here(
    database: Database, township: Client, county: Client
) -> None:
    await found_county(database, county, approval="county_check")
    claim = await submitted(database, township)
    form = {"outcome": "declined", "amount": "0.00", "reason_zh": "不符合"}
    path = f"/v1/claims/{claim['claim_no']}:decide"
    refused(await county.post(path, json=form, headers=versioned(claim)), 403, "auth.forbidden")


async def test_papers_that_are_asked_for_set_the_claim_going_when_they_are_there(
    database: Database, township: Client, county: Client
) -> None:
    await found_county(database, county, approval="county_check")
    claim = await submitted(database, township)
    form = {
        "papers": [{"code": "income_proof", "label_zh": "收入证明"}],
        "due_on": (today() + timedelta(days=10)).isoformat(),
        "reason_zh": "核实身份类别",
    }
    path = f"/v1/claims/{claim['claim_no']}"
    asked = good(await county.post(f"{path}:request-evidence", json=form, headers=versioned(claim)))
    assert asked["status"]["code"] == "evidence_required"
    assert asked["papers_asked"] == form["papers"]
    assert "1 份材料" in asked["sentence_zh"]
    checklist = good(await township.get(f"/v1/notices/{claim['notice_no']}/checklist"))
    item = next(item for item in checklist["items"] if item["code"] == "income_proof")
    assert (item["state"], item["due_on"]) == ("missing", form["due_on"])
    await attach(township, claim["notice_no"], "income_proof")
    assert good(await township.get(path))["status"]["code"] == "pending_approval"


@pytest.fixture
async def fund_claim(database: Database, township: Client, county: Client) -> dict[str, Any]:
    return await pending_fund_claim(database, township, county)


async def test_a_fund_s_claim_is_decided_by_two_persons(
    fund_claim: dict[str, Any], county: Client, client_of: Caller_
) -> None:
    path = f"/v1/claims/{fund_claim['claim_no']}"
    early = await county.post(f"{path}:confirm", headers=versioned(fund_claim))
    refused(early, 409, "claim.invalid_transition")
    form = {"outcome": "partial", "amount": "100.00", "reason_zh": "按规定比例"}
    wrong = {"outcome": "declined", "amount": "100.00", "reason_zh": "x"}
    contradicts = await county.post(f"{path}:decide", json=wrong, headers=versioned(fund_claim))
    refused(contradicts, 422, "validation.failed")
    proposed = good(await county.post(f"{path}:decide", json=form, headers=versioned(fund_claim)))
    assert (proposed["status"]["code"], proposed["decision"]) == ("pending_approval", None)
    own = await county.post(f"{path}:confirm", headers=versioned(proposed))
    refused(own, 403, "auth.forbidden")
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    confirmed = good(await second.post(f"{path}:confirm", headers=versioned(proposed)))
    assert confirmed["decision"]["amount"] == "100.00"
    assert confirmed["outcome"] == {"code": "partial", "label_zh": "部分赔付"}
