"""我的待办: what waits for the caller, what is due first first."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.fields import Labelled, View, When
from app.api.reading import Listed, Page, Reading, Reads
from app.db.tasks import TaskRow
from app.domain.caller import Act
from app.domain.tasks import TASK_WORDS, TaskKind, is_overdue, sentences
from app.services.tasks.list_tasks import count_tasks, list_tasks, with_days

router = APIRouter(tags=["tasks"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_TASKS))]


class TaskObject(View):
    """What a task is about: its resource and its number."""

    resource: str
    id: str


class TaskView(View):
    """One thing to be done. `due_on` is a day in Asia/Shanghai, null where there is none."""

    kind: Labelled
    object: TaskObject
    area_code: str
    due_on: date | None
    overdue: bool
    since: When | None
    sentence_zh: str
    sentence_en: str


class TaskPage(Page[TaskView]):
    """One page of tasks."""


class TaskCountView(View):
    """How many of a kind wait, and how many are overdue."""

    kind: Labelled
    count: int
    overdue: int


class TaskCounts(View):
    """Counts of every kind of which something waits, and both sums."""

    items: list[TaskCountView]
    count: int
    overdue: int


class TasksListed(Listed):
    """Which tasks to list."""

    kind: Annotated[TaskKind | None, Field(strict=False)] = None


@router.get("/v1/tasks", response_model=TaskPage)
async def read_tasks(listed: Annotated[TasksListed, Query()], door: Looking) -> Response:
    """List what waits for the caller in its role and area."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await list_tasks(tx, listed.kind, after, listed.limit + 1)
        shown = await with_days(tx, found[: listed.limit])
        today = await tx.today()
    pairs = [*zip(found, shown, strict=False), *((row, row) for row in found[listed.limit :])]
    return door.page(
        listed, pairs, lambda pair: pair[0].place(), lambda pair: _shown(pair[1], today)
    )


@router.get("/v1/tasks/counts", response_model=TaskCounts)
async def count_my_tasks(door: Looking) -> Response:
    """Count what waits for the caller, by kind."""
    async with door.transaction() as tx:
        counted = await count_tasks(tx)
    items = [
        TaskCountView(kind=_kind(TaskKind(one.kind)), count=one.count, overdue=one.overdue)
        for one in counted
    ]
    return door.answer(
        TaskCounts(
            items=items,
            count=sum(one.count for one in items),
            overdue=sum(one.overdue for one in items),
        )
    )


def _shown(row: TaskRow, today: date) -> TaskView:
    kind = TaskKind(row.kind)
    zh, en = sentences(kind, row.number, row.detail)
    return TaskView(
        kind=_kind(kind),
        object=TaskObject(resource=row.resource, id=row.number),
        area_code=f"{row.area_code:012d}",
        due_on=row.due_on,
        overdue=is_overdue(row.due_on, today),
        since=row.since,
        sentence_zh=zh,
        sentence_en=en,
    )


def _kind(kind: TaskKind) -> Labelled:
    return Labelled(code=kind.value, label_zh=TASK_WORDS[kind].label_zh)
