"""What is shown of the papers of a notice: those that are there, and those that are missing."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.api.fields import View, When
from app.services.coverage.papers import Item
from app.services.notices.documents import Paper


class ChecklistItem(View):
    """One paper: `state` is present or missing, `needed_for` submit or payment."""

    code: str
    label_zh: str
    needed_for: str
    state: str
    source_zh: str
    due_on: date | None


class Checklist(View):
    items: list[ChecklistItem]
    ready_to_submit: bool


class DocumentView(View):
    """One uploaded paper; `sha256` in hex, `size` in bytes: of the paper as it is downloaded.

    `also_in`: other notices that show the very same picture or file; `also_elsewhere`: so does one
    that the caller may not see.
    """

    id: UUID
    kind: str
    sha256: str
    size: int
    media_type: str
    pages: int | None
    also_in: list[str]
    also_elsewhere: bool
    created_by: str
    created_at: When


class Documents(View):
    items: list[DocumentView]


def show_checklist(items: Sequence[Item]) -> Checklist:
    """Show which papers are there and which are missing."""
    return Checklist(
        items=[
            ChecklistItem(
                code=item.code,
                label_zh=item.label_zh,
                needed_for=item.needed_for,
                state="present" if item.present else "missing",
                source_zh=item.source_zh,
                due_on=item.due_on,
            )
            for item in items
        ],
        ready_to_submit=all(item.present for item in items if item.needed_for == "submit"),
    )


def show_document(paper: Paper) -> DocumentView:
    """Show an uploaded paper."""
    document = paper.document
    return DocumentView(
        id=document.id,
        kind=document.kind,
        sha256=document.sha256,
        size=document.size,
        media_type=document.media_type,
        pages=document.pages,
        also_in=list(paper.seen.notices),
        also_elsewhere=paper.seen.elsewhere,
        created_by=document.created_by,
        created_at=document.created_at,
    )
