"""Every operation of the interface, one method each; made by `make client`."""

from typing import Any, Literal

from . import schemas
from .wire import Answer, Upload, Wire, as_bytes, as_json, as_text, multipart, segment

Json = dict[str, Any]


class Relief(Wire):
    """The service as one caller sees it; methods are named as the interface names its operations.

    Each raises Problem when the service refuses and Unanswered when it cannot be reached.
    """

    def read_claim(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.ClaimView]:
        """Read a claim; dashboards poll this with If-None-Match, which mostly asks no database.

        GET /v1/claims/{claim_no}
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def receive_callback(
        self,
        insurer: str,
        signed: bytes,
        *,
        webhook_id: str,
        webhook_timestamp: str,
        webhook_signature: str,
    ) -> Answer[schemas.CallbackReceipt]:
        """Take a callback: Standard Webhooks over the raw bytes, at most 64 KiB.

        POST /v1/callbacks/{insurer}/events
        """
        return self._ask(
            "POST",
            f"/v1/callbacks/{segment(insurer)}/events",
            as_json,
            headers={
                "webhook-id": webhook_id,
                "webhook-timestamp": webhook_timestamp,
                "webhook-signature": webhook_signature,
            },
            content=signed,
        )

    def submit_notice(
        self, notice_no: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.NoticeView]:
        """Submit a draft: one claim per policy that responds, all or nothing.

        POST /v1/notices/{notice_no}:submit
        """
        return self._ask(
            "POST",
            f"/v1/notices/{segment(notice_no)}:submit",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def estimate_notice(self, form: schemas.EstimateForm) -> Answer[schemas.EstimateView]:
        """Compute what a notice would bring; nothing is stored and no limit is used.

        POST /v1/estimates
        """
        return self._ask(
            "POST",
            "/v1/estimates",
            as_json,
            json=form,
        )

    def list_claims(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        status: schemas.ClaimStatus | None = None,
        outcome: schemas.Outcome | None = None,
        number: str | None = None,
        notice_no: str | None = None,
        policy_no: str | None = None,
        insurer: str | None = None,
        area: str | None = None,
        person: str | None = None,
        due_by: str | None = None,
        difference: schemas.DifferenceState | None = None,
        updated_since: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ClaimPage]:
        """List claims, last changed first.

        GET /v1/claims
        """
        return self._ask(
            "GET",
            "/v1/claims",
            as_json,
            query={
                "limit": limit,
                "cursor": cursor,
                "status": status,
                "outcome": outcome,
                "number": number,
                "notice_no": notice_no,
                "policy_no": policy_no,
                "insurer": insurer,
                "area": area,
                "person": person,
                "due_by": due_by,
                "difference": difference,
                "updated_since": updated_since,
            },
            headers={"If-None-Match": if_none_match},
        )

    def read_assessment(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.AssessmentView]:
        """Read the latest assessment: lines, clauses, limits, papers, and what would alter it.

        GET /v1/claims/{claim_no}/assessment
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/assessment",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def read_timeline(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Timeline]:
        """Read what happened to a claim and its payouts, newest first.

        GET /v1/claims/{claim_no}/timeline
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/timeline",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def approve_claim(
        self,
        claim_no: str,
        form: schemas.ApprovalForm | None,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Pass the county's check of an insured claim, or approve a fund's claim by delegation.

        POST /v1/claims/{claim_no}:approve
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:approve",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def reject_claim(
        self,
        claim_no: str,
        form: schemas.RejectionForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Decline a fund's claim by delegation; an insured claim is its insurer's to decide.

        POST /v1/claims/{claim_no}:reject
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:reject",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def decide_claim(
        self,
        claim_no: str,
        form: schemas.DecisionForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Propose a decision on a fund's claim; another person confirms it.

        POST /v1/claims/{claim_no}:decide
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:decide",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def confirm_decision(
        self, claim_no: str, *, if_match: str, idempotency_key: str | None = None
    ) -> Answer[schemas.ClaimView]:
        """Confirm the proposed decision, as another person than its proposer.

        POST /v1/claims/{claim_no}:confirm
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:confirm",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )

    def request_evidence(
        self,
        claim_no: str,
        form: schemas.EvidenceForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Ask the township for papers while the claim waits for the bureau.

        POST /v1/claims/{claim_no}:request-evidence
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:request-evidence",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def withdraw_claim(
        self,
        claim_no: str,
        form: schemas.ClaimWithdrawalForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Withdraw a claim that is not decided; its insurer is told, the notice's others go on.

        POST /v1/claims/{claim_no}:withdraw
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:withdraw",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def draft_notice(
        self, form: schemas.DraftForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.NoticeView]:
        """Keep a draft; almost nothing is required, differences come back as warnings.

        POST /v1/notices
        """
        return self._ask(
            "POST",
            "/v1/notices",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_notices(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        status: schemas.NoticeStatus | None = None,
        client_ref: str | None = None,
        number: str | None = None,
        area: str | None = None,
        person: str | None = None,
        updated_since: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.NoticePage]:
        """List notices, last changed first.

        GET /v1/notices
        """
        return self._ask(
            "GET",
            "/v1/notices",
            as_json,
            query={
                "limit": limit,
                "cursor": cursor,
                "status": status,
                "client_ref": client_ref,
                "number": number,
                "area": area,
                "person": person,
                "updated_since": updated_since,
            },
            headers={"If-None-Match": if_none_match},
        )

    def read_notice(
        self, notice_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.NoticeView]:
        """Read a notice with its claims; who opens it is recorded, not who has it already (304).

        GET /v1/notices/{notice_no}
        """
        return self._ask(
            "GET",
            f"/v1/notices/{segment(notice_no)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def change_notice(
        self, notice_no: str, form: schemas.NoticeForm, *, if_match: str
    ) -> Answer[schemas.NoticeView]:
        """Change a draft by a JSON merge patch (RFC 7396): null empties a field, a list is replaced.

        PATCH /v1/notices/{notice_no}
        """
        return self._ask(
            "PATCH",
            f"/v1/notices/{segment(notice_no)}",
            as_json,
            headers={"If-Match": if_match},
            json=form,
        )

    def discard_notice(self, notice_no: str) -> Answer[bytes]:
        """Discard a draft; it stays on file as withdrawn.

        DELETE /v1/notices/{notice_no}
        """
        return self._ask(
            "DELETE",
            f"/v1/notices/{segment(notice_no)}",
            as_bytes,
        )

    def withdraw_notice(
        self, notice_no: str, form: schemas.Withdrawal, *, idempotency_key: str | None = None
    ) -> Answer[schemas.NoticeView]:
        """Withdraw a submitted notice with its claims, as long as none is decided.

        POST /v1/notices/{notice_no}:withdraw
        """
        return self._ask(
            "POST",
            f"/v1/notices/{segment(notice_no)}:withdraw",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_checklist(
        self, notice_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Checklist]:
        """Tell which papers are needed, which are there, and who asks for them.

        GET /v1/notices/{notice_no}/checklist
        """
        return self._ask(
            "GET",
            f"/v1/notices/{segment(notice_no)}/checklist",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def record_payer(
        self, notice_no: str, form: schemas.LatePayerForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.NoticeView]:
        """Record what another payer has paid of a bill since; claims follow, nothing is clawed back.

        POST /v1/notices/{notice_no}:record-payer
        """
        return self._ask(
            "POST",
            f"/v1/notices/{segment(notice_no)}:record-payer",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def follow_feed(
        self,
        *,
        after: str | None = None,
        types: str | None = None,
        limit: int | None = None,
        wait: int | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.Feed]:
        """Follow what happens: each event once, in one order, resumable for 90 days.

        GET /v1/events
        """
        return self._ask(
            "GET",
            "/v1/events",
            as_json,
            query={"after": after, "types": types, "limit": limit, "wait": wait},
            headers={"If-None-Match": if_none_match},
        )

    def accept_difference(
        self,
        claim_no: str,
        form: schemas.Reason,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Accept that the insurer decided otherwise than we assessed, with the reason.

        POST /v1/claims/{claim_no}:accept-difference
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:accept-difference",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def dispute_difference(
        self,
        claim_no: str,
        form: schemas.Reason,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Dispute what the insurer decided; the payment goes on.

        POST /v1/claims/{claim_no}:dispute
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:dispute",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def appeal_claim(
        self,
        claim_no: str,
        form: schemas.AppealForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """File an appeal against the decision, or a complaint.

        POST /v1/claims/{claim_no}:appeal
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:appeal",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def answer_appeal(
        self,
        claim_no: str,
        form: schemas.AppealAnswerForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Answer the open appeal or complaint; an accepted appeal reopens the claim.

        POST /v1/claims/{claim_no}:answer-appeal
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:answer-appeal",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def reopen_claim(
        self,
        claim_no: str,
        form: schemas.Reason,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Bring a closed claim under review again.

        POST /v1/claims/{claim_no}:reopen
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:reopen",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def list_appeals(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Appeals]:
        """List a claim's appeals and complaints, newest first.

        GET /v1/claims/{claim_no}/appeals
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/appeals",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def assign_claim(
        self,
        claim_no: str,
        form: schemas.AssignmentForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ClaimView]:
        """Say which colleague works on a claim.

        POST /v1/claims/{claim_no}:assign
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:assign",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def note_claim(
        self, claim_no: str, form: schemas.NoteForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.Notes]:
        """Leave a note on a claim for colleagues.

        POST /v1/claims/{claim_no}/notes
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/notes",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_claim_notes(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Notes]:
        """List the notes on a claim, newest first.

        GET /v1/claims/{claim_no}/notes
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/notes",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def assign_notice(
        self,
        notice_no: str,
        form: schemas.AssignmentForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.NoticeView]:
        """Say which colleague works on a notice.

        POST /v1/notices/{notice_no}:assign
        """
        return self._ask(
            "POST",
            f"/v1/notices/{segment(notice_no)}:assign",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def note_notice(
        self, notice_no: str, form: schemas.NoteForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.Notes]:
        """Leave a note on a notice for colleagues.

        POST /v1/notices/{notice_no}/notes
        """
        return self._ask(
            "POST",
            f"/v1/notices/{segment(notice_no)}/notes",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_notice_notes(
        self, notice_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Notes]:
        """List the notes on a notice, newest first.

        GET /v1/notices/{notice_no}/notes
        """
        return self._ask(
            "GET",
            f"/v1/notices/{segment(notice_no)}/notes",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def propose_override(
        self,
        claim_no: str,
        form: schemas.OverrideForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.OverrideView]:
        """Propose another amount for a cover; caps and what is left of the bill hold for it too.

        POST /v1/claims/{claim_no}/overrides
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/overrides",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def list_overrides(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Overrides]:
        """List a claim's overrides, newest first.

        GET /v1/claims/{claim_no}/overrides
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/overrides",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def confirm_override(
        self, claim_no: str, seq: str, *, if_match: str, idempotency_key: str | None = None
    ) -> Answer[schemas.OverrideView]:
        """Confirm it as another person; the claim is assessed anew.

        POST /v1/claims/{claim_no}/overrides/{seq}:confirm
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/overrides/{segment(seq)}:confirm",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )

    def reject_override(
        self, claim_no: str, seq: str, *, if_match: str, idempotency_key: str | None = None
    ) -> Answer[schemas.OverrideView]:
        """Reject it as another person; the assessment stays as it is.

        POST /v1/claims/{claim_no}/overrides/{seq}:reject
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/overrides/{segment(seq)}:reject",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )

    def attach_document(
        self,
        notice_no: str,
        fields: dict[str, str | Upload | None],
        *,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.DocumentView]:
        """Attach a paper; the last one that was asked for sets its claim going again.

        POST /v1/notices/{notice_no}/documents
        """
        return self._ask(
            "POST",
            f"/v1/notices/{segment(notice_no)}/documents",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            **multipart(fields),
        )

    def list_documents(
        self, notice_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Documents]:
        """List the papers of a notice, oldest first.

        GET /v1/notices/{notice_no}/documents
        """
        return self._ask(
            "GET",
            f"/v1/notices/{segment(notice_no)}/documents",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def read_document(
        self, notice_no: str, document_id: str, *, if_none_match: str | None = None
    ) -> Answer[bytes]:
        """Download a paper; who does is recorded in the audit trail.

        GET /v1/notices/{notice_no}/documents/{document_id}
        """
        return self._ask(
            "GET",
            f"/v1/notices/{segment(notice_no)}/documents/{segment(document_id)}",
            as_bytes,
            headers={"If-None-Match": if_none_match},
        )

    def detach_document(self, notice_no: str, document_id: str) -> Answer[bytes]:
        """Take a paper out of a draft.

        DELETE /v1/notices/{notice_no}/documents/{document_id}
        """
        return self._ask(
            "DELETE",
            f"/v1/notices/{segment(notice_no)}/documents/{segment(document_id)}",
            as_bytes,
        )

    def list_claim_documents(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Documents]:
        """List the papers that a claim rests on, oldest first; for its insurer too.

        GET /v1/claims/{claim_no}/documents
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/documents",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def read_claim_document(
        self, claim_no: str, document_id: str, *, if_none_match: str | None = None
    ) -> Answer[bytes]:
        """Download a paper of a claim; who does is recorded in the audit trail.

        GET /v1/claims/{claim_no}/documents/{document_id}
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/documents/{segment(document_id)}",
            as_bytes,
            headers={"If-None-Match": if_none_match},
        )

    def list_payouts(
        self, *, claim_no: str, if_none_match: str | None = None
    ) -> Answer[schemas.Payouts]:
        """List the payouts of a claim.

        GET /v1/payouts
        """
        return self._ask(
            "GET",
            "/v1/payouts",
            as_json,
            query={"claim_no": claim_no},
            headers={"If-None-Match": if_none_match},
        )

    def read_payout(
        self, payout_id: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.PayoutView]:
        """Read a payout with its attempts.

        GET /v1/payouts/{payout_id}
        """
        return self._ask(
            "GET",
            f"/v1/payouts/{segment(payout_id)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def correct_account(
        self, payout_id: str, form: schemas.AccountForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.PayoutView]:
        """Correct the account of a payout that did not arrive.

        POST /v1/payouts/{payout_id}:correct-account
        """
        return self._ask(
            "POST",
            f"/v1/payouts/{segment(payout_id)}:correct-account",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_advances(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Advances]:
        """List the advances of a claim.

        GET /v1/claims/{claim_no}/advances
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/advances",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def ask_advance(
        self,
        claim_no: str,
        form: schemas.AdvanceForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.AdvanceView]:
        """Ask the insurer for an advance, or propose one of a fund for another person to confirm.

        POST /v1/claims/{claim_no}/advances
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/advances",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def grant_advance(
        self, claim_no: str, seq: int, *, if_match: str, idempotency_key: str | None = None
    ) -> Answer[schemas.AdvanceView]:
        """Grant a fund's advance, as another person than its proposer; it goes with a batch.

        POST /v1/claims/{claim_no}/advances/{seq}:confirm
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/advances/{segment(seq)}:confirm",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )

    def cancel_advance(
        self,
        claim_no: str,
        seq: int,
        form: schemas.AdvanceReasonForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.AdvanceView]:
        """Cancel an advance of which nothing was paid.

        POST /v1/claims/{claim_no}/advances/{seq}:cancel
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/advances/{segment(seq)}:cancel",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def list_instalments(
        self, claim_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Instalments]:
        """List the parts of a benefit that is paid month by month.

        GET /v1/claims/{claim_no}/instalments
        """
        return self._ask(
            "GET",
            f"/v1/claims/{segment(claim_no)}/instalments",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def stop_instalments(
        self,
        claim_no: str,
        form: schemas.StopForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.Instalments]:
        """Stop a monthly benefit from a day on: a death, a waiver, the end of cover.

        POST /v1/claims/{claim_no}/instalments:stop
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}/instalments:stop",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def reverse_payout(
        self, payout_id: str, form: schemas.ReversalForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.PayoutView]:
        """Undo a payment whose money is back with the payer; it is owed again. Each payment once.

        POST /v1/payouts/{payout_id}:reverse
        """
        return self._ask(
            "POST",
            f"/v1/payouts/{segment(payout_id)}:reverse",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def confirm_receipt(
        self, payout_id: str, form: schemas.ReceiptForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.PayoutView]:
        """Keep what the recipient says of a payment, or what a sample found.

        POST /v1/payouts/{payout_id}:confirm-receipt
        """
        return self._ask(
            "POST",
            f"/v1/payouts/{segment(payout_id)}:confirm-receipt",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def draw_sample(
        self,
        policy_no: str,
        *,
        from_on: str,
        to_on: str,
        seed: str,
        share_bp: int | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.SampleView]:
        """Draw payouts to ask their recipients about, by a seed that anybody may repeat.

        GET /v1/policies/{policy_no}/payout-sample
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/payout-sample",
            as_json,
            query={"from_on": from_on, "to_on": to_on, "seed": seed, "share_bp": share_bp},
            headers={"If-None-Match": if_none_match},
        )

    def list_recoveries(
        self, payout_id: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.Recoveries]:
        """List what is demanded back of a payout.

        GET /v1/payouts/{payout_id}/recoveries
        """
        return self._ask(
            "GET",
            f"/v1/payouts/{segment(payout_id)}/recoveries",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def demand_recovery(
        self, payout_id: str, form: schemas.DemandForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.RecoveryView]:
        """Demand money back that was paid wrongly.

        POST /v1/payouts/{payout_id}/recoveries
        """
        return self._ask(
            "POST",
            f"/v1/payouts/{segment(payout_id)}/recoveries",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def receive_recovery(
        self, recovery_id: str, form: schemas.ReceivedForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.RecoveryView]:
        """Book money that came back.

        POST /v1/recoveries/{recovery_id}:receive
        """
        return self._ask(
            "POST",
            f"/v1/recoveries/{segment(recovery_id)}:receive",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def waive_demand(
        self, recovery_id: str, form: schemas.WaiverForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.RecoveryView]:
        """Let the rest of a demand go, as another person than who made it.

        POST /v1/recoveries/{recovery_id}:waive
        """
        return self._ask(
            "POST",
            f"/v1/recoveries/{segment(recovery_id)}:waive",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def make_batch(
        self, form: schemas.BatchForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.BatchView]:
        """Put everything of a fund that is due into one batch.

        POST /v1/payout-batches
        """
        return self._ask(
            "POST",
            "/v1/payout-batches",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_batches(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        policy_no: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.BatchPage]:
        """List batches, newest first.

        GET /v1/payout-batches
        """
        return self._ask(
            "GET",
            "/v1/payout-batches",
            as_json,
            query={"limit": limit, "cursor": cursor, "policy_no": policy_no},
            headers={"If-None-Match": if_none_match},
        )

    def read_batch(
        self, batch_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.BatchView]:
        """Read a batch.

        GET /v1/payout-batches/{batch_no}
        """
        return self._ask(
            "GET",
            f"/v1/payout-batches/{segment(batch_no)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def export_batch(self, batch_no: str) -> Answer[bytes]:
        """Hand the file to the bank (送盘): names and accounts in clear, each time on record.

        POST /v1/payout-batches/{batch_no}:export
        """
        return self._ask(
            "POST",
            f"/v1/payout-batches/{segment(batch_no)}:export",
            as_bytes,
        )

    def settle_batch(
        self, batch_no: str, form: schemas.BankAnswerForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.BatchView]:
        """Take the bank's answer: all lines or none.

        POST /v1/payout-batches/{batch_no}:confirm
        """
        return self._ask(
            "POST",
            f"/v1/payout-batches/{segment(batch_no)}:confirm",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def take_statement(
        self, form: schemas.StatementForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.StatementView]:
        """Take a statement: all its lines or none, and compare the days it speaks of.

        POST /v1/statements
        """
        return self._ask(
            "POST",
            "/v1/statements",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_statements(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        insurer: str | None = None,
        day: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.StatementPage]:
        """List statements, newest first.

        GET /v1/statements
        """
        return self._ask(
            "GET",
            "/v1/statements",
            as_json,
            query={"limit": limit, "cursor": cursor, "insurer": insurer, "day": day},
            headers={"If-None-Match": if_none_match},
        )

    def take_statement_file(
        self, fields: dict[str, str | Upload | None], *, idempotency_key: str | None = None
    ) -> Answer[schemas.StatementView]:
        """Take a statement as a CSV file, UTF-8 or GB18030; of long ones memory stays flat.

        POST /v1/statements/files
        """
        return self._ask(
            "POST",
            "/v1/statements/files",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            **multipart(fields),
        )

    def read_statement(
        self, statement_id: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.StatementView]:
        """Read what was taken of a statement.

        GET /v1/statements/{statement_id}
        """
        return self._ask(
            "GET",
            f"/v1/statements/{segment(statement_id)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def discard_statement(
        self,
        statement_id: str,
        form: schemas.DifferenceReasonForm,
        *,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.StatementView]:
        """Set a wrong statement of open days aside; it stays on record and counts no more.

        POST /v1/statements/{statement_id}:discard
        """
        return self._ask(
            "POST",
            f"/v1/statements/{segment(statement_id)}:discard",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_reconciliations(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        insurer: str | None = None,
        state: Literal["open", "closed"] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.DayPage]:
        """List days, the latest first.

        GET /v1/reconciliations
        """
        return self._ask(
            "GET",
            "/v1/reconciliations",
            as_json,
            query={"limit": limit, "cursor": cursor, "insurer": insurer, "state": state},
            headers={"If-None-Match": if_none_match},
        )

    def read_reconciliation(
        self, reconciliation_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.DayView]:
        """Read a day: both sides' totals, what differs, and the signature of a closed one.

        GET /v1/reconciliations/{reconciliation_no}
        """
        return self._ask(
            "GET",
            f"/v1/reconciliations/{segment(reconciliation_no)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def read_differences(
        self,
        reconciliation_no: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        kind: str | None = None,
        state: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ItemPage]:
        """List the differences of a day, oldest first.

        GET /v1/reconciliations/{reconciliation_no}/items
        """
        return self._ask(
            "GET",
            f"/v1/reconciliations/{segment(reconciliation_no)}/items",
            as_json,
            query={"limit": limit, "cursor": cursor, "kind": kind, "state": state},
            headers={"If-None-Match": if_none_match},
        )

    def read_report(
        self, reconciliation_no: str, *, if_none_match: str | None = None
    ) -> Answer[bytes]:
        """Read the report of a day as CSV, for both sides the same.

        GET /v1/reconciliations/{reconciliation_no}/report
        """
        return self._ask(
            "GET",
            f"/v1/reconciliations/{segment(reconciliation_no)}/report",
            as_bytes,
            headers={"If-None-Match": if_none_match},
        )

    def match_day(
        self, reconciliation_no: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.DayView]:
        """Compare an open day again.

        POST /v1/reconciliations/{reconciliation_no}:match
        """
        return self._ask(
            "POST",
            f"/v1/reconciliations/{segment(reconciliation_no)}:match",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def close_day(
        self, reconciliation_no: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.DayView]:
        """Close and sign a day; days close in order, and nothing is left open in them.

        POST /v1/reconciliations/{reconciliation_no}:close
        """
        return self._ask(
            "POST",
            f"/v1/reconciliations/{segment(reconciliation_no)}:close",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def read_carried(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        insurer: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ItemPage]:
        """List what was carried forward (挂账) and is not settled, oldest first.

        GET /v1/reconciliation-items
        """
        return self._ask(
            "GET",
            "/v1/reconciliation-items",
            as_json,
            query={"limit": limit, "cursor": cursor, "insurer": insurer},
            headers={"If-None-Match": if_none_match},
        )

    def assign_difference(
        self, item_id: str, form: schemas.OwnerForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ItemView]:
        """Say who works on a difference.

        POST /v1/reconciliation-items/{item_id}:assign
        """
        return self._ask(
            "POST",
            f"/v1/reconciliation-items/{segment(item_id)}:assign",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def resolve_difference(
        self, item_id: str, form: schemas.ResolveForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ItemView]:
        """Settle a difference: explain it, or book what the other side lists.

        POST /v1/reconciliation-items/{item_id}:resolve
        """
        return self._ask(
            "POST",
            f"/v1/reconciliation-items/{segment(item_id)}:resolve",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def carry_difference(
        self, item_id: str, form: schemas.CarryForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ItemView]:
        """Carry a difference forward: proposed by one officer, confirmed by another.

        POST /v1/reconciliation-items/{item_id}:carry
        """
        return self._ask(
            "POST",
            f"/v1/reconciliation-items/{segment(item_id)}:carry",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_holds(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: Literal["open", "released", "over"] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.HoldPage]:
        """List policies whose payouts are or were on hold, newest first.

        GET /v1/payout-holds
        """
        return self._ask(
            "GET",
            "/v1/payout-holds",
            as_json,
            query={"limit": limit, "cursor": cursor, "state": state},
            headers={"If-None-Match": if_none_match},
        )

    def release_hold(
        self, hold_id: str, form: schemas.ExchangeReasonForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.HoldView]:
        """Let payouts be ordered again, with a reason; the act is audited.

        POST /v1/payout-holds/{hold_id}:release
        """
        return self._ask(
            "POST",
            f"/v1/payout-holds/{segment(hold_id)}:release",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def look_up_person(self, form: schemas.LookUpForm) -> Answer[schemas.PersonView]:
        """Find a person; name and number must agree. A number is never in an address.

        POST /v1/people:lookup
        """
        return self._ask(
            "POST",
            "/v1/people:lookup",
            as_json,
            json=form,
        )

    def read_person(
        self, person_id: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.PersonView]:
        """Read a person, masked; who opens the record is kept, not who has it already (304).

        GET /v1/people/{person_id}
        """
        return self._ask(
            "GET",
            f"/v1/people/{segment(person_id)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def read_covers(
        self, person_id: str, *, on: str | None = None, if_none_match: str | None = None
    ) -> Answer[schemas.CoversView]:
        """Tell what covers a person on a day, with every limit used and left.

        GET /v1/people/{person_id}/covers
        """
        return self._ask(
            "GET",
            f"/v1/people/{segment(person_id)}/covers",
            as_json,
            query={"on": on},
            headers={"If-None-Match": if_none_match},
        )

    def reveal_person(
        self, person_id: str, form: schemas.RevealForm
    ) -> Answer[schemas.RevealedView]:
        """Show fields in full; who saw them and why is on record and can be asked by the family.

        POST /v1/people/{person_id}:reveal
        """
        return self._ask(
            "POST",
            f"/v1/people/{segment(person_id)}:reveal",
            as_json,
            json=form,
        )

    def list_accesses(
        self,
        person_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.AccessPage]:
        """谁看过我的信息: tell who opened this person's record, when and why, newest first.

        GET /v1/people/{person_id}/accesses
        """
        return self._ask(
            "GET",
            f"/v1/people/{segment(person_id)}/accesses",
            as_json,
            query={"limit": limit, "cursor": cursor},
            headers={"If-None-Match": if_none_match},
        )

    def protect_person(
        self, person_id: str, form: schemas.ProtectForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.PersonView]:
        """Label somebody as protected, or lift the label; protected people are closed in every view.

        POST /v1/people/{person_id}:protect
        """
        return self._ask(
            "POST",
            f"/v1/people/{segment(person_id)}:protect",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_consents(
        self, person_id: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.ConsentsView]:
        """List by what right other offices' data about the person are used.

        GET /v1/people/{person_id}/consents
        """
        return self._ask(
            "GET",
            f"/v1/people/{segment(person_id)}/consents",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def record_consent(
        self, person_id: str, form: schemas.ConsentForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ConsentsView]:
        """Record a consent, a duty by law or an emergency for one purpose.

        POST /v1/people/{person_id}/consents
        """
        return self._ask(
            "POST",
            f"/v1/people/{segment(person_id)}/consents",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def withdraw_consent(
        self,
        person_id: str,
        form: schemas.ConsentWithdrawalForm,
        *,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.ConsentsView]:
        """Record that the ground for a purpose is withdrawn; what was done before stays lawful.

        POST /v1/people/{person_id}:withdraw-consent
        """
        return self._ask(
            "POST",
            f"/v1/people/{segment(person_id)}:withdraw-consent",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def erase_person(
        self, person_id: str, form: schemas.ErasureForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ErasureView]:
        """Ask for an erasure; a second security administrator's call destroys the person's key.

        POST /v1/people/{person_id}:erase
        """
        return self._ask(
            "POST",
            f"/v1/people/{segment(person_id)}:erase",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def move_person(
        self, person_id: str, form: schemas.MoveForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.MovedView]:
        """Hand a person over to another area: record, consents and covers go along, cases stay.

        POST /v1/people/{person_id}:move
        """
        return self._ask(
            "POST",
            f"/v1/people/{segment(person_id)}:move",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_history(
        self, person_id: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.HistoryView]:
        """Tell what was filed and paid for a person of one's area, also where they lived before.

        GET /v1/people/{person_id}/history
        """
        return self._ask(
            "GET",
            f"/v1/people/{segment(person_id)}/history",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def issue_policy(
        self, form: schemas.PolicyForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.PolicyView]:
        """Issue a policy, active at once or quoted.

        POST /v1/policies
        """
        return self._ask(
            "POST",
            "/v1/policies",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_policies(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        scheme: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.PolicyPage]:
        """List policies that touch the caller's area, by number.

        GET /v1/policies
        """
        return self._ask(
            "GET",
            "/v1/policies",
            as_json,
            query={"limit": limit, "cursor": cursor, "scheme": scheme},
            headers={"If-None-Match": if_none_match},
        )

    def read_policy(
        self, policy_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.PolicyView]:
        """Read a policy.

        GET /v1/policies/{policy_no}
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def change_policy(
        self, policy_no: str, form: schemas.PolicyChangeForm, *, if_match: str
    ) -> Answer[schemas.PolicyView]:
        """Change a policy's own days, tolerance and payer order; the rest says how it does change.

        PATCH /v1/policies/{policy_no}
        """
        return self._ask(
            "PATCH",
            f"/v1/policies/{segment(policy_no)}",
            as_json,
            headers={"If-Match": if_match},
            json=form,
        )

    def enrol_members(
        self, policy_no: str, form: schemas.RosterForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.EnrolledView]:
        """Put 1 to 1000 people on a policy's roster, all or none.

        POST /v1/policies/{policy_no}/members
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/members",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_members(
        self,
        policy_no: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.MemberPage]:
        """List a policy's roster.

        GET /v1/policies/{policy_no}/members
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/members",
            as_json,
            query={"limit": limit, "cursor": cursor},
            headers={"If-None-Match": if_none_match},
        )

    def activate_policy(
        self, policy_no: str, *, if_match: str, idempotency_key: str | None = None
    ) -> Answer[schemas.PolicyView]:
        """Bring a quoted policy into force.

        POST /v1/policies/{policy_no}:activate
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}:activate",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )

    def cancel_policy(
        self,
        policy_no: str,
        form: schemas.CancellationForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.PolicyView]:
        """Cancel a policy from a day on; events before it stay covered.

        POST /v1/policies/{policy_no}:cancel
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}:cancel",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def renew_policy(
        self,
        policy_no: str,
        form: schemas.RenewalForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.RenewedView]:
        """Issue the policy of the next period and carry the roster over.

        POST /v1/policies/{policy_no}:renew
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}:renew",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def endorse_policy(
        self, policy_no: str, form: schemas.EndorsementForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.EndorsementWhole]:
        """Add and remove 1 to 1000 people from a day on, all or none.

        POST /v1/policies/{policy_no}/endorsements
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/endorsements",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_endorsements(
        self,
        policy_no: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.EndorsementPage]:
        """List a policy's endorsements, newest first.

        GET /v1/policies/{policy_no}/endorsements
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/endorsements",
            as_json,
            query={"limit": limit, "cursor": cursor},
            headers={"If-None-Match": if_none_match},
        )

    def read_endorsement(
        self, policy_no: str, endorsement_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.EndorsementWhole]:
        """Read an endorsement with the lines of the caller's area.

        GET /v1/policies/{policy_no}/endorsements/{endorsement_no}
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/endorsements/{segment(endorsement_no)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def read_premium(
        self, policy_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.PremiumView]:
        """Read what of the premium is due and paid, by payer.

        GET /v1/policies/{policy_no}/premium
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/premium",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def record_premium(
        self, policy_no: str, form: schemas.PaymentForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.PremiumView]:
        """Book a payment of premium, or a refund of it.

        POST /v1/policies/{policy_no}/premium
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/premium",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_claims_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        period: str | None = None,
        group_by: list[
            Literal[
                "township", "county", "policy", "scheme", "insurer", "month", "status", "outcome"
            ]
        ]
        | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Count claims with their amounts by status, outcome, area, policy, scheme, insurer, month.

        GET /v1/reports/claims
        """
        return self._ask(
            "GET",
            "/v1/reports/claims",
            as_json,
            query={"format": format, "period": period, "group_by": group_by},
            headers={"If-None-Match": if_none_match},
        )

    def read_amounts_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        period: str | None = None,
        group_by: list[Literal["township", "county", "policy", "scheme", "insurer", "month"]]
        | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Sum what was assessed, incurred, paid, not yet paid and recovered, as the ledger has it.

        GET /v1/reports/amounts
        """
        return self._ask(
            "GET",
            "/v1/reports/amounts",
            as_json,
            query={"format": format, "period": period, "group_by": group_by},
            headers={"If-None-Match": if_none_match},
        )

    def read_ageing_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        group_by: list[Literal["insurer", "township", "policy", "scheme", "status"]] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Tell how long open claims have been waiting and what is overdue, on working days too.

        GET /v1/reports/ageing
        """
        return self._ask(
            "GET",
            "/v1/reports/ageing",
            as_json,
            query={"format": format, "group_by": group_by},
            headers={"If-None-Match": if_none_match},
        )

    def read_loss_ratio_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        period: str | None = None,
        group_by: list[Literal["township", "county", "policy", "scheme", "insurer", "cover"]]
        | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Work out 赔付率: incurred, paid and unpaid against the premium earned day by day.

        GET /v1/reports/loss-ratio
        """
        return self._ask(
            "GET",
            "/v1/reports/loss-ratio",
            as_json,
            query={"format": format, "period": period, "group_by": group_by},
            headers={"If-None-Match": if_none_match},
        )

    def read_self_borne_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        period: str | None = None,
        group_by: list[Literal["township", "county", "month"]] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Tell what of bills stays with families after every payer and every claim.

        GET /v1/reports/self-borne
        """
        return self._ask(
            "GET",
            "/v1/reports/self-borne",
            as_json,
            query={"format": format, "period": period, "group_by": group_by},
            headers={"If-None-Match": if_none_match},
        )

    def read_delegated_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        period: str | None = None,
        group_by: list[Literal["township", "policy", "scheme", "month"]] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Sum what was approved within a delegation, and by two persons.

        GET /v1/reports/delegated
        """
        return self._ask(
            "GET",
            "/v1/reports/delegated",
            as_json,
            query={"format": format, "period": period, "group_by": group_by},
            headers={"If-None-Match": if_none_match},
        )

    def read_coverage_gap_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        group_by: list[Literal["township", "county"]] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Count who is registered and not covered today, and who is covered but should not be.

        GET /v1/reports/coverage-gap
        """
        return self._ask(
            "GET",
            "/v1/reports/coverage-gap",
            as_json,
            query={"format": format, "group_by": group_by},
            headers={"If-None-Match": if_none_match},
        )

    def read_limits_report(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """Tell which limits of today's policies are nearly used up; nobody is named.

        GET /v1/reports/limits
        """
        return self._ask(
            "GET",
            "/v1/reports/limits",
            as_json,
            query={"format": format},
            headers={"If-None-Match": if_none_match},
        )

    def read_claim_list(
        self,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        period: str | None = None,
        status: schemas.ClaimStatus | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ReportView]:
        """List claims one by one, nobody named: a CSV of any length, or up to so many rows otherwise.

        GET /v1/reports/claim-list
        """
        return self._ask(
            "GET",
            "/v1/reports/claim-list",
            as_json,
            query={"format": format, "period": period, "status": status},
            headers={"If-None-Match": if_none_match},
        )

    def read_scorecard(
        self,
        *,
        insurer: str,
        period: str,
        format: Literal["json", "csv", "xlsx"] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.ScorecardView]:
        """Read an insurer's scorecard: days to decide and pay, refusals, differences, overdue days.

        GET /v1/reports/scorecard
        """
        return self._ask(
            "GET",
            "/v1/reports/scorecard",
            as_json,
            query={"insurer": insurer, "period": period, "format": format},
            headers={"If-None-Match": if_none_match},
        )

    def read_year_end(
        self,
        policy_no: str,
        *,
        format: Literal["json", "csv", "xlsx"] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.YearEndView]:
        """Read how a policy's year settles: expenses, surplus back or carried, overrun by bands.

        GET /v1/policies/{policy_no}/year-end
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/year-end",
            as_json,
            query={"format": format},
            headers={"If-None-Match": if_none_match},
        )

    def read_ledger(
        self,
        policy_no: str,
        *,
        from_on: str | None = None,
        to_on: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.LedgerView]:
        """Read where each fen of a policy is: premium, incurred, owed, paid, advanced, recovered.

        GET /v1/policies/{policy_no}/ledger
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/ledger",
            as_json,
            query={"from_on": from_on, "to_on": to_on},
            headers={"If-None-Match": if_none_match},
        )

    def propose_scale_back(
        self, policy_no: str, form: schemas.ScaleBackForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ScaleBackView]:
        """Propose that the undecided claims share a limit; `dry_run` shows it and stores nothing.

        POST /v1/policies/{policy_no}/scale-backs
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/scale-backs",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_scale_backs(
        self, policy_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.ScaleBacks]:
        """List a policy's scale-backs, newest first.

        GET /v1/policies/{policy_no}/scale-backs
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/scale-backs",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def confirm_scale_back(
        self, policy_no: str, seq: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ScaleBackView]:
        """Confirm it as another person; every claim of it is assessed anew with its share.

        POST /v1/policies/{policy_no}/scale-backs/{seq}:confirm
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/scale-backs/{segment(seq)}:confirm",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def reject_scale_back(
        self, policy_no: str, seq: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.ScaleBackView]:
        """Reject it as another person; nothing changes.

        POST /v1/policies/{policy_no}/scale-backs/{seq}:reject
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/scale-backs/{segment(seq)}:reject",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def budget_policy(self, policy_no: str, form: schemas.BudgetForm) -> Answer[schemas.BudgetView]:
        """Work out premium and expected payout for so many heads; stores nothing.

        POST /v1/policies/{policy_no}/budget
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/budget",
            as_json,
            json=form,
        )

    def read_fund(
        self, policy_no: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.FundView]:
        """Read a fund's balance.

        GET /v1/policies/{policy_no}/fund
        """
        return self._ask(
            "GET",
            f"/v1/policies/{segment(policy_no)}/fund",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def allot_money(
        self, policy_no: str, form: schemas.AllotmentForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.FundView]:
        """Allot money to a fund, or take back what is free; answers the balance.

        POST /v1/policies/{policy_no}/allotments
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/allotments",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def bring_in_usage(
        self, policy_no: str, form: schemas.OpeningForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.OpeningView]:
        """Bring in what was used of limits before go-live, all lines or none.

        POST /v1/policies/{policy_no}/opening-usage
        """
        return self._ask(
            "POST",
            f"/v1/policies/{segment(policy_no)}/opening-usage",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def grant_delegation(
        self, form: schemas.DelegationForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.DelegationView]:
        """Grant a delegation.

        POST /v1/delegations
        """
        return self._ask(
            "POST",
            "/v1/delegations",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_delegations(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        policy_no: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.DelegationPage]:
        """List delegations, newest first.

        GET /v1/delegations
        """
        return self._ask(
            "GET",
            "/v1/delegations",
            as_json,
            query={"limit": limit, "cursor": cursor, "policy_no": policy_no},
            headers={"If-None-Match": if_none_match},
        )

    def change_delegation(
        self, delegation_id: str, form: schemas.DelegationChange, *, if_match: str
    ) -> Answer[schemas.DelegationView]:
        """Change a delegation's amount, last day or sample, or revoke it.

        PATCH /v1/delegations/{delegation_id}
        """
        return self._ask(
            "PATCH",
            f"/v1/delegations/{segment(delegation_id)}",
            as_json,
            headers={"If-Match": if_match},
            json=form,
        )

    def list_schemes(self, *, if_none_match: str | None = None) -> Answer[schemas.Schemes]:
        """List every scheme.

        GET /v1/schemes
        """
        return self._ask(
            "GET",
            "/v1/schemes",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def load_scheme(
        self, form: schemas.TermsForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.SchemeView]:
        """Take over one version of terms; the same terms again are the version that is there.

        POST /v1/schemes
        """
        return self._ask(
            "POST",
            "/v1/schemes",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_scheme(
        self, code: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.SchemeView]:
        """Read a scheme with its terms.

        GET /v1/schemes/{code}
        """
        return self._ask(
            "GET",
            f"/v1/schemes/{segment(code)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def list_callback_events(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: str | None = None,
        claim_no: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.CallbackPage]:
        """List callbacks; `state=parked` are those that wait for something.

        GET /v1/callback-events
        """
        return self._ask(
            "GET",
            "/v1/callback-events",
            as_json,
            query={"limit": limit, "cursor": cursor, "state": state, "claim_no": claim_no},
            headers={"If-None-Match": if_none_match},
        )

    def list_instructions(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: str | None = None,
        claim_no: str | None = None,
        case_no: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.InstructionPage]:
        """List instructions; `state=unknown` are those whose answer was lost.

        GET /v1/instructions
        """
        return self._ask(
            "GET",
            "/v1/instructions",
            as_json,
            query={
                "limit": limit,
                "cursor": cursor,
                "state": state,
                "claim_no": claim_no,
                "case_no": case_no,
            },
            headers={"If-None-Match": if_none_match},
        )

    def resend_instruction(
        self,
        instruction_id: str,
        form: schemas.ExchangeReasonForm,
        *,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.InstructionView]:
        """Send a parked instruction again, under the key that it has for ever.

        POST /v1/instructions/{instruction_id}:resend
        """
        return self._ask(
            "POST",
            f"/v1/instructions/{segment(instruction_id)}:resend",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def resolve_instruction(
        self,
        instruction_id: str,
        form: schemas.ResolutionForm,
        *,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.InstructionView]:
        """Settle an instruction whose answer was lost, by what the insurer said otherwise.

        POST /v1/instructions/{instruction_id}:resolve
        """
        return self._ask(
            "POST",
            f"/v1/instructions/{segment(instruction_id)}:resolve",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def retry_callback(
        self,
        callback_id: str,
        form: schemas.ExchangeReasonForm,
        *,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.CallbackView]:
        """Have a parked callback looked at again.

        POST /v1/callback-events/{callback_id}:retry
        """
        return self._ask(
            "POST",
            f"/v1/callback-events/{segment(callback_id)}:retry",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def discard_callback(
        self,
        callback_id: str,
        form: schemas.ExchangeReasonForm,
        *,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.CallbackView]:
        """Set a parked or unreadable callback aside for good; never one that reports money.

        POST /v1/callback-events/{callback_id}:discard
        """
        return self._ask(
            "POST",
            f"/v1/callback-events/{segment(callback_id)}:discard",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_lanes(self, *, if_none_match: str | None = None) -> Answer[schemas.Lanes]:
        """List the lanes; an insurer sees its own.

        GET /v1/lanes
        """
        return self._ask(
            "GET",
            "/v1/lanes",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def pause_lane(
        self, lane: str, form: schemas.ExchangeReasonForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.LaneView]:
        """Pause a lane: what runs is finished, nothing new begins.

        POST /v1/lanes/{lane}:pause
        """
        return self._ask(
            "POST",
            f"/v1/lanes/{segment(lane)}:pause",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def resume_lane(
        self, lane: str, form: schemas.ExchangeReasonForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.LaneView]:
        """Let a lane run again, close its breaker, and begin anew what was given up.

        POST /v1/lanes/{lane}:resume
        """
        return self._ask(
            "POST",
            f"/v1/lanes/{segment(lane)}:resume",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def read_tasks(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        kind: schemas.TaskKind | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.TaskPage]:
        """List what waits for the caller in its role and area.

        GET /v1/tasks
        """
        return self._ask(
            "GET",
            "/v1/tasks",
            as_json,
            query={"limit": limit, "cursor": cursor, "kind": kind},
            headers={"If-None-Match": if_none_match},
        )

    def count_my_tasks(self, *, if_none_match: str | None = None) -> Answer[schemas.TaskCounts]:
        """Count what waits for the caller, by kind.

        GET /v1/tasks/counts
        """
        return self._ask(
            "GET",
            "/v1/tasks/counts",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def read_delegated_cases(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: schemas.CaseState | None = None,
        period: str | None = None,
        policy_no: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.DelegatedCasePage]:
        """List decisions under delegations, newest first.

        GET /v1/delegated-cases
        """
        return self._ask(
            "GET",
            "/v1/delegated-cases",
            as_json,
            query={
                "limit": limit,
                "cursor": cursor,
                "state": state,
                "period": period,
                "policy_no": policy_no,
            },
            headers={"If-None-Match": if_none_match},
        )

    def recheck_claim(
        self,
        claim_no: str,
        form: schemas.RecheckForm,
        *,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> Answer[schemas.DelegatedCaseView]:
        """Record the second look at a drawn decision, by somebody other than who decided.

        POST /v1/claims/{claim_no}:recheck
        """
        return self._ask(
            "POST",
            f"/v1/claims/{segment(claim_no)}:recheck",
            as_json,
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
            json=form,
        )

    def add_webhook_endpoint(
        self, form: schemas.EndpointForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.EndpointSecret]:
        """Have events of the caller's own scope told at an address; the secret is told this once.

        POST /v1/webhook-endpoints
        """
        return self._ask(
            "POST",
            "/v1/webhook-endpoints",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_webhook_endpoints(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.EndpointPage]:
        """List the endpoints of exactly the caller's scope, newest first.

        GET /v1/webhook-endpoints
        """
        return self._ask(
            "GET",
            "/v1/webhook-endpoints",
            as_json,
            query={"limit": limit, "cursor": cursor},
            headers={"If-None-Match": if_none_match},
        )

    def read_webhook_endpoint(
        self, endpoint_id: str, *, if_none_match: str | None = None
    ) -> Answer[schemas.EndpointView]:
        """Read an endpoint.

        GET /v1/webhook-endpoints/{endpoint_id}
        """
        return self._ask(
            "GET",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def change_webhook_endpoint(
        self, endpoint_id: str, form: schemas.EndpointChange, *, if_match: str
    ) -> Answer[schemas.EndpointView]:
        """Change an endpoint's address or types, or switch it off or on again.

        PATCH /v1/webhook-endpoints/{endpoint_id}
        """
        return self._ask(
            "PATCH",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}",
            as_json,
            headers={"If-Match": if_match},
            json=form,
        )

    def remove_webhook_endpoint(self, endpoint_id: str, *, if_match: str) -> Answer[bytes]:
        """Remove an endpoint and its keys.

        DELETE /v1/webhook-endpoints/{endpoint_id}
        """
        return self._ask(
            "DELETE",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}",
            as_bytes,
            headers={"If-Match": if_match},
        )

    def rotate_webhook_secret(
        self, endpoint_id: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.EndpointSecret]:
        """Take a new key into use; for 24 hours messages bear a signature of the old one, too.

        POST /v1/webhook-endpoints/{endpoint_id}:rotate-secret
        """
        return self._ask(
            "POST",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}:rotate-secret",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def ping_webhook_endpoint(
        self, endpoint_id: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.DeliveryView]:
        """Have a `webhook.ping` sent; what came of it stands in the deliveries.

        POST /v1/webhook-endpoints/{endpoint_id}:ping
        """
        return self._ask(
            "POST",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}:ping",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def replay_webhook_endpoint(
        self, endpoint_id: str, form: schemas.ReplayForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.Replayed]:
        """Send everything anew that failed and happened since then.

        POST /v1/webhook-endpoints/{endpoint_id}:replay
        """
        return self._ask(
            "POST",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}:replay",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_webhook_deliveries(
        self,
        endpoint_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: schemas.DeliveryState | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.DeliveryPage]:
        """List an endpoint's messages of the last 90 days, newest first.

        GET /v1/webhook-endpoints/{endpoint_id}/deliveries
        """
        return self._ask(
            "GET",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}/deliveries",
            as_json,
            query={"limit": limit, "cursor": cursor, "state": state},
            headers={"If-None-Match": if_none_match},
        )

    def replay_webhook_delivery(
        self, endpoint_id: str, delivery_id: str, *, idempotency_key: str | None = None
    ) -> Answer[schemas.DeliveryView]:
        """Send one message anew, under its own id.

        POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}:replay
        """
        return self._ask(
            "POST",
            f"/v1/webhook-endpoints/{segment(endpoint_id)}/deliveries/{segment(delivery_id)}:replay",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )

    def issue_token(self, form: dict[str, str]) -> Answer[schemas.TokenView]:
        """Give an access token (client_credentials) for an API key or for a signed assertion.

        POST /v1/oauth/token
        """
        return self._ask(
            "POST",
            "/v1/oauth/token",
            as_json,
            data=form,
        )

    def list_token_keys(self) -> Answer[schemas.KeySet]:
        """Give the public keys that our access tokens are signed with.

        GET /v1/oauth/jwks
        """
        return self._ask(
            "GET",
            "/v1/oauth/jwks",
            as_json,
        )

    def issue_key(
        self, form: schemas.KeyForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.KeyView]:
        """Issue a key. Its token is in this answer only: a repeated request is answered without.

        POST /v1/keys
        """
        return self._ask(
            "POST",
            "/v1/keys",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_keys(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.KeyPage]:
        """List keys, newest first, revoked ones too.

        GET /v1/keys
        """
        return self._ask(
            "GET",
            "/v1/keys",
            as_json,
            query={"limit": limit, "cursor": cursor},
            headers={"If-None-Match": if_none_match},
        )

    def read_key(self, key_id: str, *, if_none_match: str | None = None) -> Answer[schemas.KeyView]:
        """Read a key.

        GET /v1/keys/{key_id}
        """
        return self._ask(
            "GET",
            f"/v1/keys/{segment(key_id)}",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def revoke_key(self, key_id: str) -> Answer[bytes]:
        """Revoke a key; from one second later on it opens nothing, nor do its access tokens.

        DELETE /v1/keys/{key_id}
        """
        return self._ask(
            "DELETE",
            f"/v1/keys/{segment(key_id)}",
            as_bytes,
        )

    def list_relatives(self, *, if_none_match: str | None = None) -> Answer[schemas.Relatives]:
        """List the caller's own declarations.

        GET /v1/near-relatives
        """
        return self._ask(
            "GET",
            "/v1/near-relatives",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def declare_relative(
        self, form: schemas.RelativeForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.RelativeView]:
        """Declare a near relative; the caller's approvals of that person's claims are then refused.

        POST /v1/near-relatives
        """
        return self._ask(
            "POST",
            "/v1/near-relatives",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def withdraw_relative(self, declaration_id: str) -> Answer[bytes]:
        """Withdraw one of the caller's own declarations; it stays on file.

        DELETE /v1/near-relatives/{declaration_id}
        """
        return self._ask(
            "DELETE",
            f"/v1/near-relatives/{segment(declaration_id)}",
            as_bytes,
        )

    def list_errors(self, *, if_none_match: str | None = None) -> Answer[schemas.ErrorEntries]:
        """List every error code with its titles and whether to try again.

        GET /v1/meta/errors
        """
        return self._ask(
            "GET",
            "/v1/meta/errors",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def list_enums(self, *, if_none_match: str | None = None) -> Answer[schemas.Enums]:
        """List the words of every status with their Chinese labels.

        GET /v1/meta/enums
        """
        return self._ask(
            "GET",
            "/v1/meta/enums",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def list_areas(
        self, *, within: str | None = None, if_none_match: str | None = None
    ) -> Answer[schemas.Areas]:
        """List an area and those below it, by code; at most 1000.

        GET /v1/meta/areas
        """
        return self._ask(
            "GET",
            "/v1/meta/areas",
            as_json,
            query={"within": within},
            headers={"If-None-Match": if_none_match},
        )

    def list_years(self, *, if_none_match: str | None = None) -> Answer[schemas.Years]:
        """List the years whose days off are known, newest first.

        GET /v1/calendar-years
        """
        return self._ask(
            "GET",
            "/v1/calendar-years",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def keep_year(
        self, form: schemas.YearForm, *, idempotency_key: str | None = None
    ) -> Answer[schemas.Years]:
        """Keep a year's days off, in the place of what was there.

        POST /v1/calendar-years
        """
        return self._ask(
            "POST",
            "/v1/calendar-years",
            as_json,
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
            json=form,
        )

    def list_audit_log(
        self,
        *,
        county: str,
        limit: int | None = None,
        cursor: str | None = None,
        actor: str | None = None,
        object: str | None = None,
        action: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[schemas.TrailPage]:
        """List a county's audit trail, newest first.

        GET /v1/audit-log
        """
        return self._ask(
            "GET",
            "/v1/audit-log",
            as_json,
            query={
                "limit": limit,
                "cursor": cursor,
                "county": county,
                "actor": actor,
                "object": object,
                "action": action,
            },
            headers={"If-None-Match": if_none_match},
        )

    def list_audit_heads(self, *, if_none_match: str | None = None) -> Answer[schemas.Heads]:
        """Tell where every chain stands, to be held against a published root.

        GET /v1/audit-log/heads
        """
        return self._ask(
            "GET",
            "/v1/audit-log/heads",
            as_json,
            headers={"If-None-Match": if_none_match},
        )

    def live(self) -> Answer[schemas.Alive]:
        """Tell that the process answers; asks nobody else.

        GET /livez
        """
        return self._ask(
            "GET",
            "/livez",
            as_json,
        )

    def ready(self) -> Answer[schemas.Ready]:
        """Tell whether requests can be served: database, schema, clock; and which lanes rest.

        GET /readyz
        """
        return self._ask(
            "GET",
            "/readyz",
            as_json,
        )

    def read_version(self) -> Answer[schemas.Version]:
        """Tell which build answers.

        GET /version
        """
        return self._ask(
            "GET",
            "/version",
            as_json,
        )

    def read_metrics(self, *, if_none_match: str | None = None) -> Answer[str]:
        """Read the figures of the whole service in the form of Prometheus.

        GET /metrics
        """
        return self._ask(
            "GET",
            "/metrics",
            as_text,
            headers={"If-None-Match": if_none_match},
        )
