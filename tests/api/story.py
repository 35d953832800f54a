"""The way of a claim as its parties walk it over REST; the clock's part is done in this process."""

import base64
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from httpx import Response

from app.catalogue import load_all
from app.db.jobs import claim
from app.db.session import Database
from app.domain.caller import worker
from app.domain.canonical import encode
from app.worker.desk_work import ACTS, do_desk_work
from tests.api.conftest import Client
from tests.contracts import COUNTY_AREA, SECRET_IN, TOWN, take_on
from tests.papers import png
from tests.people import id_number

SCHEME = "chunan-supplementary-medical"
POLICY = "P-2026-01"
FUND = "chongqing-medical-fund"
NAME = "张试一"
SCAN = png()  # a picture: its reader starts in half the time of a PDF's


def keyed() -> dict[str, str]:
    """A fresh idempotency key."""
    return {"Idempotency-Key": str(uuid4())}


def good(answer: Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that must be as expected."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


def today() -> date:
    """The business day."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def this_year(month: int = 1, day: int = 1) -> date:
    return date(today().year, month, day)


def notice(**changed: object) -> dict[str, Any]:
    """An inpatient notice: 50,000.00 in all, 8,000.00 self-borne."""
    on = (today() - timedelta(days=3)).isoformat()
    form: dict[str, Any] = {
        "area_code": str(TOWN),
        "client_ref": "clerk-7",
        "person": {"name": NAME, "id_number": id_number(1)},
        "event": {"kind": "illness", "cause": "disease", "on": on, "place": "县人民医院"},
        "bills": [bill()],
        "stays": [{"admitted_on": on, "discharged_on": on, "hospital_level": "county"}],
        "filed_by": {"name": "王经办", "phone": "13800000000", "relation": "township_clerk"},
        "payees": [{"name": NAME, "account": "6222000011112222", "bank": "农商行"}],
    }
    return form | changed


def bill(**changed: object) -> dict[str, Any]:
    form: dict[str, Any] = {
        "kind": "inpatient",
        "total": "50000.00",
        "hospital": "县人民医院",
        "settlement_id": f"S-{uuid4().hex[:8]}",
        "amounts": {
            "medfee_sumamt": "50000.00",
            "fund_pay_sumamt": "42000.00",
            "hifp_pay": "42000.00",
            "psn_part_amt": "8000.00",
            "psn_cash_pay": "8000.00",
            "inscp_scp_amt": "45000",
            "preselfpay_amt": "2000.0",
            "fulamt_ownpay_amt": "3000.00",
            "overlmt_selfpay": "0.00",
        },
    }
    return form | changed


async def found_county(database: Database, county: Client, **changed: object) -> None:
    """The county's part, over REST: a scheme, a policy with an insurer, one person enrolled."""
    await take_on(database)
    terms = encode(load_all()[SCHEME])
    good(await county.post("/v1/schemes", json=terms, headers=keyed()), 201)
    policy: dict[str, Any] = {
        "policy_no": POLICY,
        "scheme": SCHEME,
        "area_code": str(COUNTY_AREA),
        "period_from": this_year().isoformat(),
        "period_to": this_year(12, 31).isoformat(),
        "shares": [{"insurer": "demo-insurer", "share_bp": 10000, "lead": True}],
        "premium_per_person": "150.00",
    }
    good(await county.post("/v1/policies", json=policy | changed, headers=keyed()), 201)
    members = [
        {
            "category": "dibao",
            "person": {"name": NAME, "area_code": str(TOWN), "id_number": id_number(1)},
        }
    ]
    path = f"/v1/policies/{POLICY}/members"
    good(await county.post(path, json={"members": members}, headers=keyed()), 201)


async def attach(client: Client, notice_no: str, kind: str, content: bytes = SCAN) -> Response:
    return await client.post(
        f"/v1/notices/{notice_no}/documents",
        data={"kind": kind},
        files={"file": ("scan.pdf", content, "application/pdf")},
        headers=keyed(),
    )


async def submitted(database: Database, township: Client, **changed: object) -> dict[str, Any]:
    """A notice drafted, with its paper, submitted and assessed; gives its claim as it is read."""
    drafted = good(await township.post("/v1/notices", json=notice(**changed), headers=keyed()), 201)
    notice_no = drafted["notice_no"]
    good(await attach(township, notice_no, "settlement"), 201)
    good(await township.post(f"/v1/notices/{notice_no}:submit", headers=keyed()))
    await desk(database)
    return good(await township.get(f"/v1/claims/{notice_no}-1"))


async def desk(database: Database) -> None:
    """Do the jobs of the desk until none is due; instructions stay where they are."""
    while True:
        async with database.transaction(worker("clock")) as tx:
            jobs = await claim(tx, "test", timedelta(seconds=60))
        for job in jobs:
            if job.kind in ACTS:
                await do_desk_work(database, job)
        if not jobs:
            return


@dataclass
class Insurer:
    """The insurer's side: signs its events by the standard, with code of the test's own."""

    client: Client
    database: Database
    claim_no: str
    secret: str = SECRET_IN
    told: list[str] = field(default_factory=list)

    async def tell(
        self,
        type_: str,
        *,
        event_id: str | None = None,
        at: int | None = None,
        insurer: str = "demo-insurer",
        **data: object,
    ) -> Response:
        """Post one event and, when it is taken, have the desk apply it."""
        event = {
            "type": type_,
            "timestamp": "2026-01-01T00:00:00Z",
            "data": {"claim_no": self.claim_no, "insurer_case_no": "C-1", **data},
        }
        raw = json.dumps(event, ensure_ascii=False).encode()
        headers = sign(raw, event_id or f"evt_{uuid4().hex}", at, self.secret)
        answer = await self.client.post(
            f"/v1/callbacks/{insurer}/events", content=raw, headers=headers
        )
        await desk(self.database)
        return answer


def sign(raw: bytes, event_id: str, at: int | None, secret: str) -> dict[str, str]:
    """Sign as Standard Webhooks say: HMAC-SHA256 over id, time and body."""
    stamp = str(int(time.time()) if at is None else at)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{event_id}.{stamp}.".encode() + raw, "sha256")
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


async def pending_fund_claim(
    database: Database, township: Client, county: Client
) -> dict[str, Any]:
    """A claim of a fund, waiting for its two persons."""
    terms = encode(load_all()[FUND])
    good(await county.post("/v1/schemes", json=terms, headers=keyed()), 201)
    policy = {
        "policy_no": "F-1",
        "scheme": FUND,
        "area_code": str(COUNTY_AREA),
        "period_from": this_year().isoformat(),
        "period_to": this_year(12, 31).isoformat(),
    }
    shown = good(await county.post("/v1/policies", json=policy, headers=keyed()), 201)
    assert shown["approval"]["code"] == "ladder"
    categories = list(load_all()[FUND].categories)
    member = {
        "category": categories[0],
        "person": {"name": NAME, "area_code": str(TOWN), "id_number": id_number(1)},
    }
    path = "/v1/policies/F-1/members"
    good(await county.post(path, json={"members": [member]}, headers=keyed()), 201)
    money = {"amount": "1000000", "note_zh": "年度预算"}
    good(await county.post("/v1/policies/F-1/allotments", json=money, headers=keyed()), 201)
    costly = bill()
    costly["amounts"] |= {
        "fund_pay_sumamt": "30000.00",
        "hifp_pay": "30000.00",
        "psn_part_amt": "20000.00",
        "psn_cash_pay": "20000.00",
        "inscp_scp_amt": "33000.00",
        "fulamt_ownpay_amt": "15000.00",
    }
    form = notice(bills=[costly])
    drafted = good(await township.post("/v1/notices", json=form, headers=keyed()), 201)
    number = drafted["notice_no"]
    for paper in good(await township.get(f"/v1/notices/{number}/checklist"))["items"]:
        await attach(township, number, paper["code"])
    good(await township.post(f"/v1/notices/{number}:submit", headers=keyed()))
    await desk(database)
    return good(await county.get(f"/v1/claims/{number}-1"))
