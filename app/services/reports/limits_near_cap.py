"""Which limits are nearly used up, and by how many people; nobody is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.db.report_facts import RunningPolicy, near_limits, running_policies
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.grouping import Group
from app.domain.limits import LimitUnit, Scope
from app.domain.report_tables import Cell, Column, Kind, Report, ReportTable
from app.domain.standing import StandingLimit, standing_limits
from app.domain.terms import Terms
from app.services.reports.asked import put_table

NEAR_PERCENT = 80
_REPORT = Report(
    "limits",
    "限额使用",
    (
        Column("limit_zh", "限额名称"),
        Column("scope_zh", "范围"),
        Column("category_zh", "人员类别"),
        Column("bound", "限额"),
        Column("unit_zh", "单位"),
        Column("users", "已动用", Kind.COUNT, "人次"),
        Column("near", f"已用 {NEAR_PERCENT}% 及以上", Kind.COUNT, "人次"),
        Column("used_up", "已用完", Kind.COUNT, "人次"),
        Column("most_used", "最高已用比例", Kind.PERCENT),
    ),
    (
        "当日有效保单中逐年或终身累计的限额；按整张保单统计，家庭限额以户计，保单总额以保单计。",
        "占用含已理算、未结论的赔案；随事故、医院级别而变的限额不在此列。",
    ),
)
_SCOPE_ZH = {
    Scope.POLICY_YEAR: "整张保单每年",
    Scope.HOUSEHOLD_YEAR: "每户每年",
    Scope.PERSON_YEAR: "每人每年",
    Scope.PERSON_LIFE: "每人终身",
}
_UNIT_ZH = {
    LimitUnit.FEN: "元",
    LimitUnit.DAYS: "天",
    LimitUnit.COUNT: "次",
    LimitUnit.MINUTES: "分钟",
}
_OF_PEOPLE = (Scope.PERSON_YEAR, Scope.PERSON_LIFE)


@dataclass(frozen=True, slots=True)
class _Asked:
    policy: RunningPolicy
    category: str
    category_zh: str
    standing: StandingLimit

    def wanted(self) -> dict[str, object]:
        key = self.standing.key
        life = key.scope is Scope.PERSON_LIFE
        return {
            "owner_id": str(self.policy.line_id if life else self.policy.id),
            "policy_id": str(self.policy.id),
            "scope": key.scope.value,
            "code": key.code,
            "period": key.period,
            "category": self.category,
            "bound": self.standing.bound,
        }


async def make_limits_near_cap(tx: Tx) -> ReportTable:
    """Tell how far the limits of today's policies are used."""
    today = await tx.today()
    asked: list[_Asked] = []
    for policy in await running_policies(tx):
        asked += _of_policy(policy, await terms_of(tx, policy.terms_sha256), today)
    found = await near_limits(tx, [one.wanted() for one in asked], NEAR_PERCENT)
    cells: dict[tuple[str, ...], tuple[Cell, ...]] = {}
    for place, one in enumerate(asked, start=1):
        limit, bound = one.standing.limit, one.standing.bound
        near = found.get(place)
        money = limit.unit is LimitUnit.FEN
        cells[one.policy.policy_no, f"{one.standing.key.code}|{one.category}"] = (
            limit.name_zh,
            _SCOPE_ZH[limit.scope],
            one.category_zh,
            f"{bound // 100}.{bound % 100:02d}" if money else str(bound),
            _UNIT_ZH[limit.unit],
            near.users if near else 0,
            near.near if near else 0,
            near.full_used if near else 0,
            (near.most_used if near else 0) * 10_000 // bound if bound else None,
        )
    return await put_table(tx, _REPORT, (Group.POLICY, Group.LIMIT), None, cells)


def _of_policy(policy: RunningPolicy, terms: Terms, today: date) -> Iterator[_Asked]:
    """Give each limit once where it is the same for everybody, else once for each category."""
    seen: dict[tuple[str, int], list[tuple[str, StandingLimit]]] = {}
    for category in terms.categories:
        for one in standing_limits(terms, category, policy.period_from, today):
            seen.setdefault((one.key.code, one.bound), []).append((category, one))
    for named in seen.values():
        everybody = len(named) == len(terms.categories)
        if everybody or named[0][1].limit.scope not in _OF_PEOPLE:
            yield _Asked(policy, "", "全部", named[0][1])
            continue
        for category, one in named:
            yield _Asked(policy, category, terms.categories[category], one)
