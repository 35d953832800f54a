"""Who calls: role, area range, insurer; and the table of who may do what."""

from dataclasses import dataclass, field
from enum import StrEnum

LEVEL_DIGITS = {"province": 2, "prefecture": 4, "county": 6, "township": 9, "village": 12}
AREA_END = 10**12


class Role(StrEnum):
    """The roles of the service; the last three are kept apart (三权分立)."""

    TOWNSHIP = "township"
    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"
    DASHBOARD = "dashboard"
    INSURER = "insurer"
    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


ROLE_ZH: dict[Role, str] = {
    Role.TOWNSHIP: "乡镇（街道）",
    Role.COUNTY: "县级民政",
    Role.PREFECTURE: "市级民政",
    Role.PROVINCE: "省级民政",
    Role.DASHBOARD: "看板",
    Role.INSURER: "保险公司",
    Role.SYSTEM: "系统管理员",
    Role.SECURITY: "安全管理员",
    Role.AUDIT: "审计管理员",
}


class Act(StrEnum):
    """What a role may be allowed to do."""

    FILE_NOTICE = "file_notice"
    READ_CASES = "read_cases"
    READ_PAPERS = "read_papers"
    READ_PEOPLE = "read_people"
    REVEAL = "reveal"
    READ_ACCESSES = "read_accesses"
    KEEP_CONSENTS = "keep_consents"
    PROTECT = "protect"
    MOVE_PERSON = "move_person"
    ERASE = "erase"
    READ_CONTRACTS = "read_contracts"
    READ_ROSTER = "read_roster"
    KEEP_CONTRACTS = "keep_contracts"
    APPROVE = "approve"
    DECIDE = "decide"
    OVERRIDE = "override"
    REQUEST_EVIDENCE = "request_evidence"
    RESOLVE_DIFFERENCE = "resolve_difference"
    APPEAL = "appeal"
    REOPEN = "reopen"
    NOTE = "note"
    KEEP_CALENDAR = "keep_calendar"
    PROPOSE_ACCOUNT = "propose_account"
    REVERSE_PAYOUT = "reverse_payout"
    RECOVER_PAYOUT = "recover_payout"
    CONFIRM_RECEIPT = "confirm_receipt"
    ASK_ADVANCE = "ask_advance"
    STOP_INSTALMENTS = "stop_instalments"
    READ_EXCHANGE = "read_exchange"
    OPERATE_EXCHANGE = "operate_exchange"
    DELIVER_CALLBACK = "deliver_callback"
    GIVE_STATEMENT = "give_statement"
    READ_STATEMENTS = "read_statements"
    RECONCILE = "reconcile"
    AUDIT = "audit"
    READ_HOLDS = "read_holds"
    RELEASE_HOLD = "release_hold"
    READ_METRICS = "read_metrics"
    READ_REPORTS = "read_reports"
    READ_BUREAU_REPORTS = "read_bureau_reports"
    KEEP_KEYS = "keep_keys"
    DECLARE_RELATIVE = "declare_relative"
    KEEP_WEBHOOKS = "keep_webhooks"
    READ_TASKS = "read_tasks"
    RECHECK = "recheck"


