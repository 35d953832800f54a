"""A machine of limits: random acts of many clerks at once, held against plain arithmetic.

Three people, two of them one household, under three policies that share their bills. Clerks file,
assess again, decide (less, nothing, more), withdraw, override, record other payers and bring in
balances, in an order that a seed draws; every transaction commits. RELIEF_MACHINE_ACTS makes the
run longer.
"""

import asyncio
import json
import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.callback import Decided
from app.domain.canonical import decode
from app.domain.clauses.allowances import Days, LastDay
from app.domain.errors import IllegalMove, Invalid, NotFound
from app.domain.facts import Facts
from app.domain.lifecycle import Outcome
from app.domain.limits import LimitKey, LimitUnit, Scope
from app.domain.terms import Nature
from app.services.callbacks.apply_claim_news import apply_decided
from app.services.claims.assess_notice import assess_notice
from app.services.claims.held import hold_claim
from app.services.claims.override_claim import NewOverride, confirm_override, propose_override
from app.services.claims.withdraw_claim import withdraw_claim
from app.services.notices.record_payer import record_payer
from app.services.notices.withdraw_notice import withdraw_notice
from app.services.policies.bring_in_usage import OpeningUsage, bring_in_usage
from tests import usage_model as model
from tests.cases import EVENT_ON, draft, stay, submit
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.domain.facts_made import days, fen, make_cover, make_limit
from tests.limits import all_come_out_again, ceiling, county_under, of_bills, paying, times
from tests.people import id_number
from tests.services.test_decisions import SECOND

ACTS = int(os.environ.get("RELIEF_MACHINE_ACTS", "90"))
PEOPLE = 3
CHARITY = (0, 10_001, 150_000)
EVERY_ACT = {"file", "assess", "decide", "withdraw", "withdraw_one", "pay", "override"}

_ASSESSMENTS = text(
    """
    SELECT a.claim_id, c.claim_no, a.seq, a.facts, a.usage_before, a.result, a.amount_fen,
        p.payer_rank, EXISTS (
            SELECT FROM usage_entry AS e
            WHERE e.claim_id = a.claim_id AND e.xmin = a.xmin) AS booked,
        (SELECT jsonb_agg(jsonb_build_array(e.scope, e.code, e.period, (
                SELECT coalesce(sum(o.units), 0) FROM usage_entry AS o
                WHERE (o.owner_id, o.scope, o.subject_id, o.code, o.period)
                    = (e.owner_id, e.scope, e.subject_id, e.code, e.period)
                  AND o.id < e.id AND o.claim_id IS DISTINCT FROM e.claim_id)))
         FROM usage_entry AS e
         WHERE e.claim_id = a.claim_id AND e.xmin = a.xmin AND e.scope <> 'bill') AS others
    FROM assessment AS a JOIN claim AS c ON c.id = a.claim_id JOIN policy AS p ON p.id = c.policy_id
    ORDER BY c.claim_no, a.seq
    """
)
# What others held of the notice's bills when a claim was decided, by the order of the entries; null
# where the decision booked nothing.
_CLAIMS = text(
    """
    SELECT c.id, c.claim_no, c.status, c.assessed_fen, c.decided_fen, n.content -> 'bills' AS bills,
        (SELECT jsonb_object_agg(b.code, (
            SELECT coalesce(sum(o.units), 0) FROM usage_entry AS o
            WHERE o.owner_id = c.notice_id AND o.scope = 'bill' AND o.code = b.code
              AND o.id < mine.id AND o.claim_id <> c.id))
         FROM (SELECT 'bill-' || g AS code
               FROM generate_series(1, jsonb_array_length(n.content -> 'bills')) AS g) AS b
         WHERE mine.id IS NOT NULL) AS others
    FROM claim AS c JOIN notice AS n ON n.id = c.notice_id
    LEFT JOIN decision AS d ON d.claim_id = c.id
    LEFT JOIN LATERAL (
        SELECT min(e.id) AS id FROM usage_entry AS e
        WHERE e.claim_id = c.id AND e.xmin = d.xmin
    ) AS mine ON true
    """
)
_HELD = text(
    """
    SELECT claim_id, scope, code, period, sum(units)::bigint AS units FROM usage_entry
    WHERE claim_id IS NOT NULL
    GROUP BY claim_id, owner_id, subject_id, scope, code, period HAVING sum(units) <> 0
    """
)
# One statement sees one moment: counters and entries of every other transaction, or none of it.
_BOOKS = text(
    """
    SELECT u.scope, u.code, u.used, coalesce(sum(e.units), 0)::bigint AS entries
    FROM usage_counter AS u LEFT JOIN usage_entry AS e
        USING (owner_id, scope, subject_id, code, period)
    GROUP BY u.owner_id, u.scope, u.subject_id, u.code, u.period, u.used
    """
)
MOST = {model.medical_key(scope): most for scope, most in model.MEDICAL.items()} | {
    model.EATEN: model.DEDUCTIBLE,
    model.DAYS: model.DAYS_MOST,
    model.TIMES: model.TIMES_MOST,
}


