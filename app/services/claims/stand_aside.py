"""回避: who declared the person as a near relative does not decide about them."""

from app.db.notices import NoticeRow
from app.db.relatives import is_declared
from app.db.session import Tx
from app.domain.errors import NearRelative


async def stand_aside(tx: Tx, notice: NoticeRow) -> None:
    """Refuse the caller when the notice is about a near relative of theirs. Raises NearRelative."""
    if notice.person_id is not None and await is_declared(tx, notice.person_id):
        raise NearRelative
