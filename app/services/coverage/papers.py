"""Which papers the responding policies want of a notice, and which are there."""

from dataclasses import dataclass
from datetime import date

from app.db.documents import documents_of
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.terms import Document
from app.services.coverage.respond import Response, respond


@dataclass(frozen=True, slots=True)
class Item:
    """One paper: needed for submitting or for payment, present or missing, and why it is asked."""

    code: str
    label_zh: str
    needed_for: str
    present: bool
    source_zh: str
    due_on: date | None = None


async def there_of(tx: Tx, notice: NoticeRow) -> set[str]:
    """Give the kinds of papers that a notice has."""
    return {document.kind for document in await documents_of(tx, notice.id)}


async def responses_of(tx: Tx, notice: NoticeRow) -> tuple[Response, ...]:
    """Give the responding policies of a notice; none while the event is not told yet."""
    event = notice.content.event
    if event.kind is None or event.cause is None or event.on is None:
        return ()
    return (await respond(tx, notice.content)).found


def wanted(responses: tuple[Response, ...], there: set[str]) -> list[Item]:
    """Give the papers that terms ask for, each once, with the schemes that ask."""
    found: dict[str, tuple[Document, list[str]]] = {}
    for response in responses:
        for document in response.documents:
            known = found.setdefault(document.code, (document, []))
            known[1].append(response.spell.scheme_name_zh)
    return [
        Item(code, document.label_zh, document.needed_for.value, code in there, "、".join(schemes))
        for code, (document, schemes) in found.items()
    ]
