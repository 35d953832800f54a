"""Remove what has outlived its purpose, class by class; nothing that the law still keeps."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.db.person_life import hold_person, outlived
from app.db.retention import (
    drop_accesses,
    drop_answers,
    drop_jobs,
    drop_news,
    drop_told,
    empty_callbacks,
    empty_draft,
    keeper,
    old_drafts,
)
from app.db.session import Database, Tx
from app.services.notices.discard_notice import discard_notice
from app.services.people.erase_person import erase_held

PEOPLE_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Removed:
    """How much of each class went; `papers` are storage keys of files to remove now."""

    answers: int
    jobs: int
    accesses: int
    told: int
    callbacks: int
    news: int
    drafts: int
    people: int
    papers: tuple[str, ...]


async def run_retention(
    database: Database, *, case_days: int, log_days: int, draft_days: int
) -> Removed:
    """Remove everything that is over, in small transactions; may be stopped and run again."""
    people, papers = await _people(database, case_days)
    return Removed(
        answers=await _all(database, drop_answers),
        jobs=await _all(database, drop_jobs),
        accesses=await _all(database, lambda tx: drop_accesses(tx, log_days)),
        told=await _all(database, drop_told),
        callbacks=await _all(database, lambda tx: empty_callbacks(tx, case_days)),
        news=await _all(database, drop_news),
        drafts=await _all(database, lambda tx: _discard(tx, draft_days)),
        people=people,
        papers=papers,
    )


async def _all(database: Database, act: Callable[[Tx], Awaitable[int]]) -> int:
    total = 0
    while True:
        async with keeper(database) as tx:
            count = await act(tx)
        total += count
        if count == 0:
            return total


async def _discard(tx: Tx, days: int) -> int:
    drafts = await old_drafts(tx, days)
    for notice_id, notice_no in drafts:
        await discard_notice(tx, notice_no)
        await empty_draft(tx, notice_id)
    return len(drafts)


async def _people(database: Database, case_days: int) -> tuple[int, tuple[str, ...]]:
    """Erase people whose cover and cases are long over: the roster's copy has no purpose left."""
    erased = 0
    papers: list[str] = []
    while True:
        async with keeper(database) as tx:
            ids = await outlived(tx, case_days, PEOPLE_AT_ONCE)
            for person_id in ids:
                person = await hold_person(tx, person_id)
                assert person is not None, "the keeper sees everybody"
                papers.extend((await erase_held(tx, person)).papers)
        erased += len(ids)
        if not ids:
            return erased, tuple(papers)
