"""Over the door: differences, clocks, days off, appeals, reopening, notes, assignment."""

from typing import Any

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import Insurer, found_county, good, keyed, submitted
from tests.api.test_door import refused


async def tagged(client: Client, path: str) -> dict[str, str]:
    return {**keyed(), "If-Match": (await client.get(path)).headers["etag"]}


async def story(
    database: Database, county: Client, township: Client, nobody: Client, **policy: object
) -> tuple[str, Insurer, dict[str, Any]]:
    """A claim that its insurer has accepted: its path, the insurer's voice, the claim as read."""
    await found_county(database, county, premium_due_on="2099-01-01", **policy)
    claim = await submitted(database, township)
    insurer = Insurer(nobody, database, claim["claim_no"])
    await insurer.tell("claim.accepted")
    path = f"/v1/claims/{claim['claim_no']}"
    return path, insurer, good(await county.get(path))


async def test_a_difference_is_named_disputed_and_accepted(
    database: Database, county: Client, township: Client, nobody: Client
) -> None:
    path, insurer, claim = await story(database, county, township, nobody, tolerance="0.50")
    assert claim["amounts"]["assessed"] == "1600.00"
    said = {"outcome": "partial", "amount": "1599.00", "clause": "第六条", "reason_zh": "扣除"}
    await insurer.tell("claim.decided", **said)
    shown = good(await county.get(path))
    difference = shown["decision"]["difference"]
    assert difference["kind"] == {"code": "less_than_assessed", "label_zh": "少于理算"}
    assert (difference["state"]["code"], difference["difference"]) == ("open", "-1.00")
    assert [warning["code"] for warning in shown["warnings"]] == ["decision.differs"]
    assert shown["status"]["code"] == "paying"
    open_ones = await county.get("/v1/claims", params={"difference": "open"})
    assert [one["claim_no"] for one in good(open_ones)["items"]] == [claim["claim_no"]]
    disputed = await county.get("/v1/claims", params={"difference": "disputed"})
    assert good(disputed)["items"] == []
    reason = {"reason_zh": "丙类费用漏计"}
    refused(
        await township.post(f"{path}:dispute", json=reason, headers=await tagged(township, path)),
        403,
        "auth.forbidden",
    )
    told = good(
        await county.post(f"{path}:dispute", json=reason, headers=await tagged(county, path))
    )
    assert told["decision"]["difference"]["state"]["code"] == "disputed"
    headers = await tagged(county, path)
    done = good(await county.post(f"{path}:accept-difference", json=reason, headers=headers))
    assert done["decision"]["difference"]["reason_zh"] == "丙类费用漏计"
    assert done["warnings"] == []
    refused(
        await county.post(
            f"{path}:accept-difference", json=reason, headers=await tagged(county, path)
        ),
        409,
        "claim.invalid_transition",
    )


async def test_the_clocks_and_the_next_day_are_shown_on_the_claim(
    database: Database, county: Client, township: Client, nobody: Client
) -> None:
    _, _, claim = await story(database, county, township, nobody)
    kinds = [clock["kind"]["code"] for clock in claim["clocks"]]
    assert kinds == ["decide", "advance", "limitation"]
    decide = claim["clocks"][0]
    assert (decide["owed_by_zh"], decide["clause_zh"]) == ("保险公司", "保险法第二十三条")
    assert claim["due_on"] == decide["due_on"]
    assert not decide["overdue"]


async def test_the_operator_keeps_the_days_off_that_everybody_reads(
    database: Database, county: Client, client_of: Caller_
) -> None:
    system = await client_of(Role.SYSTEM)
    form = {
        "year": 2026,
        "days_off": ["2026-01-01", "2026-01-02"],
        "working_days": ["2026-01-04"],
        "source_zh": "国务院办公厅关于 2026 年部分节假日安排的通知",
    }
    refused(
        await county.post("/v1/calendar-years", json=form, headers=keyed()), 403, "auth.forbidden"
    )
    good(await system.post("/v1/calendar-years", json=form, headers=keyed()), 201)
    assert good(await county.get("/v1/calendar-years"))["items"] == [form]
    wrong = form | {"working_days": ["2026-01-01", "2025-01-01"]}
    body = refused(
        await system.post("/v1/calendar-years", json=wrong, headers=keyed()),
        422,
        "validation.failed",
    )
    assert [fault["pointer"] for fault in body["errors"]] == [
        "/working_days/1",
        "/working_days/0",
    ]


async def test_an_appeal_is_filed_answered_and_reopens_the_claim(
    database: Database, county: Client, township: Client, nobody: Client
) -> None:
    path, insurer, _ = await story(database, county, township, nobody)
    await insurer.tell("claim.decided", outcome="declined", amount="0.00", reason_zh="免责")
    closed = good(await county.get(path))
    assert "decision.unexplained" in [warning["code"] for warning in closed["warnings"]]
    appeal = {"reason_zh": "不属于免责情形"}
    headers = await tagged(township, path)
    good(await township.post(f"{path}:appeal", json=appeal, headers=headers))
    answer = {"accepted": True, "answer_zh": "请重新核定"}
    refused(
        await township.post(
            f"{path}:answer-appeal", json=answer, headers=await tagged(township, path)
        ),
        403,
        "auth.forbidden",
    )
    headers = await tagged(county, path)
    again = good(await county.post(f"{path}:answer-appeal", json=answer, headers=headers))
    assert (again["status"]["code"], again["reopened_count"]) == ("under_review", 1)
    assert again["outcome"] is None
    (shown,) = good(await township.get(f"{path}/appeals"))["items"]
    assert (shown["kind"]["label_zh"], shown["state"]["label_zh"]) == ("申诉", "已采纳")
    await insurer.tell("claim.decided", outcome="full", amount="1600.00")
    assert good(await county.get(path))["status"]["code"] == "paying"
    refused(
        await county.post(
            f"{path}:reopen", json={"reason_zh": "再议"}, headers=await tagged(county, path)
        ),
        409,
        "claim.invalid_transition",
    )


async def test_notes_and_assignment_stay_among_colleagues(
    database: Database, county: Client, township: Client, nobody: Client, client_of: Caller_
) -> None:
    path, _, claim = await story(database, county, township, nobody)
    filed = f"/v1/notices/{claim['notice_no']}"
    for place in (path, filed):
        note = {"text_zh": "已电话联系家属"}
        good(await township.post(f"{place}/notes", json=note, headers=keyed()), 201)
        (shown,) = good(await county.get(f"{place}/notes"))["items"]
        assert shown["text_zh"] == "已电话联系家属"
        number = {"text_zh": "电话 13800000000"}
        body = refused(
            await township.post(f"{place}/notes", json=number, headers=keyed()),
            422,
            "validation.failed",
        )
        assert "13800000000" not in str(body)
        form = {"to": "救助科 3 号"}
        headers = await tagged(county, place)
        done = good(await county.post(f"{place}:assign", json=form, headers=headers))
        assert done["assigned_to"] == "救助科 3 号"
        assert good(await township.get(place))["assigned_to"] == "救助科 3 号"
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    assert good(await insurer.get(path))["assigned_to"] is None
    refused(await insurer.get(f"{path}/notes"), 403, "auth.forbidden")
