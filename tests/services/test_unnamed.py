"""Unnamed policies: everybody of the area is insured, who they are is proved with the claim."""

from app.db.session import Database
from app.domain.notice import EventReport, NoticeContent, PersonRef
from app.domain.person import IdType
from app.domain.policy import Share
from app.domain.terms import Roster
from app.services.people import look_up_person
from app.services.policies import issue_policy
from app.services.schemes import load_scheme
from tests import contracts
from tests.cases import EVENT_ON, INSURER, claim_view, draft, notice, submit, work
from tests.contracts import COUNTY, TOWNSHIP
from tests.people import id_number


async def unnamed(database: Database, **categories: str) -> None:
    """A policy for everybody: 1,000 yuan at death."""
    await contracts.take_on(database)
    terms = contracts.terms(roster=Roster.UNNAMED, categories=categories)
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms)
        shares = (Share(INSURER, 10_000, lead=True),)
        await issue_policy(tx, contracts.policy("P-ALL", shares=shares))


def death(sequence: int = 1, **extra: str) -> NoticeContent:
    return notice(
        sequence,
        event=EventReport("death", "accident", EVENT_ON),
        bills=(),
        extra=extra,
        person=PersonRef(id_number=id_number(sequence), name=f"张试{sequence}"),
    )


async def test_whoever_is_of_the_area_is_covered_and_registered_with_the_claim(
    database: Database,
) -> None:
    await unnamed(database, everyone="全体居民")
    filed = await submit(database, await draft(database, death()))
    assert [claim.scheme_code for claim in filed.claims] == ["test-scheme"]
    wire = await work(database)
    assert wire.kinds() == ["refer_claim"]
    assert wire.sent[0].content["person"]["category"] == "everyone"  # type: ignore[index]
    view = await claim_view(database, filed.claims[0].claim_no)
    assert view.claim.assessed_fen == 100_000
    async with database.transaction(TOWNSHIP) as tx:
        assert await look_up_person(tx, "张试1", IdType.RESIDENT_ID, id_number(1))


async def test_where_categories_differ_the_notice_tells_which(database: Database) -> None:
    await unnamed(database, dibao="低保对象", villager="农村居民")
    kept = await submit(database, await draft(database, death()))
    assert [remark["code"] for remark in kept.notice.coverage] == ["coverage.category_needed"]
    told = await submit(database, await draft(database, death(2, category="villager")))
    assert len(told.claims) == 1


async def test_without_an_unnamed_policy_nobody_is_registered_by_a_notice(
    database: Database,
) -> None:
    await contracts.set_up(database)
    filed = await submit(database, await draft(database, death()))
    assert filed.claims == ()
    assert filed.notice.person_id is None
