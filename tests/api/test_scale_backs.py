"""Sharing a limit through the door: shown first, proposed, settled by another person."""

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import good, keyed
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA
from tests.services.test_scale_back import STORM, amounts, three

PLACE = "/v1/policies/P-1/scale-backs"
FORM = {"occurrence": STORM, "reason_zh": "应赔合计超过一次灾害总限额"}


async def test_a_limit_is_shared_by_two_persons_of_the_county(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    claims = await three(database)
    refused(await township.post(PLACE, json=FORM, headers=keyed()), 403, "auth.forbidden")
    shown = good(await county.post(PLACE, json=FORM | {"dry_run": True}, headers=keyed()))
    assert (shown["seq"], shown["state"]["code"], shown["left"]) == (None, "preview", "100.00")
    assert shown["shares"][0] == {"claim_no": claims[0], "due": "60.00", "share": "33.34"}
    assert good(await county.get(PLACE))["items"] == []

    proposed = good(await county.post(PLACE, json=FORM, headers=keyed()), 201)
    assert (proposed["seq"], proposed["due"]) == (1, "180.00")
    refused(await county.post(f"{PLACE}/1:confirm", headers=keyed()), 403, "auth.forbidden")
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    done = good(await second.post(f"{PLACE}/1:confirm", headers=keyed()))
    assert (done["state"]["code"], done["shares"]) == ("confirmed", shown["shares"])
    assert await amounts(database, claims) == [3_334, 3_333, 3_333]
    again = await second.post(f"{PLACE}/1:reject", headers=keyed())
    refused(again, 409, "claim.invalid_transition")
    refused(await township.get(PLACE), 403, "auth.forbidden")


async def test_what_was_rejected_changes_nothing(
    database: Database, county: Client, client_of: Caller_
) -> None:
    claims = await three(database)
    good(await county.post(PLACE, json=FORM, headers=keyed()), 201)
    second = await client_of(Role.COUNTY, COUNTY_AREA)
    done = good(await second.post(f"{PLACE}/1:reject", headers=keyed()))
    assert done["state"]["code"] == "rejected"
    assert await amounts(database, claims) == [6_000, 4_000, 0]
