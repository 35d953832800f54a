"""Lists of claims and notices: by any number, status, outcome, policy, place, day and person."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from app.db.claims import _LISTING as CLAIMS
from app.db.lists import Listing
from app.db.notices import _LISTING as NOTICES
from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_
from tests.cases import CHUNAN, FUND, INSURER, claim_view, county_with, draft, file, notice, work
from tests.contracts import COUNTY, COUNTY_AREA, OTHER_TOWN, SYSTEM, TOWN

Client = httpx.AsyncClient
CLAIM = "990127-2026-000001-1"


@pytest.fixture
async def county(client_of: Caller_, database: Database) -> Client:
    """A county whose first person has an insured claim and a fund's; the second has a draft."""
    await county_with(database, CHUNAN, FUND)
    await file(database, notice())
    await work(database)
    await draft(database, notice(2))
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE claim SET insurer_case_no = 'PICC-7' WHERE claim_no = :no"), {"no": CLAIM}
        )
        await tx.sql.execute(text("UPDATE instruction SET platform_case_no = 'JKC-9'"))
    return await client_of(Role.COUNTY, COUNTY_AREA)


async def numbers(client: Client, path: str, **asked: str) -> list[str]:
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    return sorted(item.get("claim_no") or item["notice_no"] for item in items)


BOTH = [CLAIM, "990127-2026-000001-2"]


async def test_claims_are_found_by_whatever_is_asked(county: Client, database: Database) -> None:
    insured, fund = await claim_view(database, CLAIM), await claim_view(database, BOTH[1])
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    expected: list[tuple[dict[str, str], list[str]]] = [
        ({}, BOTH),
        ({"number": CLAIM}, [CLAIM]),
        ({"number": "990127-2026-000001"}, BOTH),
        ({"number": "PICC-7"}, [CLAIM]),
        ({"number": "JKC-9"}, [CLAIM]),
        ({"number": "unheard of"}, []),
        ({"notice_no": "990127-2026-000001"}, BOTH),
        ({"status": insured.claim.status.value}, [CLAIM]),
        ({"status": "closed"}, []),
        ({"outcome": "full"}, []),
        ({"policy_no": fund.claim.policy_no}, [BOTH[1]]),
        ({"policy_no": "P-unheard-of"}, []),
        ({"insurer": INSURER}, [CLAIM]),
        ({"area": str(TOWN)}, BOTH),
        ({"area": str(OTHER_TOWN)}, []),
        ({"area": "990128000000"}, []),
        ({"due_by": "2099-12-31"}, [BOTH[1]] if fund.claim.due_on else []),
        ({"due_by": "2001-01-01"}, []),
        ({"updated_since": "2001-01-01T00:00:00Z"}, BOTH),
        ({"updated_since": tomorrow}, []),
        ({"number": "PICC-7", "policy_no": fund.claim.policy_no}, []),
    ]
    for asked, found in expected:
        assert await numbers(county, "/v1/claims", **asked) == found, asked


async def test_notices_are_found_by_whatever_is_asked(county: Client) -> None:
    filed, drafted = "990127-2026-000001", "990127-2026-000002"
    expected: list[tuple[dict[str, str], list[str]]] = [
        ({}, [filed, drafted]),
        ({"number": filed}, [filed]),
        ({"number": CLAIM}, [filed]),
        ({"number": "PICC-7"}, [filed]),
        ({"number": "JKC-9"}, [filed]),
        ({"status": "draft"}, [drafted]),
        ({"area": str(OTHER_TOWN)}, []),
        ({"updated_since": "2001-01-01T00:00:00Z"}, [filed, drafted]),
    ]
    for asked, found in expected:
        assert await numbers(county, "/v1/notices", **asked) == found, asked


