"""Resident identity numbers (GB 11643) and the one place where personal values are masked.

17 digits and a check character, a real date, and nothing else: the area part is only ever a
warning, for districts come and go.
"""

import re
from dataclasses import dataclass
from datetime import date

from app.domain.errors import Fault
from app.domain.words import Sex

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FULL = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_OLD = re.compile(r"[0-9]{15}", re.ASCII)
SHORTEST_ID = 15
SHORTEST_ACCOUNT = 8
SHORTEST_PHONE = 11
_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF38: "X", 0xFF58: "X"}

# Province parts of GB/T 2260; 99 is used for synthetic people only and is known too.
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (81, 83))
    for code in range(first, last + 1)
) | {"71", "91", "99"}


@dataclass(frozen=True, slots=True)
class IdCard:
    """What a number says: itself, normalised, with faults (it is wrong) and warnings (look again).

    `birth_on` and `sex` are None where the number cannot say.
    """

    number: str
    birth_on: date | None
    sex: Sex | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def normalise_id(text: str) -> str:
    """Strip spaces, turn full-width digits into plain ones and x into X."""
    return "".join(text.translate(_WIDE).split()).upper()


def check_character(first_17: str) -> str:
    """Give the check character of 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def read_id(text: str, today: date, pointer: str = "") -> IdCard:
    """Read an identity number as of `today` (Asia/Shanghai); never raises.

    Faults: person.id_checksum (form or check character), person.id_date (no such day, before 1880,
    or after today). Warning: person.id_area_unknown. None of them repeats the number.
    """
    number = normalise_id(text)
    if _FULL.fullmatch(number) is None:
        return IdCard(number, None, None, (_form_fault(number, pointer),), ())
    faults = []
    birth_on = _birth(number)
    if birth_on is None or birth_on > today:
        faults.append(_date_fault(pointer))
    if check_character(number[:17]) != number[17]:
        faults.append(_checksum_fault(pointer))
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    warnings = () if number[:2] in _PROVINCES else (_area_warning(pointer),)
    return IdCard(number, birth_on, sex, tuple(faults), warnings)


def _birth(number: str) -> date | None:
    try:
        day = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return day if day >= date(1880, 1, 1) else None


def _form_fault(number: str, pointer: str) -> Fault:
    old = _OLD.fullmatch(number) is not None
    return Fault(
        pointer,
        "person.id_checksum",
        "身份证号应为 18 位（最后一位可为 X）。",
        "An identity number has 18 characters; the last may be X.",
        "这是 15 位旧号码，请按现行身份证填写 18 位号码。" if old else "请对照身份证逐位核对。",
    )


def _date_fault(pointer: str) -> Fault:
    return Fault(
        pointer,
        "person.id_date",
        "身份证号中的出生日期不合理。",
        "The birth date in the identity number is not a possible one.",
        "请核对第 7 至 14 位。",
    )


def _checksum_fault(pointer: str) -> Fault:
    return Fault(
        pointer,
        "person.id_checksum",
        "身份证号的校验位不符。",
        "The check character of the identity number does not fit.",
        "多半是某一位抄错，请对照身份证逐位核对。",
    )


def _area_warning(pointer: str) -> Fault:
    return Fault(
        pointer,
        "person.id_area_unknown",
        "身份证号前两位的行政区划代码未收录。",
        "The area part of the identity number is not known here.",
        "可继续办理，请再核对一次。",
    )


def mask_id(number: str) -> str:
    """Mask an identity number for lists: first 6, last 4. Shorter values show nothing."""
    if len(number) < SHORTEST_ID:
        return "*" * len(number)
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def mask_name(name: str) -> str:
    """Mask a name for lists: the first character, and from three on the last one too."""
    inner = "*" * max(1, len(name) - 2)
    return f"{name[:1]}{inner}{name[-1]}" if len(name) > 2 else f"{name[:-1]}*"  # noqa: PLR2004


def mask_account(account: str) -> str:
    """Mask a bank account: the last 4 digits; shorter values than an account show nothing."""
    return f"****{account[-4:]}" if len(account) >= SHORTEST_ACCOUNT else "****"


def mask_phone(phone: str) -> str:
    """Mask a phone number: first 3, last 4; shorter values than a mobile number show nothing."""
    if len(phone) < SHORTEST_PHONE:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
