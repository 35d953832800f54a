"""Whose account it is: asked before an insurer is told of it; a wrong one holds no claim up."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.insurers import Abilities, set_capabilities
from app.db.jobs import enqueue
from app.db.session import Database
from app.domain.account_check import AccountCheck
from app.domain.errors import IllegalMove
from app.domain.lifecycle import ClaimStatus
from app.domain.notice import Payee
from app.domain.tasks import TaskKind
from app.domain.waiting import Holder, WaitStep
from app.outside.insurers import Match, NotSent, Unknown
from app.services.accounts.check_payout import FORGOTTEN
from app.services.callbacks.apply_callbacks import apply_callbacks
from app.services.claims.assess_notice import assess_notice
from app.services.claims.read_claim import read_timeline
from app.services.payouts.correct_account import correct_account
from app.services.payouts.view import PayoutView, list_payouts
from app.services.tasks.list_tasks import list_tasks
from app.worker.desk_work import ACTS, LEFT, LEFT_PAUSE, UNAPPLIED, open_rounds
from tests.cases import (
    CHUNAN,
    HUAINAN,
    INSURER,
    Wire,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.paying import advance, county_paying, set_ahead, with_advance

RIGHT = ("张试1", "6200000000009999", "示范农商行")
GIVEN = ("张试1", "6200000000001234", "示范农商行")
PROVEN = Abilities(honours_key=True, can_be_asked=True, can_check_account=True)


async def county_checking(database: Database, *schemes: str) -> None:
    await county_with(database, *(schemes or (CHUNAN,)))
    await prove(database)


async def prove(database: Database, abilities: Abilities = PROVEN) -> None:
    async with database.transaction(SYSTEM) as tx:
        await set_capabilities(tx, INSURER, abilities)


def saying(*matches: Match | Unknown | NotSent) -> Wire:
    wire = Wire()
    wire.matches += matches
    return wire


async def referred(database: Database, wire: Wire, **changed: object) -> str:
    claim_no = (await file(database, notice(**changed))).claims[0].claim_no
    await work(database, wire)
    return claim_no


async def decide(database: Database, claim_no: str) -> PayoutView:
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    return await payout_of(database, claim_no)


async def payout_of(database: Database, claim_no: str) -> PayoutView:
    async with database.transaction(COUNTY) as tx:
        return (await list_payouts(tx, claim_no))[0]


async def correct(database: Database, seen: PayoutView, *account: str) -> None:
    for caller in (TOWNSHIP, COUNTY):
        async with database.transaction(caller) as tx:
            await correct_account(tx, seen.payout.id, *account)


async def tasks(database: Database) -> list[tuple[str, str, str | None]]:
    """What the township's list says of accounts: kind, claim, why."""
    async with database.transaction(TOWNSHIP) as tx:
        found = await list_tasks(tx, TaskKind.CORRECT_ACCOUNT, None, 10)
    return [(row.kind, row.number, row.detail) for row in found]


async def told_of(database: Database, claim_no: str) -> list[str]:
    """What the timeline says of accounts, oldest first."""
    async with database.transaction(COUNTY) as tx:
        events = await read_timeline(tx, claim_no)
    return [event.type for event in reversed(events) if "account" in event.type]


async def test_an_account_of_that_name_is_told_to_the_insurer(database: Database) -> None:
    await county_checking(database)
    wire = Wire()
    claim_no = await referred(database, wire)
    assert wire.checked == ["6200000000001234"]
    assert wire.sent[0].content["payees"][0]["account"] == "6200000000001234"  # type: ignore[index]
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW
    seen = await decide(database, claim_no)
    assert seen.payout.account_check is AccountCheck.MATCH
    assert await told_of(database, claim_no) == ["claim.account_checked"]


async def test_an_account_of_somebody_else_stays_out_and_is_corrected(database: Database) -> None:
    await county_checking(database)
    wire = saying(Match.NO)
    claim_no = await referred(database, wire)
    [payee] = wire.sent[0].content["payees"]  # type: ignore[misc]
    assert (payee["name"], payee["account"], payee["bank"]) == ("张试1", "", "")
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW

    seen = await decide(database, claim_no)
    assert (seen.payout.status, seen.payout.account_check) == ("pending", AccountCheck.MISMATCH)
    waits = (await claim_view(database, claim_no)).waiting
    assert waits is not None
    assert (waits.step, waits.holder) == (WaitStep.ACCOUNT_NAME, Holder.TOWNSHIP)
    assert await tasks(database) == [("correct_account", claim_no, "name_mismatch")]
    await correct(database, seen, *RIGHT)
    assert await tasks(database) == []
    asked = await payout_of(database, claim_no)
    assert (asked.payout.status, asked.payout.account_check) == ("pending", AccountCheck.ASKED)
    with pytest.raises(IllegalMove):
        await correct(database, asked, *GIVEN)
    again = await work(database)
    assert (again.checked, again.kinds()) == (["6200000000009999"], ["correct_account"])
    assert again.sent[0].content["payee"]["account"] == "6200000000009999"  # type: ignore[index]

    await deliver(database, claim_no, "payout.sent", **payout(account_last4="9999"))
    paid = payout(settlement_no="N-1", account_last4="9999")
    await deliver(database, claim_no, "payout.paid", **paid)
    await work(database)
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.CLOSED
    assert await told_of(database, claim_no) == [
        "claim.account_name_mismatch",
        "payout.propose_account",
        "payout.correct_account",
        "payout.account_checked",
    ]


