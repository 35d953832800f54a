"""A county whose terms pay before a decision, or month by month; time may be moved on."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import text

from app.db.advances import AdvanceRow
from app.db.invariants import INVARIANTS, check
from app.db.jobs import enqueue
from app.db.ledger import account_sums
from app.db.session import Database
from app.domain.caller import Caller, Role
from app.domain.figures import Sourced, Unit
from app.domain.lifecycle import Outcome
from app.domain.policy import Share
from app.domain.recurring import Ended, Recurring
from app.domain.roster import Member
from app.domain.terms import Advance, Cover, TermsKind
from app.services.claims.decide_fund_claim import confirm_decision, propose_decision
from app.services.funds.allot_money import allot_money
from app.services.payouts.ask_advance import ask_advance
from app.services.payouts.view import list_payouts
from app.services.policies import enrol, issue_policy
from app.services.schemes import load_scheme
from tests import contracts
from tests.cases import INSURER, Wire, claim_view, file, notice, work
from tests.contracts import COUNTY, COUNTY_AREA, SYSTEM
from tests.domain.facts_made import make_terms
from tests.limits import paying, yuan
from tests.people import person

SECOND = Caller(Role.COUNTY, COUNTY_AREA, 990128000000, "key:second")
POLICY = "P-1"


def monthly(instalments: int, *ends: Ended) -> Recurring:
    """A benefit in so many parts."""
    return Recurring("生活补助", Sourced(instalments, Unit.COUNT, "第五条"), ends)


def with_advance(amount: float) -> Cover:
    """All of the bill, up to 100,000 yuan; so many yuan of it at once."""
    return replace(paying(), advance=Advance("先行赔付", yuan(amount), None))


async def county_paying(
    database: Database, *covers: Cover, fund: bool = False, shares: tuple[Share, ...] = ()
) -> None:
    """One policy on these covers, or a fund with a million yuan; two people."""
    await contracts.take_on(database)
    for share in shares:
        if share.insurer_code != INSURER:
            await contracts.take_on(database, share.insurer_code)
    kind = TermsKind.FUND if fund else TermsKind.INSURANCE
    terms = replace(make_terms(*covers), kind=kind)
    carried = () if fund else shares or (Share(INSURER, 10_000, lead=True),)
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms)
        await issue_policy(
            tx,
            contracts.policy(
                POLICY,
                shares=carried,
                premium_per_person_fen=0,
                period_to=date(2027, 12, 31),
            ),
        )
        await enrol(tx, POLICY, [Member("dibao", person(n)) for n in (1, 2)])
        if fund:
            await allot_money(tx, POLICY, 100_000_000, "预算")


async def claim_of(database: Database, wire: Wire | None = None, **changed: object) -> str:
    """A claim of 10,000 yuan with its insurer, or before the fund."""
    claim_no = (await file(database, notice(**changed))).claims[0].claim_no
    await work(database, wire)
    return claim_no


async def advance(
    database: Database, claim_no: str, amount_fen: int | None = None, caller: Caller = COUNTY
) -> AdvanceRow:
    async with database.transaction(caller) as tx:
        return await ask_advance(tx, claim_no, None, amount_fen)


async def decide_fund(database: Database, claim_no: str, amount_fen: int) -> None:
    """Two persons decide a fund's claim; nothing is a refusal."""
    version = (await claim_view(database, claim_no)).claim.version
    outcome = Outcome.PARTIAL if amount_fen else Outcome.DECLINED
    async with database.transaction(COUNTY) as tx:
        await propose_decision(
            tx, claim_no, version, outcome=outcome, amount_fen=amount_fen, reason_zh="按规定"
        )
    async with database.transaction(SECOND) as tx:
        await confirm_decision(tx, claim_no, version + 1)


async def later(database: Database, days: int) -> None:
    """Move business time so many days on from now, and let the worker do what falls due."""
    await set_ahead(database, timedelta(days=days))
    async with database.transaction(SYSTEM) as tx:
        await enqueue(tx, "due", "payouts")


async def set_ahead(database: Database, ahead: timedelta) -> None:
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("UPDATE sandbox_clock SET ahead = :ahead"), {"ahead": ahead})
        await tx.sql.execute(text("SET LOCAL ROLE relief_app"))


async def payouts(database: Database, claim_no: str) -> list[tuple[str, str, int]]:
    """Kind, status and fen of each payout of a claim."""
    async with database.transaction(COUNTY) as tx:
        found = [seen.payout for seen in await list_payouts(tx, claim_no)]
    return [(one.kind.value, one.status.value, one.amount_fen) for one in found]


async def books(database: Database, claim_no: str) -> dict[str, int]:
    """What stands on each account of the claim's policy, but for those of nothing."""
    policy_id = (await claim_view(database, claim_no)).claim.policy_id
    async with database.transaction(SYSTEM) as tx:
        sums = await account_sums(tx, policy_id)
    found: dict[str, int] = {}
    for one in sums:
        found[one.account] = found.get(one.account, 0) + one.amount_fen
    return {account: fen for account, fen in found.items() if fen}


async def green(database: Database) -> None:
    """Every invariant holds."""
    async with database.transaction(SYSTEM) as tx:
        findings = [await check(tx, invariant) for invariant in INVARIANTS]
    assert {one.invariant.number: one.places for one in findings if one.broken} == {}
