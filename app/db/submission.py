"""Submitting a notice: the draft as it is read, and what is written, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError

from app.db.enrolments import Spell
from app.db.idempotency import Kept, Slot, kept_in, seal_answer
from app.db.notices import COLUMNS, NoticeRow, no_such_notice, notice_row
from app.db.relatives import relative_digests
from app.db.rows import plain
from app.db.session import Tx
from app.domain.errors import DuplicateNotice
from app.domain.lifecycle import ClaimStatus, NoticeStatus, Outcome

# The draft, held until the transaction ends, and what else must be known of it: one round trip.
_HOLD = f"""
    SELECT {COLUMNS}, business_now() AS now, business_today() AS today, ARRAY(
        SELECT d.kind FROM document AS d WHERE d.notice_id = n.id AND d.removed_at IS NULL
    ) AS papers
    FROM notice AS n WHERE n.notice_no = $1 FOR UPDATE OF n
"""
_LIVE_ONCE = "uq_notice_settlement_live"
_ANSWER = ("fingerprint", "body_sealed", "etag", "location")


@dataclass(frozen=True, slots=True)
class Held:
    """A notice as it was read, the kinds of papers that it has, business time and day."""

    notice: NoticeRow
    papers: frozenset[str]
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim to open, one per responding policy; with what is shown of it beside its notice."""

    id: UUID
    claim_no: str
    spell: Spell

    @property
    def policy_no(self) -> str:
        """The policy under which it is claimed."""
        return self.spell.policy_no

    @property
    def scheme_code(self) -> str:
        """The scheme of the policy."""
        return self.spell.scheme_code

    @property
    def scheme_name_zh(self) -> str:
        """The scheme's name."""
        return self.spell.scheme_name_zh

    @property
    def insurer_code(self) -> str | None:
        """Who decides; None for a fund."""
        return self.spell.insurer_code

    @property
    def status(self) -> ClaimStatus:
        """Where every claim begins."""
        return ClaimStatus.SUBMITTED

    @property
    def outcome(self) -> Outcome | None:
        """Nothing is decided yet."""
        return None

    @property
    def version(self) -> int:
        """The first."""
        return 1


@dataclass(frozen=True, slots=True)
class Submission:
    """What submitting a draft comes to. `draft` is as it was read, `now` the moment of it (UTC).

    `protected` tells how the person was found. `settlements` are blind indexes of the settlements
    and invoices that must be live only once.
    """

    draft: NoticeRow
    now: datetime
    person_id: UUID | None
    protected: bool
    coverage: Sequence[Mapping[str, object]]
    settlements: Sequence[bytes]
    claims: Sequence[NewClaim]

    def notice(self) -> NoticeRow:
        """Give the notice as it is when the submission is written."""
        return replace(
            self.draft,
            status=NoticeStatus.SUBMITTED,
            person_id=self.person_id,
            coverage=list(self.coverage),
            version=self.draft.version + 1,
            updated_at=self.now,
            submitted_at=self.now,
            protected=self.protected,
        )


async def hold_for_submission(tx: Tx, notice_no: str) -> Held:
    """Give a notice and hold it until the transaction ends. Raises NotFound."""
    row = await tx.row(_HOLD, notice_no)
    if row is None:
        raise no_such_notice()
    return _held(tx, dict(row))


async def ask_for_draft(tx: Tx, slot: Slot, notice_no: str) -> Held | Kept:
    """Give a notice that nobody holds, or what was answered before to the same key.

    Raises NotFound.
    """
    (row,) = await tx.asked("draft_asked", slot.route, slot.key, notice_no)
    fields = dict(row)
    answer = {name: fields.pop(name) for name in _ANSWER}
    status = fields.pop("answered")
    kept = kept_in(tx, slot, {**answer, "status": status, "locked": True})
    if kept is not None:
        return kept
    if fields["id"] is None:
        raise no_such_notice()
    return _held(tx, fields)


def _held(tx: Tx, fields: dict[str, Any]) -> Held:
    now, today, papers = fields.pop("now"), fields.pop("today"), frozenset(fields.pop("papers"))
    return Held(notice_row(tx, fields), papers, now, today)


async def submit(
    tx: Tx, submission: Submission, slot: Slot | None = None, answer: Kept | None = None
) -> Kept | None:
    """Write a submission: notice, claims, events, and its answer where a slot is given; or nothing.

    The events say when the one who submits declared the person as a near relative. Gives what was
    answered to the same key meanwhile; then nothing was written. Raises DuplicateNotice when
    another live notice holds one of the settlements, InProgress when the key is locked, and the
    driver's serialisation failure when the draft is no longer as it was read.
    """
    draft, claims, person_id = submission.draft, submission.claims, submission.person_id
    kept: tuple[object, ...] = (None,) * 6
    if slot is not None and answer is not None:
        sealed = seal_answer(tx, slot, answer.body)
        kept = (slot.route, slot.key, answer.fingerprint, answer.status, sealed, answer.etag)
    try:
        (row,) = await tx.asked(
            "submit_draft",
            *kept,
            draft.id,
            draft.version,
            person_id,
            submission.protected,
            plain(list(submission.coverage)),
            list(submission.settlements),
            [claim.id for claim in claims],
            [claim.spell.policy_id for claim in claims],
            [claim.insurer_code for claim in claims],
            draft.content.event.on,
            [] if person_id is None else relative_digests(tx, person_id),
            submission.now,
        )
    except UniqueViolationError as error:
        if error.constraint_name != _LIVE_ONCE:
            raise
        raise DuplicateNotice(error.detail or None) from None
    return None if slot is None else kept_in(tx, slot, row)
