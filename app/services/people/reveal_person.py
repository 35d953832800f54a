"""Show a person's values in full: for a reason, within a limit, on record."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from app.db.accesses import NewAccess, note_access
from app.db.events import COUNTED, NewEvent, write_act
from app.db.person_life import hold_person, revealed_within, sealed_payees
from app.db.person_seals import PersonRow
from app.db.session import Tx
from app.domain.caller import Role
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid, RateLimited
from app.domain.masks import ERASED_ZH
from app.domain.note_checks import note_faults
from app.services.people.held import no_such_person

WINDOW = timedelta(hours=1)


class Field(StrEnum):
    """What can be shown in full."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True)
class RevealedAccount:
    """An account that money of the person's claims goes to."""

    name: str
    account: str
    bank: str


@dataclass(frozen=True, slots=True)
class Revealed:
    """The values asked for, in full; those not asked for, and those not there, are None."""

    person_id: UUID
    name: str | None
    id_number: str | None
    phone: str | None
    accounts: tuple[RevealedAccount, ...] | None

    def __repr__(self) -> str:
        """Show the row id only: a trace or a log may print it."""
        return f"Revealed({self.person_id})"


async def reveal_person(
    tx: Tx, person_id: UUID, fields: Sequence[Field], reason_zh: str, per_hour: int
) -> Revealed:
    """Give fields in full and record who saw them and why, in the same transaction.

    A protected person is shown by the county only. Raises NotFound, Forbidden, IllegalMove when the
    person was erased, Invalid for a reason that names somebody, RateLimited beyond `per_hour`.
    """
    person = await hold_person(tx, person_id)
    if person is None:
        raise no_such_person()
    if person.erased_at is not None:
        raise IllegalMove(ERASED_ZH, ())
    if person.protected and tx.caller.role is not Role.COUNTY:
        raise Forbidden(
            "受保护人员的完整信息只能由县级查看。",
            "The county alone sees a protected person in full.",
        )
    _refuse_naming(person, reason_zh)
    counted, wait_seconds = await revealed_within(tx, WINDOW)
    if counted >= per_hour:
        raise RateLimited(wait_seconds)
    number = str(person_id)
    await note_access(
        tx, NewAccess(person.area_code, person_id, "person", number, "reveal", reason_zh)
    )
    detail = {"fields": sorted(field.value for field in fields)}
    await write_act(
        tx,
        NewEvent("person", number, COUNTED, "person.reveal", person.area_code, detail=detail),
    )
    accounts = await _accounts(tx, person_id) if Field.ACCOUNTS in fields else None
    return Revealed(
        person_id,
        person.name if Field.NAME in fields else None,
        person.id_number if Field.ID_NUMBER in fields else None,
        person.phone if Field.PHONE in fields else None,
        accounts,
    )


def _refuse_naming(person: PersonRow, reason_zh: str) -> None:
    """The reason stands in the audit trail, which names nobody and outlives an erasure."""
    faults = note_faults(reason_zh, "/reason_zh")
    if not faults and person.name and person.name in reason_zh:
        faults = (
            Fault(
                "/reason_zh",
                "validation.failed",
                "理由中不要写姓名",
                "the reason names nobody",
                "写明办理什么事，如“核对收款账户”",
            ),
        )
    if faults:
        raise Invalid(*faults)


async def _accounts(tx: Tx, person_id: UUID) -> tuple[RevealedAccount, ...]:
    found: dict[RevealedAccount, None] = {}
    for row_id, sealed in await sealed_payees(tx, person_id):
        payee = json.loads(tx.keyring.open_sealed(sealed, f"payout.payee_sealed.{row_id}"))
        if payee["account"]:
            found[RevealedAccount(payee["name"], payee["account"], payee["bank"])] = None
    return tuple(found)
