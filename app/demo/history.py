"""The months before: a few hundred notices, filed, referred, decided and paid through the services.

Each rests where its plan ends. What happened, was settled and was decided lies in the past; the
instants in the trail are those of the seeding, as nobody may write into a past trail.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import TypeVar

from app.db.claims import ClaimRow
from app.db.notices import NoticesWanted
from app.db.session import Database
from app.demo.contracts import LEAD, Contract
from app.demo.endings import PLANS, TOLD, Plan, news_of
from app.demo.names import COUNTY, township
from app.demo.occurrences import occur
from app.demo.papers import paper
from app.demo.past_insurer import PastInsurer, tell
from app.demo.population import SEED, Resident
from app.domain.caller import Caller, Role, area_range
from app.domain.lifecycle import ClaimStatus, NoticeStatus, Outcome
from app.outside.documents import DocumentStore, StoredDocument
from app.services.claims.approve_claim import approve_claim
from app.services.claims.decide_fund_claim import confirm_decision, propose_decision
from app.services.notices.attach_document import attach_document
from app.services.notices.draft_notice import draft_notice
from app.services.notices.list_notices import list_notices
from app.services.notices.submit_notice import submit_notice
from app.services.notices.view import NoticeView
from app.services.notices.withdraw_notice import withdraw_notice
from app.worker.loop import Worker

T = TypeVar("T")

AT_ONCE = 4
LEASE = timedelta(seconds=60)
EARLIEST, LATEST = 75, 12  # days before today on which something happened
ADULT_BORN_BY = 2008
OFFICER = Caller(Role.COUNTY, *area_range(COUNTY), "seed:county")
SECOND_OFFICER = Caller(Role.COUNTY, *area_range(COUNTY), "seed:county-second")
COMPLETE = "history-complete"  # the client reference of the last draft: everything is there


@dataclass(frozen=True, slots=True)
class Case:
    """One planned notice under its client reference, by which it is found again."""

    ref: str
    plan: Plan
    resident: Resident
    on: date

    def township(self) -> Caller:
        """Give the caller who files it."""
        area = area_range(township(self.resident.place))
        return Caller(Role.TOWNSHIP, *area, "seed:township")


class History:
    """Writes the past of one county: the acts of townships, officers and the insurer in turn."""

    def __init__(self, database: Database, store: DocumentStore, secret: str) -> None:
        self._database = database
        self._store = store
        self._secret = secret
        self._insurer = PastInsurer()
        self._worker = Worker(
            database, self._insurer, name="seed", concurrency=AT_ONCE, lease=LEASE, poll_seconds=1
        )

    async def write(self, cases: Sequence[Case]) -> None:
        """Take every case to where its plan ends. A finished history is left as it is."""
        last = Case(COMPLETE, PLANS[-1], cases[-1].resident, cases[-1].on)
        if await self._find(last) is not None:
            return
        stored = await self._store.save(paper("past", "0"))
        await _for_each(cases, lambda case: self._file(case, stored))
        for act in (self._before_sending, self._tell, self._after_news):
            await self._worker.drain()
            await _for_each(cases, act)
        await self._worker.drain()
        await self._file(last, stored)

    async def _find(self, case: Case) -> NoticeView | None:
        async with self._database.transaction(case.township()) as tx:
            found = await list_notices(tx, NoticesWanted(client_ref=case.ref), None, 1)
        return found[0] if found else None

    async def _file(self, case: Case, stored: StoredDocument) -> None:
        if await self._find(case) is not None:
            return
        happened = occur(case.plan.kind, case.resident, case.on, Random(case.ref))
        async with self._database.transaction(case.township()) as tx:
            area_code = township(case.resident.place)
            drafted = await draft_notice(tx, happened.content, area_code, case.ref)
            notice_no = drafted.notice.notice_no
            if case.plan.ending == "draft":
                return
            for kind in happened.papers:
                await attach_document(tx, notice_no, kind, stored)
            view = await submit_notice(tx, notice_no)
        if case.plan.ending == "parked":
            self._insurer.unreadable.update(claim.claim_no for claim in view.claims)

    async def _before_sending(self, case: Case) -> None:
        """A county's check of facts, passed where the plan goes further."""
        if case.plan.contract == "nursing" and case.plan.ending in TOLD:
            for claim in await self._claims(case, ClaimStatus.PENDING_APPROVAL):
                async with self._database.transaction(OFFICER) as tx:
                    await approve_claim(tx, claim.claim_no, claim.version)

    async def _tell(self, case: Case) -> None:
        """What the insurer told, where the plan has it tell something."""
        if case.plan.ending in TOLD:
            for claim in await self._claims(case, ClaimStatus.UNDER_REVIEW):
                for news in news_of(case.plan.ending, claim, case.on):
                    await tell(self._database, LEAD, self._secret, claim.claim_no, news)

    async def _after_news(self, case: Case) -> None:
        """A fund's decision by two officers, and the township's withdrawal."""
        if case.plan.ending == "withdrawn":
            await self._withdraw(case)
        if case.plan.ending in ("proposed", "decided"):
            for claim in await self._claims(case, ClaimStatus.PENDING_APPROVAL):
                await self._decide(claim, confirm=case.plan.ending == "decided")

    async def _withdraw(self, case: Case) -> None:
        view = await self._find(case)
        if view is not None and view.notice.status is NoticeStatus.SUBMITTED:
            async with self._database.transaction(case.township()) as tx:
                await withdraw_notice(tx, view.notice.notice_no, "家属要求撤回")

    async def _decide(self, claim: ClaimRow, *, confirm: bool) -> None:
        amount = claim.assessed_fen or 0
        async with self._database.transaction(OFFICER) as tx:
            proposed = await propose_decision(
                tx,
                claim.claim_no,
                claim.version,
                outcome=Outcome.FULL if amount else Outcome.NIL,
                amount_fen=amount,
                reason_zh="符合基金救助条件" if amount else "未超过救助门槛",
            )
        if confirm:
            async with self._database.transaction(SECOND_OFFICER) as tx:
                await confirm_decision(tx, claim.claim_no, proposed.version)

    async def _claims(self, case: Case, status: ClaimStatus) -> list[ClaimRow]:
        view = await self._find(case)
        found = () if view is None else view.claims
        return [each for each in found if isinstance(each, ClaimRow) and each.status is status]


