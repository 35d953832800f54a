"""A notice becomes money over REST: every party with its own key, every answer as documented."""

from typing import Any

import pytest

from app.db.session import Database
from app.domain.caller import Role
from app.domain.terms import Roster
from app.services.policies import issue_policy
from app.services.schemes import load_scheme
from tests import contracts
from tests.api.conftest import Caller_, Client
from tests.api.story import (
    POLICY,
    SCAN,
    SCHEME,
    Insurer,
    attach,
    found_county,
    good,
    keyed,
    notice,
    submitted,
    today,
)
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA, OTHER_TOWN, TOWN
from tests.people import id_number

WRONG_DIGIT = "990127196005010000"

pytestmark = pytest.mark.usefixtures("county_founded")


@pytest.fixture
async def county_founded(database: Database, county: Client) -> None:
    await found_county(database, county)


async def test_a_notice_becomes_money(database: Database, township: Client, nobody: Client) -> None:
    claim = await submitted(database, township)
    assert claim["amounts"] == {
        "assessed": "1600.00",
        "decided": None,
        "paid": "0.00",
        "currency": "CNY",
    }
    path = f"/v1/claims/{claim['claim_no']}"
    assessment = good(await township.get(f"{path}/assessment"))["assessment"]
    sentences = [line["sentence_zh"] for line in assessment["covers"][0]["lines"]]
    assert "住院自负 8,000.00 元 × 20% = 1,600.00 元" in sentences
    insurer = Insurer(nobody, database, claim["claim_no"])
    assert good(await insurer.tell("claim.accepted"), 202)["duplicate"] is False
    assert good(await township.get(path))["status"]["code"] == "under_review"
    await insurer.tell(
        "claim.decided",
        outcome="full",
        amount="1600.00",
        currency="CNY",
        clause="第三条",
        reason_zh="属于保险责任",
        decided_on="2026-01-01",
    )
    paying = good(await township.get(path))
    assert (paying["status"]["code"], paying["outcome"]["code"]) == ("paying", "full")
    payout = {"payout_reference": "R-1", "amount": "1600.00", "account_last4": "2222"}
    await insurer.tell("payout.sent", **payout)
    await insurer.tell("payout.paid", settlement_no="T-1", paid_on="2026-01-02", **payout)
    closed = good(await township.get(path))
    assert closed["status"] == {"code": "closed", "label_zh": "已结案"}
    assert closed["amounts"]["paid"] == "1600.00"
    assert "1,600.00 元" in closed["sentence_zh"]
    assert "2222" in closed["sentence_zh"]
    timeline = good(await township.get(f"{path}/timeline"))["items"]
    assert [event["seq"] for event in timeline] == sorted(
        (event["seq"] for event in timeline), reverse=True
    )
    assert all("." not in event["text_zh"] for event in timeline), timeline
    read = good(await township.get(f"/v1/notices/{claim['notice_no']}"))
    assert read["status"]["code"] == "closed"


