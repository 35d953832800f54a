"""材料: the papers of a notice."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Word
from app.api.notice_views import Documents, DocumentView, show_document
from app.api.numbers import NoticeNo, RowId
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.outside.documents import DocumentStore, StoredDocument
from app.services.notices.attach_document import attach_document as attach
from app.services.notices.documents import detach_document as detach
from app.services.notices.documents import list_documents as find_documents

router = APIRouter(tags=["notices"])

Filing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE))]
Removing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE, keyed=False))]
Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]


class Upload(BaseModel):
    """A paper: its kind as the checklist names it, and the file (PDF, JPEG or PNG)."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    kind: Word
    file: UploadFile


Uploaded = Annotated[Upload, Form(media_type="multipart/form-data")]


@router.post(
    "/v1/notices/{notice_no}/documents",
    status_code=201,
    response_model=DocumentView,
    openapi_extra={"x-problems": ["document.too_large", "document.type_unsupported"]},
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
    kept: list[StoredDocument] = []

    async def act(tx: Tx) -> Answer:
        stored = await store.save(upload.file.file)
        kept.append(stored)
        paper = await attach(
            tx,
            notice_no,
            upload.kind,
            sha256=stored.sha256,
            size=stored.size,
            media_type=stored.media_type,
            storage_key=stored.key,
        )
        return Answer(show_document(paper), 201)

    try:
        return await door.once({"kind": upload.kind, "sha256": sha256}, act)
    except BaseException:
        for stored in kept:  # no row names it: the transaction is gone
            await store.discard(stored.key)
        raise


@router.get("/v1/notices/{notice_no}/documents", response_model=Documents)
async def list_documents(notice_no: NoticeNo, door: Looking) -> Response:
    """List the papers of a notice, oldest first."""
    async with door.transaction() as tx:
        found = await find_documents(tx, notice_no)
    return door.answer(Documents(items=[show_document(paper) for paper in found]))


@router.delete("/v1/notices/{notice_no}/documents/{document_id}", status_code=204)
async def detach_document(notice_no: NoticeNo, document_id: RowId, door: Removing) -> Response:
    """Take a paper out of a draft."""

    async def act(tx: Tx) -> Answer:
        await detach(tx, notice_no, document_id)
        return Answer(None)

    return await door.guarded(act)


def _digest(file: UploadFile) -> str:
    digest = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.file.seek(0)
    return digest
