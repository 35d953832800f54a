"""The county's contracts: five policies on the schemes of the catalogue, and who is on which."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from app.demo.names import COUNTY
from app.demo.population import Resident
from app.domain.policy import Approval, NewPolicy, Share

LEAD, SECOND = "demo-insurer", "demo-insurer-2"
SETTLED_IN = timedelta(days=90)  # a demo in January still has policies with a past
CHUNAN_TOWNSHIPS = range(18)  # the others are under the Chongqing scheme
FUND_TOWNSHIPS = range(20, 23)
_ALL = Share(LEAD, 10_000, lead=True)
_CHUNAN = frozenset({"tekun", "dibao", "dibian", "low_income_rural"})
_CHONGQING = frozenset({"tekun", "dibao", "orphan", "unattended_child", "veteran"})
_FUND = frozenset({"dibao", "veteran"})
_HOUSE = frozenset({"villager", "dibao", "dibian", "low_income_rural"})


@dataclass(frozen=True, slots=True)
class Contract:
    """One policy of the demo and the residents on its roster."""

    policy: NewPolicy
    takes: Callable[[Resident], bool]


def first_day(today: date) -> date:
    """The first of January on which the demo's two-year policies begin."""
    return date((today - SETTLED_IN).year, 1, 1)


def contracts(today: date) -> dict[str, Contract]:
    """Give the demo's policies by a short name; payers in the order of their rank."""
    begins = first_day(today)
    plain = NewPolicy("", "", COUNTY, begins, date(begins.year + 1, 12, 31), shares=(_ALL,))

    def policy(short: str, scheme_code: str, rank: int, premium_fen: int, **more: Any) -> NewPolicy:
        return replace(
            plain,
            policy_no=f"990127-{begins.year}-{short}",
            scheme_code=scheme_code,
            payer_rank=rank,
            premium_per_person_fen=premium_fen,
            **more,
        )

    co_insured = (Share(LEAD, 7_000, lead=True), Share(SECOND, 3_000, lead=False))
    checked = {"approval": Approval.COUNTY_CHECK, "return_window_days": 30}
    return {
        "chunan": Contract(policy("BCYL", "chunan-supplementary-medical", 20, 15_000), _chunan),
        "chongqing": Contract(
            policy("JKB", "chongqing-minzheng-jikunbao", 30, 12_000, shares=co_insured),
            _chongqing,
        ),
        "fund": Contract(policy("YLJJ", "chongqing-medical-fund", 40, 0, shares=()), _fund),
        "nursing": Contract(policy("ZYHL", "huainan-nursing", 50, 30_000, **checked), _nursing),
        "house": Contract(
            policy("NFTB", "fuzhou-rural-housing", 60, 800, return_window_days=15), _house
        ),
    }


def _chunan(resident: Resident) -> bool:
    return resident.category in _CHUNAN and (
        resident.place in CHUNAN_TOWNSHIPS and resident.purpose != "nursing"
    )


def _chongqing(resident: Resident) -> bool:
    if resident.purpose == "two_policies":
        return True
    unsupplemented = resident.place not in CHUNAN_TOWNSHIPS or resident.category not in _CHUNAN
    return resident.category in _CHONGQING and unsupplemented and resident.purpose != "nursing"


def _fund(resident: Resident) -> bool:
    if resident.purpose == "jiangjin":
        return False
    if resident.category == "disabled":
        return True
    return resident.category in _FUND and resident.place in FUND_TOWNSHIPS


def _nursing(resident: Resident) -> bool:
    return resident.category == "tekun"


def _house(resident: Resident) -> bool:
    at_home = resident.purpose in ("", "house")
    return at_home and resident.head and resident.category in _HOUSE
