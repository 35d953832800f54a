"""Answers that this process gave and that still hold: a poll with their ETag asks no database.

Why a 304 from here is never wrong for longer than TRUST_SECONDS:
- what other processes commit is in the next look for news (see `db.news`), which forgets it; when
  no look has come through for that long, nothing here is believed until one has;
- what this process commits is forgotten before its own answer goes out;
- an answer is remembered only if nothing of its county was forgotten since its reading began;
- an answer is kept by caller, with role and scope, so that none reaches another;
- everything is forgotten when the business day turns, as words like "overdue" go by the day.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import date, timedelta

from app.api.answers import matches
from app.db.news import News, look_for_news
from app.db.session import Database
from app.domain.caller import Caller, area_range
from app.observe import get_logger

LOOK_SECONDS = 0.2
TRUST_SECONDS = 0.75
LOOK_MOST_SECONDS = 2.0  # then the connection is given up and another one opened
REST_SECONDS = 0.5  # after a look that failed
ITEMS_MOST, LISTS_MOST, MARKS_MOST = 100_000, 5_000, 10_000
MARK_SECONDS = 120.0  # longer than any reading takes: statements are cut off long before
WAITING_MOST = 1_000  # long polls at once; who comes on top is answered at once
COUNTY = 10**6
CASES = frozenset({"notice", "claim", "payout"})
SHOWN_NOWHERE = frozenset({"key", "callback", "lane", "insurer"})

Item = tuple[str, str, Caller]  # kind, number, who
Listing = tuple[str, Caller]  # path with its query, who

_log = get_logger("relief.door")


class Known:
    """The version map of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at = float("-inf")
        self._moment = asyncio.Event()
        self._waiting = 0
        self._etags: dict[Item, str] = {}
        self._places: dict[int, dict[str, set[Item]]] = {}  # by county, then notice
        self._lists: dict[Listing, str] = {}
        self._marks: dict[int, float] = {}  # by county: when something of it was forgotten
        self._all_forgotten_at = float("-inf")
        self._pages: dict[Listing, tuple[str, int]] = {}  # of the feed: etag, up to which position
        self._told_all = 0
        self._told_base = 0
        self._told: dict[int | str, int] = {}  # newest position by county, by insurer

    # What holds.

    def holds(self) -> bool:
        """Tell whether anything remembered may be believed now."""
        return time.monotonic() - self._looked_at <= TRUST_SECONDS

    def item(self, kind: str, number: str, caller: Caller, if_none_match: str | None) -> str | None:
        """Give the ETag of a notice or claim if the caller has its latest answer."""
        return self._same(self._etags.get((kind, number, caller)), if_none_match)

    def listing(self, path: str, caller: Caller, if_none_match: str | None) -> str | None:
        """Give the ETag of a list if the caller has its latest answer."""
        return self._same(self._lists.get((path, caller)), if_none_match)

    def page(self, path: str, caller: Caller, if_none_match: str | None) -> str | None:
        """Give the ETag of a page of the feed if the caller has it and there is no news for him."""
        etag, position = self._pages.get((path, caller), (None, 0))
        return None if self._newest(caller) > position else self._same(etag, if_none_match)

    def _same(self, etag: str | None, if_none_match: str | None) -> str | None:
        if etag is None or not self.holds() or not matches(if_none_match, etag):
            return None
        return etag

    # What is remembered; `began` is when the reading began, by the monotonic clock.

    def remember_item(
        self, kind: str, number: str, area_code: int, caller: Caller, etag: str, began: float
    ) -> None:
        """Remember an answer about a notice or claim of some area."""
        county = area_code // COUNTY
        if not self._fresh(began) or self._marks.get(county, began - 1) >= began:
            return
        if len(self._etags) >= ITEMS_MOST:
            self.forget_all()
            return
        item = (kind, number, caller)
        self._etags[item] = etag
        self._places.setdefault(county, {}).setdefault(_notice_of(kind, number), set()).add(item)

    def remember_listing(self, path: str, caller: Caller, etag: str, began: float) -> None:
        """Remember a list of what lies in the caller's area."""
        if not self._fresh(began) or any(
            at >= began for county, at in self._marks.items() if _touches(caller, county)
        ):
            return
        if len(self._lists) >= LISTS_MOST:
            self._lists.clear()
        self._lists[path, caller] = etag

    def remember_page(self, path: str, caller: Caller, etag: str, position: int) -> None:
        """Remember a page of the feed: all there was for the caller up to a position."""
        if len(self._pages) >= LISTS_MOST:
            self._pages.clear()
        self._pages[path, caller] = etag, position

    def _fresh(self, began: float) -> bool:
        return self.holds() and began > self._all_forgotten_at

    # What is forgotten.

    def wrote(self, caller: Caller) -> None:
        """Forget whatever a caller's commit in this process may have moved."""
        if caller.insurer is not None or caller.area_hi - caller.area_lo > COUNTY:
            self.forget_all()
        else:
            self._forget_county(caller.area_lo // COUNTY)
            self._forget_lists(caller.area_lo // COUNTY)

    def forget_all(self) -> None:
        """Forget everything."""
        self._all_forgotten_at = time.monotonic()
        self._etags.clear()
        self._places.clear()
        self._lists.clear()
        self._pages.clear()
        self._marks.clear()

    def _forget_county(self, county: int) -> None:
        self._mark(county)
        for items in self._places.pop(county, {}).values():
            for item in items:
                self._etags.pop(item, None)

    def _forget_notice(self, county: int, notice_no: str) -> None:
        self._mark(county)
        for item in self._places.get(county, {}).pop(notice_no, ()):
            self._etags.pop(item, None)

    def _forget_lists(self, county: int) -> None:
        for listing in [one for one in self._lists if _touches(one[1], county)]:
            del self._lists[listing]

    def _mark(self, county: int) -> None:
        now = time.monotonic()
        if len(self._marks) >= MARKS_MOST:
            old = now - MARK_SECONDS
            self._marks = {one: at for one, at in self._marks.items() if at > old}
        self._marks[county] = now

    # The looks.

    async def watch(self) -> None:
        """Look for news until cancelled. A look that fails costs the whole memory."""
        since: News | None = None
        while True:
            began = time.monotonic()
            try:
                async with asyncio.timeout(LOOK_MOST_SECONDS):
                    news = await look_for_news(self._database, since)
            except Exception as error:  # noqa: BLE001 - whatever it is: nothing may be believed
                _log.warning("watch.lost", reason=type(error).__name__)
                self._looked_at, since = float("-inf"), None
                self.forget_all()
                await asyncio.sleep(REST_SECONDS)
                continue
            self.take(since, news)
            self._looked_at, since = began, news
            await asyncio.sleep(LOOK_SECONDS)

    def take(self, since: News | None, news: News) -> None:
        """Forget what a look found to have moved since the one before (None: it is the first)."""
        if since is None or _turned(since, news) or news.moved is None:
            self.forget_all()
        else:
            self._forget_moved(news.moved)
        if since is None or since.cluster != news.cluster or news.told is None:
            self._told, self._told_base = {}, news.tail
        else:
            for county, insurer, position in news.told:
                self._told[county] = max(position, self._told.get(county, 0))
                if insurer is not None:
                    self._told[insurer] = max(position, self._told.get(insurer, 0))
        self._told_all = news.tail
        if since is None or since.tail != news.tail:
            self._moment.set()
            self._moment = asyncio.Event()

    def _forget_moved(self, moved: Sequence[tuple[str, int, str | None]]) -> None:
        counties: set[int] = set()
        for resource, area_code, number in moved:
            if resource in SHOWN_NOWHERE:
                continue
            county = area_code // COUNTY
            if resource in CASES and number is not None:
                kind = "notice" if resource == "notice" else "claim"
                self._forget_notice(county, _notice_of(kind, number))
                counties.add(county)
                continue
            lo, hi = area_range(area_code)
            if hi - lo > COUNTY:
                self.forget_all()
            else:
                self._forget_county(county)
                counties.add(county)
        for county in counties:
            self._forget_lists(county)

    # The feed.

    def _newest(self, caller: Caller) -> int:
        """Give the newest position that may concern a caller."""
        if caller.insurer is not None:
            return max(self._told_base, self._told.get(caller.insurer, 0))
        if caller.area_hi - caller.area_lo <= COUNTY:
            return max(self._told_base, self._told.get(caller.area_lo // COUNTY, 0))
        return self._told_all

    async def wait_for_news(self, caller: Caller, position: int, seconds: float) -> None:
        """Wait until there may be news for a caller after a position, or until the time is over.

        At once when too many wait. Where nobody watches, one looks again after half a second.
        """
        if self._waiting >= WAITING_MOST:
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                while self._newest(caller) <= position:
                    if not self.holds():
                        await asyncio.sleep(REST_SECONDS)
                        return
                    await self._moment.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1


def _notice_of(kind: str, number: str) -> str:
    """Give the notice that a number belongs to: a claim's number is its notice's and one part."""
    return number if kind == "notice" else number.rpartition("-")[0]


def _touches(caller: Caller, county: int) -> bool:
    """Tell whether a caller's area and a county have anything in common."""
    return caller.area_lo < (county + 1) * COUNTY and caller.area_hi > county * COUNTY


def _turned(since: News, news: News) -> bool:
    """Tell whether the business day, its clock or the server is another one."""
    before: tuple[str, date, timedelta] = (since.cluster, since.today, since.ahead)
    return before != (news.cluster, news.today, news.ahead)