async def test_a_bounced_payout_needs_the_same_account_from_two_persons(
    database: Database, township: Client, county: Client, nobody: Client
) -> None:
    claim = await submitted(database, township)
    insurer = Insurer(nobody, database, claim["claim_no"])
    await insurer.tell("claim.accepted")
    await insurer.tell("claim.decided", outcome="full", amount="1600.00", decided_on="2026-01-01")
    payout = {"payout_reference": "R-1", "amount": "1600.00", "account_last4": "2222"}
    await insurer.tell("payout.sent", **payout)
    await insurer.tell(
        "payout.failed", failure_code="account_wrong", reason_zh="查无此户", **payout
    )
    listed = good(await township.get("/v1/payouts", params={"claim_no": claim["claim_no"]}))
    (failed,) = listed["items"]
    assert failed["status"] == {"code": "failed", "label_zh": "发放失败"}
    assert failed["failure_code"] == "account_wrong"
    assert failed["payee_name_masked"] == "张*一"
    path = f"/v1/payouts/{failed['id']}"
    form = {"name": "张试一", "account": "6222 0000 3333 4444", "bank": "农商行"}
    proposed = await township.post(f"{path}:correct-account", json=form, headers=keyed())
    assert good(proposed, 202)["awaits_second_person"] is True
    again = await township.post(f"{path}:correct-account", json=form, headers=keyed())
    refused(again, 403, "auth.forbidden")
    other = {**form, "account": "6222000033334445"}
    differs = await county.post(f"{path}:correct-account", json=other, headers=keyed())
    refused(differs, 422, "payout.account_name_mismatch")
    confirmed = await county.post(f"{path}:correct-account", json=form, headers=keyed())
    assert good(confirmed)["account_last4"] == "4444"
    assert "6222" not in confirmed.text
    payout = {"payout_reference": "R-1", "amount": "1600.00", "account_last4": "4444"}
    await insurer.tell("payout.sent", **payout)
    await insurer.tell("payout.paid", settlement_no="T-2", paid_on="2026-01-03", **payout)
    paid = good(await township.get(path))
    assert paid["status"]["code"] == "paid"
    assert [attempt["status"]["code"] for attempt in paid["attempts"]] == ["failed", "paid"]


async def test_a_draft_grows_by_merge_patches_and_shows_nobody(township: Client) -> None:
    first = await township.post(
        "/v1/notices",
        json={
            "area_code": str(TOWN),
            "person": {"name": "张试一", "id_number": WRONG_DIGIT},
        },
        headers=keyed(),
    )
    draft = good(first, 201)
    assert first.headers["location"] == f"/v1/notices/{draft['notice_no']}"
    assert draft["person"]["name_masked"] == "张*一"
    assert WRONG_DIGIT not in first.text
    assert [warned["code"] for warned in draft["warnings"]] == ["person.id_checksum"]
    path = f"/v1/notices/{draft['notice_no']}"
    tag = first.headers["etag"]
    changed = await township.patch(
        path,
        json={
            "person": {"id_number": id_number(1)},
            "event": {"kind": "illness", "note": "待补"},
            "bills": [{"kind": "inpatient", "total": "10.50"}],
        },
        headers={"If-Match": tag},
    )
    grown = good(changed)
    assert (grown["version"], grown["warnings"]) == (2, [])
    assert grown["person"]["name_masked"] == "张*一"
    assert grown["bills"][0]["total"] == "10.50"
    emptied = await township.patch(
        path, json={"event": {"note": None}}, headers={"If-Match": '"2"'}
    )
    assert good(emptied)["event"] | {"place": None} == {
        "kind": "illness",
        "cause": None,
        "on": None,
        "place": None,
        "note": None,
        "same_as": None,
        "occurrence": None,
        "liable": None,
    }
    stale = await township.patch(path, json={"bills": []}, headers={"If-Match": tag})
    assert refused(stale, 412, "version.stale")["current"] == '"3"'
    assert (await township.delete(path)).status_code == 204
    assert good(await township.get(path))["status"]["code"] == "withdrawn"


async def test_submitting_says_what_is_missing_and_stores_nothing_by_halves(
    township: Client,
) -> None:
    draft = good(await township.post("/v1/notices", json=notice(), headers=keyed()), 201)
    path = f"/v1/notices/{draft['notice_no']}"
    checklist = good(await township.get(f"{path}/checklist"))
    assert checklist["ready_to_submit"] is False
    answer = await township.post(f"{path}:submit", headers=keyed())
    missing = refused(answer, 422, "evidence.missing")["missing"]
    assert missing == [{"code": "settlement", "label_zh": "医疗费用结算单"}]
    after = good(await township.get(path))
    assert (after["status"]["code"], after["claims"], after["version"]) == ("draft", [], 1)


