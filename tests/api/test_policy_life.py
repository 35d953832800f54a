"""A policy's life over the door: quoted, active, endorsed, paid for, renewed, cancelled."""

from calendar import isleap
from typing import Any

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import (
    NAME,
    POLICY,
    SCHEME,
    found_county,
    good,
    keyed,
    submitted,
    this_year,
)
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA, TOWN, take_on
from tests.people import id_number

PATH = f"/v1/policies/{POLICY}"


async def read(county: Client, path: str = PATH) -> tuple[dict[str, Any], dict[str, str]]:
    answer = await county.get(path)
    return good(answer), {**keyed(), "If-Match": answer.headers["etag"]}


async def members(county: Client, path: str = PATH) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = good(await county.get(f"{path}/members"))["items"]
    return items


def quoted(**changed: object) -> dict[str, object]:
    form: dict[str, object] = {
        "policy_no": "Q-1",
        "scheme": SCHEME,
        "area_code": str(COUNTY_AREA),
        "period_from": this_year().isoformat(),
        "period_to": this_year(12, 31).isoformat(),
        "shares": [{"insurer": "demo-insurer", "share_bp": 10000, "lead": True}],
        "premium_per_person": "150.00",
        "status": "quoted",
        "payers": [
            {"code": "city", "name_zh": "市级财政", "share_bp": 7000},
            {"code": "county", "name_zh": "县级财政", "share_bp": 3000},
        ],
        "tolerance": "1.00",
        "day_count": "working",
        "decide_days": 60,
    }
    return form | changed


async def test_a_policy_is_quoted_first_and_activated_as_it_was_read(
    database: Database, county: Client
) -> None:
    await found_county(database, county)
    shown = good(await county.post("/v1/policies", json=quoted(), headers=keyed()), 201)
    assert [state["code"] for state in shown["statuses"]] == ["quoted"]
    assert shown["statuses"][0]["label_zh"] == "询价"
    assert [payer["share_bp"] for payer in shown["payers"]] == [7000, 3000]
    assert (shown["tolerance"], shown["decide_days"]) == ("1.00", 60)
    assert shown["day_count"] == {"code": "working", "label_zh": "工作日"}
    _, headers = await read(county, "/v1/policies/Q-1")
    refused(
        await county.post("/v1/policies/Q-1:activate", headers=keyed()), 428, "version.required"
    )
    active = good(await county.post("/v1/policies/Q-1:activate", headers=headers))
    assert [state["code"] for state in active["statuses"]] == ["active"]
    stale = {**keyed(), "If-Match": headers["If-Match"]}
    refused(await county.post("/v1/policies/Q-1:activate", headers=stale), 412, "version.stale")
    again = await county.post("/v1/policies/Q-1:activate", headers=headers)
    assert again.headers["idempotency-replayed"] == "true"


