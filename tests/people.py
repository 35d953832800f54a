"""People for tests: synthetic numbers with a right check character, areas that nobody has."""

from datetime import date

from app.domain.id_card import check_character
from app.domain.person import IdType, NewPerson
from tests.contracts import TOWN


def id_number(sequence: int = 1, birth_on: date = date(1960, 5, 1)) -> str:
    """A resident identity number of the area 990127; an odd sequence is a man's."""
    first_17 = f"990127{birth_on:%Y%m%d}{sequence:03d}"
    return first_17 + check_character(first_17)


def person(sequence: int = 1, **changed: object) -> NewPerson:
    fields: dict[str, object] = {
        "name": f"张试{sequence}",
        "area_code": TOWN,
        "id_number": id_number(sequence),
    }
    return NewPerson(**(fields | changed))  # type: ignore[arg-type]


def without_number(name: str = "李无证", **changed: object) -> NewPerson:
    fields: dict[str, object] = {
        "id_number": None,
        "id_type": IdType.NONE,
        "birth_on": date(1950, 3, 4),
    }
    return person(name=name, **(fields | changed))
