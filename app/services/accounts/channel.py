"""How a payer is asked about accounts: where it is reached, with which keys."""

from dataclasses import dataclass, field

from app.db.insurers import active_secrets, find_insurer
from app.db.session import Tx
from app.domain.notice import Payee


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose channel to ask about which accounts."""

    insurer_code: str
    dialect: str
    base_url: str
    secrets: tuple[str, ...] = field(repr=False)  # the newest first
    peer_keys: tuple[str, ...] = field(repr=False)
    payees: tuple[Payee, ...] = field(repr=False)


async def channel_of(tx: Tx, insurer_code: str, payees: tuple[Payee, ...]) -> Asking | None:
    """Give how an insurer is asked; None for one whose channel was not proven to check."""
    insurer = await find_insurer(tx, insurer_code)
    if insurer is None or not insurer.can_check_account:
        return None
    return Asking(
        insurer.code,
        insurer.dialect,
        insurer.base_url,
        await active_secrets(tx, insurer.code, "out"),
        await active_secrets(tx, insurer.code, "in"),
        payees,
    )
