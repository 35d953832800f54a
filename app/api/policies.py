"""保单: a bureau's contracts, and who is on their rosters."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import (
    AreaCode,
    BasisPoints,
    Day,
    Form,
    Identifier,
    Labelled,
    Money,
    Name,
    Number,
    View,
    When,
    Word,
    Yuan,
    labelled,
)
from app.api.notice_forms import IdNumber
from app.api.numbers import Code
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.money import yuan
from app.domain.person import IdType, NewPerson
from app.domain.policy import (
    APPROVAL_ZH,
    CHECK_DAYS,
    PAYER_RANK,
    STATE_ZH,
    WAITING_DAYS,
    Approval,
    NewPolicy,
    Share,
)
from app.domain.roster import LINES_MAX, Member
from app.domain.words import Sex
from app.services.policies.enrol import enrol
from app.services.policies.issue_policy import issue_policy as issue
from app.services.policies.list_members import MemberView as MemberSeen
from app.services.policies.list_members import list_members as find_members
from app.services.policies.list_policies import list_policies as find_policies
from app.services.policies.read_policy import read_policy as find_policy
from app.services.policies.view import PolicyView as Seen

router = APIRouter(tags=["contracts"])

SHARES_MAX = 20

Looking = Annotated[Reading, Depends(Reads(Act.READ_CONTRACTS))]
Roster = Annotated[Reading, Depends(Reads(Act.READ_ROSTER))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS))]
Days = Annotated[int, Field(ge=0, le=366)]


class ShareForm(Form):
    """One insurer's part; the lead (首席承保人) deals with claims."""

    insurer: Word
    share_bp: BasisPoints
    lead: bool = False


class PolicyForm(Form):
    """A policy on the version of the scheme that is in force on its first day."""

    policy_no: Number
    scheme: Word
    area_code: AreaCode
    period_from: Day
    period_to: Day
    shares: list[ShareForm] = Field(default_factory=list, max_length=SHARES_MAX)
    premium_per_person: Money = 0
    approval: Annotated[Approval, Field(strict=False)] | None = None
    payer_rank: Annotated[int, Field(ge=0, le=10_000)] = PAYER_RANK
    waiting_days: Days = WAITING_DAYS
    check_days: Days = CHECK_DAYS
    return_window_days: Days = 0

    def policy(self) -> NewPolicy:
        """Give the domain's policy."""
        return NewPolicy(
            policy_no=self.policy_no,
            scheme_code=self.scheme,
            area_code=self.area_code,
            period_from=self.period_from,
            period_to=self.period_to,
            shares=tuple(Share(s.insurer, s.share_bp, s.lead) for s in self.shares),
            premium_per_person_fen=self.premium_per_person,
            approval=self.approval,
            payer_rank=self.payer_rank,
            waiting_days=self.waiting_days,
            check_days=self.check_days,
            return_window_days=self.return_window_days,
        )


class NewPersonForm(Form):
    """A person to register on the way; with a resident id its birthday and sex are read from it."""

    name: Name
    area_code: AreaCode
    id_type: Annotated[IdType, Field(strict=False)] = IdType.RESIDENT_ID
    id_number: IdNumber | None = None
    birth_on: Day | None = None
    sex: Annotated[Sex, Field(strict=False)] | None = None
    household_id: Identifier | None = None
    household_key: Word | None = None
    phone: Annotated[Name, Field(max_length=32)] | None = None


class MemberForm(Form):
    """One line of a roster: either `person_id` or `person`; open days are the policy's own."""

    category: Word
    person: NewPersonForm | None = None
    person_id: Identifier | None = None
    covered_from: Day | None = None
    covered_to: Day | None = None
    certificate_no: Number | None = None
    premium: Money | None = None

    def member(self) -> Member:
        """Give the domain's line."""
        return Member(
            category=self.category,
            person=None if self.person is None else NewPerson(**dict(self.person)),
            person_id=self.person_id,
            covered_from=self.covered_from,
            covered_to=self.covered_to,
            certificate_no=self.certificate_no,
            premium_fen=self.premium,
        )


class RosterForm(Form):
    """People to enrol, all or none."""

    members: list[MemberForm] = Field(min_length=1, max_length=LINES_MAX)


class ShareShown(View):
    insurer: str
    share_bp: int
    lead: bool


class PolicyView(View):
    """A policy; several states may hold at once, both days of the period are covered."""

    policy_no: str
    scheme: str
    scheme_name_zh: str
    scheme_version: str
    kind: str
    insurer: str | None
    shares: list[ShareShown]
    area_code: str
    period_from: date
    period_to: date
    statuses: list[Labelled]
    approval: Labelled
    premium_per_person: Yuan
    payer_rank: int
    waiting_days: int
    check_days: int
    return_window_days: int
    terms_sha256: str
    created_at: When
    updated_at: When
    version: int


