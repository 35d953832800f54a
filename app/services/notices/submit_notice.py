"""Submit a notice: the one strict gate, one transaction, one claim per responding policy."""

from collections.abc import Callable

from app.db.enrolments import Matched
from app.db.idempotency import Kept, Slot
from app.db.ids import new_id
from app.db.notices import NoticeRow
from app.db.purposes import SETTLEMENT
from app.db.session import Tx
from app.db.submission import (
    Held,
    NewClaim,
    Submission,
    ask_for_draft,
    hold_for_submission,
    submit,
)
from app.domain.assess import fields_used
from app.domain.bill_checks import mismatches
from app.domain.errors import EvidenceMissing, Fault, Invalid
from app.domain.extra_checks import extra_faults
from app.domain.lifecycle import NoticeStatus, not_admitted
from app.domain.notice_checks import draft_warnings, life_faults, submit_faults
from app.domain.notice_facts import Insured, settlement_names
from app.domain.terms import NeededFor
from app.services.coverage.respond import (
    Response,
    Responses,
    ask_for_person,
    identity_faults,
    match_person,
    respond_for,
)
from app.services.notices.register_unnamed import register_unnamed
from app.services.notices.view import NoticeView, mask_of
from app.services.people.consents import needs_ground, refuse_unfounded


async def submit_notice(tx: Tx, notice_no: str) -> NoticeView:
    """Submit a draft and open one claim per responding policy.

    A notice for somebody whom nobody knows or no policy covers that day is kept, with the reason
    and the nearest cover. Raises NotFound, IllegalMove, Invalid, EvidenceMissing, DuplicateNotice.
    """
    held = await hold_for_submission(tx, notice_no)
    _refuse_unready(held)
    notice = held.notice
    matched = await match_person(tx, notice.content)
    if matched is None and await register_unnamed(tx, notice, held.today):
        matched = await match_person(tx, notice.content)
    await refuse_unfounded(tx, notice.content)
    submission = await _judge(tx, held, matched)
    await submit(tx, submission)
    return _view(tx, held, submission)


async def submit_at_once(
    tx: Tx, notice_no: str, slot: Slot, answered: Callable[[NoticeView], Kept]
) -> Kept | None:
    """Submit as `submit_notice` does, outside of any transaction and in three statements.

    The draft is read, the person is found, and all is written with its answer. Gives the answer
    that is kept, the first one if there was one; None when a person is to be registered or a
    ground to be found first: that takes a transaction, and nothing was done. Raises what
    `submit_notice` raises, and InProgress.
    """
    held = await ask_for_draft(tx, slot, notice_no)
    if isinstance(held, Kept):
        return held
    _refuse_unready(held)
    matched = await ask_for_person(tx, held.notice.content)
    if matched is None or needs_ground(held.notice.content):
        return None
    submission = await _judge(tx, held, matched)
    answer = answered(_view(tx, held, submission))
    return await submit(tx, submission, slot, answer) or answer


def _refuse_unready(held: Held) -> None:
    if held.notice.status is not NoticeStatus.DRAFT:
        raise not_admitted(held.notice.status)
    faults = submit_faults(held.notice.content, held.today)
    if faults:
        raise Invalid(*faults)


async def _judge(tx: Tx, held: Held, matched: Matched | None) -> Submission:
    """Find the policies that respond and tell what is to be written."""
    notice = held.notice
    responses = await respond_for(tx, notice.content, matched)
    _refuse_impossible(tx, notice, responses)
    _refuse_incomplete(held.papers, responses.found)
    return Submission(
        notice,
        held.now,
        None if matched is None else matched.id,
        matched is not None and matched.protected,
        responses.remarks,
        _settlements(tx, notice, responses),
        tuple(
            NewClaim(new_id(), f"{notice.notice_no}-{place}", response.spell)
            for place, response in enumerate(responses.found, start=1)
        ),
    )


def _view(tx: Tx, held: Held, submission: Submission) -> NoticeView:
    """Show a submission: nothing is read again, as what is written is known."""
    notice = submission.notice()
    warnings = draft_warnings(notice.content, held.today)
    return NoticeView(notice, submission.claims, warnings, mask_of(tx, notice))


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
