"""Lists by keyset, last changed first: a statement holds the filters that are given and no others.

With "or nothing was asked" in its place, a filter could be served by no index once the server plans
for any value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy.sql.elements import TextClause

from app.db.rows import sql
from app.domain.caller import Caller, area_range

Position = tuple[datetime, UUID]


@dataclass(frozen=True)
class Listing:
    """One kind of list: `head` selects, from a table called `alias` above all.

    `filters` are conditions by the name of the value that they compare with.
    """

    head: str
    alias: str
    filters: Mapping[str, str]

    def ask(
        self,
        caller: Caller,
        given: Mapping[str, Any],
        area: int | None,
        before: Position | None,
        limit: int,
    ) -> tuple[TextClause, dict[str, Any]]:
        """Give the statement for one page, and its values.

        Those filters count whose value in `given` is not None. `area` narrows the caller's.
        """
        values = {name: value for name, value in given.items() if value is not None}
        conditions = tuple(self.filters[name] for name in self.filters if name in values)
        values["lo"], values["hi"] = _within(caller, area)
        values["limit"] = limit
        if before is not None:
            values["before_at"], values["before_id"] = before
        statement = _statement(self.head, self.alias, conditions, following=before is not None)
        return statement, values


@cache
def _statement(
    head: str, alias: str, conditions: tuple[str, ...], *, following: bool
) -> TextClause:
    whole = [f"{alias}.area_code >= :lo AND {alias}.area_code < :hi", *conditions]
    if following:
        whole.append(f"({alias}.updated_at, {alias}.id) < (:before_at, CAST(:before_id AS uuid))")
    where = " AND ".join(whole)
    order = f"{alias}.updated_at DESC, {alias}.id DESC"
    return sql(f"{head} WHERE {where} ORDER BY {order} LIMIT :limit")


def _within(caller: Caller, area: int | None) -> tuple[int, int]:
    """Give what an area and the caller's have in common; possibly nothing."""
    if area is None:
        return caller.area_lo, caller.area_hi
    lo, hi = area_range(area)
    return max(lo, caller.area_lo), min(hi, caller.area_hi)
