"""What a bureau fills in about a policy and its roster."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.api.fields import (
    AreaCode,
    BasisPoints,
    Day,
    Form,
    Identifier,
    Line,
    Money,
    Name,
    Number,
    Word,
    check_texts,
)
from app.api.notice_forms import IdNumber
from app.domain.days_off import DayCount
from app.domain.errors import Invalid
from app.domain.person import IdType, NewPerson
from app.domain.policy import (
    CHECK_DAYS,
    DECIDE_DAYS,
    PAY_DAYS,
    PAYER_RANK,
    PAYERS_MAX,
    WAITING_DAYS,
    Approval,
    Contract,
    NewPolicy,
    Payer,
    PolicyStatus,
    PremiumBy,
    Share,
)
from app.domain.policy_change import FIXED, PolicyTuning, fixed_faults
from app.domain.roster import LINES_MAX, Member
from app.domain.words import Sex

SHARES_MAX = 20

Days = Annotated[int, Field(ge=0, le=366)]
TermDays = Annotated[int, Field(ge=1, le=366)]


class ShareForm(Form):
    """One insurer's part; the lead (首席承保人) deals with claims."""

    insurer: Word
    share_bp: BasisPoints
    lead: bool = False


class PremiumPayerForm(Form):
    """Who bears which part of the premium (city, county, lottery money, the person)."""

    code: Word
    name_zh: Line
    share_bp: BasisPoints


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
    exclusive_group: Word | None = None
    status: Literal["active", "quoted"] = "active"
    payers: list[PremiumPayerForm] = Field(default_factory=list, max_length=PAYERS_MAX)
    premium_by: Annotated[PremiumBy, Field(strict=False)] = PremiumBy.DAY
    premium_due_on: Day | None = None
    tolerance: Money = 0
    day_count: Annotated[DayCount, Field(strict=False)] = DayCount.CALENDAR
    papers_stop_clock: bool = True
    decide_days: TermDays = DECIDE_DAYS
    pay_days: TermDays = PAY_DAYS
    limitation_years: Literal[2, 5] = 2

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
            exclusive_group=self.exclusive_group,
            status=PolicyStatus(self.status),
            payers=tuple(Payer(p.code, p.name_zh, p.share_bp) for p in self.payers),
            contract=Contract(
                premium_by=self.premium_by,
                premium_due_on=self.premium_due_on,
                tolerance_fen=self.tolerance,
                day_count=self.day_count,
                papers_stop_clock=self.papers_stop_clock,
                decide_days=self.decide_days,
                pay_days=self.pay_days,
                limitation_years=self.limitation_years,
            ),
        )


# Read only to be refused with the way that it does change by; whatever its value is.
Fixed = Annotated[Any, Field(description="出具后不能修改 · not changed after issue")]


class PolicyChangeForm(Form):
    """What may change after issue; the rest is refused with the way it does change by.

    An empty `exclusive_group` takes the policy out of its group. `payer_rank` and it change only
    before the first claim.
    """

    waiting_days: Days | None = None
    check_days: Days | None = None
    return_window_days: Days | None = None
    tolerance: Money | None = None
    premium_due_on: Day | None = None
    payer_rank: Annotated[int, Field(ge=0, le=10_000)] | None = None
    exclusive_group: Annotated[str, Field(max_length=64), AfterValidator(check_texts)] | None = None
    policy_no: Fixed = None
    scheme: Fixed = None
    area_code: Fixed = None
    period_from: Fixed = None
    period_to: Fixed = None
    shares: Fixed = None
    premium_per_person: Fixed = None
    approval: Fixed = None
    status: Fixed = None
    payers: Fixed = None
    premium_by: Fixed = None
    day_count: Fixed = None
    papers_stop_clock: Fixed = None
    decide_days: Fixed = None
    pay_days: Fixed = None
    limitation_years: Fixed = None
    members: Fixed = None

    def tuning(self) -> PolicyTuning:
        """Give what is to be changed. Raises Invalid for what is fixed."""
        fixed = [name for name in FIXED if name in self.model_fields_set]
        if fixed:
            raise Invalid(*fixed_faults(fixed))
        return PolicyTuning(
            waiting_days=self.waiting_days,
            check_days=self.check_days,
            return_window_days=self.return_window_days,
            tolerance_fen=self.tolerance,
            premium_due_on=self.premium_due_on,
            payer_rank=self.payer_rank,
            exclusive_group=self.exclusive_group,
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
