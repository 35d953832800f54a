"""Payouts on hold and the figures of the house, through the door."""

import re

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.api.metrics import TOLD
from app.db.guard import MEASURES
from app.db.invariants import INVARIANTS
from app.db.jobs import enqueue, open_lane, switch_lane
from app.db.session import Database
from app.domain.caller import Role
from app.worker.guard import guard_round
from tests.api.conftest import Caller_, Client
from tests.api.story import keyed
from tests.api.test_door import refused
from tests.cases import FUND
from tests.services.test_funds import POLICY
from tests.services.test_guard import BENT, BOOKS, SYSTEM, bent, decided_of_fund

TOTALS = 18  # a claim bent past the triggers agrees with no total either


async def test_a_held_payout_is_refused_shown_and_released_through_the_door(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    claim_no = await decided_of_fund(database)
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    form = {"policy_no": POLICY}
    answer = await county.post("/v1/payout-batches", json=form, headers=keyed())
    body = refused(answer, 409, "payout.held")
    assert body["retryable"] is True
    shown = (await township.get(f"/v1/claims/{claim_no}")).json()
    assert shown["held_zh"] == body["detail"]
    (hold,) = (await county.get("/v1/payout-holds", params={"state": "open"})).json()["items"]
    assert (hold["policy_no"], hold["invariant"]) == (POLICY, BOOKS)
    system = await client_of(Role.SYSTEM)
    release = f"/v1/payout-holds/{hold['id']}:release"
    refused(
        await county.post(release, json={"reason": "x"}, headers=keyed()), 403, "auth.forbidden"
    )
    freed = await system.post(release, json={"reason": "已核对银行流水"}, headers=keyed())
    assert freed.json()["state"] == {"code": "released", "label_zh": "人工恢复"}
    assert (await township.get(f"/v1/claims/{claim_no}")).json()["held_zh"] is None
    made = await county.post("/v1/payout-batches", json=form, headers=keyed())
    assert made.status_code == 201


async def test_the_figures_are_what_prometheus_reads_and_name_nobody(
    database: Database, client_of: Caller_
) -> None:
    claim_no = await decided_of_fund(database)
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    system = await client_of(Role.SYSTEM)
    answer = await system.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = {one.name: one for one in text_string_to_metric_families(answer.text)}
    red = {one.labels["number"]: one.value for one in families["relief_invariant_red"].samples}
    assert set(red) == {str(one.number) for one in INVARIANTS}
    assert {number for number, broken in red.items() if broken} == {str(BOOKS), str(TOTALS)}
    checked = families["relief_invariant_checked_timestamp_seconds"].samples
    assert len(checked) == len(INVARIANTS)
    (claims,) = families["relief_claims_total"].samples
    assert (claims.labels, claims.value) == ({"status": "decided", "scheme": FUND}, 1.0)
    assert [one.value for one in families["relief_payout_holds"].samples] == [1.0]
    assert not re.search(r"\d{17}[0-9X]|\d{6}-\d{4}-\d{6}", answer.text)


async def test_every_figure_stands_under_the_name_that_watchers_look_for(
    database: Database, client_of: Caller_
) -> None:
    await decided_of_fund(database)
    await guard_round(database, 30)
    system = await client_of(Role.SYSTEM)
    await system.get("/v1/claims/990127-2026-000001-1")
    families = {
        one.name: one for one in text_string_to_metric_families((await system.get("/metrics")).text)
    }
    assert set(TOLD) <= set(families)
    measured = families["relief_measured_timestamp_seconds"].samples
    assert {one.labels["figure"] for one in measured} == set(MEASURES)
    answered = families["http_requests"].samples
    (found,) = [one for one in answered if one.labels["handler"] == "/v1/claims/{claim_no}"]
    assert (found.name, found.labels["method"], found.value) == ("http_requests_total", "GET", 1.0)
    took = families["http_request_duration_seconds"].samples
    (whole,) = [
        one
        for one in took
        if one.labels["handler"] == "/v1/claims/{claim_no}" and one.labels.get("le") == "+Inf"
    ]
    assert whole.value == 1.0
    assert families["process_resident_memory_bytes"].samples[0].value > 0


async def test_a_job_that_was_given_up_and_a_paused_lane_are_told(
    database: Database, client_of: Caller_
) -> None:
    async with database.transaction(SYSTEM) as tx:
        await open_lane(tx, "insurer:picc-demo", 4)
        await switch_lane(tx, "insurer:picc-demo", paused=True)
        await enqueue(tx, "assess", "990127-2026-000001")
        await tx.sql.execute(text("UPDATE job SET state = 'dead'"))
    await guard_round(database, 30)
    system = await client_of(Role.SYSTEM)
    families = {
        one.name: one for one in text_string_to_metric_families((await system.get("/metrics")).text)
    }
    dead = {one.labels["state"]: one.value for one in families["relief_jobs"].samples}
    assert dead == {"dead": 1.0}
    resting = {one.labels["lane"]: one.value for one in families["relief_lane_resting"].samples}
    assert resting["insurer:picc-demo"] == 1.0
    told = (await system.get("/readyz")).json()
    assert told["lanes_resting"] == ["insurer:picc-demo"]
    assert told["checks"] == {"database": "ok", "revision": "ok", "clock": "ok", "lanes": "resting"}


async def test_a_caller_invents_no_label(nobody: Client, client_of: Caller_) -> None:
    for word in ("FIND", "13800138000"):
        await nobody.request(word, f"/v1/people/{word}-990101199001010015")
    system = await client_of(Role.SYSTEM)
    labels = "".join(re.findall(r"{.*}", (await system.get("/metrics")).text))
    assert 'method="other"' in labels
    assert not re.search(r"\d{17}[0-9X]|13800138000|FIND", labels)
