"""What is shown of an assessment: every line and why, limits, and what would alter the amount."""

from collections.abc import Sequence

from app.api.fields import Labelled, View, When, Yuan, labelled
from app.domain.assessment import Assessment, Line, Reason
from app.domain.explanation import LimitUse
from app.domain.lifecycle import OUTCOME_ZH
from app.domain.limits import LimitUnit
from app.domain.money import yuan
from app.domain.nearest_change import NearestChange
from app.domain.sentences import reason_zh, sentence_zh
from app.domain.terms import Document
from app.services.estimates.explain_claim import Explained

CURRENCY = "CNY"


class Paper(View):
    code: str
    label_zh: str


class LineShown(View):
    """One step of the computation; the lines' amounts sum to the cover's amount."""

    rule: str
    about: str
    label_zh: str
    inputs: dict[str, int]
    params: dict[str, int]
    output: Yuan
    amount: Yuan
    clause: str | None
    unconfirmed: str | None
    sentence_zh: str


class CoverShown(View):
    code: str
    name_zh: str
    amount: Yuan
    lines: list[LineShown]


class ReasonShown(View):
    """Why less or nothing is due; a reason, no error."""

    code: str
    cover: str
    sentence_zh: str


class AssessmentShown(View):
    """What one policy owes and why, to the fen."""

    scheme_code: str
    scheme_version: str
    amount: Yuan
    currency: str
    expected_outcome: Labelled
    covers: list[CoverShown]
    reasons: list[ReasonShown]


class LimitShown(View):
    """A limit: what it is, what was used before, what this takes; yuan or days by `unit`."""

    code: str
    name_zh: str
    scope: str
    period: str
    unit: str
    bound: str
    used: str
    taken: str
    left: str


class NearestShown(View):
    """The smallest fact that would alter the amount: what it is, and the amount as it would be."""

    kind: str
    what_zh: str
    amount: Yuan
    difference: Yuan
    sentence_zh: str


class AssessmentView(View):
    """The latest assessment of a claim; `terms_sha256` names the terms that it stands on.

    `missing` and `self_borne_left` (what stays with the family after all payers) are null to an
    insurer, who sees neither the papers' list nor the other payers.
    """

    claim_no: str
    seq: int
    terms_sha256: str
    assessed_at: When
    assessment: AssessmentShown
    limits: list[LimitShown]
    missing: list[Paper] | None
    self_borne_left: Yuan | None
    nearest_change: NearestShown | None


def show_explained(told: Explained) -> AssessmentView:
    """Show a stored assessment, with its sentences rendered now."""
    left = told.left_fen
    return AssessmentView(
        claim_no=told.claim.claim_no,
        seq=told.stored.seq,
        terms_sha256=told.stored.terms_sha256,
        assessed_at=told.stored.created_at,
        assessment=show_assessment(told.assessment),
        limits=show_limits(told.limits),
        missing=None if told.missing is None else show_papers(told.missing),
        self_borne_left=None if left is None else yuan(left),
        nearest_change=show_nearest(told.nearest),
    )


def show_limits(uses: Sequence[LimitUse]) -> list[LimitShown]:
    """Show limits, each in its own unit."""
    return [_limit(use) for use in uses]


def show_papers(papers: Sequence[Document]) -> list[Paper]:
    """Show papers by code and label."""
    return [Paper(code=paper.code, label_zh=paper.label_zh) for paper in papers]


def show_nearest(nearest: NearestChange | None) -> NearestShown | None:
    """Show the nearest change, null where nothing near alters the amount."""
    if nearest is None:
        return None
    return NearestShown(
        kind=nearest.kind.value,
        what_zh=nearest.what_zh,
        amount=yuan(nearest.amount_fen),
        difference=yuan(nearest.difference_fen),
        sentence_zh=nearest.sentence_zh,
    )


def show_assessment(assessment: Assessment) -> AssessmentShown:
    """Show an assessment, each line with its sentence."""
    return AssessmentShown(
        scheme_code=assessment.scheme_code,
        scheme_version=assessment.version,
        amount=yuan(assessment.amount_fen),
        currency=CURRENCY,
        expected_outcome=labelled(OUTCOME_ZH, assessment.outcome),
        covers=[
            CoverShown(
                code=cover.cover,
                name_zh=cover.name_zh,
                amount=yuan(cover.amount_fen),
                lines=[_line(line) for line in cover.lines],
            )
            for cover in assessment.covers
        ],
        reasons=[_reason(reason) for reason in assessment.reasons],
    )


def _line(line: Line) -> LineShown:
    return LineShown(
        rule=line.rule.value,
        about=line.about,
        label_zh=line.label_zh,
        inputs=dict(line.inputs),
        params=dict(line.params),
        output=yuan(line.output_fen),
        amount=yuan(line.amount_fen),
        clause=line.clause or None,
        unconfirmed=line.unconfirmed or None,
        sentence_zh=sentence_zh(line),
    )


def _reason(reason: Reason) -> ReasonShown:
    return ReasonShown(
        code=reason.code.value,
        cover=reason.cover,
        sentence_zh=reason_zh(reason.code, reason.about_zh),
    )


def _limit(use: LimitUse) -> LimitShown:
    money = use.unit is LimitUnit.FEN
    written = yuan if money else str
    return LimitShown(
        code=use.key.code,
        name_zh=use.name_zh,
        scope=use.key.scope.value,
        period=use.key.period,
        unit="yuan" if money else use.unit.value,
        bound=written(use.bound),
        used=written(use.used),
        taken=written(use.taken),
        left=written(use.left),
    )
