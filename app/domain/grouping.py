"""What reports are grouped by, and the columns that name a group."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from app.domain.lifecycle import OUTCOME_ZH, STATUS_ZH
from app.domain.report_tables import Cell, Column


class Group(StrEnum):
    """One thing to group by; areas by their 12-digit codes, the month is that of the event."""

    STATUS = "status"
    OUTCOME = "outcome"
    MONTH = "month"
    TOWNSHIP = "township"
    COUNTY = "county"
    POLICY = "policy"
    SCHEME = "scheme"
    INSURER = "insurer"
    COVER = "cover"
    LIMIT = "limit"


GROUP_ZH: dict[Group, str] = {
    Group.STATUS: "状态",
    Group.OUTCOME: "结论",
    Group.MONTH: "出险月份",
    Group.TOWNSHIP: "乡镇（街道）",
    Group.COUNTY: "县（市、区）",
    Group.POLICY: "保单",
    Group.SCHEME: "项目",
    Group.INSURER: "保险公司",
    Group.COVER: "责任",
    Group.LIMIT: "限额",
}
_CODE_ZH: dict[Group, str] = {
    Group.TOWNSHIP: "区划代码",
    Group.COUNTY: "区划代码",
    Group.POLICY: "保单号",
}
_UNNAMED = frozenset({Group.MONTH})  # the code says it all
NOT_YET_ZH = "未定"
FUND_ZH = "民政资金（无保险公司）"
WHOLE_ZH = "未分到乡镇"
Key = tuple[str, ...]  # the codes of a row's groups, in the order that was asked for
Names = Mapping[Group, Mapping[str, str]]


def group_columns(groups: Sequence[Group]) -> tuple[Column, ...]:
    """Give the columns that name a row: of each group its code and its name."""
    found: list[Column] = []
    for group in groups:
        label = GROUP_ZH[group]
        if group in _UNNAMED:
            found.append(Column(group.value, label))
            continue
        code_zh = _CODE_ZH.get(group, f"{label}代码")
        found += [Column(group.value, code_zh), Column(f"{group.value}_zh", label)]
    return tuple(found)


def group_cells(groups: Sequence[Group], key: Key, names: Names) -> tuple[Cell, ...]:
    """Give the cells of `group_columns` for one row; what has no name shows its code."""
    found: list[Cell] = []
    for group, code in zip(groups, key, strict=True):
        found.append(code)
        if group not in _UNNAMED:
            found.append(_name(group, code, names))
    return tuple(found)


def _name(group: Group, code: str, names: Names) -> str:
    match group:
        case Group.STATUS:
            return {status.value: label for status, label in STATUS_ZH.items()}.get(code, code)
        case Group.OUTCOME if not code:
            return NOT_YET_ZH
        case Group.OUTCOME:
            return {outcome.value: label for outcome, label in OUTCOME_ZH.items()}.get(code, code)
        case Group.INSURER if not code:
            return FUND_ZH
        case Group.TOWNSHIP if not code:
            return WHOLE_ZH
        case _:
            return names.get(group, {}).get(code, code)
