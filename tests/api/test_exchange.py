"""What the operator does about instructions, callbacks and lanes: each act one event, with why."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Role
from app.outside.insurers import Rejected, Unknown
from tests.api.conftest import Caller_, Client
from tests.api.story import good, keyed
from tests.api.test_door import refused
from tests.cases import CHUNAN, Wire, claim_view, county_with, deliver, file, notice, payout, work
from tests.contracts import SYSTEM, take_on

WHY = {"reason": "与保险公司核对"}


@pytest.fixture
async def operator(client_of: Caller_) -> Client:
    return await client_of(Role.SYSTEM)


async def parked(database: Database, *, can: bool = True, lost: bool = False) -> str:
    """A referral that waits for a person; gives its claim's number."""
    await county_with(database, CHUNAN)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE insurer SET honours_key = :can, can_be_asked = :can"), {"can": can}
        )
    claim_no = (await file(database, notice())).claims[0].claim_no
    wire = Wire()
    wire.answers = [Unknown("deadline") if lost else Rejected("policy.unknown", "没有保单")]
    await work(database, wire)
    if lost:
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text("UPDATE job SET run_at = now() WHERE state = 'ready'"))
            await tx.sql.execute(text("UPDATE lane SET open_until = NULL"))
        await work(database, wire)
    return claim_no


async def one(client: Client, path: str) -> dict[str, object]:
    (found,) = good(await client.get(path))["items"]
    return dict(found)


async def acts(database: Database, resource: str) -> list[tuple[str, str, str, str]]:
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text(
                "SELECT type, was, now, detail ->> 'reason' FROM event "
                "WHERE resource = :resource ORDER BY seq"
            ),
            {"resource": resource},
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


async def test_a_parked_instruction_is_sent_again_under_its_own_key(
    database: Database, operator: Client
) -> None:
    claim_no = await parked(database)
    before = await one(operator, "/v1/instructions?state=parked")
    again = await operator.post(
        f"/v1/instructions/{before['id']}:resend", json=WHY, headers=keyed()
    )
    assert good(again)["state"]["code"] == "ready"
    wire = await work(database)
    assert [str(sent.instruction_id) for sent in wire.sent] == [before["id"]]
    after = await one(operator, "/v1/instructions?state=accepted")
    assert after["insurer_case_no"] == (await claim_view(database, claim_no)).claim.insurer_case_no
    assert await acts(database, "instruction") == [
        ("instruction.resend", "parked", "ready", WHY["reason"])
    ]
    refusal = await operator.post(
        f"/v1/instructions/{before['id']}:resend", json=WHY, headers=keyed()
    )
    refused(refusal, 409, "claim.invalid_transition")


async def test_a_lost_answer_is_sent_anew_only_by_a_persons_word(
    database: Database, operator: Client
) -> None:
    await parked(database, can=False, lost=True)
    waiting = await one(operator, "/v1/instructions?state=parked")
    assert waiting["last_error"] == "answer_lost"
    good(await operator.post(f"/v1/instructions/{waiting['id']}:resend", json=WHY, headers=keyed()))
    assert len((await work(database)).sent) == 1


async def test_a_lost_answer_is_asked_after_once_the_insurer_can_be_asked(
    database: Database, operator: Client
) -> None:
    await parked(database, can=False, lost=True)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE insurer SET can_be_asked = true"))
    waiting = await one(operator, "/v1/instructions?state=parked")
    path = f"/v1/instructions/{waiting['id']}:resend"
    assert good(await operator.post(path, json=WHY, headers=keyed()))["state"]["code"] == "unknown"
    assert (await work(database)).asked == [True]


async def test_a_person_may_settle_what_the_interface_left_open(
    database: Database, operator: Client
) -> None:
    claim_no = await parked(database, can=False, lost=True)
    waiting = await one(operator, "/v1/instructions?state=parked")
    told = WHY | {"outcome": "accepted", "insurer_case_no": "PA-77"}
    path = f"/v1/instructions/{waiting['id']}:resolve"
    headers = keyed()
    for _ in range(2):  # the second is the kept answer
        assert good(await operator.post(path, json=told, headers=headers))["state"]["code"] == (
            "accepted"
        )
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.insurer_case_no) == ("under_review", "PA-77")
    assert (await one(operator, "/v1/instructions?case_no=PA-77"))["id"] == waiting["id"]
    assert good(await operator.get("/v1/instructions?case_no=PA-78"))["items"] == []
    refused(await operator.post(path, json=told, headers=keyed()), 409, "claim.invalid_transition")
    assert await acts(database, "instruction") == [
        ("instruction.resolve", "parked", "accepted", WHY["reason"])
    ]


async def test_a_rejected_referral_leaves_its_claim_where_it_is(
    database: Database, operator: Client
) -> None:
    claim_no = await parked(database)
    waiting = await one(operator, "/v1/instructions?state=parked")
    told = WHY | {"outcome": "rejected"}
    path = f"/v1/instructions/{waiting['id']}:resolve"
    assert good(await operator.post(path, json=told, headers=keyed()))["state"]["code"] == (
        "rejected"
    )
    assert (await claim_view(database, claim_no)).claim.status == "submitted"
    unknown = f"/v1/instructions/{uuid4()}:resolve"
    refused(await operator.post(unknown, json=told, headers=keyed()), 404, "resource.not_found")
    refused(
        await operator.post(path, json=WHY | {"outcome": "perhaps"}, headers=keyed()),
        422,
        "validation.failed",
    )