BAD_SUBMITS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong check digit": (
        {"person": {"name": "张试一", "id_number": WRONG_DIGIT}},
        "person.id_checksum",
    ),
    "impossible birthday": (
        {"person": {"name": "张试一", "id_number": "990127196013010010"}},
        "person.id_date",
    ),
    "parts that do not add up": (
        {
            "bills": [
                {
                    "kind": "inpatient",
                    "total": "50000.00",
                    "settlement_id": "S-9",
                    "amounts": {"medfee_sumamt": "50000.00", "psn_part_amt": "60000.00"},
                }
            ]
        },
        "money.sum_mismatch",
    ),
}


@pytest.mark.parametrize("case", BAD_SUBMITS.values(), ids=BAD_SUBMITS.keys())
async def test_a_draft_is_kept_that_cannot_be_submitted(
    township: Client, case: tuple[dict[str, Any], str]
) -> None:
    changed, code = case
    kept = good(await township.post("/v1/notices", json=notice(**changed), headers=keyed()), 201)
    path = f"/v1/notices/{kept['notice_no']}"
    await attach(township, kept["notice_no"], "settlement")
    answer = await township.post(f"{path}:submit", headers=keyed())
    assert answer.status_code == 422
    codes = {fault["code"] for fault in answer.json()["errors"]}
    assert code in codes
    assert good(await township.get(path))["status"]["code"] == "draft"


async def test_one_settlement_is_in_one_live_notice(database: Database, township: Client) -> None:
    form = notice()
    claim = await submitted(database, township, bills=form["bills"])
    second = good(
        await township.post("/v1/notices", json=notice(bills=form["bills"]), headers=keyed()), 201
    )
    await attach(township, second["notice_no"], "settlement")
    answer = await township.post(f"/v1/notices/{second['notice_no']}:submit", headers=keyed())
    existing = refused(answer, 409, "claim.duplicate")["existing"]
    assert existing == f"/v1/notices/{claim['notice_no']}"
    withdrawn = await township.post(
        f"/v1/notices/{claim['notice_no']}:withdraw", json={"reason_zh": "重复"}, headers=keyed()
    )
    assert good(withdrawn)["status"]["code"] == "withdrawn"
    freed = await township.post(f"/v1/notices/{second['notice_no']}:submit", headers=keyed())
    assert good(freed)["claims"][0]["policy_no"] == POLICY


async def test_somebody_unknown_is_kept_and_shown_why(township: Client) -> None:
    stranger = {"name": "李试二", "id_number": id_number(77)}
    kept = good(
        await township.post("/v1/notices", json=notice(person=stranger), headers=keyed()), 201
    )
    sent = good(await township.post(f"/v1/notices/{kept['notice_no']}:submit", headers=keyed()))
    assert sent["claims"] == []
    assert sent["coverage"][0]["code"] == "coverage.not_insured"


async def test_an_estimate_says_the_same_and_stores_nothing(
    database: Database, township: Client
) -> None:
    form = notice()
    del form["area_code"], form["client_ref"]
    told = good(await township.post("/v1/estimates", json=form))
    assert told["total"] == "1600.00"
    assert told["self_borne_left"] == "6400.00"
    assert told["policies"][0]["policy_no"] == POLICY
    assert {paper["code"] for paper in told["missing"]} >= {"settlement"}
    assert good(await township.get("/v1/notices"))["items"] == []
    claim = await submitted(database, township)
    assert claim["amounts"]["assessed"] == told["total"]


