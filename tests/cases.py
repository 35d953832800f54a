"""Notices and the insurer's word for tests: a county with people, policies, signed callbacks."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from standardwebhooks import Webhook

from app.catalogue import load_all
from app.db.inbox import list_callbacks
from app.db.session import Database
from app.domain.caller import Caller
from app.domain.notice import EventReport, NoticeBill, NoticeContent, NoticeStay, Payee, PersonRef
from app.domain.policy import Share
from app.domain.roster import Member
from app.domain.terms import TermsKind
from app.outside.documents import StoredDocument
from app.outside.insurers import (
    Accepted,
    AccountQuestion,
    Endpoint,
    Instruction,
    Match,
    NotSent,
    SendResult,
    Speaker,
    Unknown,
)
from app.services.callbacks.receive_callback import Receipt, receive_callback
from app.services.claims.read_claim import ClaimView, read_claim
from app.services.notices.attach_document import attach_document
from app.services.notices.draft_notice import draft_notice
from app.services.notices.submit_notice import submit_notice
from app.services.notices.view import NoticeView
from app.services.policies import enrol, issue_policy
from app.services.schemes import load_scheme
from app.worker.loop import Worker
from tests import contracts
from tests.contracts import COUNTY, SECRET_IN, SYSTEM, TOWN, TOWNSHIP
from tests.insurer_side import check_instruction
from tests.people import id_number, person

CHUNAN = "chunan-supplementary-medical"
HUAINAN = "huainan-nursing"
FUND = "chongqing-medical-fund"
JIKUNBAO = "chongqing-minzheng-jikunbao"
INSURER = "demo-insurer"
EVENT_ON = date(2026, 6, 10)
SETTLEMENT = {
    "medfee_sumamt": 5_000_000,
    "fulamt_ownpay_amt": 600_000,
    "overlmt_selfpay": 0,
    "preselfpay_amt": 200_000,
    "inscp_scp_amt": 4_200_000,
    "fund_pay_sumamt": 4_000_000,
    "psn_part_amt": 1_000_000,
    "psn_cash_pay": 1_000_000,
}


def bill(settlement_id: str = "S-1", **changed: object) -> NoticeBill:
    """An inpatient bill of 50,000 yuan, 10,000 of them the person's own."""
    fields: dict[str, object] = {
        "kind": "inpatient",
        "total_fen": 5_000_000,
        "hospital": "示范县人民医院",
        "hospital_level": "county",
        "settlement_id": settlement_id,
        "amounts": SETTLEMENT,
    }
    return NoticeBill(**(fields | changed))  # type: ignore[arg-type]


def notice(sequence: int = 1, **changed: object) -> NoticeContent:
    """An illness of person number `sequence`, with a bill and an account."""
    fields: dict[str, object] = {
        "person": PersonRef(id_number=id_number(sequence), name=f"张试{sequence}"),
        "event": EventReport("illness", "disease", EVENT_ON, "示范镇"),
        "bills": (bill(f"S-{sequence}"),),
        "payees": (Payee(f"张试{sequence}", "6200000000001234", "示范农商行"),),
    }
    return NoticeContent(**(fields | changed))  # type: ignore[arg-type]


def stay(days: int = 10, level: str = "county") -> NoticeStay:
    return NoticeStay(EVENT_ON, EVENT_ON + timedelta(days=days - 1), "示范县人民医院", level)


async def county_with(
    database: Database, *schemes: str, people: int = 2, **changed: object
) -> None:
    """An insurer, one policy per scheme (payers in that order), and people enrolled in all."""
    terms = load_all()
    await contracts.take_on(database)
    async with database.transaction(COUNTY) as tx:
        for rank, code in enumerate(schemes, start=1):
            fund = terms[code].kind is TermsKind.FUND
            shares = () if fund else (Share(INSURER, 10_000, lead=True),)
            fields = {"scheme_code": code, "payer_rank": rank, "shares": shares, **changed}
            await load_scheme(tx, terms[code])
            await issue_policy(tx, contracts.policy(f"P-{code}", **fields))
            category = "dibao" if "dibao" in terms[code].categories else "tekun"
            await enrol(
                tx, f"P-{code}", [Member(category, person(n)) for n in range(1, people + 1)]
            )


async def attach(database: Database, notice_no: str, kind: str, caller: Caller = TOWNSHIP) -> None:
    async with database.transaction(caller) as tx:
        paper = StoredDocument(
            f"test/{kind}", b"", "0" * 64, 10, "application/pdf", 1, f"{notice_no}/{kind}"
        )
        await attach_document(tx, notice_no, kind, paper)