def plan_cases(
    everybody: Sequence[Resident], contracts: Mapping[str, Contract], today: date
) -> list[Case]:
    """Choose for every planned notice somebody under just that policy, and a day.

    A county too small for all of them gets as many as it has people for.
    """
    random = Random(SEED)
    pools = {name: iter(_pool(everybody, contracts, name)) for name in (*contracts, "none")}
    return [
        Case(
            f"history-{number}-{place}",
            plan,
            resident,
            today - timedelta(days=random.randint(LATEST, EARLIEST)),
        )
        for number, plan in enumerate(PLANS)
        for place, resident in enumerate(islice(pools[plan.contract], plan.count))
    ]


def _pool(
    everybody: Sequence[Resident], contracts: Mapping[str, Contract], name: str
) -> Iterator[Resident]:
    """Adults with a number, no sample, whom this policy covers and no other for an illness."""
    wanted = {name} - {"none"}
    for resident in everybody:
        held = {short for short, contract in contracts.items() if contract.takes(resident)}
        born = resident.person.birth_on
        plain = not resident.purpose and resident.person.id_number is not None
        alone = held == wanted or (name in ("house", "nursing") and name in held)
        if plain and alone and born is not None and born.year <= ADULT_BORN_BY:
            yield resident


async def _for_each(items: Sequence[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Do an act for every item, a few at once."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> None:
        async with turns:
            await act(item)

    await asyncio.gather(*(one(item) for item in items))
