"""How much of a person's name and numbers somebody is shown, by role: one table for every answer.

Offices that deal with the person, and the insurer who must know them, see enough to tell two people
apart; whoever only watches sees that somebody is there. A protected person (a minor, somebody
abused) and an erased one are closed to everybody; the full value is an act of its own (`:reveal`).
"""

from enum import StrEnum

from app.domain.caller import Role
from app.domain.id_card import mask_account, mask_id, mask_name, mask_phone

ERASED_ZH = "已删除"
_HIDDEN_NAME = "**"
_HIDDEN_NUMBER = "****"


class Mask(StrEnum):
    """How closely values are masked."""

    NEAR = "near"  # name 仲*妮, number 6+4, mobile 3+4, card last 4
    FAR = "far"  # name 仲*妮, number 1+1, nothing of mobile and card
    CLOSED = "closed"  # nothing at all


_NEAR = frozenset({Role.TOWNSHIP, Role.COUNTY, Role.INSURER})


def mask_for(role: Role, *, protected: bool = False) -> Mask:
    """Give the mask of a role."""
    if protected:
        return Mask.CLOSED
    return Mask.NEAR if role in _NEAR else Mask.FAR


def shown_name(name: str | None, mask: Mask) -> str | None:
    """Show a name; None stays None."""
    if not name:
        return None
    return _HIDDEN_NAME if mask is Mask.CLOSED else mask_name(name)


def shown_id(number: str | None, mask: Mask) -> str | None:
    """Show an identity number; None stays None."""
    if not number:
        return None
    if mask is Mask.FAR:
        return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}"
    return _HIDDEN_NUMBER if mask is Mask.CLOSED else mask_id(number)


def shown_phone(phone: str | None, mask: Mask) -> str | None:
    """Show a phone number; None stays None."""
    if not phone:
        return None
    return mask_phone(phone) if mask is Mask.NEAR else _HIDDEN_NUMBER


def shown_account(account: str | None, mask: Mask) -> str | None:
    """Show a bank account; None stays None."""
    if account is None:
        return None
    return mask_account(account) if mask is Mask.NEAR else _HIDDEN_NUMBER
