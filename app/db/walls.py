"""The first wall: every statement of this room asks only for what its caller may see.

Row security, the second wall, stands behind it with the same conditions; a test compares the two,
and another runs the whole door with row security off. No query has to think of it: `walled` puts
the condition into each statement, wherever a table is read, changed or emptied. What belongs to
the whole country (areas, schemes, insurers, the calendar, the lanes) has none; the clock's own
callers see every area.
"""

import re
from functools import cache

_AREA = "{t}area_code >= ctx_lo() AND {t}area_code < ctx_hi()"
_RANGE = "{t}area_lo < ctx_hi() AND {t}area_hi > ctx_lo()"
_OFFICE = "ctx_insurer() IS NULL"
_OWN = "(ctx_insurer() IS NULL OR {t}insurer_code = ctx_insurer())"
# An endpoint is of exactly the scope that it was made in: a wider office has none of its secrets.
_EXACT = (
    "({t}area_lo = ctx_lo() AND {t}area_hi = ctx_hi() "
    "AND {t}insurer_code IS NOT DISTINCT FROM ctx_insurer())"
)
# Where whole counties are added up the caller is asked for once, not row by row.
_ONCE = (
    "{t}area_code >= (SELECT ctx_lo()) AND {t}area_code < (SELECT ctx_hi()) AND "
    "((SELECT ctx_insurer()) IS NULL OR {t}insurer_code = (SELECT ctx_insurer()))"
)
_CHAIN = "{t}chain >= ctx_lo() AND {t}chain < ctx_hi()"


def _alike(criterion: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), criterion)


# By table, what a row must be like for its caller; {t} is the name of the table in the statement.
CRITERIA = {
    **_alike(
        f"{_AREA} AND {_OWN}",
        """
        access account_check advance appeal approval assessment claim claim_override
        decision decision_difference endorsement_line enrolment event feed
        instalment instruction ledger_entry payout payout_attempt payout_reversal
        reconciliation reconciliation_book reconciliation_item reconciliation_pair
        recovery recovery_receipt scale_back_share statement statement_line
        """,
    ),
    **_alike(
        f"{_AREA} AND {_OFFICE}",
        "account_proposal consent delegated_case household near_relative note notice "
        "notice_settlement person usage_entry",
    ),
    **_alike(
        f"{_RANGE} AND {_OWN}",
        "endorsement payout_hold policy policy_payer policy_share premium_payment restored_case "
        "scale_back",
    ),
    **_alike(
        _ONCE, "claim_count claim_delta claim_summary ledger_count ledger_delta ledger_summary"
    ),
    **_alike(f"{_RANGE} AND {_OFFICE}", "delegation fund_entry payout_batch usage_counter"),
    # An insurer reads the papers of notices that it has a claim of.
    "document": f"""{_AREA} AND ({_OFFICE} OR EXISTS (
        SELECT FROM claim AS of_insurer
        WHERE of_insurer.notice_id = {{t}}notice_id AND of_insurer.insurer_code = ctx_insurer()
          AND of_insurer.status <> 'withdrawn'))""",
    "audit": f"ctx_role() = 'audit' AND {_CHAIN}",
    "audit_head": f"ctx_role() IN ('audit', 'system') AND {_CHAIN}",
    "callback_event": (
        "(ctx_role() IN ('system', 'keys', 'retention') OR {t}insurer_code = ctx_insurer())"
    ),
    "insurer_secret": (
        "(ctx_role() IN ('system', 'security', 'keys') OR {t}insurer_code = ctx_insurer())"
    ),
    "idempotency": (
        "(({t}principal = ctx_actor() OR ctx_role() IN ('keys', 'retention')) "
        "OR ctx_role() = 'system')"
    ),
    "webhook_endpoint": f"({_EXACT} OR ctx_role() IN ('system', 'security', 'retention'))",
    "webhook_secret": f"({_EXACT} OR ctx_role() IN ('system', 'keys'))",
    "webhook_delivery": f"({_EXACT} OR ctx_role() IN ('system', 'retention'))",
    "api_key": "ctx_role() IN ('door', 'security', 'keys')",
    "used_assertion": "ctx_role() = 'door'",
    **_alike("ctx_role() = 'system'", "gauge invariant_check"),
}
_TABLE = "|".join(sorted(CRITERIA, key=len, reverse=True))
_READ = re.compile(
    rf"(?<!DELETE )(?<!DISTINCT )\b(FROM|JOIN)\s+({_TABLE})\b(?!\s*[.(])(?:\s+AS\s+(\w+))?"
)
_WRITE = re.compile(
    rf"\b(?:UPDATE|DELETE FROM)\s+({_TABLE})(?:\s+AS\s+(\w+))?\s+(?=SET|WHERE|USING)"
)
_PARTS = re.compile(r"'[^']*'|[()]|\bWHERE\b|\bRETURNING\b")
# Wherever else a table may be named. What is found here and not above is written in a way that the
# wall does not know, and is refused when the house starts: it must never go through unasked.
_ANYWHERE = re.compile(
    rf"\b(?:FROM|JOIN|USING|UPDATE|INTO|ONLY|TABLE)[\s(]+(?:public\.)?\"?({_TABLE})\b(?!\s*[.(])",
    re.IGNORECASE,
)
_INSERT = re.compile(rf"\bINSERT INTO ({_TABLE})\b")
_LISTED = re.compile(rf"\s*({_TABLE})\b(?!\s*[.(])", re.IGNORECASE)
_CLAUSES = re.compile(
    r"'[^']*'|[(),]|\b(?:FROM|USING|SELECT|SET|WHERE|GROUP|WINDOW|ORDER|LIMIT|UNION|EXCEPT|INTERSECT"
    r"|RETURNING|VALUES)\b",
    re.IGNORECASE,
)