class PolicyPage(Page[PolicyView]):
    """One page of policies by number."""


class PoliciesListed(Listed):
    """Which policies to list."""

    scheme: Word | None = None


class MemberShown(View):
    """One spell on a roster; name and number masked, null where they are hidden."""

    enrolment_id: UUID
    person_id: UUID
    name_masked: str | None
    id_masked: str | None
    area_code: str
    category: str
    covered_from: date
    covered_to: date
    certificate_no: str | None
    premium: Yuan


class MemberPage(Page[MemberShown]):
    """One page of a roster."""


class EnrolledShown(View):
    """A line as it was taken; `registered` tells that the person is new here."""

    enrolment_id: UUID
    person_id: UUID
    registered: bool
    category: str
    covered_from: date
    covered_to: date


class EnrolledView(View):
    """What the roster has become, in its order."""

    policy_no: str
    version: int
    members: list[EnrolledShown]


@router.post("/v1/policies", status_code=201, response_model=PolicyView)
async def issue_policy(form: PolicyForm, door: Keeping) -> Response:
    """Issue a policy, active at once."""

    async def act(tx: Tx) -> Answer:
        view = _shown(await issue(tx, form.policy()))
        return Answer(view, 201, view.version, f"/v1/policies/{view.policy_no}")

    return await door.once(form, act)


@router.get("/v1/policies", response_model=PolicyPage)
async def list_policies(listed: Annotated[PoliciesListed, Query()], door: Looking) -> Response:
    """List policies that touch the caller's area, by number."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_policies(
            tx, listed.scheme, None if after is None else after[0], listed.limit + 1
        )
    return door.page(listed, found, lambda seen: (seen.policy.policy_no,), _shown)


@router.get("/v1/policies/{policy_no}", response_model=PolicyView)
async def read_policy(policy_no: Code, door: Looking) -> Response:
    """Read a policy."""
    async with door.transaction() as tx:
        view = _shown(await find_policy(tx, policy_no))
    return door.answer(view, view.version)


@router.post("/v1/policies/{policy_no}/members", status_code=201, response_model=EnrolledView)
async def enrol_members(policy_no: Code, form: RosterForm, door: Keeping) -> Response:
    """Put 1 to 1000 people on a policy's roster, all or none."""

    async def act(tx: Tx) -> Answer:
        taken = await enrol(tx, policy_no, [line.member() for line in form.members])
        return Answer(EnrolledView.model_validate(taken), 201)

    return await door.once(form, act)


@router.get("/v1/policies/{policy_no}/members", response_model=MemberPage)
async def list_members(
    policy_no: Code, listed: Annotated[Listed, Query()], door: Roster
) -> Response:
    """List a policy's roster."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_members(
            tx, policy_no, None if after is None else UUID(after[0]), listed.limit + 1
        )
    return door.page(listed, found, lambda seen: (seen.enrolment_id,), _member)


def _shown(seen: Seen) -> PolicyView:
    policy = seen.policy
    return PolicyView(
        policy_no=policy.policy_no,
        scheme=policy.scheme_code,
        scheme_name_zh=policy.scheme_name_zh,
        scheme_version=policy.scheme_version,
        kind=policy.kind,
        insurer=policy.insurer_code,
        shares=_shares(policy.shares),
        area_code=f"{policy.area_lo:012d}",  # the first code of an area is the area's own
        period_from=policy.period_from,
        period_to=policy.period_to,
        statuses=[labelled(STATE_ZH, state) for state in seen.states],
        approval=labelled(APPROVAL_ZH, policy.approval),
        premium_per_person=yuan(policy.premium_per_person_fen),
        payer_rank=policy.payer_rank,
        waiting_days=policy.waiting_days,
        check_days=policy.check_days,
        return_window_days=policy.return_window_days,
        terms_sha256=policy.terms_sha256,
        created_at=policy.created_at,
        updated_at=policy.updated_at,
        version=policy.version,
    )


def _shares(shares: Sequence[Share]) -> list[ShareShown]:
    return [
        ShareShown(insurer=share.insurer_code, share_bp=share.share_bp, lead=share.lead)
        for share in shares
    ]


def _member(seen: MemberSeen) -> MemberShown:
    return MemberShown(
        enrolment_id=seen.enrolment_id,
        person_id=seen.person_id,
        name_masked=seen.name_masked,
        id_masked=seen.id_masked,
        area_code=f"{seen.area_code:012d}",
        category=seen.category,
        covered_from=seen.covered_from,
        covered_to=seen.covered_to,
        certificate_no=seen.certificate_no,
        premium=yuan(seen.premium_fen),
    )