async def test_papers_are_sniffed_bounded_and_kept_once(township: Client) -> None:
    draft = good(await township.post("/v1/notices", json=notice(), headers=keyed()), 201)
    notice_no = draft["notice_no"]
    path = f"/v1/notices/{notice_no}/documents"
    refused(
        await attach(township, notice_no, "id_card", b"MZ..."), 415, "document.type_unsupported"
    )
    large = await attach(township, notice_no, "id_card", SCAN + b"x" * 200_000)
    assert refused(large, 413, "document.too_large")["limit"] == 200_000
    huge = await attach(township, notice_no, "id_card", SCAN + b"x" * 400_000)
    assert refused(huge, 413, "document.too_large")["limit"] == 200_000
    extra = await township.post(
        path,
        data={"kind": "id_card", "owner": "me"},
        files={"file": ("a.pdf", SCAN)},
        headers=keyed(),
    )
    refused(extra, 422, "validation.failed")
    text = await township.post(path, data={"kind": "id_card"}, files={"x": b""}, headers=keyed())
    refused(text, 422, "validation.failed")
    key = keyed()
    twice = [
        await township.post(
            path, data={"kind": "id_card"}, files={"file": ("a.pdf", SCAN)}, headers=key
        )
        for _ in range(2)
    ]
    assert twice[0].content == twice[1].content
    (listed,) = good(await township.get(path))["items"]
    assert listed["sha256"] == twice[0].json()["sha256"]
    assert (await township.delete(f"{path}/{listed['id']}")).status_code == 204
    assert good(await township.get(path))["items"] == []


async def test_nobody_sees_or_moves_what_is_not_theirs(
    database: Database, township: Client, client_of: Caller_
) -> None:
    claim = await submitted(database, township)
    neighbour = await client_of(Role.TOWNSHIP, OTHER_TOWN)
    other_county = await client_of(Role.COUNTY, 990128000000)
    for stranger in (neighbour, other_county):
        for path in (
            f"/v1/claims/{claim['claim_no']}",
            f"/v1/claims/{claim['claim_no']}/assessment",
            f"/v1/claims/{claim['claim_no']}/timeline",
            f"/v1/notices/{claim['notice_no']}",
            f"/v1/notices/{claim['notice_no']}/documents",
            f"/v1/notices/{claim['notice_no']}/checklist",
        ):
            there = await stranger.get(path)
            refused(there, 404, "resource.not_found")
        assert good(await stranger.get("/v1/claims"))["items"] == []
        sent = await stranger.post(f"/v1/notices/{claim['notice_no']}:submit", headers=keyed())
        refused(sent, 404, "resource.not_found")
    foreign = notice(area_code=str(OTHER_TOWN))
    refused(
        await township.post("/v1/notices", json=foreign, headers=keyed()), 403, "auth.out_of_area"
    )


ODD_NUMBERS = ["x", "990127-2026-999999", "990127-2026-000001%00", "990127-2026-000001'--", "%E4"]


@pytest.mark.parametrize("number", ODD_NUMBERS)
async def test_a_number_that_names_nothing_is_not_found(township: Client, number: str) -> None:
    for path in (f"/v1/claims/{number}", f"/v1/notices/{number}", f"/v1/payouts/{number}"):
        refused(await township.get(path), 404, "resource.not_found")


async def test_an_insurer_reads_its_own_claims_and_no_notice(
    database: Database, township: Client, client_of: Caller_
) -> None:
    claim = await submitted(database, township)
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    assert good(await insurer.get(f"/v1/claims/{claim['claim_no']}"))["insurer"] == "demo-insurer"
    refused(await insurer.get(f"/v1/notices/{claim['notice_no']}"), 404, "resource.not_found")
    (asked,) = good(await insurer.get("/v1/instructions"))["items"]
    assert asked["claim_no"] == claim["claim_no"]
    refused(
        await insurer.post(f"/v1/notices/{claim['notice_no']}:submit", headers=keyed()),
        403,
        "auth.forbidden",
    )


