"""Why this amount: limits used and left, papers, what stays with the family, the nearest change."""

from app.db.session import Database
from app.domain.assess import assess
from app.domain.limits import Scope
from app.domain.nearest_change import ChangeKind
from app.services.estimates.estimate import Estimate, estimate
from app.services.estimates.explain_claim import Explained, explain_claim
from tests.cases import CHUNAN, HUAINAN, JIKUNBAO, county_with, file, notice, stay, work
from tests.contracts import INSURER, OTHER_COUNTY, TOWNSHIP


async def explained(database: Database, claim_no: str) -> Explained:
    async with database.transaction(TOWNSHIP) as tx:
        return await explain_claim(tx, claim_no)


async def estimated(database: Database, **changed: object) -> Estimate:
    async with database.transaction(TOWNSHIP) as tx:
        return await estimate(tx, notice(**changed), frozenset({"settlement"}))


async def test_an_estimate_tells_limits_and_the_nearest_change(database: Database) -> None:
    await county_with(database, HUAINAN)
    (policy,) = (await estimated(database, stays=(stay(10),))).policies
    assert policy.nearest is not None
    assert policy.nearest.kind is ChangeKind.MORE_DAYS
    again = assess(policy.response.terms, policy.nearest.facts, {})
    assert again.amount_fen == policy.nearest.amount_fen
    yearly = [use for use in policy.limits if use.key.scope is Scope.PERSON_YEAR]
    assert yearly
    assert all(use.left == use.bound - use.used - use.taken for use in yearly)
    assert any(use.taken > 0 for use in yearly)


async def test_what_stays_with_the_family_is_after_all_policies(database: Database) -> None:
    await county_with(database, CHUNAN, JIKUNBAO)
    told = await estimated(database)
    filed = await file(database, notice())
    await work(database)
    claims = [await explained(database, claim.claim_no) for claim in filed.claims]
    assert len(claims) == 2
    assert {claim.left_fen for claim in claims} == {told.left_fen}
    assert told.left_fen == 1_000_000 - told.total_fen


async def test_a_claims_explanation_stands_on_its_stored_facts(database: Database) -> None:
    await county_with(database, HUAINAN)
    filed = await file(database, notice(stays=(stay(10),)), "discharge_record")
    await work(database)
    (claim,) = filed.claims
    told = await explained(database, claim.claim_no)
    assert told.claim.assessed_fen == told.assessment.amount_fen > 0
    assert told.nearest is not None
    assert told.missing is not None
    assert "discharge_record" not in {paper.code for paper in told.missing}


async def test_an_insurer_is_told_neither_papers_nor_other_payers(database: Database) -> None:
    await county_with(database, CHUNAN)
    (claim,) = (await file(database, notice())).claims
    await work(database)
    async with database.transaction(INSURER) as tx:
        told = await explain_claim(tx, claim.claim_no)
    assert (told.missing, told.left_fen) == (None, None)
    assert told.assessment.amount_fen > 0


async def test_an_estimate_asks_as_the_caller_without_a_transaction(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, HUAINAN)
    await file(fresh_database, notice(stays=(stay(10),)), "discharge_record")
    await work(fresh_database)
    content = notice(stays=(stay(10),))

    async with fresh_database.asking(TOWNSHIP) as tx:
        told = await estimate(tx, content, frozenset())
        assert await tx.rows("SELECT 1 FROM usage_counter") == []
        nobody = await tx.row("SELECT ctx_lo() AS lo, ctx_actor() AS actor")
    async with fresh_database.asking(OTHER_COUNTY) as tx:
        foreign = await estimate(tx, content, frozenset())

    (policy,) = told.policies
    assert any(use.used > 0 for use in policy.limits)
    assert nobody is not None
    assert tuple(nobody) == (None, None)
    assert foreign.policies == ()
    assert [remark["code"] for remark in foreign.remarks] == ["coverage.not_insured"]
