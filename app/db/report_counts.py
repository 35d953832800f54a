"""What reports count: the totals by whatever is asked for, and the names of the groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.domain.grouping import Group, Key
from app.domain.reports import Period

# Every group is one of these; nothing that a caller sends comes into a statement.
_BY: dict[Group, str] = {
    Group.STATUS: "c.status",
    Group.OUTCOME: "coalesce(c.outcome, '')",
    Group.MONTH: "to_char(c.event_month, 'YYYY-MM')",
    Group.TOWNSHIP: "lpad((c.area_code - c.area_code % 1000)::text, 12, '0')",
    Group.COUNTY: "lpad((c.area_code - c.area_code % 1000000)::text, 12, '0')",
    Group.POLICY: "p.policy_no",
    Group.SCHEME: "v.scheme_code",
    Group.INSURER: "coalesce(c.insurer_code, '')",
}
_WHERE = """
    c.area_code >= :lo AND c.area_code < :hi
    AND (CAST(:insurer AS text) IS NULL OR c.insurer_code = :insurer)
    AND (CAST(:from_on AS date) IS NULL OR c.event_month BETWEEN :from_on AND :to_on)
"""
_POLICY = """
    LEFT JOIN policy AS p ON p.id = c.policy_id
    LEFT JOIN scheme_version AS v ON v.id = p.scheme_version_id
"""
_NAMES: dict[Group, str] = {
    Group.TOWNSHIP: """
        SELECT lpad(code::text, 12, '0') AS code, name_zh AS name FROM area
        WHERE code = ANY(CAST(CAST(:codes AS text[]) AS bigint[]))
    """,
    Group.POLICY: """
        SELECT p.policy_no AS code, s.name_zh AS name FROM policy AS p
        JOIN scheme_version AS v ON v.id = p.scheme_version_id
        JOIN scheme AS s ON s.code = v.scheme_code WHERE p.policy_no = ANY(:codes)
    """,
    Group.SCHEME: "SELECT code, name_zh AS name FROM scheme WHERE code = ANY(:codes)",
    Group.INSURER: "SELECT code, name_zh AS name FROM insurer WHERE code = ANY(:codes)",
}
_NAMES[Group.COUNTY] = _NAMES[Group.TOWNSHIP]
_CLAIMS = """
    sum(c.claims)::bigint AS claims, sum(c.assessed_fen)::bigint AS assessed_fen,
    sum(c.decided_fen)::bigint AS decided_fen, sum(c.paid_fen)::bigint AS paid_fen
"""
_OPEN = "('submitted', 'evidence_required', 'under_review', 'pending_approval')"
_FIGURES = f"""
    sum(c.claims) FILTER (WHERE c.status <> 'withdrawn')::bigint AS claims,
    coalesce(sum(c.claims) FILTER (WHERE c.status IN {_OPEN}), 0)::bigint AS open_claims,
    coalesce(sum(c.assessed_fen) FILTER (WHERE c.status IN {_OPEN}), 0)::bigint AS expected_fen,
    coalesce(sum(c.assessed_fen) FILTER (WHERE c.status <> 'withdrawn'), 0)::bigint
        AS assessed_fen
"""
_BOOKED = """
    coalesce(sum(c.amount_fen) FILTER (WHERE c.account = 'incurred'), 0)::bigint AS incurred_fen,
    coalesce(-sum(c.amount_fen) FILTER (WHERE c.account = 'paid'), 0)::bigint AS paid_fen,
    coalesce(-sum(c.amount_fen) FILTER (WHERE c.account = 'payable'), 0)::bigint AS unpaid_fen,
    coalesce(sum(c.amount_fen) FILTER (WHERE c.account = 'recovered'), 0)::bigint AS recovered_fen
"""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted: the view, its figures, which groups are told, which rows are taken."""

    view: str
    figures: str
    told: str
    rows: str = "true"