def key(scope: str, code: str, period: str) -> LimitKey:
    return LimitKey(Scope(scope), code, period)


async def found_county(database: Database) -> None:
    """The three policies of the model, in the order in which they pay."""
    medical = paying(
        model.PERCENT,
        *(ceiling(most / 100, scope) for scope, most in reversed(model.MEDICAL.items())),
        deductible=model.DEDUCTIBLE / 100,
    )
    year = make_limit(days(model.DAYS_MOST), code="days", unit=LimitUnit.DAYS)
    by_day = make_cover(
        nature=Nature.FIXED,
        measure=Days("住院津贴", fen(model.DAY), None, LastDay.COUNTED),
        limits=(year,),
    )
    await county_under(
        database, medical, by_day, paying(100, times(model.TIMES_MOST)), households=(2, 1)
    )


@dataclass(slots=True)
class Clerks:
    """What clerks share: what was filed. Each act is one transaction or a filing of several."""

    database: Database
    chance: random.Random
    generous: bool
    filed: list[str] = field(default_factory=list)
    opened: set[int] = field(default_factory=set)
    serial: int = 0
    done: Counter[str] = field(default_factory=Counter)

    async def act(self) -> None:
        """Do one act that chance draws, and count it. A refusal by the rules is no failure."""
        acts = [
            self.file,
            self.assess,
            self.decide,
            self.withdraw,
            self.withdraw_one,
            self.pay,
            self.override,
        ]
        weights = [5, 3, 4, 1, 1, 2, 2]
        if self.generous:
            acts.append(self.open_balance)
            weights.append(1)
        act = self.chance.choices(acts, weights)[0] if self.filed else self.file
        try:
            await act()
        except (IllegalMove, Invalid, NotFound):
            self.done["refused"] += 1
        else:
            self.done[act.__name__] += 1

    async def leave_nothing_out(self) -> None:
        """Go on until every act was done at least once: chance may have refused one each time."""
        for _ in range(300):
            if set(self.done) >= EVERY_ACT:
                return
            await self.act()
        raise AssertionError(self.done)

    async def file(self) -> None:
        self.serial += 1
        name, person = f"S{self.serial}", self.chance.randint(1, PEOPLE)
        amounts = [self._yuan() for _ in range(self.chance.choice((1, 1, 2)))]
        content = of_bills(name, *amounts, person=person)
        if self.chance.random() < 0.5:
            content = replace(content, stays=(stay(self.chance.randint(1, 12)),))
        number = await draft(self.database, content)
        await submit(self.database, number)
        self.filed.append(number)
        async with self.database.transaction(SYSTEM) as tx:
            await assess_notice(tx, number)

    async def assess(self) -> None:
        async with self.database.transaction(SYSTEM) as tx:
            await assess_notice(tx, self.chance.choice(self.filed))

    async def decide(self) -> None:
        claim_no = f"{self.chance.choice(self.filed)}-{self.chance.choice((1, 1, 2, 3))}"
        how = self.chance.choice(("as assessed", "less", "nothing", "more", "more"))
        async with self.database.transaction(SYSTEM) as tx:
            seen = await tx.sql.execute(
                text("SELECT count(*) FROM claim WHERE claim_no = :no"), {"no": claim_no}
            )
            if not seen.scalar_one():
                return
            notice, claim = await hold_claim(tx, claim_no)
            assessed = claim.assessed_fen or 0
            amount = {
                "as assessed": assessed,
                "less": assessed * self.chance.randint(1, 99) // 100,
                "nothing": 0,
                "more": assessed + self.chance.randint(1, 50_000),
            }[how if self.generous or how != "more" else "less"]
            outcome = Outcome.PARTIAL if amount else Outcome.DECLINED
            news = Decided("CASE", outcome, amount, None, "核定", EVENT_ON)
            await apply_decided(tx, notice, claim, news)

    async def withdraw_one(self) -> None:
        claim_no = f"{self.chance.choice(self.filed)}-{self.chance.choice((1, 2, 3))}"
        async with self.database.transaction(TOWNSHIP) as tx:
            _, claim = await hold_claim(tx, claim_no)
            await withdraw_claim(tx, claim_no, claim.version, "填错")

    async def withdraw(self) -> None:
        async with self.database.transaction(TOWNSHIP) as tx:
            await withdraw_notice(tx, self.chance.choice(self.filed), "填错")

    async def pay(self) -> None:
        """Another payer, first one for little and then perhaps for more or for nothing."""
        amount = self.chance.choice(CHARITY)
        number = self.chance.choice(self.filed)
        async with self.database.transaction(TOWNSHIP) as tx:
            await record_payer(tx, number, "bill-1", "charity", amount)
        async with self.database.transaction(SYSTEM) as tx:
            await assess_notice(tx, number)

    async def override(self) -> None:
        """Two persons agree on another amount of the medical cover, often one far too high."""
        claim_no = f"{self.chance.choice(self.filed)}-1"
        new = NewOverride("medical", self.chance.randint(0, 900_000), "一事一议", "第八条")
        async with self.database.transaction(COUNTY) as tx:
            _, claim = await hold_claim(tx, claim_no)
            done = await propose_override(tx, claim_no, claim.version, new)
        async with self.database.transaction(SECOND) as tx:
            _, claim = await hold_claim(tx, claim_no)
            await confirm_override(tx, claim_no, claim.version, done.override.seq)

    async def open_balance(self) -> None:
        person = self.chance.randint(1, PEOPLE)
        if person in self.opened:
            return
        self.opened.add(person)
        line = OpeningUsage("medical.person_year", 123_457, id_number=id_number(person))
        async with self.database.transaction(COUNTY) as tx:
            await bring_in_usage(tx, "P-1", [line], "旧系统导出")

    def _yuan(self) -> float:
        return self.chance.randint(20_000, 700_000) / 100