async def test_a_persons_cases_are_for_officers_who_may_read_people(
    county: Client, database: Database, client_of: Caller_
) -> None:
    async with database.transaction(COUNTY) as tx:
        person = (await tx.sql.execute(text("SELECT person_id FROM notice LIMIT 1"))).scalar_one()
    asked = {"person": str(person)}
    assert await numbers(county, "/v1/claims", **asked) == BOTH
    assert await numbers(county, "/v1/notices", **asked) == ["990127-2026-000001"]
    dashboard = await client_of(Role.DASHBOARD, COUNTY_AREA)
    for path in ("/v1/claims", "/v1/notices"):
        refused = await dashboard.get(path, params=asked)
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")


@pytest.mark.parametrize("path", ["/v1/claims", "/v1/notices"])
async def test_unknown_filters_and_absurd_limits_are_refused_by_name(
    county: Client, path: str
) -> None:
    for asked in (
        {"colour": "blue"},
        {"status": "unheard_of"},
        {"limit": "0"},
        {"limit": "201"},
        {"area": "33"},
        {"person": "somebody"},
        {"updated_since": "yesterday"},
    ):
        told = (await county.get(path, params=asked)).json()
        assert (told["status"], told["code"]) == (422, "validation.failed"), asked


async def test_a_plus_that_an_address_made_a_space_is_told_of(county: Client) -> None:
    answer = await county.get("/v1/claims?updated_since=2026-01-01T00:00:00+08:00")
    (told,) = answer.json()["errors"]
    assert told["parameter"] == "updated_since"
    assert "%2B" in told["hint"]
    spelt = await county.get("/v1/claims?updated_since=2026-01-01T00:00:00%2B08:00")
    assert spelt.status_code == 200


@pytest.mark.parametrize("path", ["/v1/claims", "/v1/notices"])
async def test_a_cursor_belongs_to_its_filters_and_its_caller(
    county: Client, client_of: Caller_, path: str
) -> None:
    asked = {"limit": "1", "area": str(TOWN)}
    first = (await county.get(path, params=asked)).json()
    following = {**asked, "cursor": first["next_cursor"]}
    second = (await county.get(path, params=following)).json()
    assert len(second["items"]) == 1
    assert second["items"] != first["items"]
    other = await client_of(Role.COUNTY, COUNTY_AREA)
    for client, bent in (
        (county, following | {"area": str(COUNTY_AREA)}),
        (county, following | {"cursor": first["next_cursor"][:-1]}),
        (other, following),
    ):
        refused = await client.get(path, params=bent)
        assert (refused.status_code, refused.json()["code"]) == (400, "request.malformed")


@pytest.mark.parametrize("path", ["/v1/claims", "/v1/notices"])
async def test_f85_what_comes_in_between_two_pages_neither_hides_nor_repeats_a_row(
    county: Client, database: Database, path: str
) -> None:
    before, told = await numbers(county, path), []
    asked = {"limit": "1"}
    while True:
        page = (await county.get(path, params=asked)).raise_for_status().json()
        told += [item.get("claim_no") or item["notice_no"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        asked |= {"cursor": page["next_cursor"]}
        await draft(database, notice(2))
        if len(told) == 1:
            await file(database, notice(2))
            await work(database)
    assert len(before) > 1
    assert sorted(told) == before


@pytest.mark.parametrize(
    ("listing", "given", "index"),
    [
        (CLAIMS, {"waits": "paying"}, "ix_claim_waiting"),
        (CLAIMS, {"number": "x"}, "ix_claim_insurer_case_no"),
        (CLAIMS, {"number": "x"}, "ix_instruction_platform_case_no"),
        (CLAIMS, {"policy_no": "x"}, "ix_claim_policy_updated"),
        (CLAIMS, {"insurer": "x"}, "ix_claim_insurer_code"),
        (CLAIMS, {"notice_no": "990127-2026-000001"}, "uq_claim_claim_no"),
        (NOTICES, {"client_ref": "x"}, "ix_notice_client_ref"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
async def test_each_filter_has_an_index_to_go_by(
    database: Database, listing: Listing, given: dict[str, object], index: str
) -> None:
    statement, values = listing.ask(COUNTY, given, None, None, 50)
    async with database.transaction(COUNTY) as tx:
        await tx.sql.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await tx.sql.execute(text(f"EXPLAIN {statement.text}"), values)
        assert index in "\n".join(plan.scalars())