_PIPELINE = _Counted("claim_count", _CLAIMS, "sum(c.claims) <> 0")
_CASES = _Counted("claim_count", _FIGURES, "sum(c.claims) <> 0")
_OF_LEDGER = _Counted("ledger_count", _BOOKED, "true", "c.event_month IS NOT NULL")


@dataclass(frozen=True, slots=True)
class ClaimCount:
    """Claims of one group, and their sums in fen."""

    claims: int
    assessed_fen: int
    decided_fen: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class CaseCount:
    """Claims of one group that were not withdrawn, which have no decision, and what was assessed
    of those and of all; fen."""

    claims: int = 0
    open_claims: int = 0
    expected_fen: int = 0
    assessed_fen: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """What stands in the ledger for the claims of one group, in fen."""

    incurred_fen: int = 0
    paid_fen: int = 0
    unpaid_fen: int = 0
    recovered_fen: int = 0


async def count_claims(
    tx: Tx, groups: Sequence[Group], period: Period | None, most: int
) -> dict[Key, ClaimCount]:
    """Count the caller's claims by groups; `period` is of the event. At most `most` groups."""
    rows = await _grouped(tx, _PIPELINE, groups, period, most)
    return {key: ClaimCount(**values) for key, values in rows}


async def count_cases(
    tx: Tx, groups: Sequence[Group], period: Period | None, most: int
) -> dict[Key, CaseCount]:
    """Count the caller's claims that were not withdrawn, open ones beside them."""
    rows = await _grouped(tx, _CASES, groups, period, most)
    return {
        key: CaseCount(**{name: value or 0 for name, value in values.items()})
        for key, values in rows
    }


async def count_booked(
    tx: Tx, groups: Sequence[Group], period: Period | None, most: int
) -> dict[Key, Booked]:
    """Sum what the ledger has of claims by groups; an insurer sees its own share of each."""
    rows = await _grouped(tx, _OF_LEDGER, groups, period, most)
    return {key: Booked(**values) for key, values in rows}


async def names_of(
    tx: Tx, groups: Sequence[Group], keys: Sequence[Key]
) -> Mapping[Group, Mapping[str, str]]:
    """Give the names of the areas, policies, schemes and insurers in some keys."""
    found: dict[Group, dict[str, str]] = {}
    for place, group in enumerate(groups):
        if group in _NAMES:
            codes = sorted({key[place] for key in keys if key[place]})
            rows = await tx.sql.execute(sql(_NAMES[group]), {"codes": codes})
            found[group] = {str(row.code): str(row.name) for row in rows}
    return found


async def _grouped(
    tx: Tx,
    counted: _Counted,
    groups: Sequence[Group],
    period: Period | None,
    most: int,
) -> list[tuple[Key, dict[str, int]]]:
    names = [f"g{place}" for place in range(len(groups))]
    by = ", ".join(f"coalesce({_BY[g]}, '') AS {n}" for g, n in zip(groups, names, strict=True))
    listed = ", ".join(names)
    policy = _POLICY if {Group.POLICY, Group.SCHEME} & set(groups) else ""
    statement = sql(
        f"""
        SELECT {by}, {counted.figures} FROM {counted.view} AS c {policy}
        WHERE {_WHERE} AND {counted.rows}
        GROUP BY {listed} HAVING {counted.told} ORDER BY {listed} LIMIT :most
        """
    )
    values = {**_within(tx, period), "most": most}
    found = []
    for row in await tx.sql.execute(statement, values):
        fields = fields_of(row)
        found.append((tuple(str(fields.pop(name)) for name in names), fields))
    return found


def _within(tx: Tx, period: Period | None) -> dict[str, object]:
    caller = tx.caller
    from_on: date | None = None if period is None else period.from_on
    to_on: date | None = None if period is None else period.to_on
    return {
        "lo": caller.area_lo,
        "hi": caller.area_hi,
        "insurer": caller.insurer,
        "from_on": from_on,
        "to_on": to_on,
    }
