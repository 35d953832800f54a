"""Submit a notice: the one strict gate, one transaction, one claim per responding policy."""

from app.db.documents import documents_of
from app.db.ids import new_id
from app.db.notices import NoticeRow, lock_notice, read_notice
from app.db.session import Tx
from app.db.submission import NewClaim, submit
from app.domain.assess import fields_used
from app.domain.bill_checks import mismatches
from app.domain.errors import EvidenceMissing, Fault, IllegalMove, Invalid
from app.domain.extra_checks import extra_faults
from app.domain.lifecycle import NOTICE_ZH, NoticeStatus
from app.domain.notice_checks import life_faults, submit_faults
from app.domain.notice_facts import Insured, settlement_names
from app.domain.terms import NeededFor
from app.services.coverage.respond import Response, Responses, identity_faults, respond
from app.services.notices.view import NoticeView, view_notice

SETTLEMENT_PURPOSE = "notice.settlement"


async def submit_notice(tx: Tx, notice_no: str) -> NoticeView:
    """Submit a draft and open one claim per responding policy.

    A notice for somebody whom nobody knows or no policy covers that day is kept, with the reason
    and the nearest cover. Raises NotFound, IllegalMove, Invalid, EvidenceMissing, DuplicateNotice.
    """
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.DRAFT:
        raise IllegalMove(NOTICE_ZH[notice.status], ("withdraw",))
    faults = submit_faults(notice.content, await tx.today())
    if faults:
        raise Invalid(*faults)
    responses = await respond(tx, notice.content)
    _refuse_impossible(tx, notice, responses)
    await _refuse_incomplete(tx, notice, responses.found)
    await submit(
        tx,
        notice,
        None if responses.matched is None else responses.matched.id,
        coverage=responses.remarks,
        settlements=_settlements(tx, notice, responses),
        claims=[
            NewClaim(
                new_id(),
                f"{notice_no}-{place}",
                response.spell.policy_id,
                response.spell.insurer_code,
            )
            for place, response in enumerate(responses.found, start=1)
        ],
    )
    return await view_notice(tx, await read_notice(tx, notice_no))


def _refuse_impossible(tx: Tx, notice: NoticeRow, responses: Responses) -> None:
    """Refuse another person's name, days outside their life, and bills that do not add up."""
    found: dict[Fault, None] = {}
    if responses.matched is not None:
        matched = responses.matched
        insured = Insured(matched.birth_on, matched.sex, matched.died_on)
        found.update(dict.fromkeys(life_faults(notice.content, insured)))
        found.update(dict.fromkeys(identity_faults(tx, notice.content, matched)))
    for response in responses.found:
        used = fields_used(response.terms, response.facts)
        for index, bill in enumerate(response.facts.bills):
            fields = used.get(bill.ref, frozenset())
            found.update(dict.fromkeys(mismatches(bill, fields, f"/bills/{index}")))
        found.update(dict.fromkeys(extra_faults(response.terms, response.facts)))
    if found:
        raise Invalid(*found)


async def _refuse_incomplete(tx: Tx, notice: NoticeRow, responses: tuple[Response, ...]) -> None:
    needed = {
        document.code: document.label_zh
        for response in responses
        for document in response.documents
        if document.needed_for is NeededFor.SUBMIT
    }
    if not needed:
        return
    there = {document.kind for document in await documents_of(tx, notice.id)}
    missing = tuple((code, label) for code, label in needed.items() if code not in there)
    if missing:
        raise EvidenceMissing(missing)


def _settlements(tx: Tx, notice: NoticeRow, responses: Responses) -> list[bytes]:
    matched = responses.matched
    number = notice.content.person.id_number or ""
    person_key = str(matched.id) if matched is not None else number
    return [
        tx.keyring.blind_index(SETTLEMENT_PURPOSE, name)
        for name in settlement_names(notice.content, person_key)
    ]