async def test_a_corrected_account_of_somebody_else_is_corrected_once_more(
    database: Database,
) -> None:
    await county_checking(database)
    claim_no = await referred(database, saying(Match.NO))
    seen = await decide(database, claim_no)
    await correct(database, seen, *RIGHT)
    wire = await work(database, saying(Match.NO))
    assert wire.kinds() == []
    wrong = await payout_of(database, claim_no)
    assert (wrong.payout.status, wrong.payout.account_check) == ("pending", AccountCheck.MISMATCH)
    assert "payout.account_name_mismatch" in await told_of(database, claim_no)

    await correct(database, wrong, *GIVEN)
    wire = await work(database)
    assert (wire.checked, wire.kinds()) == (["6200000000001234"], ["correct_account"])


async def test_two_persons_who_enter_the_very_same_again_are_believed(database: Database) -> None:
    await county_checking(database)
    claim_no = await referred(database, saying(Match.NO))
    seen = await decide(database, claim_no)
    await correct(database, seen, *GIVEN)
    wire = await work(database)
    assert (wire.checked, wire.kinds()) == ([], ["correct_account"])
    confirmed = await payout_of(database, claim_no)
    assert confirmed.payout.account_check is AccountCheck.CONFIRMED


@pytest.mark.parametrize(
    "answer", [Match.UNKNOWN, Unknown("deadline"), Unknown("status_501"), NotSent("no_connection")]
)
async def test_no_answer_holds_no_claim_up(
    database: Database, answer: Match | Unknown | NotSent
) -> None:
    await county_checking(database)
    wire = saying(answer)
    claim_no = await referred(database, wire)
    assert wire.sent[0].content["payees"][0]["account"] == "6200000000001234"  # type: ignore[index]
    seen = await decide(database, claim_no)
    assert seen.payout.account_check is AccountCheck.UNKNOWN


async def bounced(database: Database) -> str:
    """A claim whose first transfer came back, `payout.sent` of it still on its way to us."""
    await county_checking(database)
    claim_no = await referred(database, Wire())
    await decide(database, claim_no)
    first = payout(settlement_no="N-1")
    await deliver(database, claim_no, "payout.paid", **first)
    back = payout(settlement_no="N-1", failure_code="account_closed")
    await deliver(database, claim_no, "payout.returned", **back)
    await work(database)
    return claim_no


async def test_late_news_of_the_first_try_does_not_keep_the_corrected_account_from_the_payer(
    database: Database,
) -> None:
    claim_no = await bounced(database)
    await correct(database, await payout_of(database, claim_no), *RIGHT)
    await deliver(database, claim_no, "payout.sent", **payout())
    async with database.transaction(SYSTEM) as tx:  # before the question about the account
        await apply_callbacks(tx, INSURER, claim_no)
    wire = await work(database)
    assert (wire.checked, wire.kinds()) == (["6200000000009999"], ["correct_account"])
    second = payout(settlement_no="N-2", account_last4="9999")
    await deliver(database, claim_no, "payout.paid", **second)
    await work(database)
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.CLOSED


async def test_late_news_of_the_first_try_leaves_a_wrong_account_to_be_corrected(
    database: Database,
) -> None:
    claim_no = await bounced(database)
    await correct(database, await payout_of(database, claim_no), *RIGHT)
    await work(database, saying(Match.NO))
    await deliver(database, claim_no, "payout.sent", **payout())
    assert (await work(database)).kinds() == []
    assert await tasks(database) == [("correct_account", claim_no, "name_mismatch")]
    await correct(database, await payout_of(database, claim_no), *RIGHT)
    assert (await work(database)).kinds() == ["correct_account"]


async def test_a_channel_that_cannot_tell_is_not_asked(database: Database) -> None:
    await county_with(database, CHUNAN)
    wire = Wire()
    claim_no = await referred(database, wire)
    assert (wire.checked, wire.kinds()) == ([], ["refer_claim"])
    seen = await decide(database, claim_no)
    assert seen.payout.account_check is None
    assert await told_of(database, claim_no) == []


