import json
from datetime import date

import pytest

from app.catalogue import load_all
from app.domain.assess import assess
from app.domain.assessment import Assessment
from app.domain.canonical import decode, digest, from_json, to_json
from app.domain.errors import Invalid
from app.domain.facts import Facts, Loss, Stay
from app.domain.limits import bill_key
from app.domain.terms import Terms
from app.domain.words import Level
from tests.domain.facts_made import fen, make_bill, make_cover, make_facts, make_limit, make_terms


def everything() -> Facts:
    return make_facts(
        make_bill(level=Level.CITY, paid_by=(("慈善总会", 5),)),
        stays=(Stay("s1", None, date(2026, 1, 1), date(2026, 1, 9)),),
        losses=(Loss("l1", "room", 2, "severe", 5), Loss("l2", "room", 1)),
        extra={"school_level": "college", "adl_failed": 2},
    )


@pytest.mark.parametrize("code", sorted(load_all()))
def test_terms_come_back_exactly(code: str) -> None:
    terms = load_all()[code]

    assert from_json(Terms, to_json(terms)) == terms


def test_facts_and_assessments_come_back_exactly() -> None:
    terms = make_terms(make_cover(limits=(make_limit(fen(500)),)))
    answer = assess(terms, everything(), {bill_key("b1"): 99_800})

    assert from_json(Facts, to_json(everything())) == everything()
    assert from_json(Assessment, to_json(answer)) == answer


def test_stored_facts_give_the_same_assessment_bit_for_bit() -> None:
    terms, facts = make_terms(), everything()

    again = assess(from_json(Terms, to_json(terms)), from_json(Facts, to_json(facts)), {})

    assert to_json(again) == to_json(assess(terms, facts, {}))


def test_the_text_is_canonical() -> None:
    text = to_json(everything())

    assert text == json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert "慈善总会" in text


def test_a_field_at_its_default_is_left_out_so_that_later_fields_keep_old_hashes() -> None:
    page = plain()

    assert "premium" not in page
    assert "note_zh" not in page
    assert from_json(Terms, json.dumps({**page, "note_zh": ""})) == from_json(
        Terms, json.dumps(page)
    )


def test_the_hash_follows_the_content_alone() -> None:
    assert digest(make_terms()) == digest(make_terms())
    assert digest(make_terms()) != digest(make_terms(make_cover("other")))
    assert len(digest(make_terms())) == 64


def plain() -> dict[str, object]:
    value = json.loads(to_json(make_terms(make_cover(limits=(make_limit(fen(500)),)))))
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/version", 1),
        ("/version", None),
        ("/effective_from", "2026-02-30"),
        ("/effective_from", 20260101),
        ("/kind", "lottery"),
        ("/kind", 1),
        ("/covers", {}),
        ("/categories", []),
        ("/source", "条款"),
        ("/covers/0/measure/type", "magic"),
        ("/covers/0/measure", "bills"),
        ("/covers/0/measure/pay/rate/value", True),
        ("/covers/0/measure/pay/rate/value", "20"),
        ("/covers/0/limits/0/amount", 5),
        ("/premium", "150"),
        ("/colour", "red"),
    ],
)
def test_a_wrong_place_is_named_and_nothing_is_coerced(pointer: str, value: object) -> None:
    page: object = plain()
    place = page
    *parents, last = pointer.strip("/").split("/")
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place[step]  # type: ignore[index]
    place[last] = value  # type: ignore[index]

    with pytest.raises(Invalid) as refused:
        decode(Terms, page)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_all_wrong_fields_of_an_object_are_told_at_once() -> None:
    page = plain()
    del page["version"]
    page["kind"] = "lottery"

    with pytest.raises(Invalid) as refused:
        decode(Terms, page)

    assert {fault.pointer for fault in refused.value.faults} == {"/version", "/kind"}


def test_pairs_have_two_items_and_numbers_or_words() -> None:
    page = json.loads(to_json(everything()))
    page["bills"][0]["paid_by"] = [["慈善总会"]]
    page["extra"] = {"adl_failed": False}

    with pytest.raises(Invalid) as refused:
        decode(Facts, page)

    assert [fault.pointer for fault in refused.value.faults] == [
        "/bills/0/paid_by/0",
        "/extra/adl_failed",
    ]


def test_a_fault_does_not_repeat_what_was_sent() -> None:
    page = plain()
    page["version"] = 123_456

    with pytest.raises(Invalid) as refused:
        decode(Terms, page)

    assert "123456" not in str(refused.value)
