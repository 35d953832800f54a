"""Somebody moves: the new office finds them, their cover and their history; the files stay."""

from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.services.areas import load_areas, merge_area
from app.services.people.follow_merger import follow_merger
from tests.api.conftest import Caller_, Client
from tests.api.story import NAME, POLICY, found_county, good, keyed, notice, submitted
from tests.api.test_door import refused
from tests.contracts import SYSTEM, TOWN
from tests.people import id_number
from tests.services.test_areas import COUNTY, NEXT_TOWN
from tests.services.test_areas import TOWN as TOWN_AREA

WANTED = {"name": NAME, "id_number": id_number(1)}
NEXT = 990127104000
FAR = 990128001000


async def moved(county: Client, township: Client, database: Database, to: int) -> dict[str, str]:
    await found_county(database, county)
    claim = await submitted(database, township)
    person = str(good(await county.post("/v1/people:lookup", json=WANTED))["id"])
    form = {"area_code": f"{to:012d}"}
    answer = good(await county.post(f"/v1/people/{person}:move", json=form, headers=keyed()))
    assert answer["from_area_code"] == f"{TOWN:012d}"
    assert answer["left_behind"] == ([POLICY] if to == FAR else [])
    return {"person": person, "claim_no": claim["claim_no"], "notice_no": claim["notice_no"]}


async def test_who_moves_within_the_county_takes_cover_and_history_along(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    case = await moved(county, township, database, NEXT)
    there = await client_of(Role.TOWNSHIP, NEXT)
    path = f"/v1/people/{case['person']}"
    assert good(await there.post("/v1/people:lookup", json=WANTED))["id"] == case["person"]
    (past,) = good(await there.get(f"{path}/history"))["items"]
    assert (past["claim_no"], past["area_code"]) == (case["claim_no"], f"{TOWN:012d}")
    assert past["status"]["code"] == "submitted"
    (policy,) = good(await there.get(f"{path}/covers"))["policies"]
    assert policy["policy_no"] == POLICY
    form = notice(area_code=f"{NEXT:012d}", event={"kind": "accident", "on": "2026-01-02"})
    drafted = good(await there.post("/v1/notices", json=form, headers=keyed()), 201)
    assert drafted["area_code"] == f"{NEXT:012d}"


async def test_the_files_stay_where_they_were_and_the_person_is_seen_there_no_more(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    case = await moved(county, township, database, NEXT)
    there = await client_of(Role.TOWNSHIP, NEXT)
    good(await township.get(f"/v1/claims/{case['claim_no']}"))
    for path in (f"/v1/claims/{case['claim_no']}", f"/v1/notices/{case['notice_no']}"):
        refused(await there.get(path), 404, "resource.not_found")
    for path in ("", "/history", "/covers"):
        answer = await township.get(f"/v1/people/{case['person']}{path}")
        refused(answer, 404, "resource.not_found")


async def test_who_moves_to_another_county_is_read_there_with_what_was_filed_before(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    case = await moved(county, township, database, FAR)
    there = await client_of(Role.COUNTY, 990128000000)
    path = f"/v1/people/{case['person']}"
    assert good(await there.get(path))["area_code"] == f"{FAR:012d}"
    (past,) = good(await there.get(f"{path}/history"))["items"]
    assert past["notice_no"] == case["notice_no"]
    assert good(await there.get(f"{path}/covers"))["policies"] == []
    refused(await county.get(f"{path}/history"), 404, "resource.not_found")
    form = {"protected": True, "reason_zh": "未成年人"}  # another act, in another trail
    good(await there.post(f"{path}:protect", json=form, headers=keyed()))
    looked = good(await there.get(f"{path}/accesses"))["items"]
    assert {one["act"]["code"] for one in looked} == {"view"}
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text("SELECT type, version, area_code FROM event WHERE number = :id ORDER BY seq"),
            {"id": case["person"]},
        )
        told = [tuple(row) for row in rows]
    registered, *others = [(type_, area) for type_, _, area in told]
    assert registered == ("person.registered", TOWN)
    assert others == [("person.move", TOWN), ("person.protect", FAR)]
    assert len({version for _, version, _ in told}) == len(told)


async def test_only_the_county_moves_somebody_and_only_to_a_place_in_force(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    person = good(await county.post("/v1/people:lookup", json=WANTED))["id"]
    path = f"/v1/people/{person}:move"
    answer = await township.post(path, json={"area_code": f"{NEXT:012d}"}, headers=keyed())
    refused(answer, 403, "auth.forbidden")
    for place in (TOWN, 990127000000):
        answer = await county.post(path, json={"area_code": f"{place:012d}"}, headers=keyed())
        body = refused(answer, 422, "validation.failed")
        assert body["errors"][0]["pointer"] == "/area_code"


async def test_people_follow_their_township_into_its_successor(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    async with database.transaction(SYSTEM) as tx:
        await load_areas(tx, [COUNTY, TOWN_AREA, NEXT_TOWN])
    everywhere = Caller(Role.SECURITY, 0, AREA_END, "cli")
    async with database.transaction(everywhere) as tx:
        today = await tx.today()
        await merge_area(tx, TOWN, NEXT, today)
        assert await follow_merger(tx, TOWN, NEXT) == 1
    there = await client_of(Role.TOWNSHIP, NEXT)
    person = good(await there.post("/v1/people:lookup", json=WANTED))["id"]
    (past,) = good(await there.get(f"/v1/people/{person}/history"))["items"]
    assert past["claim_no"] == claim["claim_no"]
    refused(await there.get(f"/v1/claims/{claim['claim_no']}"), 404, "resource.not_found")
    winding_up = await client_of(Role.TOWNSHIP, TOWN)  # a key over the old code, for its open cases
    good(await winding_up.get(f"/v1/claims/{claim['claim_no']}"))
