"""A prefecture to measure in: people under one policy, drafts ready to submit, claims to ask for.

Schemes, policy, roster and keys come through the services. Drafts and claims are copied in by the
thousand, as rows of the very shape that the services write.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import asyncpg

from app.catalogue import load_all
from app.crypto import Keyring
from app.db.enrolments import spells_of
from app.db.ids import new_id
from app.db.insurers import Insurer
from app.db.notice_content import seal_content
from app.db.person_seals import number_indexes
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role, area_range
from app.domain.id_card import check_character
from app.domain.notice import (
    EventReport,
    FiledBy,
    NoticeBill,
    NoticeContent,
    Payee,
    PersonRef,
    Relation,
)
from app.domain.person import NewPerson
from app.domain.policy import NewPolicy, Share
from app.domain.roster import Member
from app.services.insurers import add_insurer
from app.services.keys import issue_key
from app.services.policies import enrol, issue_policy
from app.services.schemes import load_scheme

PREFECTURE = 990100000000
# One township for each client, each in a county of its own: a county's audit chain has one head,
# which every commit holds while it is written to disk.
TOWNSHIPS = tuple(PREFECTURE + (21 + place) * 10**6 + 101_000 for place in range(8))
PEOPLE = 800
SCHEME = "chunan-supplementary-medical"
INSURER = "demo-insurer"
POLICY_NO = "BENCH-2026"
YEAR = 2026
EVENT_ON = date(YEAR, 3, 2)
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="  # of a stand-in nobody calls
_SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "bench")
_SECURITY = Caller(Role.SECURITY, 0, AREA_END, "bench")
_BUREAU = Caller(Role.COUNTY, *area_range(PREFECTURE), "bench")


@dataclass(frozen=True, slots=True)
class County:
    """What was settled: the people, the policy, and one key per township."""

    url: str
    keyring: Keyring
    people: tuple[UUID, ...]
    numbers: tuple[str, ...]
    policy_id: UUID
    tokens: tuple[str, ...]


async def settle(url: str, keyring: Keyring) -> County:
    """Settle the county in an empty database at head."""
    database = Database(url, keyring, pool_size=1)
    numbers = tuple(_number(place) for place in range(PEOPLE))
    try:
        async with database.transaction(_SYSTEM) as tx:
            insurer = Insurer(
                INSURER,
                "示范保险公司",
                "rest",
                "http://127.0.0.1:9",
                honours_key=True,
                can_be_asked=True,
            )
            await add_insurer(tx, insurer, SECRET, SECRET, [ip_network("127.0.0.0/8")])
        async with database.transaction(_BUREAU) as tx:
            await load_scheme(tx, load_all()[SCHEME])
            policy = NewPolicy(
                POLICY_NO,
                SCHEME,
                PREFECTURE,
                date(YEAR, 1, 1),
                date(YEAR, 12, 31),
                (Share(INSURER, 10_000, lead=True),),
                15_000,
            )
            await issue_policy(tx, policy)
            enrolled = await enrol(tx, POLICY_NO, [_member(place) for place in range(PEOPLE)])
        tokens = await _hand_out(database)
    finally:
        await database.close()
    people = tuple(member.person_id for member in enrolled.members)
    return County(url, keyring, people, numbers, await _policy_id(url), tokens)


async def visit(url: str, keyring: Keyring) -> County:
    """Find the county in a database where it was settled before; keys are handed out anew."""
    database = Database(url, keyring, pool_size=1)
    numbers = tuple(_number(place) for place in range(PEOPLE))
    try:
        tokens = await _hand_out(database)
        people = []
        async with database.transaction(_BUREAU) as tx:
            for number in numbers:
                found = await spells_of(tx, number_indexes(keyring, number), None)
                assert found is not None
                people.append(found.id)
    finally:
        await database.close()
    return County(url, keyring, tuple(people), numbers, await _policy_id(url), tokens)


async def _hand_out(database: Database) -> tuple[str, ...]:
    tokens = []
    for township in TOWNSHIPS:
        async with database.transaction(_SECURITY) as tx:
            key = await issue_key(tx, Role.TOWNSHIP, township, None, "bench", test=True)
            tokens.append(key.token)
    return tuple(tokens)


async def _policy_id(url: str) -> UUID:
    connection = await asyncpg.connect(url)
    try:
        policy_id: UUID = await connection.fetchval("SELECT id FROM policy LIMIT 1")
    finally:
        await connection.close()
    return policy_id


async def file_drafts(county: County, first: int, count: int) -> list[list[str]]:
    """Copy drafts in, ready to be submitted; answer their numbers by township."""
    serials = range(first, first + count)
    drafts = [_Draft.of(county, serial, "draft") for serial in serials]
    await _copy(county.url, [draft.notice for draft in drafts], [draft.paper for draft in drafts])
    places = len(TOWNSHIPS)
    return [[draft.notice["notice_no"] for draft in drafts[at::places]] for at in range(places)]


async def file_claims(county: County, first: int, count: int) -> list[str]:
    """Copy paid claims in, all of the first township; answer their numbers."""
    drafts = [
        _Draft.of(county, serial, "submitted", TOWNSHIPS[0])
        for serial in range(first, first + count)
    ]
    await _copy(county.url, [draft.notice for draft in drafts], [draft.paper for draft in drafts])
    claims = [_claim(county, draft.notice) for draft in drafts]
    decisions = [_decision(claim) for claim in claims]
    payouts = [_payout(claim) for claim in claims]
    attempts = [_attempt(payout) for payout in payouts]
    await _copy_rows(county.url, {"claim": claims, "decision": decisions, "payout": payouts})
    await _copy_rows(county.url, {"payout_attempt": attempts})
    return [str(claim["claim_no"]) for claim in claims]


async def vacuum(url: str) -> None:
    """Give the planner what an older database knows of its tables."""
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


@dataclass(frozen=True, slots=True)
class _Draft:
    notice: dict[str, Any]
    paper: dict[str, Any]

    @classmethod
    def of(cls, county: County, serial: int, status: str, area: int | None = None) -> "_Draft":
        place = serial % PEOPLE
        area = TOWNSHIPS[serial % len(TOWNSHIPS)] if area is None else area
        notice_id = new_id()
        plain, sealed = seal_content(
            county.keyring, notice_id, _content(serial, county.numbers[place])
        )
        notice = {
            "id": notice_id,
            "notice_no": f"{area // 10**6}-{YEAR}-{serial:06d}",
            "area_code": area,
            "status": status,
            "person_id": None if status == "draft" else county.people[place],
            "content": plain,
            "personal_sealed": sealed,
            "created_by": "bench",
            "submitted_at": None if status == "draft" else datetime.now(UTC),
        }
        paper = {
            "id": new_id(),
            "area_code": area,
            "notice_id": notice_id,
            "kind": "settlement",
            "sha256": "0" * 64,
            "size": 1,
            "media_type": "application/pdf",
            "storage_key": str(notice_id),
            "created_by": "bench",
        }
        return cls(notice, paper)


def _number(place: int) -> str:
    """A synthetic identity number with a right check character; its area is nobody's."""
    born = date(1940 + place % 60, 1 + place % 12, 1 + place % 28)
    first_17 = f"990127{born:%Y%m%d}{place:03d}"
    return first_17 + check_character(first_17)


