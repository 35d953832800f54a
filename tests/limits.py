"""Terms with limits, made for a test, and a county whose people stand under them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import text

from app.db.session import Database
from app.domain.clauses.bills import Accrual, Bills, Deductible, Ratio
from app.domain.figures import Figure, Sourced, Unit
from app.domain.limits import Limit, LimitUnit, Scope
from app.domain.notice import NoticeBill, NoticeContent
from app.domain.policy import Share
from app.domain.roster import Member
from app.domain.terms import Cover, Terms, TermsKind
from app.domain.words import BillKind
from app.services.assessments.recompute import recompute
from app.services.policies import enrol, issue_policy
from app.services.schemes import load_scheme
from tests import contracts
from tests.cases import claim_view, file, notice, work
from tests.contracts import COUNTY, SYSTEM
from tests.domain.facts_made import bp, fen, make_cover, make_limit, make_measure, make_terms
from tests.people import person


def yuan(amount: float) -> Sourced:
    return fen(round(amount * 100))


def over_bills(
    percent: int = 100,
    *,
    deductible: float | None = None,
    accrues: Accrual = Accrual.PERSON_YEAR,
    kinds: tuple[BillKind, ...] = (BillKind.INPATIENT, BillKind.OUTPATIENT),
) -> Bills:
    """A ratio of what the person paid, above a deductible in yuan."""
    steps = () if deductible is None else (Deductible(yuan(deductible), accrues),)
    return replace(make_measure(Ratio(bp(percent * 100)), steps=steps), kinds=kinds)


def paying(percent: int = 100, *limits: Limit, **measure: object) -> Cover:
    """An indemnity over bills with limits."""
    return make_cover(limits=limits, measure=over_bills(percent, **measure))  # type: ignore[arg-type]


def ceiling(amount: float | Figure, scope: Scope = Scope.PERSON_YEAR) -> Limit:
    """A limit in yuan over a scope; its code is the scope's word."""
    figure = yuan(amount) if isinstance(amount, int | float) else amount
    return make_limit(figure, code=scope.value, scope=scope)


def times(count: int, scope: Scope = Scope.PERSON_YEAR) -> Limit:
    """A limit on how often is paid."""
    most = Sourced(count, Unit.COUNT, "第三条")
    return make_limit(most, code="times", scope=scope, unit=LimitUnit.COUNT)


async def county_under(
    database: Database,
    *schemes: Terms | Cover,
    households: Sequence[int] = (1, 1),
    **changed: object,
) -> None:
    """A policy for each of some terms, payers in that order; households of so many people.

    People are numbered from 1 through all households. `changed` are fields of the policies.
    """
    await contracts.take_on(database)
    members, number = [], 0
    for at, size in enumerate(households):
        for _ in range(size):
            number += 1
            members.append(Member("dibao", person(number, household_key=f"H-{at}")))
    async with database.transaction(COUNTY) as tx:
        for rank, one in enumerate(schemes, start=1):
            terms = make_terms(one) if isinstance(one, Cover) else one
            terms = replace(terms, scheme_code=f"scheme-{rank}")
            await load_scheme(tx, terms)
            fund = terms.kind is TermsKind.FUND
            shares = () if fund else (Share("demo-insurer", 10_000, lead=True),)
            fields = {"scheme_code": terms.scheme_code, "payer_rank": rank, "shares": shares}
            await issue_policy(tx, contracts.policy(f"P-{rank}", **(fields | changed)))
            await enrol(tx, f"P-{rank}", members)


def paid_by_person(
    settlement_id: str, amount: float, kind: str = "inpatient", **changed: object
) -> NoticeBill:
    """A bill of so many yuan, all of them the person's own."""
    units = round(amount * 100)
    fields: dict[str, object] = {
        "kind": kind,
        "total_fen": units,
        "hospital": "示范县人民医院",
        "hospital_level": "county",
        "settlement_id": settlement_id,
        "amounts": {"psn_part_amt": units},
    }
    return NoticeBill(**(fields | changed))  # type: ignore[arg-type]


def of_bills(name: str, *amounts: float, person: int = 1, **changed: object) -> NoticeContent:
    """A notice of bills in yuan; `name` keeps its settlements apart from others."""
    bills = tuple(paid_by_person(f"{name}-{at}", one) for at, one in enumerate(amounts))
    return notice(person, **{"bills": bills, **changed})


async def assessed(database: Database, content: NoticeContent) -> list[int]:
    """File a notice, let the worker assess it; gives the amount of each of its claims in fen."""
    filed = await file(database, content)
    await work(database)
    return await amounts_of(database, [claim.claim_no for claim in filed.claims])


async def amounts_of(database: Database, claims: Sequence[str]) -> list[int]:
    """What claims were assessed at, in fen."""
    found = []
    for claim_no in claims:
        amount = (await claim_view(database, claim_no)).claim.assessed_fen
        assert amount is not None, claim_no
        found.append(amount)
    return found


_COUNTERS = text(
    """
    SELECT u.scope, u.code, u.owner_id, u.subject_id, u.used,
        (SELECT coalesce(sum(e.units), 0) FROM usage_entry AS e
         WHERE (e.owner_id, e.scope, e.subject_id, e.code, e.period)
             = (u.owner_id, u.scope, u.subject_id, u.code, u.period)) AS entries
    FROM usage_counter AS u
    """
)


async def counters(database: Database) -> Mapping[tuple[str, str, UUID, UUID], int]:
    """What is used by (scope, code, owner, subject), held against the entries beneath."""
    async with database.transaction(SYSTEM) as tx:
        rows = (await tx.sql.execute(_COUNTERS)).all()
    for row in rows:
        assert row.used == row.entries, f"{row.scope} {row.code} does not follow from its entries"
    return {(row.scope, row.code, row.owner_id, row.subject_id): row.used for row in rows}


async def used(database: Database, scope: Scope) -> list[int]:
    """What is used of the counters of a scope that are not empty, largest first."""
    found = await counters(database)
    return sorted(
        (units for (at, *_), units in found.items() if at == scope and units), reverse=True
    )


async def all_come_out_again(database: Database) -> int:
    """Recompute every stored assessment bit for bit; gives how many there are."""
    told = await recompute(database, SYSTEM)
    assert told.first == []
    return told.checked
