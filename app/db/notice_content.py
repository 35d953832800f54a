"""How a notice's content is filed: who it names and what is told of their health is sealed.

Plain stay the sums, which the books are checked against, and the words that rules go by.
"""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from app.crypto import Keyring
from app.domain.notice import FiledBy, NoticeContent, Payee, PersonRef

_CONTENT = TypeAdapter(NoticeContent)
_PERSONAL = TypeAdapter(dict[str, Any])
_OF_BILL = ("hospital", "hospital_area", "settlement_id", "invoice_no", "settled_on", "category")
_MEDICAL = ("stays", "injuries", "extra")
_NOBODY: dict[str, Any] = {
    "person": {}, "payees": [], "filer": {}, "place": None, "note": None,
    "bills": [], "stays": [], "injuries": [], "extra": {},
}  # fmt: skip


def seal_content(keyring: Keyring, notice_id: UUID, content: NoticeContent) -> tuple[str, bytes]:
    """Split content into plain JSON text without identity or illness, and the sealed rest."""
    whole = _CONTENT.dump_python(content, mode="json")
    personal = {
        "person": whole.pop("person"),
        "payees": whole.pop("payees"),
        "filer": {key: whole["filed_by"].pop(key) for key in ("name", "phone")},
        "place": whole["event"].pop("place"),
        "note": whole["event"].pop("note"),
        "bills": [{name: bill.pop(name) for name in _OF_BILL} for bill in whole["bills"]],
        **{name: whole.pop(name) for name in _MEDICAL},
    }
    sealed = keyring.seal(_PERSONAL.dump_json(personal), _place(notice_id))
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")), sealed


def open_content(
    keyring: Keyring, notice_id: UUID, plain: dict[str, Any], sealed: bytes
) -> NoticeContent:
    """Put plain and sealed parts together again; an empty sealed part is one that was erased.

    Raises Tampered when the sealed part was moved. Notices of before kept what is told of health in
    the plain part, where it is read from.
    """
    personal = _NOBODY
    if sealed:
        personal = _PERSONAL.validate_json(keyring.open_sealed(sealed, _place(notice_id)))
    medical = {name: personal[name] for name in _MEDICAL if name in personal}
    of_bills = personal.get("bills") or [{} for _ in plain["bills"]]
    pairs = zip(plain["bills"], of_bills, strict=True)
    whole = {
        **plain,
        **medical,
        "bills": [{**bill, **sealed_part} for bill, sealed_part in pairs],
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
