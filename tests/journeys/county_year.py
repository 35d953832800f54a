"""A county's year: policies with people, every way of a claim, the bank, months and rosters."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date

from sqlalchemy import text

from app.db.session import Database
from app.domain.bank_file import Result, Totals
from app.domain.endorsement import NewEndorsement, Removal, RemovalReason
from app.domain.errors import Invalid
from app.domain.money import split_fen
from app.domain.notice import Payee
from app.domain.roster import Member
from app.domain.terms import TermsKind
from app.services.batches.export_batch import export_batch
from app.services.batches.make_batch import make_batch
from app.services.batches.settle_batch import settle_batch
from app.services.funds.allot_money import allot_money
from app.services.policies import enrol, issue_policy
from app.services.policies.endorse import endorse
from app.services.policies.list_members import list_members
from app.services.policies.record_premium import Payment, record_premium
from app.services.schemes import load_scheme
from tests import contracts
from tests.cases import claim_view, file, work
from tests.contracts import COUNTY
from tests.domain.facts_made import make_terms
from tests.journeys.lived_claims import (
    COVERS,
    FUND,
    LEAD,
    MONTHLY,
    NOBODYS,
    PAYERS,
    PRICE,
    RIVAL,
    SHARED,
    SHARES,
    WAYS,
    Life,
    Way,
    Year,
    corrected_for_the_bank,
    of_two_heirs,
)
from tests.limits import of_bills
from tests.paying import later
from tests.people import person

SEED = 20_261_122


async def begin(database: Database) -> Year:
    """Three policies with people of their own, a premium that comes out uneven, every claim."""
    async with database.transaction(COUNTY) as tx:
        year = Year(database, random.Random(SEED), await tx.today())
    for code in (LEAD, RIVAL):
        await contracts.take_on(database, code)
    number = 0
    people: list[tuple[int, str, Way]] = []
    async with database.transaction(COUNTY) as tx:
        for policy_no, ways in WAYS.items():
            numbers = range(number + 1, number + 1 + len(ways))
            people += [(n, policy_no, way) for n, way in zip(numbers, ways, strict=True)]
            number += len(ways)
            kind = TermsKind.FUND if policy_no == FUND else TermsKind.INSURANCE
            terms = replace(
                make_terms(COVERS[policy_no]), scheme_code=f"scheme-{policy_no[2:]}", kind=kind
            )
            await load_scheme(tx, terms)
            form = contracts.policy(
                policy_no,
                scheme_code=terms.scheme_code,
                shares=SHARES[policy_no],
                payers=() if policy_no == FUND else PAYERS,
                premium_per_person_fen=0 if policy_no == FUND else PRICE,
            )
            await issue_policy(tx, form)
            await enrol(tx, policy_no, [Member("dibao", person(n)) for n in numbers])
        await allot_money(tx, FUND, 100_000_000, "预算")
    for n, policy_no, way in people:
        await _file(year, n, policy_no, way)
    await work(database)
    for life in year.lives:
        assessed = (await claim_view(database, life.claim_no)).claim.assessed_fen
        assert assessed == life.assessed, life
    return year


async def _file(year: Year, number: int, policy_no: str, way: Way) -> None:
    amount = year.lot.randint(30_001, 999_999)
    account = NOBODYS if way is corrected_for_the_bank else f"62000000000011{number:02}"
    payees: tuple[Payee, ...] = (Payee(f"张试{number}", account, "示范农商行"),)
    if way is of_two_heirs:
        payees = tuple(
            Payee(f"继承人{n}", f"620000000000111{n}", "示范农商行", "heir", bp)
            for n, bp in ((1, 3_333), (2, 6_667))
        )
    filed = await file(
        year.database, of_bills(f"B{number}", amount / 100, person=number, payees=payees)
    )
    (claim,) = filed.claims
    year.lives.append(Life(year, number, policy_no, claim.claim_no, amount))


async def live(year: Year) -> None:
    """A step of every claim, then whatever the worker has to do and the bank; until all is said."""
    ways = [way for of in WAYS.values() for way in of]
    going = [(life, way(life)) for life, way in zip(year.lives, ways, strict=True)]
    while going:
        for life, steps in tuple(going):
            try:
                await anext(steps)
            except StopAsyncIteration:
                going.remove((life, steps))
        await work(year.database)
        await bank(year)


async def bank(year: Year) -> None:
    """One batch of what is due of the fund: all is paid but what has no such account."""
    by_claim = {life.claim_no: life for life in year.of(FUND)}
    with suppress(Invalid):  # nothing is due
        async with year.database.transaction(COUNTY) as tx:
            batch = await make_batch(tx, FUND)
            await export_batch(tx, batch.batch_no)
            due = (
                await tx.sql.execute(
                    text(
                        "SELECT o.reference, o.amount_fen, o.account_last4, c.claim_no "
                        "FROM payout AS o JOIN claim AS c ON c.id = o.claim_id "
                        "WHERE o.batch_id = :batch"
                    ),
                    {"batch": batch.id},
                )
            ).all()
            results = []
            for one in due:
                good = one.account_last4 != NOBODYS[-4:]
                words = (f"B-{one.reference}", None, None) if good else (None, "account_wrong", "x")
                state = "paid" if good else "failed"
                results.append(Result(one.reference, state, one.amount_fen, *words))
                by_claim[one.claim_no].paid += one.amount_fen if good else 0
            sums = Counter({"paid": 0, "failed": 0})
            for result in results:
                sums[result.state] += result.amount_fen
            counts = Counter(result.state for result in results)
            await settle_batch(
                tx,
                batch.batch_no,
                results,
                Totals(counts["paid"], sums["paid"], counts["failed"], sums["failed"]),
            )


async def next_month(year: Year) -> None:
    """A month later the second part is due, and paid that day."""
    await later(year.database, 40)
    await work(year.database)
    async with year.database.transaction(COUNTY) as tx:
        on = await tx.today()
    (life,) = [one for one in year.of(MONTHLY) if 0 < one.paid < one.decided]
    await life.pay(split_fen(life.assessed, (1, 1, 1))[1], 2, on)
    await work(year.database)
    await later(year.database, 41)  # that day is over, too
    await work(year.database)


async def change_rosters(year: Year) -> None:
    """Two people join in July and one leaves; the payers pay what they pay."""
    async with year.database.transaction(COUNTY) as tx:
        leaver = (await list_members(tx, SHARED))[0].person_id
        change = NewEndorsement(
            date(2026, 7, 1),
            "七月增减",
            (Member("dibao", person(90)), Member("dibao", person(91))),
            (Removal(leaver, RemovalReason.MOVED_AWAY),),
        )
        await endorse(tx, SHARED, change)
        for policy_no, payer, amount in (
            (SHARED, "bureau", 123_457),
            (SHARED, "bureau", -57),
            (SHARED, "town", 10_001),
            (MONTHLY, "town", 1),
        ):
            told = Payment(payer, amount, date(2026, 8, 1), f"{policy_no}-{payer}-{amount}")
            await record_premium(tx, policy_no, told)