def _member(place: int) -> Member:
    # Everybody lives where their drafts are filed: serial % 8 and serial % 800 name one township.
    township = TOWNSHIPS[place % len(TOWNSHIPS)]
    person = NewPerson(f"测试{place}", township, id_number=_number(place))
    return Member(category="dibao", person=person)


def _content(serial: int, number: str) -> NoticeContent:
    return NoticeContent(
        person=PersonRef(name=f"测试{serial % PEOPLE}", id_number=number),
        event=EventReport("illness", "disease", EVENT_ON, "示范镇卫生院"),
        bills=(
            NoticeBill(
                "inpatient",
                2_000_000,
                hospital="示范县人民医院",
                hospital_level="county",
                settlement_id=f"S{serial:012d}",
                invoice_no=f"I{serial:012d}",
                settled_on=EVENT_ON,
                amounts={
                    "preselfpay_amt": 100_000,
                    "fulamt_ownpay_amt": 200_000,
                    "psn_part_amt": 800_000,
                    "hifp_pay": 1_200_000,
                },
            ),
        ),
        filed_by=FiledBy("测试干部", "19900000000", Relation.VILLAGE_CADRE, authorised=True),
        payees=(Payee(f"测试{serial % PEOPLE}", "6200000000000001234", "示范银行"),),
    )


def _claim(county: County, notice: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "claim_no": f"{notice['notice_no']}-1",
        "notice_id": notice["id"],
        "policy_id": county.policy_id,
        "insurer_code": INSURER,
        "area_code": notice["area_code"],
        "status": "paid",
        "event_on": EVENT_ON,
        "outcome": "full",
        "assessed_fen": 160_000,
        "decided_fen": 160_000,
        "paid_fen": 160_000,
        "insurer_case_no": f"CASE-{notice['notice_no']}",
        "version": 7,
    }


def _decision(claim: dict[str, Any]) -> dict[str, Any]:
    return {
        **_of_case(claim),
        "claim_id": claim["id"],
        "seq": 1,
        "outcome": "full",
        "amount_fen": 160_000,
        "clause": "第三条",
        "decided_on": date(YEAR, 4, 1),
        "decided_by": "bench",
        "policy_version": 1,
    }


def _payout(claim: dict[str, Any]) -> dict[str, Any]:
    return {
        **_of_case(claim),
        "claim_id": claim["id"],
        "seq": 1,
        "reference": f"PAY-{claim['claim_no']}",
        "account_last4": "1234",
        "share_bp": 10_000,
        "amount_fen": 160_000,
        "status": "paid",
    }


def _attempt(payout: dict[str, Any]) -> dict[str, Any]:
    return {
        **_of_case(payout),
        "payout_id": payout["id"],
        "seq": 1,
        "settlement_no": f"S-{payout['reference']}",
        "amount_fen": 160_000,
        "account_last4": "1234",
        "status": "paid",
        "paid_on": date(YEAR, 4, 3),
    }


def _of_case(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "area_code": row["area_code"],
        "insurer_code": row["insurer_code"],
    }


async def _copy(
    url: str, notices: Sequence[dict[str, Any]], papers: Sequence[dict[str, Any]]
) -> None:
    await _copy_rows(url, {"notice": notices})
    await _copy_rows(url, {"document": papers})


async def _copy_rows(url: str, tables: dict[str, Sequence[dict[str, Any]]]) -> None:
    connection = await asyncpg.connect(url)
    await connection.set_type_codec(
        "jsonb", encoder=lambda text: b"\x01" + text.encode(), decoder=json.loads,
        schema="pg_catalog", format="binary",
    )  # fmt: skip
    try:
        for table, rows in tables.items():
            await connection.copy_records_to_table(
                table, records=[tuple(row.values()) for row in rows], columns=list(rows[0])
            )
    finally:
        await connection.close()
