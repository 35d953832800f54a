"""The invented people: the same every time, told apart, and assigned to nobody real."""

from collections import Counter
from datetime import date

from app.demo.population import MAGIC, SAMPLES, residents
from app.domain.id_card import read_id

PEOPLE = residents(people=3_000)
DAY = date(2026, 1, 1)


def test_the_same_seed_gives_the_same_people_and_another_gives_others() -> None:
    assert residents(people=3_000) == PEOPLE
    assert residents(1, 3_000) != PEOPLE


def test_numbers_are_right_and_belong_to_no_province() -> None:
    for resident in PEOPLE:
        if resident.person.id_number is not None:
            card = read_id(resident.person.id_number, DAY)
            assert card.faults == ()
            assert card.number[:6] == "990127"
            assert (card.birth_on, card.sex) == (resident.person.birth_on, resident.person.sex)


def test_everybody_can_be_told_apart() -> None:
    keys = Counter(
        resident.person.id_number or (resident.person.name, resident.person.birth_on)
        for resident in PEOPLE
    )
    assert keys.most_common(1)[0][1] == 1


def test_some_have_no_number() -> None:
    assert 0 < sum(resident.person.id_number is None for resident in PEOPLE) < 100


def test_there_are_samples_for_every_outcome_of_the_stand_in() -> None:
    found = Counter(resident.purpose for resident in PEOPLE)
    for sequence in MAGIC:
        assert found[str(sequence)] == SAMPLES
    for resident in PEOPLE:
        number = resident.person.id_number or ""
        assert (number[14:17] == resident.purpose) or not resident.purpose.isdigit()
        assert resident.purpose or not number or int(number[14:17]) < 900


def test_a_household_lives_in_one_township() -> None:
    homes: dict[object, set[int]] = {}
    for resident in PEOPLE:
        homes.setdefault(resident.person.household_key, set()).add(resident.person.area_code)
    assert {len(areas) for areas in homes.values()} == {1}