_READERS = frozenset(
    {Role.TOWNSHIP, Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.DASHBOARD, Role.INSURER}
)
PERMITTED: dict[Act, frozenset[Role]] = {
    Act.FILE_NOTICE: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.READ_CASES: _READERS,
    Act.READ_PAPERS: frozenset({Role.TOWNSHIP, Role.COUNTY, Role.INSURER}),
    Act.READ_PEOPLE: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.REVEAL: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.READ_ACCESSES: frozenset({Role.TOWNSHIP, Role.COUNTY, Role.AUDIT}),
    Act.KEEP_CONSENTS: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.PROTECT: frozenset({Role.COUNTY}),
    Act.MOVE_PERSON: frozenset({Role.COUNTY}),
    Act.ERASE: frozenset({Role.SECURITY}),
    Act.READ_CONTRACTS: _READERS,
    Act.READ_ROSTER: _READERS - {Role.DASHBOARD},
    Act.KEEP_CONTRACTS: frozenset({Role.COUNTY}),
    Act.APPROVE: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.DECIDE: frozenset({Role.COUNTY}),
    Act.OVERRIDE: frozenset({Role.COUNTY}),
    Act.REQUEST_EVIDENCE: frozenset({Role.COUNTY}),
    Act.RESOLVE_DIFFERENCE: frozenset({Role.COUNTY}),
    Act.APPEAL: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.REOPEN: frozenset({Role.COUNTY}),
    Act.NOTE: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.KEEP_CALENDAR: frozenset({Role.SYSTEM}),
    Act.PROPOSE_ACCOUNT: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.REVERSE_PAYOUT: frozenset({Role.COUNTY}),
    Act.RECOVER_PAYOUT: frozenset({Role.COUNTY}),
    Act.CONFIRM_RECEIPT: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.ASK_ADVANCE: frozenset({Role.COUNTY}),
    Act.STOP_INSTALMENTS: frozenset({Role.COUNTY}),
    Act.READ_EXCHANGE: frozenset({Role.INSURER, Role.SYSTEM}),
    Act.OPERATE_EXCHANGE: frozenset({Role.SYSTEM}),
    Act.AUDIT: frozenset({Role.AUDIT}),
    Act.DELIVER_CALLBACK: frozenset({Role.INSURER}),
    Act.GIVE_STATEMENT: frozenset({Role.COUNTY, Role.INSURER}),
    Act.READ_STATEMENTS: frozenset({Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.INSURER}),
    Act.RECONCILE: frozenset({Role.COUNTY}),
    Act.READ_HOLDS: _READERS - {Role.TOWNSHIP, Role.DASHBOARD} | {Role.SYSTEM},
    Act.RELEASE_HOLD: frozenset({Role.SYSTEM}),
    Act.READ_METRICS: frozenset({Role.SYSTEM}),
    Act.READ_REPORTS: _READERS - {Role.TOWNSHIP},
    Act.READ_BUREAU_REPORTS: _READERS - {Role.TOWNSHIP, Role.INSURER},
    Act.KEEP_KEYS: frozenset({Role.SECURITY}),
    Act.DECLARE_RELATIVE: frozenset({Role.TOWNSHIP, Role.COUNTY}),
    Act.KEEP_WEBHOOKS: _READERS - {Role.TOWNSHIP},
    Act.READ_TASKS: frozenset(Role),
    Act.RECHECK: frozenset({Role.COUNTY}),
}


# 回避: what an officer leaves to another where the person is a near relative of theirs: whatever
# decides, orders or moves money, or vouches that it arrived; not filing, papers and notes.
LEFT_TO_ANOTHER = frozenset(
    {
        Act.APPROVE,
        Act.DECIDE,
        Act.OVERRIDE,
        Act.RESOLVE_DIFFERENCE,
        Act.REOPEN,
        Act.PROPOSE_ACCOUNT,
        Act.REVERSE_PAYOUT,
        Act.RECOVER_PAYOUT,
        Act.CONFIRM_RECEIPT,
        Act.ASK_ADVANCE,
        Act.STOP_INSTALMENTS,
        Act.RECONCILE,
        Act.RECHECK,
    }
)


@dataclass(frozen=True, slots=True)
class Caller:
    """One principal for the length of one request or job.

    `area_lo` and `area_hi` are a half-open range of 12-digit area codes; `insurer` is an insurer's
    code and narrows the range to that insurer's policies. `actor` names the principal in events and
    in the audit trail; it holds no personal data. `act` is what the principal came to do, where it
    came through the door to write.
    """

    role: Role
    area_lo: int
    area_hi: int
    actor: str
    insurer: str | None = None
    act: Act | None = field(default=None, compare=False)

    def may(self, act: Act) -> bool:
        """Tell whether the role is allowed the act; the area is checked where the object is."""
        return self.role in PERMITTED[act]

    def covers(self, area_code: int) -> bool:
        """Tell whether a 12-digit area code lies in the caller's range."""
        return self.area_lo <= area_code < self.area_hi


def area_range(area_code: int) -> tuple[int, int]:
    """Give the half-open range of codes below an area: trailing zero groups are its breadth.

    330127000000 (a county) gives 330127000000..330128000000. Zero means the whole country.
    """
    if area_code == 0:
        return 0, AREA_END
    for digits in LEVEL_DIGITS.values():
        width = 10 ** (12 - digits)
        if area_code % width == 0:
            return area_code, area_code + width
    raise AssertionError  # every integer is a multiple of the village's width, which is one


def level_of(area_code: int) -> str:
    """Give the level of a 12-digit area code by its trailing zeros."""
    lo, hi = area_range(area_code)
    return next(level for level, digits in LEVEL_DIGITS.items() if 10 ** (12 - digits) == hi - lo)


def parent_of(area_code: int) -> int | None:
    """Give the code of the next wider area; None for a province.

    A township of a city without counties (东莞: 441900…) lies in the city itself.
    """
    digits = list(LEVEL_DIGITS.values())
    wider = digits[: list(LEVEL_DIGITS).index(level_of(area_code))]
    return area_code - area_code % 10 ** (12 - wider[-1]) if wider else None


def county_of(area_code: int) -> int:
    """Give the 12-digit code of the county that an area lies in."""
    return area_code - area_code % 10**6


def worker(name: str) -> Caller:
    """Give the service's own principal, which sees every area; for the clock, never the door."""
    return Caller(Role.SYSTEM, 0, AREA_END, f"worker:{name}")