async def books_balance(database: Database, *, strict: bool) -> None:
    """Counters follow from their entries and, where nobody was generous, keep their bound."""
    async with database.transaction(SYSTEM) as tx:
        rows = (await tx.sql.execute(_BOOKS)).all()
    for row in rows:
        assert row.used == row.entries, (row.scope, row.code)
        bound = MOST.get(key(row.scope, row.code, model.YEAR))
        assert not strict or bound is None or row.used <= bound, (row.scope, row.code, row.used)


async def rows_of(database: Database, statement: Any) -> list[Any]:
    async with database.transaction(SYSTEM) as tx:
        return list((await tx.sql.execute(statement)).all())


async def everything_agrees(database: Database) -> int:
    """Hold every assessment and every claim's holdings against the model; gives how many."""
    claims = {row.id: row for row in await rows_of(database, _CLAIMS)}
    held: dict[UUID, dict[LimitKey, int]] = defaultdict(dict)
    for row in await rows_of(database, _HELD):
        held[row.claim_id][key(row.scope, row.code, row.period)] = row.units
    booked: dict[UUID, Booked] = {}
    told = await rows_of(database, _ASSESSMENTS)
    for row in told:
        usage = {decode(LimitKey, name): units for name, units in row.usage_before}
        facts = decode(Facts, json.loads(json.dumps(row.facts)))
        one = model.due(row.payer_rank, facts, usage)
        place = f"{row.claim_no} #{row.seq}"
        assert row.amount_fen == one.amount_fen, place
        assert {decode(LimitKey, name): units for name, units in row.result["used"]} == one.taken, (
            place
        )
        if row.booked or row.seq == 1:
            booked[row.claim_id] = Booked(row.payer_rank, one)
        for *name, others in row.others or ():
            assert usage[key(*name)] == others, f"{place}: {name} in the order of the entries"
    for claim_id, claim in claims.items():
        assert held[claim_id] in expected_holdings(claim, booked.get(claim_id)), claim.claim_no
    return len(told)


