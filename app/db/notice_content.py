"""How a notice's content is filed: what names a person is sealed, the rest is plain JSON."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from app.crypto import Keyring
from app.domain.notice import FiledBy, NoticeContent, Payee, PersonRef

_CONTENT = TypeAdapter(NoticeContent)
_PERSONAL = TypeAdapter(dict[str, Any])


def seal_content(keyring: Keyring, notice_id: UUID, content: NoticeContent) -> tuple[str, bytes]:
    """Split content into plain JSON text without identity, and the sealed rest."""
    whole = _CONTENT.dump_python(content, mode="json")
    personal = {
        "person": whole.pop("person"),
        "payees": whole.pop("payees"),
        "filer": {key: whole["filed_by"].pop(key) for key in ("name", "phone")},
        "place": whole["event"].pop("place"),
        "note": whole["event"].pop("note"),
    }
    sealed = keyring.seal(_PERSONAL.dump_json(personal), _place(notice_id))
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")), sealed


def open_content(
    keyring: Keyring, notice_id: UUID, plain: dict[str, Any], sealed: bytes
) -> NoticeContent:
    """Put plain and sealed parts together again. Raises Tampered when the sealed part was moved."""
    personal = _PERSONAL.validate_json(keyring.open_sealed(sealed, _place(notice_id)))
    whole = {
        **plain,
        "person": personal["person"],
        "payees": personal["payees"],
        "filed_by": {**plain["filed_by"], **personal["filer"]},
        "event": {**plain["event"], "place": personal["place"], "note": personal["note"]},
    }
    return _CONTENT.validate_python(whole)


def without_identity(content: NoticeContent) -> NoticeContent:
    """Give the content with nobody named in it, for views that need only what happened."""
    return replace(
        content,
        person=PersonRef(),
        payees=tuple(Payee("", "", "", p.relation, p.share_bp) for p in content.payees),
        filed_by=FiledBy(
            relation=content.filed_by.relation,
            authorised=content.filed_by.authorised,
            near_relative=content.filed_by.near_relative,
        ),
    )


def _place(notice_id: UUID) -> str:
    return f"notice.personal_sealed.{notice_id}"