async def test_a_check_that_never_comes_back_is_waited_for_a_quarter_of_an_hour(
    database: Database,
) -> None:
    await county_checking(database)
    filed = await file(database, notice())
    async with database.transaction(SYSTEM) as tx:
        await assess_notice(tx, filed.notice.notice_no)
    await lose_jobs(database, "check_accounts")
    await lose_jobs(database, "assess")
    assert (await work(database)).kinds() == []
    await set_ahead(database, timedelta(minutes=16))
    async with database.transaction(SYSTEM) as tx:
        await enqueue(tx, "assess", filed.notice.notice_no)
    wire = await work(database)
    assert (wire.checked, wire.kinds()) == ([], ["refer_claim"])


async def lose_jobs(database: Database, kind: str) -> None:
    """As if a worker had failed at them too often."""
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE job SET state = 'dead' WHERE kind = :kind"), {"kind": kind}
        )


async def test_a_corrected_account_that_nobody_asks_about_is_found_by_the_next_round(
    database: Database,
) -> None:
    await county_checking(database)
    claim_no = await referred(database, saying(Match.NO))
    await correct(database, await decide(database, claim_no), *RIGHT)
    await lose_jobs(database, "check_payout")
    assert (await work(database)).kinds() == []
    await set_ahead(database, timedelta(seconds=61))
    async with database.transaction(SYSTEM) as tx:
        await enqueue(tx, LEFT, "jobs")
    assert (await work(database)).kinds() == ["correct_account"]


async def test_an_ability_that_was_taken_away_meanwhile_holds_no_payout_up(
    database: Database,
) -> None:
    await county_checking(database)
    claim_no = await referred(database, saying(Match.NO))
    await correct(database, await decide(database, claim_no), *RIGHT)
    await prove(database, Abilities(honours_key=True))
    wire = await work(database)
    assert (wire.checked, wire.kinds()) == ([], ["correct_account"])
    seen = await payout_of(database, claim_no)
    assert seen.payout.account_check is AccountCheck.UNKNOWN


async def test_claims_whose_check_became_impossible_go_on_at_once(database: Database) -> None:
    await county_checking(database)
    filed = await file(database, notice())
    async with database.transaction(SYSTEM) as tx:
        await assess_notice(tx, filed.notice.notice_no)
    await lose_jobs(database, "assess")  # the ones that wait for an answer
    await prove(database, Abilities(honours_key=True))
    wire = await work(database)
    assert (wire.checked, wire.kinds()) == ([], ["refer_claim"])


async def test_what_lost_its_job_is_looked_for_within_two_minutes(database: Database) -> None:
    """Oldest it may be when its round comes, and the pause until the next."""
    assert max(FORGOTTEN, UNAPPLIED) + LEFT_PAUSE < timedelta(minutes=2)
    async with database.transaction(SYSTEM) as tx:
        await open_rounds(tx)
        await ACTS[LEFT](tx, "jobs")
        soon = await tx.sql.execute(
            text("SELECT run_at - now() FROM job WHERE kind = :kind AND state = 'ready'"),
            {"kind": LEFT},
        )
    assert soon.scalar_one() <= LEFT_PAUSE


async def test_each_account_is_asked_about_once_for_all_claims_of_a_notice(
    database: Database,
) -> None:
    await county_checking(database, CHUNAN, HUAINAN)
    half = {"share_bp": 5_000}
    payees = (Payee("张试1", "6200000000001234", "示范农商行", **half),)  # type: ignore[arg-type]
    payees += (Payee("张试2", "6200000000004321", "示范农商行", **half),)  # type: ignore[arg-type]
    wire = saying(Match.YES, Match.NO)
    claim_no = await referred(database, wire, payees=payees)
    assert sorted(wire.checked) == ["6200000000001234", "6200000000004321"]
    told = wire.sent[0].content["payees"]
    assert [one["account"] for one in told] == ["6200000000001234", ""]  # type: ignore[attr-defined]
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    async with database.transaction(COUNTY) as tx:
        found = [seen.payout.account_check for seen in await list_payouts(tx, claim_no)]
    assert found == [AccountCheck.MATCH, AccountCheck.MISMATCH]


async def test_an_advance_is_not_asked_for_to_an_account_of_somebody_else(
    database: Database,
) -> None:
    await county_paying(database, with_advance(1_000))
    await prove(database)
    claim_no = await referred(database, saying(Match.NO))
    await advance(database, claim_no)
    wire = await work(database)
    assert wire.kinds() == ["request_advance"]
    assert wire.sent[0].content["payees"][0]["account"] == ""  # type: ignore[index]


async def test_what_was_asked_about_an_account_shows_it_to_nobody(database: Database) -> None:
    await county_checking(database)
    await referred(database, saying(Match.NO))
    async with database.transaction(SYSTEM) as tx:
        rows = (await tx.sql.execute(text("SELECT account_check::text FROM account_check"))).all()
        events = (
            await tx.sql.execute(text("SELECT detail::text FROM event WHERE type ~ 'account'"))
        ).all()
    assert len(rows) == 1
    assert "6200000000001234" not in f"{rows}{events}"
    assert "张试1" not in f"{rows}{events}"
