"""Which numbers of the terms nobody has confirmed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from app.domain.figures import Sourced
from app.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A number (fen, basis points, days or count by `unit`) at a JSON pointer, and why."""

    pointer: str
    value: int
    unit: str
    why: str


def unconfirmed(terms: Terms) -> tuple[Unconfirmed, ...]:
    """Give every unconfirmed number of the terms, in the order they are written."""
    return tuple(
        Unconfirmed(pointer, number.value, number.unit.value, number.unconfirmed)
        for pointer, number in _numbers(terms, "")
        if number.unconfirmed
    )


def _numbers(value: object, pointer: str) -> Iterator[tuple[str, Sourced]]:
    if isinstance(value, Sourced):
        yield pointer, value
        return
    for name, child in children(value):
        yield from _numbers(child, f"{pointer}/{name}")


def children(value: object) -> Iterator[tuple[str | int, object]]:
    """Give what a value of the terms holds, each with its step in a JSON pointer."""
    if isinstance(value, tuple):
        yield from enumerate(value)
    elif isinstance(value, Mapping):
        yield from value.items()
    elif is_dataclass(value):
        yield from ((item.name, getattr(value, item.name)) for item in fields(value))
