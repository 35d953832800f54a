"""Submit a notice: the one strict gate, one transaction, one claim per responding policy."""

from app.db.ids import new_id
from app.db.notices import NoticeRow
from app.db.purposes import SETTLEMENT
from app.db.session import Tx
from app.db.submission import NewClaim, hold_for_submission, submit
from app.domain.assess import fields_used
from app.domain.bill_checks import mismatches
from app.domain.errors import EvidenceMissing, Fault, IllegalMove, Invalid
from app.domain.extra_checks import extra_faults
from app.domain.lifecycle import NOTICE_ZH, NoticeStatus
from app.domain.notice_checks import draft_warnings, life_faults, submit_faults
from app.domain.notice_facts import Insured, settlement_names
from app.domain.terms import NeededFor
from app.services.coverage.respond import Response, Responses, identity_faults, respond
from app.services.notices.register_unnamed import register_unnamed
from app.services.notices.view import NoticeView, mask_of
from app.services.people.consents import refuse_unfounded


async def submit_notice(tx: Tx, notice_no: str) -> NoticeView:
    """Submit a draft and open one claim per responding policy.

    A notice for somebody whom nobody knows or no policy covers that day is kept, with the reason
    and the nearest cover. Raises NotFound, IllegalMove, Invalid, EvidenceMissing, DuplicateNotice.
    """
    held = await hold_for_submission(tx, notice_no)
    notice = held.notice
    if notice.status is not NoticeStatus.DRAFT:
        raise IllegalMove(NOTICE_ZH[notice.status], ("withdraw",))
    faults = submit_faults(notice.content, held.today)
    if faults:
        raise Invalid(*faults)
    responses = await respond(tx, notice.content)
    if responses.matched is None and await register_unnamed(tx, notice, held.today):
        responses = await respond(tx, notice.content)
    await refuse_unfounded(tx, notice.content)
    _refuse_impossible(tx, notice, responses)
    _refuse_incomplete(held.papers, responses.found)
    claims = tuple(
        NewClaim(new_id(), f"{notice_no}-{place}", response.spell)
        for place, response in enumerate(responses.found, start=1)
    )
    submitted = await submit(
        tx,
        notice,
        None if responses.matched is None else responses.matched.id,
        coverage=responses.remarks,
        settlements=_settlements(tx, notice, responses),
        claims=claims,
    )
    # Nothing is read again: what was written is known, and the notice is held.
    warnings = draft_warnings(submitted.content, held.today)
    return NoticeView(submitted, claims, warnings, mask_of(tx, submitted))


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


def _refuse_incomplete(there: frozenset[str], responses: tuple[Response, ...]) -> None:
    needed = {
        document.code: document.label_zh
        for response in responses
        for document in response.documents
        if document.needed_for is NeededFor.SUBMIT
    }
    missing = tuple((code, label) for code, label in needed.items() if code not in there)
    if missing:
        raise EvidenceMissing(missing)


def _settlements(tx: Tx, notice: NoticeRow, responses: Responses) -> list[bytes]:
    matched = responses.matched
    number = notice.content.person.id_number or ""
    person_key = str(matched.id) if matched is not None else number
    return [
        index
        for name in settlement_names(notice.content, person_key)
        for index in tx.keyring.unique_indexes(SETTLEMENT, name)
    ]
