"""The strict kinds of fields that every form is made of: no coercion, no surprise, a bound on all.

`false` is no integer, a number is no amount of money, NUL is no text, an unknown field is refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.domain.caller import AREA_END
from app.domain.money import parse_yuan, yuan

K = TypeVar("K", bound=StrEnum)
T = TypeVar("T")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_AREA = re.compile(r"\d{12}", re.ASCII)
_MONEY = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII)
_MONEY_TOO_FINE = re.compile(r"\d{1,13}\.\d{3,}", re.ASCII)
# C0 and C1 controls but tab and line ends, and the marks that turn the direction of writing.
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


class Form(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )


class View(BaseModel):
    """What a caller gets. Clients must accept new members and new words."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def later(default: Any = None, **how: Any) -> Any:
    """Give an optional member of a form that the landed interface lacks.

    Left out, it is no part of the content by which an idempotency key knows its request again: or
    a repetition would be refused when another version answers it than did the first time.
    """
    return Field(default, exclude_if=lambda value: value == default, **how)


def _usable(text: str) -> str:
    if _UNUSABLE.search(text):
        raise PydanticCustomError("unusable_character", "unusable character")
    return text


def check_texts(value: T) -> T:
    """Refuse unusable characters anywhere inside free JSON (a validator)."""
    if isinstance(value, str):
        _usable(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            _usable(str(name))
            check_texts(member)
    elif isinstance(value, list):
        for item in value:
            check_texts(item)
    return value


def _fen(value: Any) -> int:
    if not isinstance(value, str):
        raise PydanticCustomError("money_form", "money is a string")
    if _MONEY_TOO_FINE.fullmatch(value):
        raise PydanticCustomError("money_precision", "money has at most two decimals")
    if not _MONEY.fullmatch(value):
        raise PydanticCustomError("money_form", "money has another form")
    return parse_yuan(value)


def _day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("day_form", "not a day")


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if instant.tzinfo is not None:
                return instant.astimezone(UTC)
    raise PydanticCustomError("instant_form", "not an instant")


def _area(value: Any) -> int:
    if isinstance(value, str) and _AREA.fullmatch(value) and int(value) < AREA_END:
        return int(value)
    raise PydanticCustomError("area_form", "not an area code")


def instant_text(at: datetime) -> str:
    """Give an instant as UTC text with `Z`, to the second."""
    # Not strftime: it costs ten times as much, and a claim shows several instants.
    return at.astimezone(UTC).isoformat(timespec="seconds")[:-6] + "Z"


_MONEY_SCHEMA = {"type": "string", "pattern": r"^\d{1,13}(\.\d{1,2})?$", "examples": ["1234.50"]}
_AREA_SCHEMA = {"type": "string", "pattern": r"^\d{12}$", "examples": ["990127001000"]}

# In: a yuan string with at most two decimals. Inside: fen. Out: exactly two decimals.
Money = Annotated[
    int,
    BeforeValidator(_fen),
    PlainSerializer(yuan, return_type=str),
    WithJsonSchema(_MONEY_SCHEMA),
]
Yuan = Annotated[str, Field(pattern=r"^-?\d+\.\d{2}$", examples=["1234.50"])]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(instant_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
When = Annotated[
    datetime,
    PlainSerializer(instant_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
AreaCode = Annotated[
    int,
    BeforeValidator(_area),
    PlainSerializer(lambda code: f"{code:012d}", return_type=str),
    WithJsonSchema(_AREA_SCHEMA),
]
Identifier = Annotated[UUID, Field(strict=False)]
Word = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_usable)]
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_usable)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_usable)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_usable)]
Number = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z./_ -]+$"), AfterValidator(_usable)
]
BasisPoints = Annotated[int, Field(ge=1, le=10_000)]


class Labelled(View):
    """A word of ours with its Chinese label."""

    code: str
    label_zh: str


class Flag(View):
    """Something to look into; it stops nothing."""

    code: str
    sentence_zh: str


def labelled(labels: Mapping[K, str], word: K) -> Labelled:
    """Put a word of ours together with its label. The words are few: each is put together once."""
    known = _LABELLED.get((id(labels), word))
    if known is None:
        # Kept with its labels, so that no other table ever gets their id.
        known = labels, Labelled(code=str(word.value), label_zh=labels[word])
        _LABELLED[id(labels), word] = known
    return known[1]


_LABELLED: dict[tuple[int, str], tuple[Mapping[Any, str], Labelled]] = {}
