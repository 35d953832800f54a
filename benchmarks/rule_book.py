"""The rule book: a cover with its trace against bare integers, and a year under other terms."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta

from app.catalogue import load_file
from app.catalogue.loading import SCHEMES
from app.domain.assess import assess
from app.domain.canonical import to_json
from app.domain.facts import Bill, EnrolmentFacts, EventFacts, Facts, PersonFacts
from app.domain.replay import Chunk, PastClaim
from app.domain.terms import Terms
from app.domain.words import BillKind, Cause, EventKind, Level
from app.services.assessments.pool import replay
from benchmarks.measure import Effort, Line, alternate, middle, pairwise, tell

COVER_US = 20.0
YEAR_CLAIMS, YEAR_SECONDS, CORES = 1_000_000, 60.0, 2
CHUNK = 2_000
LOOPS = 2_000
SCHEME = "chongqing-minzheng-jikunbao"  # a deductible, a ratio and a yearly cap
NEW_YEAR = date(2026, 1, 1)
_YUAN = {
    "medfee_sumamt": 50_000,
    "fulamt_ownpay_amt": 15_000,
    "preselfpay_amt": 5_000,
    "inscp_scp_amt": 30_000,
    "fund_pay_sumamt": 25_000,
    "psn_part_amt": 25_000,
    "psn_cash_pay": 25_000,
    "overlmt_selfpay": 0,
}


def measure(effort: Effort) -> list[Line]:
    """Measure in this process, and the year in two others."""
    terms = load_file(SCHEMES / f"{SCHEME}.yaml")
    return [*_cover(terms, effort), _year(terms, effort)]


def _cover(terms: Terms, effort: Effort) -> list[Line]:
    tell("assessing ...")
    facts = _facts(0)
    covers = len(assess(terms, facts, {}).covers)
    amounts = facts.bills[0].amounts
    rows = alternate(
        effort.rounds,
        [
            lambda: _cpu_us(lambda: _bare(amounts["psn_part_amt"], 0)),
            lambda: _cpu_us(lambda: assess(terms, facts, {})) / covers,
        ],
    )
    value = middle(rows, 1)
    told = "a function over bare integers, without terms or trace"
    unit = "us per cover, with trace"
    return [
        Line(
            "assess_cover", unit, value, COVER_US, "the goal", value / COVER_US, 1.0, at_most=True
        ),
        Line("assess_bare", unit, value, middle(rows, 0), told, pairwise(rows, 1, 0)),
    ]


def _bare(base_fen: int, used_fen: int) -> int:
    """The same scheme by hand: 5,000 yuan off, 35 %, at most 150,000 yuan a year."""
    due = (max(0, base_fen - 500_000) * 3_500 + 5_000) // 10_000
    return min(due, max(0, 15_000_000 - used_fen))


def _cpu_us(work: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(LOOPS):
        work()
    return (time.process_time() - started) / LOOPS * 1e6


def _year(terms: Terms, effort: Effort) -> Line:
    """Count CPU seconds of all processes: a core that others use says nothing about us."""
    claims = effort.claims
    tell(f"replaying {claims:,} claims ...")
    other = replace(terms, version="what-if", covers=terms.covers[::-1])
    before = _cpu()
    asyncio.run(replay(_chunks(claims), (terms, other), CORES))
    seconds = (_cpu() - before) / CORES * YEAR_CLAIMS / claims
    return Line(
        "what_if_year",
        "s for 1,000,000 claims on two cores",
        seconds,
        YEAR_SECONDS,
        "the goal",
        seconds / YEAR_SECONDS,
        1.0,
        at_most=True,
    )


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


async def _chunks(claims: int) -> AsyncIterator[Chunk]:
    """Three claims to a family, twenty townships, all days of the year, bills of every size."""
    facts = [to_json(_facts(place)) for place in range(CHUNK)]
    for start in range(0, claims, CHUNK):
        yield Chunk(tuple(_claim(start + i, facts[i]) for i in range(CHUNK)), ())


def _claim(number: int, facts: str) -> PastClaim:
    family = str(number // 3)
    area = 990127000000 + number // 3 % 20 * 1_000
    return PastClaim(f"990127-2026-{number:07d}-1", family, family, area, facts, "[]")


def _facts(place: int) -> Facts:
    size = place % 13 + 1
    amounts = {name: yuan * 25 * size for name, yuan in _YUAN.items()}
    return Facts(
        EventFacts(EventKind.ILLNESS, Cause.DISEASE, NEW_YEAR + timedelta(place % 360)),
        PersonFacts("dibao" if place % 3 else "tekun", date(1950, 1, 1)),
        EnrolmentFacts(NEW_YEAR, NEW_YEAR, date(2026, 12, 31), NEW_YEAR),
        (
            Bill(
                "bill-1",
                BillKind.INPATIENT,
                amounts["medfee_sumamt"],
                amounts,
                hospital_level=Level.COUNTY,
            ),
        ),
    )
