"""A policy's life: quoted, active, endorsed, renewed, cancelled; its premium due and paid."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from app.catalogue import load_all
from app.db.events import timeline
from app.db.people import read_people
from app.db.session import Database
from app.domain.endorsement import NewEndorsement, Removal, RemovalReason
from app.domain.errors import IllegalMove, Invalid, NotFound, OutOfArea, VersionStale
from app.domain.lifecycle import ClaimStatus
from app.domain.policy import Contract, Payer, PolicyState, PolicyStatus, PremiumBy, states_of
from app.domain.roster import Member
from app.services.assessments.recompute import recompute
from app.services.notices.view import NoticeView
from app.services.policies import enrol, issue_policy, list_members, read_policy
from app.services.policies.activate_policy import activate_policy
from app.services.policies.cancel_policy import cancel_policy
from app.services.policies.endorse import Endorsed, endorse
from app.services.policies.list_endorsements import list_endorsements, read_endorsement
from app.services.policies.read_premium import read_premium
from app.services.policies.record_premium import Payment, record_premium
from app.services.policies.renew_policy import Renewal, renew_policy
from app.services.schemes import load_scheme
from tests.cases import (
    CHUNAN,
    EVENT_ON,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    work,
)
from tests.contracts import COUNTY, OTHER_COUNTY, SYSTEM, TOWNSHIP, policy, set_up, terms
from tests.people import person

POLICY = f"P-{CHUNAN}"
JULY = date(2026, 7, 1)


async def person_ids(database: Database, policy_no: str = "P-1") -> list[UUID]:
    async with database.transaction(COUNTY) as tx:
        return [member.person_id for member in await list_members(tx, policy_no, limit=200)]


async def change(database: Database, policy_no: str = "P-1", **fields: object) -> Endorsed:
    plain: dict[str, object] = {"effective_on": JULY, "reason_zh": "七月增减"}
    async with database.transaction(COUNTY) as tx:
        return await endorse(tx, policy_no, NewEndorsement(**(plain | fields)))  # type: ignore[arg-type]


async def faults(database: Database, policy_no: str = "P-1", **fields: object) -> list[str]:
    with pytest.raises(Invalid) as refused:
        await change(database, policy_no, **fields)
    return [fault.pointer for fault in refused.value.faults]


def leaves(*people: UUID, reason: RemovalReason = RemovalReason.MOVED_AWAY) -> tuple[Removal, ...]:
    return tuple(Removal(one, reason) for one in people)


async def rostered(database: Database, people: int = 3, **changed: object) -> list[UUID]:
    await set_up(database, **changed)
    async with database.transaction(COUNTY) as tx:
        await enrol(tx, "P-1", [Member("dibao", person(n)) for n in range(1, people + 1)])
    return await person_ids(database)


async def version_of(database: Database, policy_no: str = "P-1") -> int:
    async with database.transaction(COUNTY) as tx:
        return (await read_policy(tx, policy_no)).policy.version


# --- quoted, activated


async def test_a_quoted_policy_covers_nobody_until_it_is_activated(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        quoted = await issue_policy(tx, policy("P-2", status=PolicyStatus.QUOTED))
    assert quoted.states == (PolicyState.QUOTED,)
    with pytest.raises(Invalid):
        async with database.transaction(COUNTY) as tx:
            await enrol(tx, "P-2", [Member("dibao", person(1))])
    async with database.transaction(COUNTY) as tx:
        active = await activate_policy(tx, "P-2", 1)
        events = await timeline(tx, "policy", ["P-2"])
    assert active.states == (PolicyState.ACTIVE,)
    assert (events[0].type, events[0].was, events[0].now) == ("policy.activate", "quoted", "active")
    with pytest.raises(IllegalMove):
        async with database.transaction(COUNTY) as tx:
            await activate_policy(tx, "P-2", 2)


async def test_only_its_keeper_activates_a_policy_and_only_as_it_was_read(
    database: Database,
) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        await issue_policy(tx, policy("P-2", status=PolicyStatus.QUOTED))
    for caller, refusal in ((TOWNSHIP, OutOfArea), (OTHER_COUNTY, NotFound)):
        with pytest.raises(refusal):
            async with database.transaction(caller) as tx:
                await activate_policy(tx, "P-2", 1)
    with pytest.raises(VersionStale):
        async with database.transaction(COUNTY) as tx:
            await activate_policy(tx, "P-2", 7)


# --- endorsements


async def test_an_endorsement_adds_and_removes_with_its_premium_and_number(
    database: Database,
) -> None:
    first, *_ = await rostered(database, contract=Contract(premium_by=PremiumBy.MONTH))
    done = await change(database, removals=leaves(first), additions=(Member("tekun", person(9)),))
    row = done.endorsement
    assert (row.endorsement_no, row.added, row.removed) == ("P-1-E001", 1, 1)
    gone, come = done.lines
    assert (gone.covered_to, gone.premium_difference_fen) == (date(2026, 6, 30), -7_500)
    assert (come.covered_from, come.premium_difference_fen) == (JULY, 7_500)
    assert row.premium_difference_fen == 0
    async with database.transaction(COUNTY) as tx:
        members = await list_members(tx, "P-1")
        events = await timeline(tx, "policy", ["P-1"])
        listed = await list_endorsements(tx, "P-1")
        read = await read_endorsement(tx, "P-1", "P-1-E001")
        seen = await read_policy(tx, "P-1")
    ended = {member.person_id: member.covered_to for member in members}
    assert ended[first] == date(2026, 6, 30)
    assert len(members) == 4  # ended, never deleted
    assert [event.type for event in events[:1]] == ["policy.endorse"]
    assert events[0].detail["added"] == events[0].detail["removed"] == 1
    assert listed == [row]
    assert read.lines == done.lines
    assert row.policy_version == seen.policy.version == events[0].version


async def test_somebody_changes_category_by_leaving_and_joining_at_once(
    database: Database,
) -> None:
    first, *_ = await rostered(database)
    await change(
        database,
        removals=leaves(first, reason=RemovalReason.NOT_ENTITLED),
        additions=(Member("tekun", person_id=first),),
    )
    async with database.transaction(COUNTY) as tx:
        spells = [one for one in await list_members(tx, "P-1") if one.person_id == first]
    assert {(one.category, one.covered_from, one.covered_to) for one in spells} == {
        ("dibao", date(2026, 1, 1), date(2026, 6, 30)),
        ("tekun", JULY, date(2026, 12, 31)),
    }


async def test_who_is_removed_before_the_cover_began_is_on_file_but_not_on_the_roster(
    database: Database,
) -> None:
    first, *rest = await rostered(database)
    done = await change(database, effective_on=date(2026, 1, 1), removals=leaves(first))
    assert (done.lines[0].covered_to, done.lines[0].premium_difference_fen) == (None, -15_000)
    assert sorted(await person_ids(database)) == sorted(rest)
    async with database.transaction(COUNTY) as tx:
        kept = await tx.sql.execute(text("SELECT void, premium_fen FROM enrolment WHERE void"))
        assert [tuple(row) for row in kept] == [(True, 0)]
    again = await change(database, additions=(Member("dibao", person_id=first),))
    assert again.endorsement.endorsement_no == "P-1-E002"


async def test_an_endorsement_is_taken_whole_or_not_at_all(database: Database) -> None:
    first, second, _ = await rostered(database)
    stranger = UUID(int=7)
    assert await faults(
        database,
        removals=leaves(first, stranger),
    ) == ["/removals/1/person_id"]
    assert await faults(
        database, removals=leaves(first), additions=(Member("unheard", person(9)),)
    ) == ["/additions/0/category"]
    assert await faults(
        database, removals=leaves(first), additions=(Member("dibao", person_id=second),)
    ) == ["/additions/0/covered_from"]
    async with database.transaction(COUNTY) as tx:
        assert await list_endorsements(tx, "P-1") == []
        assert {one.covered_to for one in await list_members(tx, "P-1")} == {date(2026, 12, 31)}
        seen = await read_policy(tx, "P-1")
    assert seen.policy.premium_due_fen == 45_000


async def test_the_number_of_an_endorsement_is_used_once(database: Database) -> None:
    first, second, _ = await rostered(database)
    await change(database, endorsement_no="2026-07", removals=leaves(first))
    assert await faults(database, endorsement_no="2026-07", removals=leaves(second)) == [
        "/endorsement_no"
    ]


async def test_what_is_due_is_the_sum_of_the_roster_after_every_change(
    database: Database,
) -> None:
    first, second, third = await rostered(database)
    await change(database, removals=leaves(first), additions=(Member("dibao", person(9)),))
    await change(database, effective_on=date(2026, 9, 15), removals=leaves(second))
    await change(database, effective_on=date(2026, 1, 1), removals=leaves(third))
    async with database.transaction(COUNTY) as tx:
        summed = (await tx.sql.execute(text("SELECT sum(premium_fen) FROM enrolment"))).scalar_one()
        seen = await read_policy(tx, "P-1")
    assert seen.policy.premium_due_fen == summed


@pytest.mark.parametrize("status", [PolicyStatus.QUOTED, PolicyStatus.CANCELLED])
async def test_only_an_active_policy_is_endorsed(database: Database, status: PolicyStatus) -> None:
    first, *_ = await rostered(database)
    if status is PolicyStatus.CANCELLED:
        version = await version_of(database)
        async with database.transaction(COUNTY) as tx:
            await cancel_policy(tx, "P-1", version, JULY, "停办")
        number = "P-1"
    else:
        number = "P-2"
        async with database.transaction(COUNTY) as tx:
            await issue_policy(tx, policy("P-2", status=status))
    with pytest.raises(IllegalMove):
        await change(database, number, removals=leaves(first))


async def test_f55_a_removal_before_the_event_of_an_open_claim_is_refused(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    view = await file(database, notice())
    claimant = await claimant_of(database, view)
    for on in (date(2026, 1, 1), EVENT_ON):
        assert await faults(database, POLICY, effective_on=on, removals=leaves(claimant)) == [
            "/removals/0/person_id"
        ]
    done = await change(database, POLICY, effective_on=date(2026, 6, 11), removals=leaves(claimant))
    assert (done.endorsement.removed, done.over) == (1, ())


async def claimant_of(database: Database, view: NoticeView) -> UUID:
    ids = await person_ids(database, POLICY)
    name = view.notice.content.person.name
    async with database.transaction(COUNTY) as tx:
        people = await read_people(tx, ids)
    return next(key for key, one in people.items() if one.name == name)


async def test_f55_a_claim_is_assessed_and_decided_on_the_roster_of_the_event_day(
    database: Database,
) -> None:
    """Removed from a later day while the claim is open: the cover of the event day stands."""
    await county_with(database, CHUNAN)
    view = await file(database, notice())
    claimant = await claimant_of(database, view)
    before = await version_of(database, POLICY)
    await change(database, POLICY, effective_on=date(2026, 6, 11), removals=leaves(claimant))
    after = await version_of(database, POLICY)
    await work(database)
    number = view.claims[0].claim_no
    await deliver(database, number, "claim.decided", **decided())
    await work(database)
    claim = await claim_view(database, number)
    assert claim.claim.assessed_fen
    assert claim.decision is not None
    assert (before, claim.decision.policy_version) == (after - 1, after)


async def test_f56_a_retroactive_change_leaves_every_decision_as_it_was_made(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    view = await file(database, notice())
    await work(database)
    number = view.claims[0].claim_no
    await deliver(
        database,
        number,
        "claim.decided",
        **decided("declined", "0.00", clause="八", reason_zh="免责"),
    )
    await work(database)
    decided_on = await claim_view(database, number)
    claimant = await claimant_of(database, view)
    done = await change(database, POLICY, effective_on=date(2026, 2, 1), removals=leaves(claimant))
    assert [claim.claim_no for claim in done.over] == [number]
    await work(database)
    now = await claim_view(database, number)
    assert (now.claim.status, now.claim.assessed_fen) == (
        ClaimStatus.CLOSED,
        decided_on.claim.assessed_fen,
    )
    assert now.decision == decided_on.decision
    checked = await recompute(database, SYSTEM)
    assert (checked.checked, checked.differing) == (1, 0)


# --- cancelled, renewed


async def test_a_cancelled_policy_covers_events_before_its_day_and_none_after(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    version = await version_of(database, POLICY)
    async with database.transaction(COUNTY) as tx:
        gone = await cancel_policy(tx, POLICY, version, date(2026, 6, 11), "改由县级统筹")
    assert PolicyState.CANCELLED in gone.states
    assert gone.policy.premium_due_fen == 2 * 6_616  # 15000 * 161 / 365
    covered = await file(database, notice())
    assert len(covered.claims) == 1
    later = replace(notice(2).event, on=date(2026, 6, 11))
    bare = await file(database, notice(2, event=later))
    assert bare.claims == ()


async def test_a_quoted_policy_that_is_cancelled_never_covers(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        await issue_policy(tx, policy("P-2", status=PolicyStatus.QUOTED))
        gone = await cancel_policy(tx, "P-2", 1, date(2026, 12, 31), "报价未采用")
    assert gone.states == (PolicyState.CANCELLED,)
    assert gone.policy.cancelled_from == gone.policy.period_from


async def test_a_policy_is_not_cancelled_under_an_open_claim(database: Database) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    version = await version_of(database, POLICY)
    for on in (EVENT_ON, date(2025, 12, 31)):
        with pytest.raises(Invalid) as refused:
            async with database.transaction(COUNTY) as tx:
                await cancel_policy(tx, POLICY, version, on, "停办")
        assert refused.value.faults[0].pointer == "/from_on"


def test_a_policy_cancelled_from_a_later_day_still_stands() -> None:
    year = (date(2026, 1, 1), date(2026, 12, 31))
    states = [
        states_of(PolicyStatus.CANCELLED, *year, today, cancelled_from=JULY)
        for today in (date(2026, 6, 30), JULY, date(2027, 1, 1))
    ]
    assert states == [
        (PolicyState.CANCELLED, PolicyState.ACTIVE),
        (PolicyState.CANCELLED,),
        (PolicyState.CANCELLED, PolicyState.EXPIRED),
    ]


async def test_a_renewal_carries_over_who_is_still_entitled(database: Database) -> None:
    first, second, third = await rostered(database)
    await change(database, removals=leaves(third))
    version = await version_of(database)
    renewal = Renewal(
        "P-1-2027", date(2027, 12, 31), premium_per_person_fen=16_000, leave_out=frozenset({second})
    )
    async with database.transaction(COUNTY) as tx:
        done = await renew_policy(tx, "P-1", version, renewal)
        old = await read_policy(tx, "P-1")
    assert (done.carried_over, dict(done.left_out)) == (1, {"named": 1})
    assert await person_ids(database, "P-1-2027") == [first]
    new = done.policy.policy
    assert (new.period_from, new.renews, new.premium_due_fen) == (date(2027, 1, 1), "P-1", 16_000)
    assert (new.shares, new.payers) == (old.policy.shares, old.policy.payers)
    assert old.policy.renewed_by == "P-1-2027"
    assert PolicyState.RENEWED in old.states


async def test_a_renewal_takes_the_terms_in_force_on_its_first_day(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        await tx.sql.execute(text("UPDATE scheme_version SET effective_to = '2026-12-31'"))
        await load_scheme(
            tx, terms(version="2027", effective_from=date(2027, 1, 1), categories={"dibao": "低保"})
        )
        await enrol(tx, "P-1", [Member("dibao", person(1)), Member("tekun", person(2))])
        done = await renew_policy(tx, "P-1", 2, Renewal("P-2", date(2027, 12, 31)))
    assert done.policy.policy.scheme_version == "2027"
    assert (done.carried_over, dict(done.left_out)) == (1, {"category_unknown": 1})


@pytest.mark.parametrize(
    ("on", "under"),
    [
        (date(2024, 2, 28), None),
        (date(2024, 2, 29), "leap"),
        (date(2025, 2, 28), "leap"),
        (date(2025, 3, 1), "after"),
        (date(2026, 2, 28), "after"),
        (date(2026, 3, 1), None),
    ],
)
async def test_f23_an_event_belongs_to_the_policy_of_its_day(
    database: Database, on: date, under: str | None
) -> None:
    """Both days of a period are covered; a year that begins on 29 February ends on the 28th."""
    leap = {"policy_no": "leap", "period_from": date(2024, 2, 29), "period_to": date(2025, 2, 28)}
    await county_with(database)
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, load_all()[CHUNAN])
        await issue_policy(tx, policy(scheme_code=CHUNAN, **leap))
        await enrol(tx, "leap", [Member("dibao", person(1))])
        done = await renew_policy(tx, "leap", 2, Renewal("after", date(2026, 2, 28)))
    assert done.policy.policy.period_from == date(2025, 3, 1)
    view = await file(database, notice(event=replace(notice().event, on=on)))
    assert [claim.policy_no for claim in view.claims] == ([under] if under else [])


async def test_a_policy_is_renewed_once_and_from_after_its_last_day(database: Database) -> None:
    await rostered(database)
    version = await version_of(database)
    early = Renewal("P-2", date(2027, 12, 31), period_from=date(2026, 12, 31))
    with pytest.raises(Invalid) as refused:
        async with database.transaction(COUNTY) as tx:
            await renew_policy(tx, "P-1", version, early)
    assert refused.value.faults[0].pointer == "/period_from"
    async with database.transaction(COUNTY) as tx:
        await renew_policy(tx, "P-1", version, Renewal("P-2", date(2027, 12, 31)))
    with pytest.raises(Invalid) as refused:
        async with database.transaction(COUNTY) as tx:
            await renew_policy(tx, "P-1", version + 1, Renewal("P-3", date(2027, 12, 31)))
    assert "P-2" in refused.value.detail_zh


# --- the premium


async def test_the_payers_parts_sum_to_what_is_due_and_gaps_are_told(database: Database) -> None:
    """Anqing 2014: the city bears 70 %, the districts 30 % (D37)."""
    payers = (Payer("city", "市级福彩公益金", 7_000), Payer("district", "区级财政", 3_000))
    await rostered(database, payers=payers, premium_per_person_fen=18_001)
    async with database.transaction(COUNTY) as tx:
        seen = await read_premium(tx, "P-1")
    assert [each.due_fen for each in seen.payers] == [37_802, 16_201]
    assert sum(each.due_fen for each in seen.payers) == seen.policy.premium_due_fen == 54_003
    async with database.transaction(COUNTY) as tx:
        seen = await record_premium(tx, "P-1", Payment("city", 37_802, date(2026, 1, 20), "V-1"))
        told = await read_policy(tx, "P-1")
    assert [each.paid_fen for each in seen.payers] == [37_802, 0]
    assert [warning.code for warning in told.warnings] == ["premium.unpaid"]
    async with database.transaction(COUNTY) as tx:
        await record_premium(tx, "P-1", Payment("district", 16_201, date(2026, 1, 21), "V-2"))
        assert (await read_policy(tx, "P-1")).warnings == ()


@pytest.mark.parametrize(
    ("payment", "pointer"),
    [
        (Payment("nobody", 1, date(2026, 1, 1), "V-2"), "/payer"),
        (Payment("bureau", 0, date(2026, 1, 1), "V-2"), "/amount"),
        (Payment("bureau", 1, date(2099, 1, 1), "V-2"), "/paid_on"),
        (Payment("bureau", 1, date(2026, 1, 1), "V-1"), "/reference"),
    ],
)
async def test_a_wrong_payment_of_premium_is_refused(
    database: Database, payment: Payment, pointer: str
) -> None:
    await rostered(database)
    async with database.transaction(COUNTY) as tx:
        await record_premium(tx, "P-1", Payment("bureau", 100, date(2026, 1, 1), "V-1"))
    with pytest.raises(Invalid) as refused:
        async with database.transaction(COUNTY) as tx:
            await record_premium(tx, "P-1", payment)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


async def test_unpaid_premium_warns_on_a_claim_and_holds_nothing_back(database: Database) -> None:
    await county_with(database, CHUNAN)
    view = await file(database, notice())
    await work(database)
    number = view.claims[0].claim_no
    await deliver(database, number, "claim.decided", **decided())
    await work(database)
    claim = await claim_view(database, number)
    assert claim.claim.status is ClaimStatus.PAYING
    assert "premium.unpaid" in [warning.code for warning in claim.warnings]