def criterion(table: str, name: str | None = None) -> str:
    """Give the condition that a table's rows are the caller's; `name` is its name there."""
    return CRITERIA[table].format(t=f"{name or table}.")


@cache
def walled(statement: str) -> str:
    """Give the statement so that it finds and changes only rows of its caller.

    A table is read as the part of it that the caller may see, an UPDATE or DELETE gets the
    condition beside its own. Raises ValueError for one that has no WHERE, and for one that names a
    table where no condition could be put.
    """
    _check_form(statement)
    for found in reversed(list(_WRITE.finditer(statement))):
        begin, end = _condition(statement, found.end())
        whose = criterion(found[1], found[2])
        said = statement[begin:end].strip()
        statement = f"{statement[:begin]} {whose} AND ({said}) {statement[end:]}"
    return _READ.sub(_part, statement)


def _check_form(statement: str) -> None:
    """Raise ValueError when a table stands where `walled` would not find it."""
    known = {found.start(2) for found in _READ.finditer(statement)}
    for form in (_WRITE, _INSERT):
        known |= {found.start(1) for found in form.finditer(statement)}
    named = {found.start(1) for found in _ANYWHERE.finditer(statement)} | _listed(statement)
    if named - known:
        raise ValueError(f"the first wall does not know this form: {statement}")


def _listed(statement: str) -> set[int]:
    """Give where tables stand after a comma in a FROM or USING."""
    places, listing = set(), [False]
    for part in _CLAUSES.finditer(statement):
        match part[0].upper():
            case "(":
                listing.append(False)
            case ")":
                listing = listing[:-1] or [False]
            case "FROM" | "USING":
                listing[-1] = True
            case ",":
                if listing[-1] and (found := _LISTED.match(statement, part.end())):
                    places.add(found.start(1))
            case word if not word.startswith("'"):
                listing[-1] = False
    return places


def _part(found: re.Match[str]) -> str:
    verb, table, name = found.groups()
    return f"{verb} (SELECT * FROM {table} WHERE {criterion(table)}) AS {name or table}"


def _condition(statement: str, start: int) -> tuple[int, int]:
    """Give where the condition of the UPDATE or DELETE that goes on at `start` begins and ends."""
    depth, begin = 0, None
    for part in _PARTS.finditer(statement, start):
        depth += {"(": 1, ")": -1}.get(part[0], 0)
        if part[0] == "WHERE" and depth == 0:
            begin = part.end()
        elif depth < 0 or (part[0] == "RETURNING" and depth == 0):
            end = part.start()
            break
    else:
        end = len(statement)
    if begin is None:
        raise ValueError(f"a change of many rows says which: {statement}")
    return begin, end
