"""Over REST: shown in full for a reason, who has looked, by what right, and erased by two."""

import pytest
from fastapi import FastAPI

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import NAME, found_county, good, keyed, submitted
from tests.api.test_door import refused
from tests.people import id_number

REASON = {"fields": ["name", "id_number", "accounts"], "reason_zh": "核对收款账户"}


async def someone(database: Database, county: Client) -> str:
    await found_county(database, county)
    wanted = {"name": NAME, "id_number": id_number(1)}
    return str(good(await county.post("/v1/people:lookup", json=wanted))["id"])


async def test_a_reveal_is_answered_once_and_the_family_can_ask_who_looked(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    path = f"/v1/people/{await someone(database, county)}"
    answer = await township.post(f"{path}:reveal", json=REASON)
    shown = good(answer)
    assert (shown["name"], shown["id_number"], shown["phone"]) == (NAME, id_number(1), None)
    assert shown["accounts"] == []
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    seen = good(await county.get(f"{path}/accesses"))["items"]
    (reveal,) = [one for one in seen if one["act"]["code"] == "reveal"]
    assert reveal["reason_zh"] == "核对收款账户"
    assert reveal["role"] == {"code": "township", "label_zh": "乡镇（街道）"}
    assert reveal["office_area_code"] == "990127103000"
    auditor = await client_of(Role.AUDIT)
    assert good(await auditor.get(f"{path}/accesses", params={"limit": 1}))["items"]


async def test_the_account_that_money_goes_to_is_shown_with_a_reason(
    database: Database, county: Client, township: Client
) -> None:
    path = f"/v1/people/{await someone(database, county)}"
    claim = await submitted(database, township)
    notice = good(await township.get(f"/v1/notices/{claim['notice_no']}"))
    assert notice["payees"][0]["account_masked"] == "****2222"
    assert notice["bills"][0]["hospital"] == "县人民医院"
    good(await township.post(f"{path}:reveal", json=REASON))


async def test_beyond_the_limit_a_reveal_says_when_to_come_back(
    database: Database, county: Client, application: FastAPI, township: Client
) -> None:
    path = f"/v1/people/{await someone(database, county)}"
    application.state.reveals_per_hour = 1
    good(await township.post(f"{path}:reveal", json=REASON))
    answer = await township.post(f"{path}:reveal", json=REASON)
    refused(answer, 429, "rate.limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 3_601


@pytest.mark.parametrize(
    "form",
    [
        {"fields": [], "reason_zh": "核对收款账户"},
        {"fields": ["password"], "reason_zh": "核对收款账户"},
        {"fields": ["name"], "reason_zh": "看看"},
        {"fields": ["name"]},
    ],
)
async def test_a_reveal_without_field_or_reason_is_refused(
    form: dict[str, object], database: Database, county: Client
) -> None:
    path = f"/v1/people/{await someone(database, county)}:reveal"
    refused(await county.post(path, json=form), 422, "validation.failed")


async def test_a_protected_person_is_closed_in_every_view(
    database: Database, county: Client, township: Client
) -> None:
    path = f"/v1/people/{await someone(database, county)}"
    claim = await submitted(database, township)
    form = {"protected": True, "reason_zh": "未成年人"}
    good(await county.post(f"{path}:protect", json=form, headers=keyed()))
    for client in (county, township):
        for where in (path, f"/v1/notices/{claim['notice_no']}", "/v1/policies/P-2026-01/members"):
            body = (await client.get(where)).text
            assert NAME[0] not in body.replace("张家", "")
            assert id_number(1)[-4:] not in body
    refused(await township.post(f"{path}:reveal", json=REASON), 403, "auth.forbidden")


async def test_consents_are_recorded_and_withdrawn(
    database: Database, county: Client, township: Client
) -> None:
    path = f"/v1/people/{await someone(database, county)}"
    form = {
        "purpose": "medical_settlement",
        "basis": "consent",
        "given_by": "self",
        "given_on": "2026-01-05",
    }
    (given,) = good(await township.post(f"{path}/consents", json=form, headers=keyed()), 201)[
        "items"
    ]
    assert given["purpose"]["label_zh"] == "使用医保部门的结算数据"
    purpose = {"purpose": "medical_settlement"}
    good(await county.post(f"{path}:withdraw-consent", json=purpose, headers=keyed()))
    (ended,) = good(await township.get(f"{path}/consents"))["items"]
    assert ended["withdrawn_at"]


async def test_an_erasure_is_refused_while_somebody_is_covered(
    database: Database, county: Client, client_of: Caller_
) -> None:
    path = f"/v1/people/{await someone(database, county)}:erase"
    security = await client_of(Role.SECURITY)
    form = {"reason_zh": "本人申请"}
    refused(await county.post(path, json=form, headers=keyed()), 403, "auth.forbidden")
    body = refused(
        await security.post(path, json=form, headers=keyed()), 409, "person.still_needed"
    )
    assert "不能删除" in str(body["detail"])
