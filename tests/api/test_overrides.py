"""An override through the door: proposed, settled by another person, shown with its claim."""

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import found_county, good, submitted
from tests.api.test_approvals import versioned
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA

FORM = {"cover": "inpatient", "amount": "1800.00", "reason_zh": "一事一议", "basis_zh": "第八条"}


async def test_two_persons_of_the_county_owe_another_amount(
    database: Database, township: Client, county: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    place = f"/v1/claims/{claim['claim_no']}/overrides"
    refused(await township.post(place, json=FORM, headers=versioned(claim)), 403, "auth.forbidden")
    proposed = await county.post(place, json=FORM, headers=versioned(claim))
    assert (proposed.status_code, proposed.headers["location"]) == (201, place)
    told = good(proposed, 201)
    assert (told["override"]["state"]["code"], told["comes_to"]) == ("proposed", "1800.00")

    second = await client_of(Role.COUNTY, COUNTY_AREA)
    same = await county.post(f"{place}/1:confirm", headers=versioned(told))
    refused(same, 403, "auth.forbidden")
    stale = await second.post(f"{place}/1:confirm", headers=versioned(claim))
    refused(stale, 412, "version.stale")
    done = good(await second.post(f"{place}/1:confirm", headers=versioned(told)))
    assert done["override"]["state"]["code"] == "confirmed"
    seen = good(await township.get(f"/v1/claims/{claim['claim_no']}"))
    assert (seen["amounts"]["assessed"], seen["version"]) == ("1800.00", done["version"])
    listed = good(await township.get(place))["items"]
    assert [one["seq"] for one in listed] == [1]
    assert "特批第 1 号" in str(
        good(await county.get(f"/v1/claims/{claim['claim_no']}/assessment"))
    )


async def test_a_rejected_override_leaves_the_amount(
    database: Database, township: Client, county: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    place = f"/v1/claims/{claim['claim_no']}/overrides"
    told = good(await county.post(place, json=FORM, headers=versioned(claim)), 201)
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    done = good(await second.post(f"{place}/1:reject", headers=versioned(told)))
    assert done["comes_to"] == claim["amounts"]["assessed"]
    again = await second.post(f"{place}/1:confirm", headers=versioned(done))
    refused(again, 409, "claim.invalid_transition")
