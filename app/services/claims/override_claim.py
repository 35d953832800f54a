"""Owe another amount for one cover than the rules say: one person proposes, another settles it.

Discretion that a scheme leaves (一事一议, a higher ratio on application) is an approved, logged
override and never a formula. It changes our assessment alone: an
insurer decides for itself, and a claim that is decided is not touched any more.
"""

from dataclasses import dataclass, replace

from app.db import overrides
from app.db.assessments import AssessmentRow, latest_assessments
from app.db.claims import ClaimRow, move_claim, read_claim
from app.db.overrides import OverrideRow
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.assess import assess
from app.domain.assessment import Assessment, Rule
from app.domain.canonical import decode
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid, NotFound
from app.domain.facts import Facts, Override
from app.domain.lifecycle import STATUS_ZH
from app.domain.limits import LimitKey
from app.domain.note_checks import note_faults
from app.services.claims.assess_notice import UNDECIDED, assess_notice
from app.services.claims.held import hold_claim

CONFIRMED, REJECTED = "confirmed", "rejected"


@dataclass(frozen=True, slots=True)
class NewOverride:
    """What is proposed: a cover's amount in fen, why, and the clause that leaves room for it."""

    cover: str
    amount_fen: int
    reason_zh: str
    basis_zh: str


@dataclass(frozen=True, slots=True)
class Overridden:
    """An override with its claim; `comes_to_fen` is what the claim is assessed at with it."""

    override: OverrideRow
    claim: ClaimRow
    comes_to_fen: int


async def propose_override(
    tx: Tx, claim_no: str, expected_version: int, new: NewOverride
) -> Overridden:
    """Propose another amount for a cover; it has no effect until another person confirms it.

    Limits and what is left of a bill hold for it as for any amount: `comes_to_fen` says what would
    come of it now. Raises NotFound (also before the first assessment), VersionStale, IllegalMove
    for a decided claim or while a proposal is open, and Invalid for a cover that the event does not
    call on or whose waiting period or conditions keep it shut; NearRelative.
    """
    faults = (*note_faults(new.reason_zh, "/reason_zh"), *note_faults(new.basis_zh, "/basis_zh"))
    if faults:
        raise Invalid(*faults)
    _, claim = await hold_claim(tx, claim_no, expected_version)
    _only_undecided(claim)
    answer = await _tried(tx, claim, new)
    added = await overrides.add_override(
        tx, claim, new.cover, new.amount_fen, new.reason_zh, new.basis_zh
    )
    if added is None:
        raise IllegalMove(STATUS_ZH[claim.status], ("confirm", "reject"))
    claim = await move_claim(tx, claim, (), note="propose_override", detail=_detail(added))
    return Overridden(added, claim, answer.amount_fen)


async def confirm_override(tx: Tx, claim_no: str, expected_version: int, seq: int) -> Overridden:
    """Confirm an override as another person: the claim is assessed anew and its usage replaced.

    What was referred already is not referred again; the insurer decides for itself. Raises as
    `propose_override`, Forbidden for the proposer, NotFound for an unknown number, and Invalid
    when the policy does not respond any more.
    """
    claim, settled = await _settle(tx, claim_no, expected_version, seq, CONFIRMED)
    await assess_notice(tx, claim.notice_no, frozenset({claim.id}))
    await _must_count(tx, claim, settled)
    claim = await read_claim(tx, claim_no)
    return Overridden(settled, claim, claim.assessed_fen or 0)


async def reject_override(tx: Tx, claim_no: str, expected_version: int, seq: int) -> Overridden:
    """Reject an override as another person; the assessment stays. Raises as `confirm_override`."""
    claim, settled = await _settle(tx, claim_no, expected_version, seq, REJECTED)
    return Overridden(settled, claim, claim.assessed_fen or 0)


async def list_overrides(tx: Tx, claim_no: str) -> list[OverrideRow]:
    """Give the overrides of a claim, newest first. Raises NotFound."""
    return await overrides.overrides_of(tx, (await read_claim(tx, claim_no)).id)


async def _settle(
    tx: Tx, claim_no: str, expected_version: int, seq: int, state: str
) -> tuple[ClaimRow, OverrideRow]:
    _, claim = await hold_claim(tx, claim_no, expected_version)
    found = [one for one in await overrides.overrides_of(tx, claim.id) if one.seq == seq]
    if not found:
        raise NotFound("没有找到这项特批。", "There is no such override.")
    if found[0].state != "proposed":
        raise IllegalMove(STATUS_ZH[claim.status], ())
    if state == CONFIRMED:
        _only_undecided(claim)
    if found[0].proposed_by == tx.caller.actor:
        raise Forbidden(
            "提出特批的人不能自己确认或驳回，须由另一人办理。",
            "The proposer cannot settle it: another person must.",
        )
    settled = await overrides.settle_override(tx, claim, seq, state)
    note = "confirm_override" if state == CONFIRMED else "reject_override"
    return await move_claim(tx, claim, (), note=note, detail=_detail(settled)), settled


async def _must_count(tx: Tx, claim: ClaimRow, settled: OverrideRow) -> None:
    """Refuse where the policy responds no more: nothing was assessed, so nothing is approved."""
    stored = (await latest_assessments(tx, [claim.id]))[claim.id]
    facts = decode(Facts, stored.facts)
    if not any(
        (one.cover, one.amount_fen) == (settled.cover, settled.amount_fen)
        for one in facts.overrides
    ):
        raise Invalid(
            _fault("/cover", "保单已不再承保此事故，不能特批", "the policy responds no more")
        )


def _detail(row: OverrideRow) -> dict[str, object]:
    return {"seq": row.seq, "cover": row.cover, "amount_fen": row.amount_fen}


def _only_undecided(claim: ClaimRow) -> None:
    if claim.status not in UNDECIDED:
        raise IllegalMove(STATUS_ZH[claim.status], ())


async def _tried(tx: Tx, claim: ClaimRow, new: NewOverride) -> Assessment:
    """Assess with the override on the facts and usage of the latest assessment; stores nothing."""
    stored = (await latest_assessments(tx, [claim.id])).get(claim.id)
    if stored is None:
        raise NotFound("理算尚未完成，请稍后再看。", "There is no assessment yet.")
    terms = await terms_of(tx, stored.terms_sha256)
    override = Override(new.cover, new.amount_fen, new.reason_zh, new.basis_zh, await tx.today())
    facts = decode(Facts, stored.facts)
    others = tuple(one for one in facts.overrides if one.cover != new.cover)
    answer = assess(terms, replace(facts, overrides=(*others, override)), _usage_of(stored))
    lines = {cover.cover: cover.lines for cover in answer.covers}
    if new.cover not in lines:
        known = "、".join(lines)
        raise Invalid(
            _fault("/cover", f"此事故没有启用这项责任，可填：{known}", "the event calls on others")
        )
    if not any(line.rule is Rule.OVERRIDE for line in lines[new.cover]):
        raise Invalid(
            _fault(
                "/cover",
                "等待期内或未满足给付条件的责任不能特批",
                "a cover in its waiting period or with an unmet condition cannot be overridden",
            )
        )
    return answer


def _usage_of(stored: AssessmentRow) -> dict[LimitKey, int]:
    return {decode(LimitKey, key): units for key, units in stored.usage_before}


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
