"""The stand-in's door: instructions in, what it did out, faults on order."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp

from app.sandbox import story
from app.sandbox.faults import Faults
from app.sandbox.folder import keep_exchanging
from app.sandbox.gateway import Gateway
from app.sandbox.insurer import Answer, Insurer
from app.sandbox.post import keep_posting
from app.sandbox.statement import statement

CASES_SHOWN = 200
_BAD_SIGNATURE = Answer(
    HTTPStatus.UNAUTHORIZED, {"code": "signature.invalid", "message": "签名不符"}
)


def build_app(
    insurer: Insurer, *, gateway: Gateway | None = None, folder: Path | None = None
) -> ASGIApp:
    """Assemble the server around one insurer.

    With a gateway instructions come there, as signed forms; with a folder they come and go as files
    and nothing is called.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        telling = keep_posting(insurer) if folder is None else keep_exchanging(insurer, folder)
        posting = asyncio.create_task(telling)
        posting.add_done_callback(_end_loudly)
        yield
        posting.cancel()
        with suppress(asyncio.CancelledError):
            await posting
        insurer.books.close()

    desk = FastAPI(title="Sandbox insurer", lifespan=lifespan, openapi_url=None)
    faults = Faults(desk, insurer.mischief)
    if gateway is not None:
        _add_gateway(desk, insurer, gateway)
    elif folder is None:
        _add_contract(desk, insurer)
        _add_questions(desk, insurer)
    _add_windows(desk, insurer)

    @desk.post("/faults")
    async def script_faults(request: Request) -> JSONResponse:
        """Spoil the next answers: `{"next": ["hang", ...]}`."""
        kinds = (await request.json()).get("next", [])
        try:
            faults.script(kinds)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        return JSONResponse({"scripted": kinds})

    return faults


def _add_contract(desk: FastAPI, insurer: Insurer) -> None:
    @desk.post("/v1/instructions")
    async def receive(request: Request) -> JSONResponse:
        raw = await request.body()
        key = request.headers.get("idempotency-key", "")
        if not insurer.authentic(raw, request.headers, key):
            return _said(_BAD_SIGNATURE)
        return _said(insurer.receive(key, raw))

    @desk.get("/v1/instructions/{key}")
    async def known(key: str, request: Request) -> JSONResponse:
        if not insurer.authentic(b"", request.headers, key):
            return _said(_BAD_SIGNATURE)
        return _said(insurer.known(key))


def _add_questions(desk: FastAPI, insurer: Insurer) -> None:
    @desk.post("/v1/account-checks")
    async def check_account(request: Request) -> JSONResponse:
        raw = await request.body()
        if not insurer.authentic(raw, request.headers, request.headers.get("webhook-id", "")):
            return _said(_BAD_SIGNATURE)
        return _said(insurer.check_account(raw))

    @desk.get("/v1/instructions")
    async def register(request: Request, since: str, after: str = "") -> JSONResponse:
        if not insurer.authentic(b"", request.headers, f"instructions-{since}"):
            return _said(_BAD_SIGNATURE)
        return _said(insurer.register(since, after))

    @desk.get("/v1/statements")
    async def daily(area_code: str, day: str, request: Request) -> JSONResponse:
        if not insurer.authentic(b"", request.headers, f"statement-{area_code}-{day}"):
            return _said(_BAD_SIGNATURE)
        told = statement(insurer.books, insurer.code, area_code, date.fromisoformat(day))
        return JSONResponse(told)


def _add_gateway(desk: FastAPI, insurer: Insurer, gateway: Gateway) -> None:
    @desk.post("/gateway")
    async def receive(request: Request) -> Response:
        said = gateway.answer(insurer, await request.body())
        return Response(said, media_type="application/json;charset=utf-8")


def _end_loudly(posting: "asyncio.Task[None]") -> None:
    """A stand-in that has stopped telling must not look alive."""
    if not posting.cancelled() and posting.exception() is not None:
        os.kill(os.getpid(), signal.SIGTERM)


def _add_windows(desk: FastAPI, insurer: Insurer) -> None:
    @desk.get("/ledger")
    async def ledger() -> dict[str, object]:
        """Money that really moved, per claim: `paid_count` is 1 for a claim paid once.

        `paid_to` are the ends of the accounts that hold it. `cases` counts what was opened for each
        claim, paid or not.
        """
        claims: dict[str, dict[str, object]] = {}
        opened = insurer.books.all(
            "SELECT claim_no, count(*) AS cases FROM insurance_case GROUP BY claim_no"
        )
        for row in insurer.books.all(
            "SELECT s.claim_no, sum(s.state = 'paid') AS paid, sum(s.state = 'returned') AS"
            " returned, sum(s.amount_fen * (s.state = 'paid')) AS paid_fen,"
            " group_concat(s.settlement_no) AS nos, group_concat(p.account_last4)"
            " FILTER (WHERE s.state = 'paid') AS paid_to"
            " FROM settlement AS s JOIN payment AS p ON p.id = s.payment_id"
            " GROUP BY s.claim_no ORDER BY s.claim_no"
        ):
            claims[row["claim_no"]] = {
                "paid_count": row["paid"],
                "returned_count": row["returned"],
                "paid": story.yuan(row["paid_fen"]),
                "paid_to": (row["paid_to"] or "").split(",") if row["paid"] else [],
                "settlement_nos": row["nos"].split(","),
            }
        cases = {row["claim_no"]: row["cases"] for row in opened}
        return {"claims": claims, "cases": cases}

    @desk.get("/mischief")
    async def mischief() -> dict[str, int]:
        """How often it misbehaved since it was started, by kind."""
        return dict(insurer.mischief.done)

    @desk.get("/")
    async def cases() -> dict[str, object]:
        """The newest cases, their payments, and the letters that are still on the way."""
        rows = insurer.books.all(
            "SELECT case_no, claim_no, story, stage, assessed_fen FROM insurance_case"
            " ORDER BY received_at DESC LIMIT :shown",
            shown=CASES_SHOWN,
        )
        letters = insurer.books.all(
            "SELECT claim_no, type, state, tries, answer FROM letter"
            " WHERE state IN ('planned', 'ready') ORDER BY id LIMIT :shown",
            shown=CASES_SHOWN,
        )
        return {
            "insurer": insurer.code,
            "cases": [
                {
                    "insurer_case_no": row["case_no"],
                    "claim_no": row["claim_no"],
                    "story": row["story"],
                    "stage": row["stage"],
                    "assessed": story.yuan(row["assessed_fen"]),
                }
                for row in rows
            ],
            "letters_open": [dict(letter) for letter in letters],
        }


def _said(answer: Answer) -> JSONResponse:
    return JSONResponse(answer.body, answer.status)