async def test_claims_are_listed_filtered_and_paged(database: Database, township: Client) -> None:
    numbers = [(await submitted(database, township))["claim_no"] for _ in range(3)]
    page = good(await township.get("/v1/claims", params={"limit": 2}))
    rest = good(
        await township.get("/v1/claims", params={"limit": 2, "cursor": page["next_cursor"]})
    )
    seen = [claim["claim_no"] for claim in page["items"] + rest["items"]]
    assert seen == numbers[::-1]
    assert (page["has_more"], rest["has_more"], rest["next_cursor"]) == (True, False, None)
    notice_no = numbers[1].rpartition("-")[0]
    (only,) = good(await township.get("/v1/claims", params={"notice_no": notice_no}))["items"]
    assert only["claim_no"] == numbers[1]
    assert good(await township.get("/v1/claims", params={"status": "paid"}))["items"] == []
    assert (
        good(await township.get("/v1/claims", params={"updated_since": "2999-01-01T00:00:00Z"}))[
            "items"
        ]
        == []
    )
    refused(await township.get("/v1/claims?status=gone"), 422, "validation.failed")
    notices = good(await township.get("/v1/notices", params={"limit": 1}))
    assert notices["items"][0]["notice_no"] == numbers[2].rpartition("-")[0]


async def test_a_person_is_found_by_name_and_number_in_a_body(township: Client) -> None:
    form = {"name": "张试一", "id_number": id_number(1)}
    answer = await township.post("/v1/people:lookup", json=form)
    found = good(answer)
    assert found["categories"] == ["dibao"]
    assert id_number(1) not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    wrong = await township.post("/v1/people:lookup", json={**form, "name": "李四"})
    refused(wrong, 404, "resource.not_found")
    assert good(await township.get(f"/v1/people/{found['id']}"))["name_masked"] == "张*一"
    covers = good(await township.get(f"/v1/people/{found['id']}/covers"))
    assert covers["policies"][0]["policy_no"] == POLICY
    long_ago = good(await township.get(f"/v1/people/{found['id']}/covers?on=1999-01-01"))
    assert long_ago["reason"] == "coverage.out_of_period"


async def test_contracts_are_read_by_all_and_kept_by_the_county(
    township: Client, county: Client, client_of: Caller_
) -> None:
    scheme = good(await township.get(f"/v1/schemes/{SCHEME}"))
    assert scheme["versions"][0]["terms"]["scheme_code"] == SCHEME
    assert good(await township.get("/v1/schemes"))["items"][0]["code"] == SCHEME
    policy = good(await township.get(f"/v1/policies/{POLICY}"))
    assert policy["statuses"] == [{"code": "active", "label_zh": "保障中"}]
    assert policy["area_code"] == str(COUNTY_AREA)
    assert good(await township.get("/v1/policies"))["items"] == [policy]
    (member,) = good(await township.get(f"/v1/policies/{POLICY}/members"))["items"]
    assert member["name_masked"] == "张*一"
    dashboard = await client_of(Role.DASHBOARD, COUNTY_AREA)
    refused(await dashboard.get(f"/v1/policies/{POLICY}/members"), 403, "auth.forbidden")
    refused(await township.post("/v1/schemes", json={}, headers=keyed()), 403, "auth.forbidden")
    bad_terms = scheme["versions"][0]["terms"] | {"covers": []}
    wrong = await county.post("/v1/schemes", json=bad_terms, headers=keyed())
    assert refused(wrong, 422, "terms.invalid")["errors"]
    nul = scheme["versions"][0]["terms"] | {"note_zh": "\x00"}
    refused(await county.post("/v1/schemes", json=nul, headers=keyed()), 422, "validation.failed")


async def test_where_everybody_is_insured_whom_a_notice_names_is_registered_with_it(
    database: Database, township: Client
) -> None:
    terms = contracts.terms(roster=Roster.UNNAMED, categories={"everyone": "全体居民"})
    async with database.transaction(contracts.COUNTY) as tx:
        await load_scheme(tx, terms)
        await issue_policy(tx, contracts.policy("P-ALL"))
    stranger = {"name": "李试二", "id_number": id_number(77)}
    death = {"kind": "death", "cause": "accident", "on": today().isoformat()}
    form = notice(person=stranger, event=death, bills=[])
    kept = good(await township.post("/v1/notices", json=form, headers=keyed()), 201)
    sent = good(await township.post(f"/v1/notices/{kept['notice_no']}:submit", headers=keyed()))
    assert [claim["policy_no"] for claim in sent["claims"]] == ["P-ALL"]