async def test_a_callback_that_waits_is_tried_again_or_set_aside(
    database: Database, operator: Client
) -> None:
    await take_on(database)
    await deliver(database, "990127-2026-000999-1", "claim.accepted")
    await work(database)
    waiting = await one(operator, "/v1/callback-events?state=parked")
    path = f"/v1/callback-events/{waiting['id']}"
    good(await operator.post(f"{path}:retry", json=WHY, headers=keyed()))
    await work(database)
    assert (await one(operator, "/v1/callback-events"))["reason"] == "claim_unknown"
    set_aside = good(await operator.post(f"{path}:discard", json=WHY, headers=keyed()))
    assert set_aside["state"]["code"] == "discarded"
    for verb in ("retry", "discard"):
        refused(
            await operator.post(f"{path}:{verb}", json=WHY, headers=keyed()),
            409,
            "claim.invalid_transition",
        )
    assert await acts(database, "callback") == [
        ("callback.retry", "parked", "parked", WHY["reason"]),
        ("callback.discard", "parked", "discarded", WHY["reason"]),
    ]


async def test_news_of_money_is_never_set_aside(database: Database, operator: Client) -> None:
    await take_on(database)
    told = payout(settlement_no="N-1")
    await deliver(database, "990127-2026-000999-1", "payout.paid", **told)
    await work(database)
    waiting = await one(operator, "/v1/callback-events?state=parked")
    path = f"/v1/callback-events/{waiting['id']}:discard"
    refused(await operator.post(path, json=WHY, headers=keyed()), 409, "claim.invalid_transition")


async def test_a_paused_lane_sends_nothing_until_it_is_resumed(
    database: Database, operator: Client
) -> None:
    await county_with(database, CHUNAN)
    path = "/v1/lanes/insurer:demo-insurer"
    assert good(await operator.post(f"{path}:pause", json=WHY, headers=keyed()))["paused"] is True
    refused(
        await operator.post(f"{path}:pause", json=WHY, headers=keyed()),
        409,
        "claim.invalid_transition",
    )
    await file(database, notice())
    assert (await work(database)).sent == []
    lanes = {lane["key"]: lane for lane in good(await operator.get("/v1/lanes"))["items"]}
    lane = lanes["insurer:demo-insurer"]
    assert (lane["paused"], lane["due"], lane["running"]) == (True, 1, 0)
    resumed = good(await operator.post(f"{path}:resume", json=WHY, headers=keyed()))
    assert (resumed["paused"], resumed["rests_until"]) == (False, None)
    assert len((await work(database)).sent) == 1
    assert await acts(database, "lane") == [
        ("lane.pause", "running", "paused", WHY["reason"]),
        ("lane.resume", "paused", "running", WHY["reason"]),
    ]
    nobody = "/v1/lanes/insurer:nobody:pause"
    refused(await operator.post(nobody, json=WHY, headers=keyed()), 404, "resource.not_found")


async def test_resuming_closes_an_open_breaker(database: Database, operator: Client) -> None:
    await take_on(database)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text(
                "UPDATE lane SET failures = 7, open_until = now() + interval '1 hour' "
                "WHERE key = 'insurer:demo-insurer'"
            )
        )
    path = "/v1/lanes/insurer:demo-insurer:resume"
    resumed = good(await operator.post(path, json=WHY, headers=keyed()))
    assert (resumed["failures"], resumed["rests_until"]) == (0, None)


async def test_what_was_given_up_begins_anew_when_its_lane_is_resumed(
    database: Database, operator: Client
) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    path = "/v1/lanes/insurer:demo-insurer:resume"
    refused(await operator.post(path, json=WHY, headers=keyed()), 409, "claim.invalid_transition")
    async with database.transaction(SYSTEM) as tx:
        given_up = "UPDATE job SET state = 'dead', attempts = 20 WHERE kind = 'assess'"
        await tx.sql.execute(text(given_up))
        another = "INSERT INTO job (kind, lane, subject, state) SELECT kind, lane, subject, 'dead'"
        await tx.sql.execute(text(f"{another} FROM job WHERE kind = 'assess'"))
    assert (await work(database)).sent == []
    lanes = {lane["key"]: lane for lane in good(await operator.get("/v1/lanes"))["items"]}
    assert (lanes["desk"]["given_up"], lanes["desk"]["due"]) == (2, 0)
    resumed = await operator.post("/v1/lanes/desk:resume", json=WHY, headers=keyed())
    assert (good(resumed)["given_up"], good(resumed)["due"]) == (0, 1)
    assert (await work(database)).kinds() == ["refer_claim"]


async def test_an_insurer_sees_its_own_lane_and_switches_none(
    database: Database, client_of: Caller_
) -> None:
    await take_on(database)
    await take_on(database, "rival")
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    lanes = good(await insurer.get("/v1/lanes"))["items"]
    assert [lane["key"] for lane in lanes] == ["insurer:demo-insurer"]
    path = "/v1/lanes/insurer:demo-insurer:pause"
    refused(await insurer.post(path, json=WHY, headers=keyed()), 403, "auth.forbidden")
