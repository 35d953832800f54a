"""Bring the residents into the house: registered household by household, then put on rosters."""

from collections.abc import Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from app.db.enrolments import count_enrolments
from app.db.policies import read_policy
from app.db.session import Database
from app.demo.contracts import Contract
from app.demo.population import Resident
from app.domain.caller import Caller
from app.domain.roster import LINES_MAX, Member
from app.services.people.find_or_register import find_or_register
from app.services.policies import enrol

T = TypeVar("T")


async def settle(
    database: Database,
    county: Caller,
    residents: Sequence[Resident],
    contracts: Sequence[Contract],
) -> None:
    """Register everybody and fill every roster; what an earlier, broken run did is not repeated.

    Parts are taken whole and in order, so the length of a roster tells how far a run came.
    """
    rosters = [
        (contract, [resident for resident in residents if contract.takes(resident)])
        for contract in contracts
    ]
    done = [await _parts_done(database, county, contract) for contract, _ in rosters]
    wanted = [len(list(_parts(roster))) for _, roster in rosters]
    if all(there >= part for there, part in zip(done, wanted, strict=True)):
        return
    ids = await _register(database, county, residents)
    for (contract, roster), begun in zip(rosters, done, strict=True):
        for part in list(_parts(roster))[begun:]:
            members = [
                Member(resident.category, person_id=ids[_key(resident)]) for resident in part
            ]
            async with database.transaction(county) as tx:
                await enrol(tx, contract.policy.policy_no, members)


async def _parts_done(database: Database, county: Caller, contract: Contract) -> int:
    async with database.transaction(county) as tx:
        policy = await read_policy(tx, contract.policy.policy_no)
        return -(-await count_enrolments(tx, policy.id) // LINES_MAX)


async def _register(
    database: Database, county: Caller, residents: Sequence[Resident]
) -> dict[str, UUID]:
    ids: dict[str, UUID] = {}
    for part in _by_households(residents):
        async with database.transaction(county) as tx:
            people = [resident.person for resident in part]
            pointers = [f"/{place}" for place in range(len(part))]
            settled = await find_or_register(tx, people, pointers, await tx.today())
        ids.update(
            {_key(resident): person.id for resident, person in zip(part, settled, strict=True)}
        )
    return ids


def _key(resident: Resident) -> str:
    person = resident.person
    return person.id_number or f"{person.name}|{person.birth_on}|{person.area_code}"


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), LINES_MAX):
        yield items[start : start + LINES_MAX]


def _by_households(residents: Sequence[Resident]) -> Iterator[Sequence[Resident]]:
    """Cut between households: a household key means nothing beyond its request."""
    part: list[Resident] = []
    for resident in residents:
        full = len(part) >= LINES_MAX
        if full and resident.person.household_key != part[-1].person.household_key:
            yield part
            part = []
        part.append(resident)
    if part:
        yield part
