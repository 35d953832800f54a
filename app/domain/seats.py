"""Seats: which roles one person may hold together (三权分立). The database holds the same line.

The bureau's officers sit together; each administrator and the insurers sit apart. Who grants keys
does not run the machines, who runs the machines does not read the audit trail, who audits does
none of it, and an insurer's staff sit on none of the bureau's chairs.
"""

import re
from itertools import combinations

from app.domain.caller import Role

_APART = frozenset({Role.INSURER, Role.SYSTEM, Role.SECURITY, Role.AUDIT})
# A number of the bureau's own: a staff or system number or a UUID; never a person's name, nor an ID
# or phone number, which are eleven digits or more in a row.
HOLDER = re.compile(
    r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|(?!.*\d{11})[A-Za-z0-9][A-Za-z0-9._@-]{1,63}",
    re.ASCII,
)


def seat(role: Role) -> str:
    """Give the seat that a role belongs to."""
    return role.value if role in _APART else "bureau"


def go_together(one: Role, other: Role) -> bool:
    """Tell whether one person may hold both roles."""
    return seat(one) == seat(other)


FORBIDDEN_PAIRS: frozenset[frozenset[Role]] = frozenset(
    frozenset(pair) for pair in combinations(Role, 2) if not go_together(*pair)
)
