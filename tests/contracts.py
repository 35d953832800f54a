"""Insurers, schemes and policies for tests: small functions with defaults."""

import base64
from datetime import date
from ipaddress import ip_network

from app.db.insurers import Insurer
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.clauses.sums import FixedSum
from app.domain.figures import Sourced, Unit
from app.domain.policy import NewPolicy, Share
from app.domain.terms import Cover, Nature, Source, Terms, TermsKind
from app.domain.words import EventKind
from app.services.insurers import add_insurer
from app.services.policies import issue_policy
from app.services.schemes import load_scheme

COUNTY_AREA = 990127000000
TOWN = 990127103000
OTHER_TOWN = 990127104000
LOOPBACK = (ip_network("127.0.0.0/8"),)
SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "test")
COUNTY = Caller(Role.COUNTY, COUNTY_AREA, 990128000000, "key:county")
TOWNSHIP = Caller(Role.TOWNSHIP, TOWN, TOWN + 1000, "key:township")
OTHER_COUNTY = Caller(Role.COUNTY, 990128000000, 990129000000, "key:other")
INSURER = Caller(Role.INSURER, 0, AREA_END, "key:insurer", "demo-insurer")
OTHER_INSURER = Caller(Role.INSURER, 0, AREA_END, "key:rival", "rival")
SECRET_IN = "whsec_" + base64.b64encode(bytes(range(32))).decode()
SECRET_OUT = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()


def insurer(code: str = "demo-insurer", **changed: object) -> Insurer:
    fields: dict[str, object] = {
        "code": code,
        "name_zh": "示范保险公司",
        "dialect": "rest",
        "base_url": "http://127.0.0.1:9",
        "honours_key": True,
        "can_be_asked": True,
    }
    return Insurer(**(fields | changed))  # type: ignore[arg-type]


async def take_on(database: Database, code: str = "demo-insurer", **changed: object) -> Insurer:
    """An insurer with both secrets and its lane."""
    async with database.transaction(SYSTEM) as tx:
        return await add_insurer(tx, insurer(code, **changed), SECRET_IN, SECRET_OUT, LOOPBACK)


def terms(code: str = "test-scheme", **changed: object) -> Terms:
    """A small scheme: one fixed sum of 1,000 yuan at death, for two categories."""
    cover = Cover(
        code="death",
        name_zh="身故",
        nature=Nature.FIXED,
        events=(EventKind.DEATH,),
        measure=FixedSum("身故保险金", Sourced(100_000, Unit.FEN, clause="第一条")),
    )
    fields: dict[str, object] = {
        "scheme_code": code,
        "version": "2026",
        "name_zh": "示范保险",
        "place_zh": "示范县",
        "kind": TermsKind.INSURANCE,
        "effective_from": date(2026, 1, 1),
        "effective_to": None,
        "source": Source("示范文件"),
        "categories": {"dibao": "低保对象", "tekun": "特困供养人员"},
        "covers": (cover,),
    }
    return Terms(**(fields | changed))  # type: ignore[arg-type]


def policy(policy_no: str = "P-1", **changed: object) -> NewPolicy:
    fields: dict[str, object] = {
        "policy_no": policy_no,
        "scheme_code": "test-scheme",
        "area_code": COUNTY_AREA,
        "period_from": date(2026, 1, 1),
        "period_to": date(2026, 12, 31),
        "shares": (Share("demo-insurer", 10_000, lead=True),),
        "premium_per_person_fen": 15_000,
    }
    return NewPolicy(**(fields | changed))  # type: ignore[arg-type]


async def set_up(database: Database, policy_no: str = "P-1", **changed: object) -> None:
    """A county with an insurer, a scheme and a policy."""
    await take_on(database)
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms())
        await issue_policy(tx, policy(policy_no, **changed))
