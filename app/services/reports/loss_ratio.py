"""赔付率 by township, policy, scheme, insurer or cover."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from app.db.report_counts import count_booked, count_cases
from app.db.report_facts import (
    DecidedRow,
    EarnedRow,
    PremiumPolicy,
    decided_claims,
    earned_premium,
    premium_policies,
)
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.grouping import Group, Key
from app.domain.loss_ratio import (
    BY_COVER,
    OTHER_COVER,
    REPORT,
    Experience,
    by_cover,
    rest_earned_fen,
    shares_of,
)
from app.domain.report_tables import Cell, ReportTable
from app.domain.reports import Period
from app.services.reports.asked import MOST_CLAIMS, MOST_GROUPS, no_more_than, put_table

OTHER_COVER_ZH = "未分到责任"
Found = dict[Key, Experience]


async def make_loss_ratio(tx: Tx, groups: Sequence[Group], period: Period) -> ReportTable:
    """Work out the loss ratio of the events of a period, up to today.

    An insurer sees its own share. Raises Invalid for more than 50,000 decided claims by cover.
    """
    upto = replace(period, to_on=min(period.to_on, await tx.today()))
    policies = {one.id: one for one in await premium_policies(tx, upto)}
    earned = await earned_premium(tx, upto)
    if Group.COVER in groups:
        return await _by_cover(tx, period, upto, policies, earned)
    found: Found = {}
    _earn(found, groups, policies, earned, upto, tx.caller.insurer)
    for key, case in (await count_cases(tx, groups, period, MOST_GROUPS + 1)).items():
        one = found.setdefault(key, Experience())
        one.claims, one.expected_fen = case.claims, case.expected_fen
    for key, money in (await count_booked(tx, groups, period, MOST_GROUPS + 1)).items():
        one = found.setdefault(key, Experience())
        one.incurred_fen, one.paid_fen = money.incurred_fen, money.paid_fen
        one.unpaid_fen = max(0, money.unpaid_fen)
    cells = {key: one.cells() for key, one in found.items()}
    return await put_table(tx, REPORT, groups, period, cells)


def _earn(
    found: Found,
    groups: Sequence[Group],
    policies: dict[UUID, PremiumPolicy],
    earned: Sequence[EarnedRow],
    period: Period,
    insurer: str | None,
) -> None:
    """Add people and earned premium, that of townships and what stands on nobody's name."""
    for row in earned:
        policy = policies.get(row.policy_id)
        if policy is not None:
            _add(found, groups, policy, row.township, row.earned_fen, row.people, insurer)
    for policy in policies.values():
        if policy.whole and insurer is None and policy.rest_fen > 0:
            rest = rest_earned_fen(
                policy.rest_fen,
                (policy.period_from, policy.last_on),
                (period.from_on, period.to_on),
            )
            _add(found, groups, policy, "", rest, 0, insurer)


def _add(
    found: Found,
    groups: Sequence[Group],
    policy: PremiumPolicy,
    township: str,
    earned_fen: int,
    people: int,
    insurer: str | None,
) -> None:
    shares = shares_of(earned_fen, policy.shares)
    if insurer is not None:
        shares = {code: fen for code, fen in shares.items() if code == insurer}
    if Group.INSURER not in groups:
        shares = {"": sum(shares.values())}
    for code, fen in shares.items():
        key = tuple(_code(group, policy, township, code) for group in groups)
        one = found.setdefault(key, Experience())
        one.earned_fen += fen
        one.people += people


def _code(group: Group, policy: PremiumPolicy, township: str, insurer: str) -> str:
    named: dict[Group, Callable[[], str]] = {
        Group.TOWNSHIP: lambda: township,
        Group.COUNTY: lambda: f"{township[:6]}000000" if township else policy.county,
        Group.POLICY: lambda: policy.policy_no,
        Group.SCHEME: lambda: policy.scheme_code,
    }
    return named.get(group, lambda: insurer)()


async def _by_cover(
    tx: Tx,
    period: Period,
    upto: Period,
    policies: dict[UUID, PremiumPolicy],
    earned: Sequence[EarnedRow],
) -> ReportTable:
    rows = no_more_than(await decided_claims(tx, period, MOST_CLAIMS + 1), MOST_CLAIMS)
    premium: Found = {}
    _earn(premium, (Group.SCHEME,), policies, earned, upto, tx.caller.insurer)
    found = await asyncio.to_thread(_covered, rows)
    names = {(one.scheme_code, OTHER_COVER): OTHER_COVER_ZH for one in policies.values()}
    for policy in policies.values():
        for cover in (await terms_of(tx, policy.terms_sha256)).covers:
            names[policy.scheme_code, cover.code] = cover.name_zh
            found.setdefault((policy.scheme_code, cover.code), Experience())
    for (scheme, _), one in found.items():
        one.earned_fen = premium.get((scheme,), Experience()).earned_fen
    cells: dict[Key, tuple[Cell, ...]] = {
        (scheme, cover): (names.get((scheme, cover), cover), *one.cover_cells())
        for (scheme, cover), one in found.items()
    }
    groups = (Group.SCHEME, Group.COVER)
    table = await put_table(tx, BY_COVER, groups, period, cells)
    # The name of a cover stands in its own scheme's terms: it takes the place of the plain code.
    return replace(table, rows=[(*row[:3], row[4], *row[5:]) for row in table.rows])


def _covered(rows: Sequence[DecidedRow]) -> Found:
    found: Found = {}
    for row in rows:
        for cover, (decided_fen, paid_fen) in by_cover(
            row.covers, row.decided_fen, row.paid_fen
        ).items():
            one = found.setdefault((row.scheme_code, cover), Experience())
            one.claims += 1
            one.incurred_fen += decided_fen
            one.paid_fen += paid_fen
    return found
