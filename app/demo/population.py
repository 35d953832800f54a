"""The people of the invented county: the same for the same seed number, on every machine.

Identity numbers carry the area 990127, which is assigned to nobody, and a right check character.
The three digits before the last are 001 to 899; 901 to 909 are kept for the stand-in insurer's
outcomes (see `app/sandbox`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from app.demo.names import TOWNSHIPS_ZH, given_name, surname, township
from app.domain.id_card import check_character
from app.domain.person import IdType, NewPerson
from app.domain.words import Sex

SEED = 990127
PEOPLE = 15_000
THIS_YEAR = 2026  # ages are counted to here, so that numbers do not change with the calendar
HOUSEHOLDS = {  # category: households in a hundred, fewest and most members
    "dibao": (34, 1, 5),
    "dibian": (14, 2, 5),
    "low_income_rural": (22, 2, 6),
    "tekun": (9, 1, 1),
    "villager": (11, 1, 5),
    "veteran": (4, 1, 2),
    "disabled": (3, 1, 3),
    "orphan": (1, 1, 1),
    "unattended_child": (2, 1, 2),
}
HEAD_AGES = {"orphan": (3, 17), "unattended_child": (3, 17), "tekun": (60, 92), "veteran": (60, 92)}
WITHOUT_NUMBER = 0.01
MAGIC = range(901, 910)
SAMPLES = 3  # people for each purpose
FIRST, JIANGJIN, FUND = 0, 19, 20  # townships of the samples, by place


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented person: `place` is the township's place in the list, `purpose` what they are
    a sample of (empty for most).
    """

    person: NewPerson
    place: int
    category: str
    head: bool
    purpose: str = ""


class _Registry:
    """Gives out names and numbers, none of them twice, so that everybody can be told apart."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._numbers: set[str] = set()
        self._nameless: set[tuple[str, date]] = set()

    def number(self, born: date, sex: Sex, sequence: int | None) -> tuple[str, date]:
        """An identity number and the birthday in it: the given day, or the next that is free."""
        while True:
            drawn = sequence or self.random.randrange(1, 449) * 2 + (sex is Sex.MALE)
            first_17 = f"990127{born:%Y%m%d}{drawn:03d}"
            if first_17 not in self._numbers:
                self._numbers.add(first_17)
                return first_17 + check_character(first_17), born
            born += timedelta(days=1)

    def birthday(self, name: str, born: date) -> date:
        """A birthday by which somebody without a number is told from others of the name."""
        while (name, born) in self._nameless:
            born += timedelta(days=1)
        self._nameless.add((name, born))
        return born


def residents(seed: int = SEED, people: int = PEOPLE) -> tuple[Resident, ...]:
    """Give the county's people, household by household; those of the samples come first."""
    registry = _Registry(Random(seed))
    found = list(_samples(registry))
    household = 0
    while len(found) < people:
        household += 1
        found += list(_household(registry, household))[: people - len(found)]
    return tuple(found)


def _samples(registry: _Registry) -> Iterator[Resident]:
    """People the story and tests can count on; the digits 901 make the stand-in pay in full."""
    for sequence in MAGIC:
        yield from _sample(registry, str(sequence), FIRST, "dibao", sequence)
    yield from _sample(registry, "two_policies", FIRST, "dibao", 901)
    yield from _sample(registry, "jiangjin", JIANGJIN, "dibao", 901)
    yield from _sample(registry, "nursing", FIRST, "tekun", 901)
    yield from _sample(registry, "house", FIRST, "villager", 901)
    yield from _sample(registry, "fund", FUND, "disabled", None)
    yield from _sample(registry, "uninsured", FIRST, "", None)


def _sample(
    registry: _Registry, purpose: str, place: int, category: str, sequence: int | None
) -> Iterator[Resident]:
    for count in range(SAMPLES):
        sex = Sex.FEMALE if (sequence or count) % 2 == 0 else Sex.MALE
        number, born = registry.number(_birthday(registry.random, 30, 70), sex, sequence)
        person = NewPerson(
            name=surname(registry.random) + given_name(registry.random, sex),
            area_code=township(place),
            id_number=number,
            birth_on=born,
            sex=sex,
            household_key=f"{purpose}-{count}",
            phone=_phone(registry.random),
        )
        yield Resident(person, place, category, head=True, purpose=purpose)


def _household(registry: _Registry, count: int) -> Iterator[Resident]:
    random = registry.random
    place = random.randrange(len(TOWNSHIPS_ZH))
    weights = [form[0] for form in HOUSEHOLDS.values()]
    category = random.choices(list(HOUSEHOLDS), weights)[0]
    family = surname(random)
    for member in range(random.randint(*HOUSEHOLDS[category][1:])):
        head = member == 0
        ages = HEAD_AGES.get(category, (28, 82)) if head else (1, 80)
        person = _person(registry, surname(random) if member == 1 else family, ages)
        person = replace(
            person,
            area_code=township(place),
            household_key=f"h{count}",
            phone=_phone(random) if head else None,
        )
        yield Resident(person, place, category, head=head)


def _person(registry: _Registry, family: str, ages: tuple[int, int]) -> NewPerson:
    random = registry.random
    sex = random.choice((Sex.MALE, Sex.FEMALE))
    name = family + given_name(random, sex)
    born = _birthday(random, *ages)
    if random.random() < WITHOUT_NUMBER:
        born = registry.birthday(name, born)
        return NewPerson(name, 0, IdType.NONE, birth_on=born, sex=sex)
    number, born = registry.number(born, sex, None)
    return NewPerson(name, 0, id_number=number, birth_on=born, sex=sex)


def _birthday(random: Random, youngest: int, oldest: int) -> date:
    first = date(THIS_YEAR - oldest, 1, 1)
    last = date(THIS_YEAR - youngest, 1, 1)
    return first + timedelta(days=random.randrange((last - first).days))


def _phone(random: Random) -> str:
    """A number in the shape of a mobile phone, with a beginning that no operator has."""
    return f"100{random.randrange(10**8):08d}"
