"""Rotate a key shared with an insurer: the new one counts at once, the old one for a while more."""

from datetime import timedelta

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.insurers import add_secret, end_secrets, find_insurer, hold_insurer
from app.db.session import Tx
from app.domain.errors import Invalid, NotFound
from app.services.insurers.add_insurer import key_faults

OVERLAP_MAX = timedelta(days=30)


async def rotate_secret(
    tx: Tx, code: str, direction: str, secret: str, overlap: timedelta = timedelta(hours=24)
) -> None:
    """Take a new key into use; for the security administrator.

    `direction` is `in` (vouches for its callbacks) or `out` (signs our instructions). During the
    overlap callbacks are accepted under either key, and what we send bears a signature of each.
    Raises NotFound, and Invalid for an unusable key.
    """
    assert timedelta() <= overlap <= OVERLAP_MAX
    if not await hold_insurer(tx, code):
        raise NotFound("没有这家保险公司。", "There is no such insurer.")
    insurer = await find_insurer(tx, code)
    assert insurer is not None
    faults = key_faults(insurer.dialect, direction, secret, "/secret")
    if faults:
        raise Invalid(*faults)
    await end_secrets(tx, code, direction, overlap)
    await add_secret(tx, code, direction, secret)
    await write_act(
        tx,
        NewEvent(
            "insurer",
            code,
            COUNTED,
            "insurer.rotate_secret",
            EVERYWHERE,
            detail={"direction": direction, "overlap_seconds": int(overlap.total_seconds())},
        ),
    )
