"""Statements and days of reconciliation as county and insurer see them over REST."""

from typing import Any

import pytest

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import good, keyed
from tests.api.test_door import refused
from tests.cases import CHUNAN, county_with
from tests.contracts import COUNTY_AREA, take_on
from tests.settled import DAY, NUMBER, settled_claim

AREA = str(COUNTY_AREA)


@pytest.fixture
async def second(client_of: Caller_) -> Client:
    return await client_of(Role.COUNTY, COUNTY_AREA)


def form(*lines: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A statement of the demo insurer about the county."""
    whole = {
        "insurer": "demo-insurer",
        "area_code": AREA,
        "day": DAY.isoformat(),
        "totals": {
            "paid_count": len(lines),
            "paid_amount": f"{2000 * len(lines)}.00",
        },
        "lines": list(lines),
    }
    return whole | changed


def line(claim_no: str, **changed: Any) -> dict[str, Any]:
    whole = {
        "claim_no": claim_no,
        "payout_reference": "P-1",
        "settlement_no": "S-1",
        "insurer_case_no": "CASE-1",
        "amount": "2000.00",
        "settled_on": DAY.isoformat(),
    }
    return whole | changed


async def send(client: Client, told: dict[str, Any], status: int = 201) -> dict[str, Any]:
    return good(await client.post("/v1/statements", json=told, headers=keyed()), status)


async def act(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return await client.post(f"/v1/{path}", json=body, headers=keyed())


async def test_an_insurers_statement_closes_a_day_that_both_sides_read_alike(
    database: Database, county: Client, client_of: Caller_
) -> None:
    await county_with(database, CHUNAN)
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    claim_no = await settled_claim(database)
    taken = await send(insurer, form(line(claim_no)))
    assert (taken["reconciliation_no"], taken["paid"], taken["repeated"]) == (
        NUMBER,
        "2000.00",
        False,
    )
    assert (await send(county, form(line(claim_no)))) == taken | {"repeated": True}
    assert good(await county.get(f"/v1/statements/{taken['id']}"))["id"] == taken["id"]
    closed = good(await act(county, f"reconciliations/{NUMBER}:close"))
    assert closed["state"]["code"] == "closed"
    assert closed["totals"] == [
        {
            "side": {"code": "statement", "label_zh": "对账单"},
            "direction": {"code": "paid", "label_zh": "支付"},
            "ours": "2000.00",
            "theirs": "2000.00",
            "difference": "0.00",
        }
    ]
    assert closed["roots"]["statement_lines"] == closed["roots"]["statement_matched"]
    assert good(await insurer.get(f"/v1/reconciliations/{NUMBER}")) == closed
    listed = good(await insurer.get("/v1/reconciliations?insurer=demo-insurer&state=closed"))
    assert listed["items"] == [closed]
    refused(
        await insurer.post("/v1/statements", json=form(), headers=keyed()), 423, "period.closed"
    )
    again = refused(await act(county, f"reconciliations/{NUMBER}:close"), 423, "period.closed")
    assert again["closed_on"] == DAY.isoformat()


async def test_a_difference_is_owned_carried_by_two_and_reported_as_csv(
    database: Database, county: Client, second: Client, client_of: Caller_
) -> None:
    await county_with(database, CHUNAN)
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    claim_no = await settled_claim(database)
    await send(county, form(line(claim_no, amount="1999.99"), totals=_totals("1999.99")))
    (item,) = good(await county.get(f"/v1/reconciliations/{NUMBER}/items"))["items"]
    assert (item["kind"]["label_zh"], item["sentence_zh"]) == (
        "金额不符",
        "我方 2,000.00 元，对方 1,999.99 元",
    )
    assert (item["ours"]["amount"], item["theirs"]["amount"]) == ("2000.00", "1999.99")
    path = f"reconciliation-items/{item['id']}"
    blocked = refused(await act(county, f"reconciliations/{NUMBER}:close"), 409, "period.blocked")
    assert blocked["blocking"] == {"unowned": 1, "in_hand": 0}
    assert good(await act(county, f"{path}:assign", {"owner": "老王"}))["state"]["code"] == "owned"
    proposed = good(await act(county, f"{path}:carry", {"reason_zh": "待保险公司更正"}))
    assert proposed["awaits_second_person"] is True
    refused(await act(county, f"{path}:carry", {"reason_zh": "我也同意"}), 403, "auth.forbidden")
    carried = good(await act(second, f"{path}:carry", {"reason_zh": "同意"}))
    assert (carried["state"]["code"], carried["awaits_second_person"]) == ("carried", False)
    assert good(await act(second, f"reconciliations/{NUMBER}:close"))["carried"] == 1
    report = await insurer.get(f"/v1/reconciliations/{NUMBER}/report")
    assert report.headers["content-type"] == "text/csv; charset=utf-8"
    assert report.content.startswith(b"\xef\xbb\xbf")
    assert "我方 2,000.00 元，对方 1,999.99 元" in report.content.decode("utf-8-sig")
    listed = good(await insurer.get("/v1/reconciliation-items?insurer=demo-insurer"))
    assert [one["id"] for one in listed["items"]] == [item["id"]]
    refused(await act(insurer, f"{path}:resolve", {"reason_zh": "对"}), 403, "auth.forbidden")
    settled = good(await act(county, f"{path}:resolve", {"reason_zh": "书面更正"}))
    assert (settled["cleared_effect"], settled["state"]["code"]) == ("explained", "carried")
    assert good(await insurer.get("/v1/reconciliation-items"))["items"] == []


def _totals(amount: str) -> dict[str, Any]:
    return {"paid_count": 1, "paid_amount": amount}


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"amount": "2000.001"}, "/lines/0/amount", "money.precision"),
        ({"amount": 2000}, "/lines/0/amount", "money.precision"),
        ({"amount": "0.00"}, "/lines/0/amount", "validation.failed"),
        ({"direction": "lost"}, "/lines/0/direction", "validation.failed"),
        ({"settlement_no": "=1+1"}, "/lines/0/settlement_no", "validation.failed"),
        ({"settled_on": "2026-06-21"}, "/lines/0/settled_on", "validation.failed"),
        ({"amount": "2000.01"}, "/totals", "import.control_total"),
    ],
    ids=["decimals", "number", "zero", "direction", "formula", "later", "totals"],
)
async def test_a_line_is_read_strictly(
    database: Database, county: Client, changed: dict[str, Any], pointer: str, code: str
) -> None:
    await take_on(database)
    told = form(line("990127-2026-000001-1", **changed))
    body = refused(await county.post("/v1/statements", json=told, headers=keyed()), 422, code)
    assert [fault["pointer"] for fault in body["errors"]] == [pointer]
    assert good(await county.get("/v1/statements"))["items"] == []


async def test_a_statement_is_of_one_county_that_the_caller_keeps(
    database: Database, county: Client, client_of: Caller_
) -> None:
    await take_on(database)
    await take_on(database, "rival")
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    for told, status, code in (
        (form(area_code="990128000000"), 403, "auth.out_of_area"),
        (form(area_code="990127103000"), 422, "validation.failed"),
        (form(insurer="nobody"), 404, "resource.not_found"),
        (form(day="2999-01-01"), 422, "validation.failed"),
        (form(from_day="2026-06-21"), 422, "validation.failed"),
    ):
        refused(await county.post("/v1/statements", json=told, headers=keyed()), status, code)
    told = form(insurer="rival")
    answer = await insurer.post("/v1/statements", json=told, headers=keyed())
    refused(answer, 404, "resource.not_found")


async def test_a_file_is_taken_once_and_a_wrong_one_set_aside(
    database: Database, county: Client
) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    rows = (
        "支付笔数,1,支付金额,1.00,退回笔数,0,退回金额,0",
        "赔案号,赔款编号,结算号,方向,金额,日期",
        f"{claim_no},P-1,S-1,支付,1.00,{DAY}",
    )
    told = {"insurer": "demo-insurer", "day": DAY.isoformat()}

    async def upload(content: bytes) -> Any:
        files = {"file": ("对账单.csv", content, "text/csv")}
        return await county.post("/v1/statements/files", data=told, files=files, headers=keyed())

    wrong = "\n".join(rows).encode("gb18030")
    taken = good(await upload(wrong), 201)
    assert good(await upload(wrong), 201) == taken | {"repeated": True}
    day = good(await county.get(f"/v1/reconciliations/{NUMBER}"))
    assert [tally["kind"]["label_zh"] for tally in day["tallies"]] == ["金额不符"]
    path = f"statements/{taken['id']}:discard"
    discarded = good(await act(county, path, {"reason_zh": "金额栏错位"}))
    assert discarded["discard_reason_zh"] == "金额栏错位"
    refused(await act(county, path, {"reason_zh": "再来"}), 409, "claim.invalid_transition")
    good(await upload("\n".join(rows).replace("1.00", "2000.00").encode("utf-8-sig")), 201)
    matched = good(await act(county, f"reconciliations/{NUMBER}:match"))
    assert [tally["kind"]["label_zh"] for tally in matched["tallies"]] == ["一致"]
    assert matched["unowned"] == 0
    bad = refused(await upload(b"a,b\n"), 422, "import.control_total")
    assert bad["errors"][0]["message"].startswith("第 1 行")