@dataclass(frozen=True, slots=True)
class Booked:
    """The latest assessment that reserved anything, by the rank of its policy."""

    policy: int
    due: model.Due


def expected_holdings(claim: Any, booked: Booked | None) -> list[Any]:
    """What a claim may hold: one thing, but for what the charity had paid when it was decided."""
    if claim.status == "withdrawn" or booked is None:
        return [{}]
    due = booked.due
    assert claim.assessed_fen == due.amount_fen, claim.claim_no
    if claim.decided_fen is None or claim.others is None:
        return [due.taken]
    rooms = (
        {
            model.bill_of(f"bill-{at}"): max(
                0, bill["total_fen"] - (paid if at == 1 else 0) - claim.others[f"bill-{at}"]
            )
            for at, bill in enumerate(claim.bills, start=1)
        }
        for paid in CHARITY
    )
    return [model.after_decision(booked.policy, due, claim.decided_fen, room) for room in rooms]


@pytest.mark.parametrize("generous", [False, True], ids=["within the terms", "generous"])
async def test_f54_eight_clerks_at_once_are_never_a_fen_over_and_lose_none(
    fresh_database: Database, generous: bool
) -> None:
    await found_county(fresh_database)
    clerks = Clerks(fresh_database, random.Random(f"eight {generous}"), generous)

    async def work(acts: int) -> None:
        for _ in range(acts):
            await clerks.act()

    async def watch() -> None:
        while any(not clerk.done() for clerk in busy):
            await books_balance(fresh_database, strict=not generous)
            await asyncio.sleep(0.05)

    busy = [asyncio.ensure_future(work(ACTS // 8)) for _ in range(8)]
    await asyncio.gather(*busy, watch())
    await clerks.leave_nothing_out()
    for number in clerks.filed:
        async with fresh_database.transaction(SYSTEM) as tx:
            await assess_notice(tx, number)
    await books_balance(fresh_database, strict=not generous)
    told = await everything_agrees(fresh_database)
    assert told == await all_come_out_again(fresh_database) > 0


@pytest.mark.parametrize("seed", [1])
async def test_one_clerk_leaves_everything_agreeing_after_every_act(
    fresh_database: Database, seed: int
) -> None:
    await found_county(fresh_database)
    clerks = Clerks(fresh_database, random.Random(seed), generous=True)
    for _ in range(ACTS // 3):
        await clerks.act()
        await books_balance(fresh_database, strict=False)
        await everything_agrees(fresh_database)
    await clerks.leave_nothing_out()
    await everything_agrees(fresh_database)