async def draft(database: Database, content: NoticeContent, *papers: str) -> str:
    """Draft a notice as the township and attach papers; gives its number."""
    async with database.transaction(TOWNSHIP) as tx:
        drafted = await draft_notice(tx, content, TOWN)
    for kind in papers:
        await attach(database, drafted.notice.notice_no, kind)
    return drafted.notice.notice_no


async def submit(database: Database, notice_no: str) -> NoticeView:
    async with database.transaction(TOWNSHIP) as tx:
        return await submit_notice(tx, notice_no)


async def file(database: Database, content: NoticeContent, *papers: str) -> NoticeView:
    """Draft and submit; the settlement sheet is always there."""
    return await submit(database, await draft(database, content, "settlement", *papers))


class Wire(Speaker):
    """Stands for the wire: checks and keeps what is handed over, answers as told (or accepts)."""

    def __init__(self) -> None:
        self.deadline_seconds = 10.0
        self.sent: list[Instruction] = []
        self.asked: list[bool] = []
        self.answers: list[SendResult] = []
        self.told: list[SendResult] = []  # the answers to questions
        self.matches: list[Match | Unknown | NotSent] = []  # whose accounts they are; ours if empty
        self.checked: list[str] = []  # the accounts that were asked about

    async def hand_over(
        self, dialect: str, endpoint: Endpoint, instruction: Instruction, *, ask_first: bool
    ) -> SendResult:
        check_instruction(instruction.content, instruction.instruction_id)
        self.sent.append(instruction)
        self.asked.append(ask_first)
        return self.answers.pop(0) if self.answers else Accepted("CASE-1", duplicate=False)

    async def ask(self, dialect: str, endpoint: Endpoint, instruction_id: UUID) -> SendResult:
        return self.told.pop(0)

    async def check_account(
        self, dialect: str, endpoint: Endpoint, question: AccountQuestion
    ) -> Match | Unknown | NotSent:
        self.checked.append(question.account)
        return self.matches.pop(0) if self.matches else Match.YES

    def endpoint(
        self, insurer: str, base_url: str, secrets: Sequence[str], peer_keys: Sequence[str] = ()
    ) -> Endpoint:
        return Endpoint(insurer, base_url, secrets[0])

    def kinds(self) -> list[object]:
        """The kinds of what was handed over, in order."""
        return [one.content["kind"] for one in self.sent]


async def work(database: Database, wire: Wire | None = None) -> Wire:
    """Let a worker do everything that is due."""
    wire = wire or Wire()
    worker = Worker(
        database,
        wire,
        name="test",
        concurrency=4,
        lease=timedelta(seconds=60),
        poll_seconds=0.01,
    )
    await worker.drain()
    return wire


async def deliver(
    database: Database,
    claim_no: str,
    type_: str,
    *,
    event_id: str | None = None,
    seconds_ago: int = 0,
    **data: object,
) -> Receipt:
    """Deliver a callback signed so long ago, as the insurer would; nothing is applied yet."""
    body = {"type": type_, "data": {"claim_no": claim_no, "insurer_case_no": "CASE-1", **data}}
    raw = json.dumps(body)
    event_id = event_id or f"evt_{uuid4().hex}"
    now = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET_IN).sign(event_id, now, raw),
    }
    return await receive_callback(database, INSURER, headers, raw.encode())


async def claim_view(database: Database, claim_no: str) -> ClaimView:
    """The claim as the county sees it."""
    async with database.transaction(COUNTY) as tx:
        return await read_claim(tx, claim_no)


async def callback_states(database: Database, claim_no: str) -> list[tuple[str | None, str]]:
    """Type and state of every stored callback of a claim, oldest first."""
    async with database.transaction(SYSTEM) as tx:
        found = await list_callbacks(tx, state=None, claim_no=claim_no, before=None, limit=100)
    return [(one.type, one.state) for one in reversed(found)]


def decided(outcome: str = "full", amount: str = "2000.00", **more: object) -> dict[str, object]:
    """What `claim.decided` says."""
    return {"outcome": outcome, "amount": amount, "currency": "CNY", **more}


def payout(amount: str = "2000.00", **more: object) -> dict[str, object]:
    """What `payout.*` says."""
    return {"payout_reference": "PAY-1", "amount": amount, "account_last4": "1234", **more}
