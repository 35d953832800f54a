"""变更流: everything that happens in a caller's area, once each and in one order, to go on from."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.faults import PARAMETER
from app.api.fields import View, When
from app.api.reading import MAC_BYTES, Cursor, Reading, Reads, foreign_cursor, not_modified
from app.crypto import same_digest
from app.db.feed import FeedItem
from app.domain.caller import Act
from app.domain.errors import Fault, Invalid
from app.domain.event_words import TOLD_RESOURCES, TOLD_TYPES, event_zh
from app.domain.feed import Place
from app.services.feed.read_feed import FeedRead, latest_place, read_feed

router = APIRouter(tags=["feed"])

LATEST = "latest"
LIMIT_DEFAULT, LIMIT_MAX = 100, 1_000
WAIT_MAX = 10  # seconds; shorter than what a server that stops gives to what is being answered
TYPES_CHARACTERS = 1_000

Following = Annotated[Reading, Depends(Reads(Act.READ_CASES))]


class FeedAsked(BaseModel):
    """Where to go on, for what, and how long to wait while there is no news.

    `after` is the last `next_cursor`, `latest` to begin with what happens from now on; left out,
    it is everything that is kept. `types` are types (`claim.decide`) or resources (`claim`), by
    commas.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Cursor | None = None
    types: Annotated[str, Field(min_length=1, max_length=TYPES_CHARACTERS)] | None = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT
    wait: Annotated[int, Field(ge=0, le=WAIT_MAX)] = 0

    def wanted(self) -> list[str] | None:
        """Give the types and resources asked for, None for all. Raises Invalid."""
        if self.types is None:
            return None
        words = [word.strip() for word in self.types.split(",")]
        if any(word not in TOLD_TYPES and word not in TOLD_RESOURCES for word in words):
            raise Invalid(
                Fault(
                    f"{PARAMETER}types",
                    "validation.failed",
                    "含有未知的事件类型。",
                    "Names an event type that there is not.",
                    "可用类型见 /v1/meta/enums 的 timeline_event，或写对象名，如 claim。",
                )
            )
        return words


class FeedEvent(View):
    """One event, thin: what it is about is read where `resource` and `id` lead, by whoever may."""

    seq: int
    type: str
    label_zh: str
    at: When
    resource: str
    id: str
    version: int


class Feed(View):
    """Events in their order. `next_cursor` is always there: keep it, and ask on with it.

    Without news it is the cursor that was asked with, so the answer stays the same and costs a 304.
    """

    items: list[FeedEvent]
    has_more: bool
    next_cursor: str


@router.get(
    "/v1/events",
    response_model=Feed,
    openapi_extra={"x-problems": ["feed.expired", "feed.restored"]},
)
async def follow_feed(asked: Annotated[FeedAsked, Query()], door: Following) -> Response:
    """Follow what happens: each event once, in one order, resumable for 90 days.

    With `wait` the answer comes when there is news, at the latest after so many seconds.
    """
    wanted = asked.wanted()
    path, has = door.path(), door.request.headers.get("if-none-match")
    if asked.after == LATEST:
        place = await latest_place(door.database, door.caller, door.request.state.request_id)
        return door.answer(Feed(items=[], has_more=False, next_cursor=_cursor(door, place)))
    place_asked = None if asked.after is None else _place(door, asked.after)
    if not asked.wait:
        etag = None if has is None else door.known.page(path, door.caller, has)
        if etag is not None:
            return not_modified(etag)
    read = await _read(door, asked, place_asked, wanted)
    answer = door.answer(
        Feed(
            items=[_event(item) for item in read.items],
            has_more=read.more,
            next_cursor=_cursor(door, read.place),
        )
    )
    if not read.more:
        door.known.remember_page(path, door.caller, answer.headers["etag"], read.tail)
    return answer


async def _read(
    door: Reading, asked: FeedAsked, place: Place | None, wanted: list[str] | None
) -> FeedRead:
    """Read on; while there is nothing, wait for news as long as the caller does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + asked.wait
    while True:
        read = await read_feed(
            door.database,
            door.caller,
            door.request.state.request_id,
            place,
            wanted,
            asked.limit,
        )
        left = until - loop.time()
        if read.items or read.more or left <= 0:
            return read
        await door.known.wait_for_news(door.caller, read.tail, left)


def _event(item: FeedItem) -> FeedEvent:
    return FeedEvent(
        seq=item.position,
        type=item.type,
        label_zh=event_zh(item.type),
        at=item.at,
        resource=item.resource,
        id=item.number,
        version=item.version,
    )


def _cursor(door: Reading, place: Place) -> str:
    payload = json.dumps([place.life, place.position], separators=(",", ":")).encode()
    return urlsafe_b64encode(_macs(door, payload)[0] + payload).decode().rstrip("=")


def _place(door: Reading, cursor: str) -> Place:
    """Read a cursor of ours. Raises Malformed for a bent one, and for another scope's."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"==")
    except ValueError:
        raise foreign_cursor() from None
    mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not any(same_digest(mac, ours) for ours in _macs(door, payload)):
        raise foreign_cursor()
    life, position = json.loads(payload)
    return Place(life, position)


def _macs(door: Reading, payload: bytes) -> list[bytes]:
    """Bind a cursor to the scope, not to the key: keys are replaced within 90 days."""
    caller = door.caller
    bound = f"feed|{caller.role}|{caller.area_lo}|{caller.area_hi}|{caller.insurer}|".encode()
    return [mac[:MAC_BYTES] for mac in door.database.keyring.cursor_macs(bound + payload)]
