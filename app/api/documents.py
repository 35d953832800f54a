"""材料: the papers of a notice."""

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from app.api.answers import Answer
from app.api.document_views import Documents, DocumentView, show_document
from app.api.fields import Word
from app.api.numbers import ClaimNo, NoticeNo, RowId
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.documents import DocumentRow
from app.db.session import Tx
from app.domain.caller import Act
from app.outside.documents import MEDIA_TYPES, DocumentStore
from app.services.notices.attach_document import attach_document as attach
from app.services.notices.documents import detach_document as detach
from app.services.notices.documents import list_claim_documents as find_claim_documents
from app.services.notices.documents import list_documents as find_documents
from app.services.notices.documents import must_exist, open_claim_document, open_document

router = APIRouter(tags=["notices"])

Filing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE))]
Removing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE, keyed=False))]
Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]
Opening = Annotated[Reading, Depends(Reads(Act.READ_PAPERS))]
EXTENSIONS = {
    "application/pdf": "pdf",
    "application/ofd": "ofd",
    "image/jpeg": "jpg",
    "image/png": "png",
}
CONTENT: dict[str, Any] = {
    "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES},
    "description": "材料原件（附件下载，读取留痕） · as an attachment; who reads is recorded",
}


class Upload(BaseModel):
    """A paper: its kind as the checklist names it, and the file (PDF, OFD, JPEG or PNG)."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    kind: Word
    file: UploadFile


Uploaded = Annotated[Upload, Form(media_type="multipart/form-data")]


@router.post(
    "/v1/notices/{notice_no}/documents",
    status_code=201,
    response_model=DocumentView,
    openapi_extra={
        "x-problems": ["document.too_large", "document.type_unsupported", "document.unusable"]
    },
)
async def attach_document(
    request: Request,
    notice_no: NoticeNo,
    upload: Annotated[Upload, Form(media_type="multipart/form-data")],
    door: Filing,
) -> Response:
    """Attach a paper; the last one that was asked for sets its claim going again."""
    store: DocumentStore = request.app.state.store
    sha256 = await run_in_threadpool(_digest, upload.file)
    async with door.transaction() as tx:
        await must_exist(tx, notice_no)
    # Outside of any transaction: looking into a file may take long, and would hold a connection.
    stored = await store.save(upload.file.file)
    named = False

    async def act(tx: Tx) -> Answer:
        nonlocal named
        named = False  # the act may be done again after a lost race
        paper = await attach(tx, notice_no, upload.kind, stored)
        named = True
        return Answer(show_document(paper), 201)

    try:
        return await door.once({"kind": upload.kind, "sha256": sha256}, act)
    finally:
        # Kept once a row was written, whatever became of it: when the answer to the commit is lost
        # the row may well be there. An answer that is given once more wrote none.
        if not named:
            await store.discard(stored.key)


@router.get("/v1/notices/{notice_no}/documents", response_model=Documents)
async def list_documents(notice_no: NoticeNo, door: Looking) -> Response:
    """List the papers of a notice, oldest first."""
    async with door.transaction() as tx:
        found = await find_documents(tx, notice_no)
    return door.answer(Documents(items=[show_document(paper) for paper in found]))


@router.get(
    "/v1/notices/{notice_no}/documents/{document_id}",
    response_class=Response,
    responses={200: CONTENT},
)
async def read_document(notice_no: NoticeNo, document_id: RowId, door: Opening) -> Response:
    """Download a paper; who does is recorded in the audit trail."""
    async with door.transaction() as tx:
        paper = await open_document(tx, notice_no, document_id)
    return await _download(door.request, paper)


@router.get("/v1/claims/{claim_no}/documents", response_model=Documents)
async def list_claim_documents(claim_no: ClaimNo, door: Opening) -> Response:
    """List the papers that a claim rests on, oldest first; for its insurer too."""
    async with door.transaction() as tx:
        found = await find_claim_documents(tx, claim_no)
    return door.answer(Documents(items=[show_document(paper) for paper in found]))


@router.get(
    "/v1/claims/{claim_no}/documents/{document_id}",
    response_class=Response,
    responses={200: CONTENT},
)
async def read_claim_document(claim_no: ClaimNo, document_id: RowId, door: Opening) -> Response:
    """Download a paper of a claim; who does is recorded in the audit trail."""
    async with door.transaction() as tx:
        paper = await open_claim_document(tx, claim_no, document_id)
    return await _download(door.request, paper)


@router.delete("/v1/notices/{notice_no}/documents/{document_id}", status_code=204)
async def detach_document(notice_no: NoticeNo, document_id: RowId, door: Removing) -> Response:
    """Take a paper out of a draft."""

    async def act(tx: Tx) -> Answer:
        await detach(tx, notice_no, document_id)
        return Answer(None)

    return await door.guarded(act)


async def _download(request: Request, paper: DocumentRow) -> Response:
    """Give a paper under a name of our making: the sender's is not kept, it may name the person."""
    store: DocumentStore = request.app.state.store
    pieces = store.read(paper.storage_key, paper.key_sealed)
    first = await anext(pieces, b"")  # so that a paper that is not there is refused, not cut off
    name = f"{paper.kind}-{paper.id}.{EXTENSIONS[paper.media_type]}"
    return StreamingResponse(
        _from(first, pieces),
        media_type=paper.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(paper.size),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
            "Vary": "Authorization",
        },
    )


async def _from(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


def _digest(file: UploadFile) -> str:
    digest = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.file.seek(0)
    return digest
