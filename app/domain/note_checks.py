"""Notes between colleagues hold no personal numbers: those stand enciphered where they belong."""

import re

from app.domain.errors import Fault

# Fifteen digits and more: identity numbers and accounts; eleven that begin like a mobile phone's.
# Spaces and hyphens inside do not hide them.
_NUMBERS = re.compile(r"(?<!\d)(?:(?:\d[ -]?){14,18}[\dXx]|1[3-9](?:[ -]?\d){9})(?!\d)")
# Business numbers look alike and are meant: 990127-2026-000123, with -1 for a claim.
_OURS = re.compile(r"(?<!\d)\d{6}-\d{4}-\d{6,9}(?:-\d{1,3})?(?!\d)")


def note_faults(text_zh: str, pointer: str = "/text_zh") -> tuple[Fault, ...]:
    """Tell whether a note holds an identity, bank or phone number; the number is not repeated."""
    if _NUMBERS.search(_OURS.sub("", text_zh)) is None:
        return ()
    return (
        Fault(
            pointer,
            "validation.failed",
            "备注中不能写证件号、银行账号或手机号",
            "a note holds no identity, account or phone numbers",
            "请改写为报案号、赔案号或姓氏",
        ),
    )
