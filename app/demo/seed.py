"""Seed a county: areas, insurers, schemes, policies, 15,000 people on rosters, a past, keys."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from app.catalogue.loading import load_versions
from app.db.areas import Area
from app.db.insurers import (
    Abilities,
    Insurer,
    active_secrets,
    find_insurer,
    move_insurer,
    set_capabilities,
)
from app.db.session import Database, Tx
from app.demo.contracts import LEAD, SECOND, Contract, contracts
from app.demo.history import History, plan_cases
from app.demo.keys import hand_out
from app.demo.names import (
    COUNTY,
    COUNTY_ZH,
    PREFECTURE,
    PREFECTURE_ZH,
    PROVINCE,
    PROVINCE_ZH,
    TOWNSHIPS_ZH,
    township,
)
from app.demo.people import settle
from app.demo.population import FUND, PEOPLE, Resident, residents
from app.demo.premiums import pay
from app.demo.processes import HOST_NETWORK
from app.domain.caller import AREA_END, Caller, Role, area_range
from app.domain.errors import NotFound
from app.outside.documents import DocumentStore
from app.services.areas import load_areas
from app.services.delegations.grant_delegation import NewDelegation, grant_delegation
from app.services.funds.allot_money import allot_money
from app.services.insurers import add_insurer
from app.services.policies import issue_policy, read_policy
from app.services.schemes import load_scheme

SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "seed")
COUNTY_OFFICER = Caller(Role.COUNTY, *area_range(COUNTY), "seed:county")
_INSURERS_ZH = {LEAD: "示范财产保险公司", SECOND: "示范人寿保险公司"}
LOOPBACK = (ip_network(HOST_NETWORK),)
_SECRET_BYTES = 32
# Of the stand-in, which is built to pass the kit; the past was not asked about its accounts.
ALL_ABILITIES = Abilities(
    honours_key=True, can_be_asked=True, gives_statements=True, can_check_account=True
)
ALLOTTED_FEN = 500_000_000
DELEGATED_FEN = 50_000  # 来宾: small relief of 500 yuan and less is approved by the township


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an insurer and the service sign with: its callbacks, and our instructions."""

    callbacks: str = field(repr=False)
    instructions: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the story needs to know of the seeded county.

    `keys` are tokens by holder, `samples` residents by purpose (`901` to `909`, `jiangjin`, ...),
    `policies` policy numbers by short name, `secrets` by insurer code.
    """

    keys: Mapping[str, str] = field(repr=False)
    samples: Mapping[str, Sequence[Resident]]
    policies: Mapping[str, str]
    secrets: Mapping[str, Secrets]


async def seed(
    database: Database,
    store: DocumentStore | None,
    *,
    insurer_url: str,
    people: int = PEOPLE,
) -> Seeded:
    """Seed the county, or finish what a broken run began, or find all there and only renew keys.

    `store` keeps the papers of the past's notices; without one there is no past. `insurer_url` is
    where the stand-in insurer will listen. Everything goes through the services.
    """
    async with database.transaction(SYSTEM) as tx:
        await load_areas(tx, _areas())
        signed = {code: await _insurer(tx, code, insurer_url) for code in _INSURERS_ZH}
    async with database.transaction(COUNTY_OFFICER) as tx:
        for versions in load_versions().values():
            for terms in versions:
                await load_scheme(tx, terms)
        planned = contracts(await tx.today())
        for contract in planned.values():
            await _policy(tx, contract)
    everybody = residents(people=people)
    await settle(database, COUNTY_OFFICER, everybody, list(planned.values()))
    await pay(database, COUNTY_OFFICER, list(planned.values()))
    if store is not None:
        async with database.transaction(COUNTY_OFFICER) as tx:
            cases = plan_cases(everybody, planned, await tx.today())
        await History(database, store, signed[LEAD].callbacks).write(cases)
    async with database.transaction(SYSTEM) as tx:
        await set_capabilities(tx, LEAD, ALL_ABILITIES)
    return Seeded(
        keys=await hand_out(database),
        samples=_samples(everybody),
        policies={name: contract.policy.policy_no for name, contract in planned.items()},
        secrets=signed,
    )


def _areas() -> list[Area]:
    return [
        Area(PROVINCE, PROVINCE_ZH, "province", None),
        Area(PREFECTURE, PREFECTURE_ZH, "prefecture", PROVINCE),
        Area(COUNTY, COUNTY_ZH, "county", PREFECTURE),
        *(
            Area(township(place), name_zh, "township", COUNTY)
            for place, name_zh in enumerate(TOWNSHIPS_ZH)
        ),
    ]


async def _insurer(tx: Tx, code: str, base_url: str) -> Secrets:
    known = await find_insurer(tx, code)
    if known is None:
        made = Secrets(_secret(), _secret())
        insurer = Insurer(
            code, _INSURERS_ZH[code], "rest", base_url, honours_key=True, can_be_asked=True
        )
        await add_insurer(tx, insurer, made.callbacks, made.instructions, LOOPBACK)
        return made
    if known.base_url != base_url:
        await move_insurer(tx, code, base_url)
    callbacks = await active_secrets(tx, code, "in")
    instructions = await active_secrets(tx, code, "out")
    return Secrets(callbacks[0], instructions[0])


def _secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


async def _policy(tx: Tx, contract: Contract) -> None:
    try:
        await read_policy(tx, contract.policy.policy_no)
    except NotFound:
        issued = await issue_policy(tx, contract.policy)
        if issued.policy.kind == "fund":
            await allot_money(tx, issued.policy.policy_no, ALLOTTED_FEN, "年度预算")
            await grant_delegation(
                tx,
                NewDelegation(
                    issued.policy.policy_no,
                    township(FUND),
                    DELEGATED_FEN,
                    issued.policy.period_from,
                    issued.policy.period_to,
                    sample_bp=1_000,
                ),
            )


def _samples(everybody: Sequence[Resident]) -> dict[str, list[Resident]]:
    samples: dict[str, list[Resident]] = {}
    for resident in everybody:
        if resident.purpose:
            samples.setdefault(resident.purpose, []).append(resident)
    return samples
