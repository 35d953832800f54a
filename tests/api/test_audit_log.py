"""The audit trail over REST: the auditor reads it page by page, nobody else at all."""

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import found_county, good, submitted
from tests.contracts import COUNTY_AREA

COUNTY = f"{COUNTY_AREA // 10**6:06d}"


async def test_the_auditor_reads_a_countys_trail_page_by_page(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    auditor = await client_of(Role.AUDIT)
    seen, cursor = [], None
    while True:
        asked = {"county": COUNTY, "limit": 5} | ({"cursor": cursor} if cursor else {})
        page = good(await auditor.get("/v1/audit-log", params=asked))
        seen += page["items"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert [row["seq"] for row in seen] == list(range(len(seen), 0, -1))
    (head,) = [
        one
        for one in good(await auditor.get("/v1/audit-log/heads"))["items"]
        if one["county"] == COUNTY
    ]
    assert (head["seq"], head["hash"]) == (seen[0]["seq"], seen[0]["hash"])
    of_claim = {"county": COUNTY, "object": f"claim {claim['claim_no']}"}
    rows = good(await auditor.get("/v1/audit-log", params=of_claim))["items"]
    assert {row["object"].rpartition(" ")[0] for row in rows} == {f"claim {claim['claim_no']}"}


async def test_a_county_that_is_none_is_not_found(client_of: Caller_) -> None:
    auditor = await client_of(Role.AUDIT)
    for county, status in (("990199", 200), ("99012", 422), ("abcdef", 422)):
        answer = await auditor.get("/v1/audit-log", params={"county": county})
        assert answer.status_code == status
