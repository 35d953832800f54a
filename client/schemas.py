"""What the interface takes and gives. Made by `make client`, never by hand."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AccountForm(TypedDict):
    name: str
    account: str
    bank: str


class AccountRevealed(TypedDict):
    name: str
    account: str
    bank: str


class AdvanceForm(TypedDict):
    amount: NotRequired[str | None]
    reason_zh: NotRequired[str | None]


class AdvanceReasonForm(TypedDict):
    reason_zh: str


class Alive(TypedDict):
    status: str


class AllotmentForm(TypedDict):
    amount: str
    note_zh: str
    take_back: NotRequired[bool]


class Amounts(TypedDict):
    assessed: str | None
    decided: str | None
    paid: str
    currency: str


class AppealAnswerForm(TypedDict):
    accepted: bool
    answer_zh: str


class AppealForm(TypedDict):
    kind: NotRequired[Literal["appeal", "complaint"]]
    reason_zh: str


Approval: TypeAlias = Literal["none", "county_check", "ladder"]


class ApprovalForm(TypedDict):
    papers_due_on: NotRequired[str | None]


class AreaShown(TypedDict):
    code: str
    name_zh: str
    level: str
    parent_code: str | None
    valid_to: str | None
    successor_code: str | None


class Areas(TypedDict):
    items: list[AreaShown]


class AssignmentForm(TypedDict):
    to: str | None


class BankTotalsForm(TypedDict):
    paid_count: int
    paid_amount: str
    failed_count: int
    failed_amount: str


Basis: TypeAlias = Literal["consent", "legal_duty", "emergency"]


class BatchForm(TypedDict):
    policy_no: str


BillSource: TypeAlias = Literal["family", "medical_insurance"]


class CallbackReceipt(TypedDict):
    accepted: bool
    duplicate: bool
    event_id: str


class CancellationForm(TypedDict):
    from_on: str
    reason_zh: str


class CarryForm(TypedDict):
    reason_zh: str


CaseState: TypeAlias = Literal["undrawn", "open", "confirmed", "objected"]


class ChecklistItem(TypedDict):
    code: str
    label_zh: str
    needed_for: str
    state: str
    source_zh: str
    due_on: str | None


class Checks(TypedDict):
    database: Literal["ok"]
    revision: Literal["ok"]
    clock: Literal["ok"]
    lanes: Literal["ok", "resting"]


class ClaimShareShown(TypedDict):
    claim_no: str
    due: str
    share: str


ClaimStatus: TypeAlias = Literal[
    "submitted",
    "evidence_required",
    "under_review",
    "pending_approval",
    "decided",
    "paying",
    "paid",
    "closed",
    "withdrawn",
]


class ClaimWithdrawalForm(TypedDict):
    reason_zh: str


class CoverOpen(TypedDict):
    code: str
    name_zh: str
    nature: str


DayCount: TypeAlias = Literal["calendar", "working"]


class DelegationChange(TypedDict):
    max_amount: str
    valid_to: str
    sample_bp: NotRequired[int]
    revoked: NotRequired[bool]


class DelegationForm(TypedDict):
    policy_no: str
    area_code: str
    max_amount: str
    valid_from: str
    valid_to: str
    sample_bp: NotRequired[int]


class DelegationView(TypedDict):
    id: str
    policy_no: str
    area_code: str
    max_amount: str
    valid_from: str
    valid_to: str
    sample_bp: int
    version: int
    created_at: str
    revoked_at: str | None


DeliveryState: TypeAlias = Literal["waiting", "delivered", "failed"]


class DemandForm(TypedDict):
    amount: str
    reason_zh: str


class DifferenceReasonForm(TypedDict):
    reason_zh: str


DifferenceState: TypeAlias = Literal["open", "accepted", "disputed"]


class DocumentView(TypedDict):
    id: str
    kind: str
    sha256: str
    size: int
    media_type: str
    pages: int | None
    also_in: list[str]
    also_elsewhere: bool
    created_by: str
    created_at: str


class Documents(TypedDict):
    items: list[DocumentView]


Ended: TypeAlias = Literal["died", "withdrawn", "cover_ended"]


class EndorsementView(TypedDict):
    id: str
    policy_no: str
    endorsement_no: str
    effective_on: str
    reason_zh: str
    added: int
    removed: int
    premium_difference: str
    policy_version: int
    actor: str
    created_at: str


Type: TypeAlias = str


class EndpointChange(TypedDict):
    url: NotRequired[str | None]
    types: NotRequired[list[Type] | None]
    active: NotRequired[bool | None]


class EnrolledShown(TypedDict):
    enrolment_id: str
    person_id: str
    registered: bool
    category: str
    covered_from: str
    covered_to: str


class EnrolledView(TypedDict):
    policy_no: str
    version: int
    members: list[EnrolledShown]


class ErasureForm(TypedDict):
    reason_zh: str


class ErrorEntry(TypedDict):
    code: str
    status: int | None
    title_zh: str
    title_en: str
    retryable: bool


Paper1: TypeAlias = str


class EventForm(TypedDict):
    kind: NotRequired[str | None]
    cause: NotRequired[str | None]
    on: NotRequired[str | None]
    place: NotRequired[str | None]
    note: NotRequired[str | None]
    same_as: NotRequired[str | None]
    occurrence: NotRequired[str | None]
    liable: NotRequired[str | None]


class EventShown(TypedDict):
    kind: str | None
    cause: str | None
    on: str | None
    place: str | None
    note: str | None
    same_as: str | None
    occurrence: str | None
    liable: str | None


class ExchangeReasonForm(TypedDict):
    reason: str


class FeedEvent(TypedDict):
    seq: int
    type: str
    label_zh: str
    at: str
    resource: str
    id: str
    version: int


Field: TypeAlias = Literal["name", "id_number", "phone", "accounts"]


class FileUpload(TypedDict):
    insurer: NotRequired[str | None]
    area_code: NotRequired[str | None]
    side: NotRequired[Literal["statement", "bank_return"]]
    from_day: NotRequired[str | None]
    day: str
    file: str


class FiledByShown(TypedDict):
    name_masked: str | None
    phone_masked: str | None
    relation: str
    authorised: bool
    near_relative: bool


class Flag(TypedDict):
    code: str
    sentence_zh: str


class FundView(TypedDict):
    policy_no: str
    allotted: str
    committed: str
    spent: str
    left: str
    currency: NotRequired[str]


GivenBy: TypeAlias = Literal["self", "guardian", "agent", "office"]


class HeadShown(TypedDict):
    county: str
    seq: int
    hash: str


class Heads(TypedDict):
    items: list[HeadShown]


IdType: TypeAlias = Literal["resident_id", "passport", "none"]


class InjuryForm(TypedDict):
    grade: NotRequired[int | None]
    kind: NotRequired[str | None]


class InjuryShown(TypedDict):
    grade: int | None
    kind: str | None


class InsurerShareShown(TypedDict):
    insurer: str
    share_bp: int
    lead: bool


JsonValue: TypeAlias = Any


Network: TypeAlias = str


class KeySet(TypedDict):
    keys: list[dict[str, JsonValue]]


class KeyView(TypedDict):
    id: str
    prefix: str
    role: str
    area_code: str
    insurer: str | None
    label: str
    holder: str | None
    networks: list[str]
    signs_assertions: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    token: NotRequired[str | None]


Kinship: TypeAlias = Literal[
    "spouse", "parent", "child", "sibling", "grandparent", "grandchild", "in_law", "other"
]


class Labelled(TypedDict):
    code: str
    label_zh: str


class LaneView(TypedDict):
    key: str
    max_running: int
    paused: bool
    failures: int
    rests_until: str | None
    running: int
    due: int
    later: int
    due_since: str | None
    given_up: int


class Lanes(TypedDict):
    items: list[LaneView]


class LatePayerForm(TypedDict):
    bill: str
    payer: str
    amount: str


class LedgerShareShown(TypedDict):
    insurer: str
    incurred: str
    paid: str


class LimitOpen(TypedDict):
    cover: str | None
    code: str
    name_zh: str
    scope: str
    unit: str
    bound: str
    used: str
    left: str


class LimitShown(TypedDict):
    code: str
    name_zh: str
    scope: str
    period: str
    unit: str
    bound: str
    used: str
    taken: str
    left: str


class LineForm(TypedDict):
    claim_no: str
    payout_reference: str
    settlement_no: str
    insurer_case_no: NotRequired[str | None]
    direction: NotRequired[Literal["paid", "returned"]]
    amount: str
    settled_on: str


class LineShown(TypedDict):
    rule: str
    about: str
    label_zh: str
    inputs: dict[str, int]
    params: dict[str, int]
    output: str
    amount: str
    clause: str | None
    unconfirmed: str | None
    sentence_zh: str


class LookUpForm(TypedDict):
    name: str
    id_type: NotRequired[IdType]
    id_number: NotRequired[str | None]
    birth_on: NotRequired[str | None]


class LossForm(TypedDict):
    item: str
    count: NotRequired[int]
    grade: NotRequired[str | None]
    value: NotRequired[str | None]
    hundredths: NotRequired[int]
    worth: NotRequired[str | None]


class LossShown(TypedDict):
    item: str
    count: int
    grade: str | None
    value: str | None
    hundredths: int
    worth: str | None


class MemberShown(TypedDict):
    enrolment_id: str
    person_id: str
    name_masked: str | None
    id_masked: str | None
    area_code: str
    category: str
    covered_from: str
    covered_to: str
    certificate_no: str | None
    premium: str


class MoveForm(TypedDict):
    area_code: str


class MovedView(TypedDict):
    person_id: str
    from_area_code: str
    area_code: str
    left_behind: list[str]


class NearestShown(TypedDict):
    kind: str
    what_zh: str
    amount: str
    difference: str
    sentence_zh: str


class NoteForm(TypedDict):
    text_zh: str


class NoteShown(TypedDict):
    id: str
    text_zh: str
    actor: str
    created_at: str


class Notes(TypedDict):
    items: list[NoteShown]


NoticeStatus: TypeAlias = Literal["draft", "submitted", "closed", "withdrawn"]


class OpeningView(TypedDict):
    policy_no: str
    lines: int


Outcome: TypeAlias = Literal["full", "partial", "goodwill", "below_deductible", "nil", "declined"]


class OverrideForm(TypedDict):
    cover: str
    amount: str
    reason_zh: str
    basis_zh: str


class OverrideShown(TypedDict):
    seq: int
    cover: str
    amount: str
    reason_zh: str
    basis_zh: str
    state: Labelled
    proposed_by: str
    proposed_at: str
    settled_by: str | None
    settled_on: str | None
    settled_at: str | None


class OverrideView(TypedDict):
    claim_no: str
    override: OverrideShown
    comes_to: str
    version: int


class Overrides(TypedDict):
    items: list[OverrideShown]


class OwnerForm(TypedDict):
    owner: str | None


class PaidForm(TypedDict):
    payer: str
    amount: str


class PaidShown(TypedDict):
    payer: str
    amount: str


class Paper(TypedDict):
    code: str
    label_zh: str


class PaperForm(TypedDict):
    code: str
    label_zh: str


class PastCaseView(TypedDict):
    notice_no: str
    area_code: str
    notice_status: Labelled
    submitted_at: str
    claim_no: str | None
    event_on: str | None
    scheme_name_zh: str | None
    status: Labelled | None
    outcome: Labelled | None
    decided_amount: str | None
    paid_amount: str | None


class PayeeForm(TypedDict):
    name: str
    account: str
    bank: str
    relation: NotRequired[str]
    share_bp: NotRequired[int]


class PayeeShown(TypedDict):
    name_masked: str
    account_masked: str
    bank: str
    relation: str
    share_bp: int


class PayerShown(TypedDict):
    code: str
    name_zh: str
    share_bp: int


class PayerStanding(TypedDict):
    code: str
    name_zh: str
    share_bp: int
    due: str
    paid: str
    gap: str


class PaymentForm(TypedDict):
    payer: str
    amount: str
    paid_on: str
    reference: str
    refund: NotRequired[bool]


class PaymentShown(TypedDict):
    payer: str
    amount: str
    paid_on: str
    reference: str
    actor: str
    created_at: str


class PayoutBrief(TypedDict):
    id: str
    status: Labelled
    amount: str
    account_last4: str | None
    version: int


class PendingShown(TypedDict):
    reason: Labelled
    said_zh: str | None


class PersonForm(TypedDict):
    person_id: NotRequired[str | None]
    name: NotRequired[str | None]
    id_type: NotRequired[Literal["resident_id", "passport", "none"]]
    id_number: NotRequired[str | None]


class PersonShown(TypedDict):
    person_id: str | None
    name_masked: str | None
    id_type: str
    id_masked: str | None


class PersonView(TypedDict):
    id: str
    name_masked: str
    id_type: str
    id_masked: str | None
    phone_masked: str | None
    area_code: str
    household_id: str | None
    birth_on: str
    sex: str | None
    died_on: str | None
    categories: list[str]
    version: int
    protected: bool
    erased: bool


class PolicyChangeForm(TypedDict):
    waiting_days: NotRequired[int | None]
    check_days: NotRequired[int | None]
    return_window_days: NotRequired[int | None]
    tolerance: NotRequired[str | None]
    premium_due_on: NotRequired[str | None]
    payer_rank: NotRequired[int | None]
    exclusive_group: NotRequired[str | None]
    policy_no: NotRequired[Any]
    scheme: NotRequired[Any]
    area_code: NotRequired[Any]
    period_from: NotRequired[Any]
    period_to: NotRequired[Any]
    shares: NotRequired[Any]
    premium_per_person: NotRequired[Any]
    approval: NotRequired[Any]
    status: NotRequired[Any]
    payers: NotRequired[Any]
    premium_by: NotRequired[Any]
    day_count: NotRequired[Any]
    papers_stop_clock: NotRequired[Any]
    decide_days: NotRequired[Any]
    pay_days: NotRequired[Any]
    limitation_years: NotRequired[Any]
    members: NotRequired[Any]


class PolicyOpen(TypedDict):
    policy_no: str
    scheme: str
    scheme_name_zh: str
    kind: str
    insurer: str | None
    category: str
    covered_from: str
    covered_to: str
    covers: list[CoverOpen]
    limits: list[LimitOpen]


class PremiumBrief(TypedDict):
    due: str
    paid: str
    gap: str
    due_on: str
    currency: NotRequired[str]


PremiumBy: TypeAlias = Literal["day", "month", "none"]


class PremiumPayerForm(TypedDict):
    code: str
    name_zh: str
    share_bp: int


class PremiumView(TypedDict):
    due: str
    paid: str
    gap: str
    due_on: str
    currency: NotRequired[str]
    policy_no: str
    payers: list[PayerStanding]
    payments: list[PaymentShown]


class ProtectForm(TypedDict):
    protected: bool
    reason_zh: str


Purpose: TypeAlias = Literal["medical_settlement", "other_relief", "bank_account"]


class RangeShown(TypedDict):
    expected: str | None
    low: str | None
    high: str | None
    people: int
    few: bool


class Ready(TypedDict):
    status: str
    revision: str
    checks: Checks
    clock_skew_seconds: float
    lanes_resting: list[str]


class Reason(TypedDict):
    reason_zh: str


class ReasonShown(TypedDict):
    code: str
    cover: str
    sentence_zh: str


Receipt: TypeAlias = Literal["received", "not_received"]


class ReceiptShown(TypedDict):
    receipt: Labelled
    way: Labelled
    at: str


ReceiptWay: TypeAlias = Literal["recipient", "sample"]


class ReceivedForm(TypedDict):
    amount: str
    received_on: str
    reference: str


class ReceivedShown(TypedDict):
    amount: str
    received_on: str
    reference: str
    actor: str
    created_at: str


class RecheckForm(TypedDict):
    confirmed: bool
    reason_zh: NotRequired[str | None]


class RecoveryView(TypedDict):
    id: str
    payout_id: str
    claim_no: str
    state: Labelled
    amount: str
    received: str
    left: str
    currency: str
    reason_zh: str
    demanded_by: str
    waived_by: str | None
    waived_reason_zh: str | None
    receipts: list[ReceivedShown]
    version: int
    created_at: str
    updated_at: str


class RejectionForm(TypedDict):
    reason_zh: str


Relation: TypeAlias = Literal[
    "self",
    "family",
    "guardian",
    "village_cadre",
    "township_clerk",
    "hospital",
    "neighbour",
    "other",
]


class RelativeForm(TypedDict):
    name: str
    id_type: NotRequired[IdType]
    id_number: NotRequired[str | None]
    birth_on: NotRequired[str | None]
    relation: Kinship


class RelativeView(TypedDict):
    id: str
    area_code: str
    relation: Labelled
    declared_at: str
    withdrawn_at: str | None


class Relatives(TypedDict):
    items: list[RelativeView]


class Remark(TypedDict):
    code: str
    sentence_zh: str
    policy_no: str | None


RemovalReason: TypeAlias = Literal["died", "moved_away", "not_entitled", "by_mistake", "other"]


class RenewalForm(TypedDict):
    policy_no: str
    period_from: NotRequired[str | None]
    period_to: str
    premium_per_person: NotRequired[str | None]
    status: NotRequired[Literal["active", "quoted"]]
    leave_out: NotRequired[list[str]]


class ReplayForm(TypedDict):
    since: str


class Replayed(TypedDict):
    count: int


class ReportColumnShown(TypedDict):
    code: str
    label_zh: str
    kind: str
    unit_zh: str


class ReportView(TypedDict):
    report: str
    title_zh: str
    period: str
    group_by: list[str]
    data_on: str
    how_zh: list[str]
    columns: list[ReportColumnShown]
    total: int
    rows: list[dict[str, str | int | bool | None]]


class ResolutionForm(TypedDict):
    reason: str
    outcome: Literal["accepted", "rejected"]
    insurer_case_no: NotRequired[str | None]


class ResolveForm(TypedDict):
    reason_zh: str
    accept_theirs: NotRequired[bool]
    outcome: NotRequired[Literal["full", "partial", "goodwill"] | None]


class ResultForm(TypedDict):
    reference: str
    state: Literal["paid", "failed"]
    amount: str
    settlement_no: NotRequired[str | None]
    failure_code: NotRequired[
        Literal["name_mismatch", "account_wrong", "account_closed", "account_frozen", "other"]
        | None
    ]
    reason_zh: NotRequired[str | None]


class RevealForm(TypedDict):
    fields: list[Field]
    reason_zh: str


class RevealedView(TypedDict):
    person_id: str
    name: str | None
    id_number: str | None
    phone: str | None
    accounts: list[AccountRevealed] | None


class ReversalForm(TypedDict):
    reason_zh: str
    amount: NotRequired[str | None]


Role: TypeAlias = Literal[
    "township",
    "county",
    "prefecture",
    "province",
    "dashboard",
    "insurer",
    "system",
    "security",
    "audit",
]


class ScaleBackForm(TypedDict):
    occurrence: str
    limit: NotRequired[str | None]
    reason_zh: str
    dry_run: NotRequired[bool]


class ScaleBackView(TypedDict):
    seq: int | None
    limit: str
    occurrence: str
    state: Labelled
    amount: str
    kept: str
    left: str
    due: str
    shares: list[ClaimShareShown]
    reason_zh: str
    proposed_by: str | None
    proposed_at: str | None
    settled_by: str | None
    settled_at: str | None


class ScaleBacks(TypedDict):
    items: list[ScaleBackView]


Scheme: TypeAlias = Literal["v1", "v1a"]


class SchemeBrief(TypedDict):
    code: str
    name_zh: str
    kind: str
    versions: list[str]


class SchemeShown(TypedDict):
    code: str
    name_zh: str


class Schemes(TypedDict):
    items: list[SchemeBrief]


class ServiceForm(TypedDict):
    kind: str
    month_on: str
    days: NotRequired[int]
    minutes: NotRequired[int]
    carer: NotRequired[str]


class ServiceShown(TypedDict):
    kind: str
    month_on: str
    days: int
    minutes: int
    carer: str


Sex: TypeAlias = Literal["male", "female"]


class ShareForm(TypedDict):
    insurer: str
    share_bp: int
    lead: NotRequired[bool]


class SideView(TypedDict):
    claim_no: str | None
    payout_reference: str | None
    settlement_no: str | None
    insurer_case_no: str | None
    amount: str | None
    on: str | None


class StatementTotalsForm(TypedDict):
    paid_count: int
    paid_amount: str
    returned_count: NotRequired[int]
    returned_amount: NotRequired[str]


class StatementView(TypedDict):
    id: str
    insurer: str
    area_code: str
    side: Labelled
    source: str
    from_day: str
    day: str
    reconciliation_no: str
    sha256: str
    paid_count: int
    paid: str
    returned_count: int
    returned: str
    currency: NotRequired[str]
    taken_at: str
    discarded_at: str | None
    discard_reason_zh: str | None
    repeated: NotRequired[bool]


class StayForm(TypedDict):
    admitted_on: str
    discharged_on: NotRequired[str | None]
    hospital: NotRequired[str | None]
    hospital_level: NotRequired[str | None]


class StayShown(TypedDict):
    admitted_on: str
    discharged_on: str | None
    hospital: str | None
    hospital_level: str | None


class StopForm(TypedDict):
    ended_by: Ended
    from_on: str
    reason_zh: str


class TallyView(TypedDict):
    side: Labelled
    direction: Labelled
    kind: Labelled
    count: int
    ours: str
    theirs: str


class TaskCountView(TypedDict):
    kind: Labelled
    count: int
    overdue: int


class TaskCounts(TypedDict):
    items: list[TaskCountView]
    count: int
    overdue: int


TaskKind: TypeAlias = Literal[
    "supply_papers",
    "papers_follow",
    "correct_account",
    "confirm_account",
    "finish_draft",
    "find_cover",
    "check_facts",
    "approve",
    "decide_fund_claim",
    "confirm_decision",
    "confirm_override",
    "confirm_scale_back",
    "confirm_advance",
    "resolve_difference",
    "answer_appeal",
    "recheck",
    "own_item",
    "resolve_item",
    "confirm_carry",
    "close_day",
    "give_statement",
    "mend_held_policy",
    "decide_claim",
    "pay_claim",
    "settle_instruction",
    "settle_callback",
    "dead_job",
    "paused_lane",
    "red_invariant",
    "mend_endpoint",
    "renew_key",
    "confirm_erasure",
]


class TaskObject(TypedDict):
    resource: str
    id: str


class TaskView(TypedDict):
    kind: Labelled
    object: TaskObject
    area_code: str
    due_on: str | None
    overdue: bool
    since: str | None
    sentence_zh: str
    sentence_en: str


TermsForm: TypeAlias = dict[str, JsonValue]


class TimelineEventShown(TypedDict):
    seq: int
    at: str
    resource: str
    type: str
    text_zh: str
    actor: str
    was: str | None
    now: str | None
    version: int


class TokenView(TypedDict):
    access_token: str
    token_type: NotRequired[str]
    expires_in: int


class TotalShown(TypedDict):
    account: Labelled
    debit: str
    credit: str
    balance: str


class TotalView(TypedDict):
    side: Labelled
    direction: Labelled
    ours: str
    theirs: str
    difference: str


class TrailShown(TypedDict):
    county: str
    seq: int
    at: str
    actor: str
    action: str
    object: str
    request_id: str | None
    hash: str


class Upload(TypedDict):
    kind: str
    file: str


class UsageLine(TypedDict):
    limit: str
    person_id: NotRequired[str | None]
    id_number: NotRequired[str | None]
    used: NotRequired[str | None]
    used_days: NotRequired[int | None]


class Version(TypedDict):
    name: str
    version: str
    revision: str


class VersionShown(TypedDict):
    version: str
    effective_from: str
    effective_to: str | None
    source: str
    terms_sha256: str
    terms: dict[str, JsonValue]


class WaitingShown(TypedDict):
    step: Labelled
    held_by: Labelled
    until: str | None
    overdue: bool
    sentence_zh: str
    sentence_en: str


class WaiverForm(TypedDict):
    reason_zh: str


class Warned(TypedDict):
    pointer: str
    code: str
    message_zh: str
    message_en: str
    hint_zh: str


class Withdrawal(TypedDict):
    reason_zh: str


class YearForm(TypedDict):
    year: int
    days_off: list[str]
    working_days: NotRequired[list[str]]
    source_zh: str


class YearShown(TypedDict):
    year: int
    days_off: list[str]
    working_days: list[str]
    source_zh: str


class Years(TypedDict):
    items: list[YearShown]


class Error(TypedDict):
    pointer: str
    parameter: NotRequired[str]
    code: str
    message: str
    message_en: str
    hint: NotRequired[str]


class Problem(TypedDict):
    type: str
    title: str
    status: int
    code: str
    detail: str
    detail_en: NotRequired[str]
    errors: list[Error]
    trace_id: str
    retryable: bool
    docs: NotRequired[str]
    allowed: NotRequired[list[str]]
    missing: NotRequired[list[Labelled]]
    existing: NotRequired[str | None]
    current: NotRequired[str]
    limit: NotRequired[int]
    error: NotRequired[str]


class AccessView(TypedDict):
    at: str
    act: Labelled
    resource: str
    number: str
    role: Labelled
    office_area_code: str | None
    office_zh: str | None
    actor: str
    reason_zh: str | None


class AccountShown(TypedDict):
    account: Labelled
    insurer: str | None
    payer: str | None
    debit: str
    credit: str
    balance: str


class AdvanceView(TypedDict):
    seq: int
    state: Labelled
    basis: Labelled
    amount: str
    currency: str
    reason_zh: str | None
    proposed_by: str
    confirmed_by: str | None
    created_at: str
    updated_at: str
    claim_version: int


class Advances(TypedDict):
    items: list[AdvanceView]


class AppealShown(TypedDict):
    seq: int
    kind: Labelled
    state: Labelled
    reason_zh: str
    filed_by: str
    filed_at: str
    answer_zh: str | None
    answered_by: str | None
    answered_at: str | None


class Appeals(TypedDict):
    items: list[AppealShown]


class Attempt(TypedDict):
    seq: int
    status: Labelled
    amount: str
    settlement_no: str | None
    account_last4: str | None
    failure: Labelled | None
    reason_zh: str | None
    paid_on: str | None
    created_at: str
    updated_at: str


class BankAnswerForm(TypedDict):
    totals: BankTotalsForm
    results: list[ResultForm]


class BatchView(TypedDict):
    batch_no: str
    policy_no: str
    status: Labelled
    count: int
    total: str
    currency: NotRequired[str]
    sha256: str | None
    version: int
    created_at: str
    exported_at: str | None
    settled_at: str | None


class BillForm(TypedDict):
    kind: str
    total: str
    category: NotRequired[str | None]
    hospital: NotRequired[str | None]
    hospital_level: NotRequired[str | None]
    settlement_id: NotRequired[str | None]
    invoice_no: NotRequired[str | None]
    settled_on: NotRequired[str | None]
    amounts: NotRequired[
        dict[
            Literal[
                "medfee_sumamt",
                "fulamt_ownpay_amt",
                "overlmt_selfpay",
                "preselfpay_amt",
                "inscp_scp_amt",
                "act_pay_dedc",
                "hifp_pay",
                "cvlserv_pay",
                "hifes_pay",
                "hifmi_pay",
                "hifob_pay",
                "maf_pay",
                "oth_pay",
                "fund_pay_sumamt",
                "hosp_part_amt",
                "psn_part_amt",
                "acct_pay",
                "acct_mulaid_pay",
                "psn_cash_pay",
            ],
            str,
        ]
    ]
    paid_by: NotRequired[list[PaidForm]]
    stay: NotRequired[int | None]
    hospital_area: NotRequired[str | None]
    source: NotRequired[BillSource | None]


class BillShown(TypedDict):
    kind: str
    total: str
    category: str | None
    hospital: str | None
    hospital_level: str | None
    settlement_id: str | None
    invoice_no: str | None
    settled_on: str | None
    amounts: dict[str, str]
    paid_by: list[PaidShown]
    stay: int | None
    hospital_area: str | None
    source: str | None


class BudgetForm(TypedDict):
    heads: dict[str, int]
    months: NotRequired[int]
    terms: NotRequired[dict[str, JsonValue] | None]


class CallbackView(TypedDict):
    id: int
    insurer: str
    event_id: str
    type: str | None
    claim_no: str | None
    state: Labelled
    reason: str | None
    reason_zh: str | None
    reason_en: str | None
    received_at: str
    settled_at: str | None


class CategoryBudgeted(TypedDict):
    category: str
    label_zh: str
    heads: int
    premium: str
    payout: RangeShown
    own_history: bool


class Checklist(TypedDict):
    items: list[ChecklistItem]
    ready_to_submit: bool


class ClaimShown(TypedDict):
    claim_no: str
    policy_no: str
    scheme_name_zh: str
    insurer: str | None
    status: Labelled
    outcome: Labelled | None
    version: int


class ClockShown(TypedDict):
    kind: Labelled
    due_on: str | None
    done_on: str | None
    overdue: bool
    stopped: bool
    owed_by_zh: str
    clause_zh: str


class ConsentForm(TypedDict):
    purpose: Purpose
    basis: Basis
    given_by: GivenBy
    given_on: str


class ConsentView(TypedDict):
    purpose: Labelled
    basis: Labelled
    given_by: Labelled
    given_on: str
    recorded_by: str
    recorded_at: str
    withdrawn_by: str | None
    withdrawn_at: str | None


class ConsentWithdrawalForm(TypedDict):
    purpose: Purpose


class ConsentsView(TypedDict):
    items: list[ConsentView]


class CoverShown(TypedDict):
    code: str
    name_zh: str
    amount: str
    lines: list[LineShown]


class CoversView(TypedDict):
    person_id: str
    on: str
    policies: list[PolicyOpen]
    reason: str | None
    sentence_zh: str
    nearest_policy_no: str | None


class DayView(TypedDict):
    reconciliation_no: str
    insurer: str
    area_code: str
    day: str
    state: Labelled
    tallies: list[TallyView]
    totals: list[TotalView]
    unowned: int
    in_hand: int
    carried: int
    matched_at: str | None
    closed_at: str | None
    closed_by: str | None
    before: str | None
    roots: dict[str, str] | None
    digest: str | None
    signature: str | None
    public_key: str | None


class DecisionForm(TypedDict):
    outcome: Outcome
    amount: str
    reason_zh: NotRequired[str | None]


class DelegatedCaseView(TypedDict):
    claim_no: str
    policy_no: str
    area_code: str
    outcome: str
    amount: str
    decided_by: str
    decided_at: str
    period: str
    sample_bp: int
    lot: int
    state: Labelled
    rechecked_by: str | None
    rechecked_at: str | None
    reason_zh: str | None


class DelegationPage(TypedDict):
    items: list[DelegationView]
    has_more: bool
    next_cursor: str | None


class DeliveryView(TypedDict):
    id: str
    seq: int
    type: str
    resource: str
    number: str
    happened_at: str
    state: Labelled
    attempts: int
    next_at: str | None
    tried_at: str | None
    status: int | None
    reason: str | None
    took_ms: int | None
    delivered_at: str | None


class DifferenceShown(TypedDict):
    kind: Labelled
    state: Labelled
    assessed: str
    decided: str
    difference: str
    reason_zh: str | None
    resolved_by: str | None
    resolved_at: str | None


class EndorsementLineShown(TypedDict):
    act: str
    enrolment_id: str
    person_id: str
    area_code: str
    category: str
    reason: Labelled | None
    covered_from: str
    covered_to: str | None
    premium_difference: str


class EndorsementPage(TypedDict):
    items: list[EndorsementView]
    has_more: bool
    next_cursor: str | None


class EndorsementWhole(TypedDict):
    id: str
    policy_no: str
    endorsement_no: str
    effective_on: str
    reason_zh: str
    added: int
    removed: int
    premium_difference: str
    policy_version: int
    actor: str
    created_at: str
    lines: list[EndorsementLineShown]
    warnings: list[Flag]


class EndpointForm(TypedDict):
    url: str
    types: NotRequired[list[Type]]
    scheme: NotRequired[Scheme]


class EndpointSecret(TypedDict):
    id: str
    url: str
    types: list[str]
    scheme: str
    public_key: str | None
    state: Labelled
    reason: Labelled | None
    failures: int
    rest_until: str | None
    delivered_at: str | None
    waiting: int
    created_by: str
    created_at: str
    version: int
    secret: str | None


class EndpointView(TypedDict):
    id: str
    url: str
    types: list[str]
    scheme: str
    public_key: str | None
    state: Labelled
    reason: Labelled | None
    failures: int
    rest_until: str | None
    delivered_at: str | None
    waiting: int
    created_by: str
    created_at: str
    version: int


Enums: TypeAlias = dict[str, list[Labelled]]


class ErasureView(TypedDict):
    person_id: str
    state: Labelled


class ErrorEntries(TypedDict):
    items: list[ErrorEntry]


class EvidenceForm(TypedDict):
    papers: list[PaperForm]
    due_on: str
    reason_zh: str


class Feed(TypedDict):
    items: list[FeedEvent]
    has_more: bool
    next_cursor: str


class FigureShown(TypedDict):
    code: str
    label_zh: str
    unit: Labelled
    value: str | None
    claims: int
    sentence_zh: str


class FiledByForm(TypedDict):
    name: NotRequired[str | None]
    phone: NotRequired[str | None]
    relation: NotRequired[Relation]
    authorised: NotRequired[bool]
    near_relative: NotRequired[bool]


class HistoryView(TypedDict):
    items: list[PastCaseView]


class HoldView(TypedDict):
    id: str
    policy_no: str
    invariant: int
    reason_zh: str
    places: list[str]
    state: Labelled
    opened_at: str
    ended_at: str | None
    ended_by: str | None
    end_reason_zh: str | None


class InstalmentView(TypedDict):
    seq: int
    due_on: str
    amount: str
    state: Labelled
    ended_by: Labelled | None
    reason_zh: str | None


class Instalments(TypedDict):
    claim_no: str
    claim_version: int
    currency: str
    items: list[InstalmentView]


class InstructionView(TypedDict):
    id: str
    insurer: str
    claim_no: str
    kind: str
    state: Labelled
    attempts: int
    last_error: str | None
    insurer_case_no: str | None
    platform_case_no: str | None
    created_at: str
    answered_at: str | None
    asked_at: str | None


class ItemView(TypedDict):
    id: int
    reconciliation_no: str
    insurer: str
    day: str
    side: Labelled
    kind: Labelled
    direction: Labelled
    claim_no: str
    sentence_zh: str
    reason: Labelled | None
    ours: SideView | None
    theirs: SideView | None
    state: Labelled
    owner: str | None
    age_days: int
    note_zh: str | None
    effect: str | None
    awaits_second_person: bool
    settled_by: str | None
    settled_at: str | None
    cleared_on: str | None
    cleared_by: str | None
    cleared_note_zh: str | None
    cleared_effect: str | None
    found_at: str


class KeyForm(TypedDict):
    role: Role
    area_code: NotRequired[str]
    insurer: NotRequired[str | None]
    label: NotRequired[str | None]
    holder: NotRequired[str | None]
    networks: NotRequired[list[Network]]
    jwks: NotRequired[list[dict[str, JsonValue]]]
    expires_at: NotRequired[str | None]


class KeyPage(TypedDict):
    items: list[KeyView]
    has_more: bool
    next_cursor: str | None


class LedgerView(TypedDict):
    policy_no: str
    from_on: str | None
    to_on: str | None
    currency: str
    totals: list[TotalShown]
    lines: list[AccountShown]
    sum: str


class MemberPage(TypedDict):
    items: list[MemberShown]
    has_more: bool
    next_cursor: str | None


class NewPersonForm(TypedDict):
    name: str
    area_code: str
    id_type: NotRequired[IdType]
    id_number: NotRequired[str | None]
    birth_on: NotRequired[str | None]
    sex: NotRequired[Sex | None]
    household_id: NotRequired[str | None]
    household_key: NotRequired[str | None]
    phone: NotRequired[str | None]


class NoticeForm(TypedDict):
    person: NotRequired[PersonForm]
    event: NotRequired[EventForm]
    bills: NotRequired[list[BillForm]]
    stays: NotRequired[list[StayForm]]
    losses: NotRequired[list[LossForm]]
    filed_by: NotRequired[FiledByForm]
    payees: NotRequired[list[PayeeForm]]
    extra: NotRequired[dict[str, str]]
    injuries: NotRequired[list[InjuryForm]]
    services: NotRequired[list[ServiceForm]]


class NoticeView(TypedDict):
    notice_no: str
    area_code: str
    client_ref: str | None
    status: Labelled
    person: PersonShown
    event: EventShown
    bills: list[BillShown]
    stays: list[StayShown]
    losses: list[LossShown]
    injuries: list[InjuryShown]
    services: list[ServiceShown]
    filed_by: FiledByShown
    payees: list[PayeeShown]
    extra: dict[str, str]
    claims: list[ClaimShown]
    coverage: list[Remark]
    warnings: list[Warned]
    created_by: str
    assigned_to: str | None
    created_at: str
    updated_at: str
    submitted_at: str | None
    version: int


class OpeningForm(TypedDict):
    usage: list[UsageLine]
    source_zh: str


class PayoutView(TypedDict):
    id: str
    claim_no: str
    seq: int
    reference: str | None
    payee_name_masked: str | None
    account_last4: str | None
    bank: str | None
    share_bp: int
    kind: Labelled
    amount: str
    reversed_amount: str
    currency: str
    status: Labelled
    failure_code: str | None
    account_check: Labelled | None
    attempts: list[Attempt]
    awaits_second_person: bool
    held_zh: str | None
    receipt: ReceiptShown | None
    created_at: str
    updated_at: str
    version: int


class Payouts(TypedDict):
    items: list[PayoutView]


class PolicyForm(TypedDict):
    policy_no: str
    scheme: str
    area_code: str
    period_from: str
    period_to: str
    shares: NotRequired[list[ShareForm]]
    premium_per_person: NotRequired[str]
    approval: NotRequired[Approval | None]
    payer_rank: NotRequired[int]
    waiting_days: NotRequired[int]
    check_days: NotRequired[int]
    return_window_days: NotRequired[int]
    exclusive_group: NotRequired[str | None]
    status: NotRequired[Literal["active", "quoted"]]
    payers: NotRequired[list[PremiumPayerForm]]
    premium_by: NotRequired[PremiumBy]
    premium_due_on: NotRequired[str | None]
    tolerance: NotRequired[str]
    day_count: NotRequired[DayCount]
    papers_stop_clock: NotRequired[bool]
    decide_days: NotRequired[int]
    pay_days: NotRequired[int]
    limitation_years: NotRequired[Literal[2, 5]]


class PolicyView(TypedDict):
    policy_no: str
    scheme: str
    scheme_name_zh: str
    scheme_version: str
    kind: str
    insurer: str | None
    shares: list[InsurerShareShown]
    area_code: str
    period_from: str
    period_to: str
    statuses: list[Labelled]
    approval: Labelled
    premium_per_person: str
    payer_rank: int
    waiting_days: int
    check_days: int
    return_window_days: int
    exclusive_group: str | None
    payers: list[PayerShown]
    premium: PremiumBrief
    premium_by: Labelled
    tolerance: str
    day_count: Labelled
    papers_stop_clock: bool
    decide_days: int
    pay_days: int
    limitation_years: int
    cancelled_from: str | None
    renews: str | None
    renewed_by: str | None
    warnings: list[Flag]
    terms_sha256: str
    created_at: str
    updated_at: str
    version: int


class ReceiptForm(TypedDict):
    receipt: Receipt
    way: NotRequired[ReceiptWay]
    note_zh: NotRequired[str | None]


class Recoveries(TypedDict):
    items: list[RecoveryView]


class RemovalForm(TypedDict):
    person_id: str
    reason: RemovalReason


class RenewedView(TypedDict):
    policy: PolicyView
    carried_over: int
    left_out: dict[str, int]


class SampleView(TypedDict):
    policy_no: str
    seed: str
    of: int
    items: list[PayoutView]


class SchemeView(TypedDict):
    code: str
    name_zh: str
    kind: str
    versions: list[VersionShown]


class ScorecardView(TypedDict):
    insurer: str
    insurer_zh: str
    period: str
    from_on: str
    to_on: str
    figures: list[FigureShown]


class StatementForm(TypedDict):
    insurer: NotRequired[str | None]
    area_code: NotRequired[str | None]
    side: NotRequired[Literal["statement", "bank_return"]]
    from_day: NotRequired[str | None]
    day: str
    totals: StatementTotalsForm
    lines: list[LineForm]


class StatementPage(TypedDict):
    items: list[StatementView]
    has_more: bool
    next_cursor: str | None


class TaskPage(TypedDict):
    items: list[TaskView]
    has_more: bool
    next_cursor: str | None


class Timeline(TypedDict):
    items: list[TimelineEventShown]


class TrailPage(TypedDict):
    items: list[TrailShown]
    has_more: bool
    next_cursor: str | None


class YearEndView(TypedDict):
    policy_no: str
    period_from: str
    period_to: str
    final: bool
    sentence_zh: str
    figures: list[FigureShown]
    shares: list[LedgerShareShown]


class AccessPage(TypedDict):
    items: list[AccessView]
    has_more: bool
    next_cursor: str | None


class AssessmentShown(TypedDict):
    scheme_code: str
    scheme_version: str
    amount: str
    currency: str
    expected_outcome: Labelled
    covers: list[CoverShown]
    reasons: list[ReasonShown]


class AssessmentView(TypedDict):
    claim_no: str
    seq: int
    terms_sha256: str
    assessed_at: str
    assessment: AssessmentShown
    limits: list[LimitShown]
    missing: list[Paper] | None
    self_borne_left: str | None
    nearest_change: NearestShown | None


class BatchPage(TypedDict):
    items: list[BatchView]
    has_more: bool
    next_cursor: str | None


class BudgetView(TypedDict):
    policy_no: str
    scheme: str
    scheme_version: str
    months: int
    categories: list[CategoryBudgeted]
    premium: str
    payout: RangeShown
    expected_loss_ratio_bp: int | None
    history_claims: int
    sentence_zh: str
    currency: str


class CallbackPage(TypedDict):
    items: list[CallbackView]
    has_more: bool
    next_cursor: str | None


class DayPage(TypedDict):
    items: list[DayView]
    has_more: bool
    next_cursor: str | None


class DecisionShown(TypedDict):
    outcome: Labelled
    amount: str
    clause: str | None
    reason_zh: str | None
    decided_on: str
    decided_by: str
    policy_version: int
    difference: DifferenceShown | None


class DelegatedCasePage(TypedDict):
    items: list[DelegatedCaseView]
    has_more: bool
    next_cursor: str | None


class DeliveryPage(TypedDict):
    items: list[DeliveryView]
    has_more: bool
    next_cursor: str | None


class DraftForm(TypedDict):
    person: NotRequired[PersonForm]
    event: NotRequired[EventForm]
    bills: NotRequired[list[BillForm]]
    stays: NotRequired[list[StayForm]]
    losses: NotRequired[list[LossForm]]
    filed_by: NotRequired[FiledByForm]
    payees: NotRequired[list[PayeeForm]]
    extra: NotRequired[dict[str, str]]
    injuries: NotRequired[list[InjuryForm]]
    services: NotRequired[list[ServiceForm]]
    area_code: str
    client_ref: NotRequired[str | None]
    restored_no: NotRequired[str | None]


class EndpointPage(TypedDict):
    items: list[EndpointView]
    has_more: bool
    next_cursor: str | None


class EstimateForm(TypedDict):
    person: NotRequired[PersonForm]
    event: NotRequired[EventForm]
    bills: NotRequired[list[BillForm]]
    stays: NotRequired[list[StayForm]]
    losses: NotRequired[list[LossForm]]
    filed_by: NotRequired[FiledByForm]
    payees: NotRequired[list[PayeeForm]]
    extra: NotRequired[dict[str, str]]
    injuries: NotRequired[list[InjuryForm]]
    services: NotRequired[list[ServiceForm]]
    papers: NotRequired[list[Paper1]]


class HoldPage(TypedDict):
    items: list[HoldView]
    has_more: bool
    next_cursor: str | None


class InstructionPage(TypedDict):
    items: list[InstructionView]
    has_more: bool
    next_cursor: str | None


class ItemPage(TypedDict):
    items: list[ItemView]
    has_more: bool
    next_cursor: str | None


class MemberForm(TypedDict):
    category: str
    person: NotRequired[NewPersonForm | None]
    person_id: NotRequired[str | None]
    covered_from: NotRequired[str | None]
    covered_to: NotRequired[str | None]
    certificate_no: NotRequired[str | None]
    premium: NotRequired[str | None]


class NoticePage(TypedDict):
    items: list[NoticeView]
    has_more: bool
    next_cursor: str | None


class PolicyEstimated(TypedDict):
    policy_no: str
    scheme_name_zh: str
    insurer: str | None
    amount: str
    assessment: AssessmentShown
    limits: list[LimitShown]
    nearest_change: NearestShown | None


class PolicyPage(TypedDict):
    items: list[PolicyView]
    has_more: bool
    next_cursor: str | None


class RosterForm(TypedDict):
    members: list[MemberForm]


class ClaimView(TypedDict):
    claim_no: str
    notice_no: str
    policy_no: str
    scheme: SchemeShown
    area_code: str
    insurer: str | None
    insurer_case_no: str | None
    status: Labelled
    outcome: Labelled | None
    approval: Labelled
    next_actor_zh: str
    sentence_zh: str
    due_on: str | None
    waits_for: str | None
    papers_asked: list[Paper]
    amounts: Amounts
    decision: DecisionShown | None
    payouts: list[PayoutBrief]
    reopened_count: int
    event_on: str
    assigned_to: str | None
    clocks: list[ClockShown]
    warnings: list[Flag]
    pending: PendingShown | None
    held_zh: str | None
    waiting: WaitingShown | None
    created_at: str
    updated_at: str
    version: int


class EndorsementForm(TypedDict):
    endorsement_no: NotRequired[str | None]
    effective_on: str
    reason_zh: str
    additions: NotRequired[list[MemberForm]]
    removals: NotRequired[list[RemovalForm]]


class EstimateView(TypedDict):
    policies: list[PolicyEstimated]
    remarks: list[Remark]
    missing: list[Paper]
    total: str
    self_borne_left: str
    currency: str


class ClaimPage(TypedDict):
    items: list[ClaimView]
    has_more: bool
    next_cursor: str | None
