"""A claim withdrawn through the door, by the township that filed it."""

from app.db.session import Database
from tests.api.conftest import Client
from tests.api.story import found_county, good, keyed, submitted
from tests.api.test_approvals import versioned
from tests.api.test_door import refused

FORM = {"reason_zh": "重复报案"}


async def test_a_township_withdraws_its_claim_at_the_version_it_read(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    place = f"/v1/claims/{claim['claim_no']}:withdraw"
    refused(await township.post(place, json=FORM, headers=keyed()), 428, "version.required")
    done = good(await township.post(place, json=FORM, headers=versioned(claim)))
    assert done["status"]["code"] == "withdrawn"
    again = await township.post(place, json=FORM, headers=versioned(done))
    refused(again, 409, "claim.invalid_transition")
    seen = good(await township.get(f"/v1/notices/{claim['notice_no']}"))
    assert seen["status"]["code"] == "closed"