async def test_an_endorsement_is_numbered_listed_and_read_with_its_lines(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    (member,) = await members(county)
    form = {
        "effective_on": this_year(12, 1).isoformat(),
        "reason_zh": "十二月增减",
        "removals": [{"person_id": member["person_id"], "reason": "moved_away"}],
        "additions": [
            {
                "category": "dibao",
                "person": {"name": "李试", "area_code": str(TOWN), "id_number": id_number(2)},
            }
        ],
    }
    answer = await county.post(f"{PATH}/endorsements", json=form, headers=keyed())
    done = good(answer, 201)
    assert (done["endorsement_no"], done["added"], done["removed"]) == (f"{POLICY}-E001", 1, 1)
    assert answer.headers["location"] == f"{PATH}/endorsements/{POLICY}-E001"
    gone, come = done["lines"]
    assert gone["reason"] == {"code": "moved_away", "label_zh": "迁出"}
    assert (gone["covered_to"], come["covered_from"]) == (
        this_year(11, 30).isoformat(),
        this_year(12, 1).isoformat(),
    )
    part = "12.70" if isleap(this_year().year) else "12.74"  # 31 days of a year's 150.00
    assert (gone["premium_difference"], come["premium_difference"]) == (f"-{part}", part)
    listed = good(await township.get(f"{PATH}/endorsements"))["items"]
    assert [one["endorsement_no"] for one in listed] == [f"{POLICY}-E001"]
    read_back = good(await township.get(answer.headers["location"]))
    assert read_back["lines"] == done["lines"]
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    assert len(good(await insurer.get(answer.headers["location"]))["lines"]) == 2
    await take_on(database, "rival")
    rival = await client_of(Role.INSURER, 0, "rival")
    refused(await rival.get(answer.headers["location"]), 404, "resource.not_found")
    refused(await county.get(f"{PATH}/endorsements/none"), 404, "resource.not_found")


async def test_every_wrong_line_of_an_endorsement_is_named(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    await submitted(database, township)
    (member,) = await members(county)
    form: dict[str, Any] = {
        "effective_on": this_year().isoformat(),
        "reason_zh": "追溯",
        "removals": [{"person_id": member["person_id"], "reason": "by_mistake"}],
    }
    body = refused(
        await county.post(f"{PATH}/endorsements", json=form, headers=keyed()),
        422,
        "validation.failed",
    )
    (fault,) = body["errors"]
    assert fault["pointer"] == "/removals/0/person_id"
    assert "在办赔案" in fault["message"]
    form |= {"effective_on": "2099-01-01"}
    body = refused(
        await county.post(f"{PATH}/endorsements", json=form, headers=keyed()),
        422,
        "validation.failed",
    )
    assert [fault["pointer"] for fault in body["errors"]] == ["/effective_on"]
    bad = {
        "category": "unheard",
        "person": {"name": NAME, "area_code": str(TOWN), "id_number": id_number(3)},
    }
    form = {"effective_on": this_year(12, 1).isoformat(), "reason_zh": "增", "additions": [bad]}
    body = refused(
        await county.post(f"{PATH}/endorsements", json=form, headers=keyed()),
        422,
        "validation.failed",
    )
    assert [fault["pointer"] for fault in body["errors"]] == ["/additions/0/category"]


async def test_premium_is_booked_once_per_voucher_and_a_gap_is_told(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county, premium_due_on="2020-01-01")
    shown, _ = await read(county)
    assert shown["premium"]["gap"] == "150.00"
    assert [warning["code"] for warning in shown["warnings"]] == ["premium.unpaid"]
    claim = await submitted(database, township)
    assert [warning["code"] for warning in claim["warnings"]] == ["premium.unpaid"]
    paid = {
        "payer": "bureau",
        "amount": "150.00",
        "paid_on": this_year().isoformat(),
        "reference": "V-1",
    }
    told = good(await county.post(f"{PATH}/premium", json=paid, headers=keyed()), 201)
    assert told["payers"][0]["gap"] == "0.00"
    refused(
        await county.post(f"{PATH}/premium", json=paid, headers=keyed()), 422, "validation.failed"
    )
    back = paid | {"amount": "10.00", "reference": "V-2", "refund": True}
    told = good(await county.post(f"{PATH}/premium", json=back, headers=keyed()), 201)
    assert [payment["amount"] for payment in told["payments"]] == ["-10.00", "150.00"]
    assert good(await township.get(f"{PATH}/premium")) == told
    assert told["gap"] == "10.00"


async def test_a_policy_is_renewed_with_its_roster_and_cancelled(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    _, headers = await read(county)
    next_year = this_year(12, 31).replace(year=this_year().year + 1)
    form = {"policy_no": "R-1", "period_to": next_year.isoformat(), "premium_per_person": "160.00"}
    done = good(await county.post(f"{PATH}:renew", json=form, headers=headers), 201)
    assert (done["carried_over"], done["left_out"]) == (1, {})
    assert (done["policy"]["renews"], done["policy"]["premium"]["due"]) == (POLICY, "160.00")
    shown, headers = await read(county)
    assert shown["renewed_by"] == "R-1"
    assert {"code": "renewed", "label_zh": "已续保"} in shown["statuses"]
    end = {"from_on": this_year(12, 31).isoformat(), "reason_zh": "停办"}
    refused(await township.post(f"{PATH}:cancel", json=end, headers=headers), 403, "auth.forbidden")
    over = good(await county.post(f"{PATH}:cancel", json=end, headers=headers))
    assert over["cancelled_from"] == end["from_on"]
    assert "cancelled" in [state["code"] for state in over["statuses"]]
    (member,) = await members(county)
    assert member["covered_to"] == this_year(12, 30).isoformat()
    _, headers = await read(county)
    refused(
        await county.post(f"{PATH}:cancel", json=end, headers=headers),
        409,
        "claim.invalid_transition",
    )


async def test_what_may_change_changes_and_the_rest_says_how_it_does(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    _, headers = await read(county)
    change = {"waiting_days": 12, "tolerance": "2.00"}
    refused(await county.patch(PATH, json=change), 428, "version.required")
    refused(await township.patch(PATH, json=change, headers=headers), 403, "auth.forbidden")
    changed = good(await county.patch(PATH, json=change, headers=headers))
    assert (changed["waiting_days"], changed["tolerance"]) == (12, "2.00")
    refused(await county.patch(PATH, json=change, headers=headers), 412, "version.stale")
    _, headers = await read(county)
    fixed = {"period_to": "2099-12-31", "decide_days": 60, "members": []}
    body = refused(
        await county.patch(PATH, json=change | fixed, headers=headers), 422, "validation.failed"
    )
    ways = {error["pointer"]: error["hint"] for error in body["errors"]}
    assert set(ways) == {"/period_to", "/decide_days", "/members"}
    assert ":renew" in ways["/period_to"]
    assert "endorsements" in ways["/members"]
    await submitted(database, township)
    _, headers = await read(county)
    body = refused(
        await county.patch(PATH, json={"payer_rank": 3}, headers=headers),
        409,
        "claim.invalid_transition",
    )
    assert body["allowed"] == ["renew"]
    enums = good(await county.get("/v1/meta/enums"))
    assert {"code": "site_survey", "label_zh": "现场查勘"} in enums["pend_reason"]
