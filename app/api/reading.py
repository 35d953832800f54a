"""Reading through the door: who asks, ETag and 304, lists by cursor."""

import hashlib
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.access import caller_of
from app.api.answers import etag_of, json_answer, matches
from app.api.fields import View
from app.api.known import Known
from app.api.refusals import Malformed, RoleForbidden
from app.crypto import same_digest
from app.db.session import Database, Tx
from app.domain.caller import Act, Caller

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

MAC_BYTES = 16
LIMIT_DEFAULT, LIMIT_MAX = 50, 200
CACHE = "private, no-cache"  # may be kept by the caller, never used without asking again
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX)]
Cursor = Annotated[str, Field(min_length=1, max_length=500)]


class Listed(BaseModel):
    """The parameters of every list; a list with filters adds its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor | None = None


class Page(View, Generic[T]):
    """One page of a list. `next_cursor` is always there, null at the end."""

    items: list[T]
    has_more: bool
    next_cursor: str | None


class Reads:
    """The dependency of a route that reads; it names the act that the role must be allowed.

    `looks_up`: the route finds people by their number, so each call counts against the hour's.
    `reports`: what it reads may be a moment old, and comes from the replica where there is one.
    """

    def __init__(self, act: Act | None, *, looks_up: bool = False, reports: bool = False) -> None:
        self.act = act
        self.looks_up = looks_up
        self.reports = reports

    async def __call__(self, request: Request) -> "Reading":
        caller = caller_of(request, self.act)
        if self.looks_up:
            await request.app.state.limits.look_up(caller)
        state = request.app.state
        return Reading(request, caller, state.replica if self.reports else state.database)


class Reading:
    """One request that reads."""

    def __init__(self, request: Request, caller: Caller, database: Database) -> None:
        self.request = request
        self.caller = caller
        self.database = database
        self.known: Known = request.app.state.known
        self.began = time.monotonic()

    def require(self, act: Act) -> None:
        """Refuse a part of the request that the role may not ask for. Raises RoleForbidden."""
        if not self.caller.may(act):
            raise RoleForbidden

    def transaction(self) -> AbstractAsyncContextManager[Tx]:
        """Open a transaction as the caller."""
        return self.database.transaction(self.caller, self.request.state.request_id)

    def asking(self) -> AbstractAsyncContextManager[Tx]:
        """Ask as the caller, outside of any transaction; see `Database.asking`."""
        return self.database.asking(self.caller, self.request.state.request_id)

    def answer(self, view: BaseModel, version: int | None = None) -> Response:
        """Give the view, or 304 when the caller has these very bytes already."""
        body = view.__pydantic_serializer__.to_json(view)  # as bytes: no text in between
        etag = etag_of(body, self.caller, version)
        if matches(self.request.headers.get("if-none-match"), etag):
            return not_modified(etag)
        return json_answer(body, 200, etag, cache=CACHE)

    def unchanged(self, kind: str, number: str) -> Response | None:
        """Give the 304 for a notice or claim that is known to be as the caller has it."""
        told = self.request.headers.get("if-none-match")
        etag = None if told is None else self.known.item(kind, number, self.caller, told)
        return None if etag is None else not_modified(etag)

    def remember(self, answer: Response, kind: str, number: str, area_code: int) -> Response:
        """Remember an answer about a notice or claim until it moves; give it back."""
        etag = answer.headers["etag"]
        self.known.remember_item(kind, number, area_code, self.caller, etag, self.began)
        return answer

    def unchanged_list(self) -> Response | None:
        """Give the 304 for a list that is known to be as the caller has it."""
        told = self.request.headers.get("if-none-match")
        etag = None if told is None else self.known.listing(self.path(), self.caller, told)
        return None if etag is None else not_modified(etag)

    def remember_list(self, answer: Response) -> Response:
        """Remember a list until something in the caller's area moves; give it back."""
        etag = answer.headers["etag"]
        self.known.remember_listing(self.path(), self.caller, etag, self.began)
        return answer

    def path(self) -> str:
        """Give what is asked for, with its query."""
        scope = self.request.scope
        return f"{scope['path']}?{scope['query_string'].decode('latin-1')}"

    def plain(self, view: BaseModel) -> Response:
        """Give the view as the answer to a question in a body, which nobody may keep."""
        return json_answer(view.model_dump_json().encode(), 200, None)

    def page(
        self,
        listed: Listed,
        found: Sequence[R],
        position: Callable[[R], Sequence[object]],
        show: Callable[[R], T],
    ) -> Response:
        """Give one page of `found`, which holds one row more than asked for when there is more."""
        shown = found[: listed.limit]
        more = len(found) > listed.limit
        following = self.cursor(listed, position(shown[-1])) if more else None
        items = [show(row) for row in shown]
        return self.answer(Page(items=items, has_more=more, next_cursor=following))

    def before(self, listed: Listed) -> tuple[datetime, UUID] | None:
        """Read a cursor whose position is (last change, id)."""
        position = self.after(listed)
        return (
            None if position is None else (datetime.fromisoformat(position[0]), UUID(position[1]))
        )

    def after(self, listed: Listed) -> list[str] | None:
        """Read the position that a cursor of ours stands for. Raises Malformed for any other."""
        if listed.cursor is None:
            return None
        try:
            raw = urlsafe_b64decode(listed.cursor.encode("ascii") + b"==")
        except ValueError:
            raise foreign_cursor() from None
        mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not any(same_digest(mac, ours) for ours in self._macs(listed, payload)):
            raise foreign_cursor()
        position: list[str] = json.loads(payload)
        return position

    def cursor(self, listed: Listed, position: Sequence[object]) -> str:
        """Make the cursor that continues after a position, for this list and this caller only."""
        texts = [p.isoformat() if isinstance(p, datetime) else str(p) for p in position]
        payload = json.dumps(texts, separators=(",", ":")).encode()
        return urlsafe_b64encode(self._macs(listed, payload)[0] + payload).decode().rstrip("=")

    def _macs(self, listed: Listed, payload: bytes) -> list[bytes]:
        filters = listed.model_dump_json(exclude={"cursor", "limit"})
        caller = self.caller
        bound = (
            f"{self.request.url.path}|{filters}|{caller.actor}|{caller.role}"
            f"|{caller.area_lo}|{caller.area_hi}|{caller.insurer}|"
        )
        digest = hashlib.sha256(bound.encode()).digest()
        macs = self.database.keyring.cursor_macs(digest + payload)
        return [mac[:MAC_BYTES] for mac in macs]


def not_modified(etag: str) -> Response:
    """Give a 304 with the headers that the whole answer would have."""
    headers = {"ETag": etag, "Cache-Control": CACHE, "Vary": "Authorization"}
    return Response(status_code=304, headers=headers)


def foreign_cursor() -> Malformed:
    """Refuse a cursor that is none of ours, or belongs to another list or caller."""
    return Malformed(
        "翻页游标无效，请从第一页重新读取，且不要更改筛选条件。",
        "This cursor belongs to no page of this list: start again without a cursor.",
    )
