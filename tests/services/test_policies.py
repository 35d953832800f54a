"""Policies: who may issue what, and who sees it."""

from datetime import date

import pytest

from app.db.events import timeline
from app.db.session import Database
from app.domain.errors import Invalid, NotFound, OutOfArea
from app.domain.policy import Approval, PolicyState, Share
from app.domain.terms import TermsKind
from app.services.policies import issue_policy, list_policies, read_policy
from app.services.schemes import load_scheme
from tests.contracts import (
    COUNTY,
    INSURER,
    OTHER_COUNTY,
    OTHER_INSURER,
    TOWNSHIP,
    policy,
    set_up,
    take_on,
    terms,
)


async def test_a_policy_is_active_at_once_and_leaves_an_event(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        view = await read_policy(tx, "P-1")
        events = await timeline(tx, "policy", ["P-1"])
    assert view.states == (PolicyState.ACTIVE,)
    assert view.policy.approval is Approval.NONE
    assert view.policy.shares == (Share("demo-insurer", 10_000, lead=True),)
    assert (view.policy.area_lo, view.policy.area_hi) == (990127000000, 990128000000)
    assert [(event.type, event.now) for event in events] == [("policy.issued", "active")]


async def test_a_fund_has_the_ladder_and_no_insurer(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms(kind=TermsKind.FUND))
        view = await issue_policy(tx, policy(shares=()))
    assert (view.policy.kind, view.policy.approval) == ("fund", Approval.LADDER)
    assert view.policy.insurer_code is None


async def test_shares_are_kept_with_the_lead_first(database: Database) -> None:
    await take_on(database, "a-second")
    shares = (Share("a-second", 3_000, lead=False), Share("demo-insurer", 7_000, lead=True))
    await set_up(database, shares=shares)
    async with database.transaction(COUNTY) as tx:
        view = await read_policy(tx, "P-1")
    assert view.policy.shares == (shares[1], shares[0])
    assert view.policy.insurer_code == "demo-insurer"


async def test_the_terms_are_those_in_force_on_the_first_day(database: Database) -> None:
    await take_on(database)
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms(effective_to=date(2026, 6, 30)))
        await load_scheme(tx, terms(version="2026b", effective_from=date(2026, 7, 1)))
        first = await issue_policy(tx, policy("P-1", period_from=date(2026, 6, 30)))
        second = await issue_policy(tx, policy("P-2", period_from=date(2026, 7, 1)))
    assert first.policy.scheme_version == "2026"
    assert second.policy.scheme_version == "2026b"


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/scheme", {"scheme_code": "nothing"}),
        ("/period_from", {"period_from": date(2025, 12, 31)}),
        ("/period_to", {"period_to": date(2025, 12, 31)}),
        ("/policy_no", {"policy_no": "P-1"}),
        ("/shares", {"shares": ()}),
        ("/shares", {"shares": (Share("demo-insurer", 9_999, lead=True),)}),
        ("/shares", {"shares": (Share("demo-insurer", 10_000, lead=False),)}),
        (
            "/shares",
            {"shares": (Share("demo-insurer", 1, lead=True), Share("demo-insurer", 9_999, False))},
        ),
        ("/shares/0/insurer", {"shares": (Share("nobody", 10_000, lead=True),)}),
        ("/approval", {"approval": Approval.LADDER}),
        ("/waiting_days", {"waiting_days": -1}),
        ("/premium_per_person", {"premium_per_person_fen": -1}),
    ],
)
async def test_a_wrong_policy_is_refused_at_its_field(
    database: Database, pointer: str, changed: dict[str, object]
) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid) as refused:
            await issue_policy(tx, policy(**({"policy_no": "P-2"} | changed)))
    assert {fault.pointer for fault in refused.value.faults} == {pointer}


async def test_a_policy_is_issued_in_ones_own_area_only(database: Database) -> None:
    await set_up(database)
    for caller in (TOWNSHIP, OTHER_COUNTY):
        async with database.transaction(caller) as tx:
            with pytest.raises(OutOfArea):
                await issue_policy(tx, policy("P-2"))


async def test_a_policy_is_seen_by_its_area_and_its_insurer_only(database: Database) -> None:
    await set_up(database)
    for caller in (COUNTY, TOWNSHIP, INSURER):
        async with database.transaction(caller) as tx:
            assert [view.policy.policy_no for view in await list_policies(tx)] == ["P-1"]
    for caller in (OTHER_COUNTY, OTHER_INSURER):
        async with database.transaction(caller) as tx:
            assert await list_policies(tx) == []
            with pytest.raises(NotFound):
                await read_policy(tx, "P-1")


async def test_policies_are_listed_after_a_number(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        for number in ("P-3", "P-2"):
            await issue_policy(tx, policy(number))
        listed = await list_policies(tx, after="P-1", limit=1)
        assert [view.policy.policy_no for view in listed] == ["P-2"]
        assert await list_policies(tx, scheme_code="other") == []
