"""授权审批抽查: decisions under delegations, and the second look at those that were drawn."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Labelled, Text, View, When, Word, Yuan, labelled
from app.api.numbers import ClaimNo
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.delegated_cases import DelegatedCase, list_delegated_cases
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.money import yuan
from app.domain.sample import CASE_STATE_ZH, CaseState
from app.services.claims.recheck_case import recheck_case

router = APIRouter(tags=["contracts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_REPORTS))]
Rechecking = Annotated[Writing, Depends(Writes(Act.RECHECK, versioned=True))]


class RecheckForm(Form):
    """What the second look found; an objection needs its reason."""

    confirmed: bool
    reason_zh: Text | None = None


class DelegatedCaseView(View):
    """One decision under a delegation. It was drawn when its `lot` is below `sample_bp`."""

    claim_no: str
    policy_no: str
    area_code: str
    outcome: str
    amount: Yuan
    decided_by: str
    decided_at: When
    period: str
    sample_bp: int
    lot: int
    state: Labelled
    rechecked_by: str | None
    rechecked_at: When | None
    reason_zh: str | None


class DelegatedCasePage(Page[DelegatedCaseView]):
    """One page of decisions under delegations."""


class DelegatedCasesListed(Listed):
    """Which decisions to list; `period` is a month as 2026-11."""

    state: Annotated[CaseState | None, Field(strict=False)] = None
    period: Annotated[str | None, Field(pattern=r"^\d{4}-\d{2}$")] = None
    policy_no: Word | None = None


@router.get("/v1/delegated-cases", response_model=DelegatedCasePage)
async def read_delegated_cases(
    listed: Annotated[DelegatedCasesListed, Query()], door: Looking
) -> Response:
    """List decisions under delegations, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await list_delegated_cases(
            tx,
            state=listed.state,
            period=listed.period,
            policy_no=listed.policy_no,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), _shown)


@router.post("/v1/claims/{claim_no}:recheck", response_model=DelegatedCaseView)
async def recheck_claim(claim_no: ClaimNo, form: RecheckForm, door: Rechecking) -> Response:
    """Record the second look at a drawn decision, by somebody other than who decided."""

    async def act(tx: Tx) -> Answer:
        claim, case = await recheck_case(
            tx, claim_no, door.version, form.reason_zh, confirmed=form.confirmed
        )
        return Answer(_shown(case), version=claim.version)

    return await door.once(form, act)


def _shown(row: DelegatedCase) -> DelegatedCaseView:
    return DelegatedCaseView(
        claim_no=row.claim_no,
        policy_no=row.policy_no,
        area_code=f"{row.area_code:012d}",
        outcome=row.outcome,
        amount=yuan(row.amount_fen),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        period=row.period,
        sample_bp=row.sample_bp,
        lot=row.draw,
        state=labelled(CASE_STATE_ZH, CaseState(row.state)),
        rechecked_by=row.rechecked_by,
        rechecked_at=row.rechecked_at,
        reason_zh=row.reason_zh,
    )
