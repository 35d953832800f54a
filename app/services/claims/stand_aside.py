"""回避: who declared the person as a near relative does not decide about them."""

from collections.abc import Iterable
from uuid import UUID

from app.db.relatives import is_declared
from app.db.session import Tx
from app.domain.errors import NearRelative


async def stand_aside(tx: Tx, people: Iterable[UUID | None]) -> None:
    """Refuse the caller where one of some people is a near relative of theirs.

    Raises NearRelative.
    """
    if await is_declared(tx, *(person for person in people if person is not None)):
        raise NearRelative
