import json
from collections.abc import Callable
from typing import Any

import pytest

from app.catalogue import load_all
from app.domain.canonical import to_json
from app.domain.errors import TermsInvalid
from app.domain.origins import unconfirmed
from app.domain.terms_checks import check_terms, read_terms

Page = dict[str, Any]
FUND, CARE, HOUSE = "chongqing-medical-fund", "huainan-nursing", "fuzhou-rural-housing"
AID, CARD = "chongqing-minzheng-jikunbao", "chunan-supplementary-medical"


def page(code: str) -> Page:
    value = json.loads(to_json(load_all()[code]))
    assert isinstance(value, dict)
    return value


def number(value: int, unit: str = "fen", **origin: str) -> Page:
    return {"value": value, "unit": unit, **(origin or {"clause": "第一条"})}


def tiers(p: Page) -> list[Page]:
    found = p["covers"][0]["measure"]["pay"]["tiers"]
    assert isinstance(found, list)
    return found


def put(pointer: str, value: object) -> Callable[[Page], None]:
    def change(p: Page) -> None:
        *parents, last = pointer.strip("/").split("/")
        place: Any = p
        for step in parents:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[int(last) if isinstance(place, list) else last] = value

    return change


LEVELS = {"type": "table", "by": "level", "field": "", "otherwise": None}
SHARED = {"code": "all", "name_zh": "合计", "scope": "policy_year", "unit": "fen"}
EACH = {"code": "each", "name_zh": "每次", "scope": "claim", "unit": "fen"}
ABSOLUTE = [{"type": "deductible", "amount": number(1_000_000), "accrues": "each"}]


def deductible_eats_a_tier(p: Page) -> None:
    p["covers"][0]["measure"]["steps"] = ABSOLUTE
    p["covers"][0]["measure"]["pay"]["bounds"] = "absolute"


def swallow(p: Page) -> None:
    tiers(p).append({"above": number(9), "to": None, "rate": number(1, "bp")})


BAD: list[tuple[str, Callable[[Page], None], str]] = [
    (FUND, put("/scheme_code", ""), ""),
    (FUND, put("/effective_to", "2016-10-31"), "/effective_to"),
    (FUND, put("/categories", {}), "/categories"),
    (FUND, put("/covers", []), "/covers"),
    (FUND, put("/premium", number(1, "bp")), "/premium"),
    (FUND, put("/covers/0/code", ""), "/covers/0"),
    (FUND, put("/covers/0/events", []), "/covers/0/events"),
    (FUND, put("/covers/0/categories", ["king"]), "/covers/0/categories/0"),
    (FUND, put("/covers/0/measure/parts/0/field", "wine"), "/covers/0/measure/parts/0/field"),
    (FUND, put("/covers/0/measure/parts", []), "/covers/0/measure"),
    (FUND, put("/covers/0/measure/categories", ["acute"]), "/covers/0/measure/categories"),
    (
        FUND,
        put("/covers/0/measure/parts/0/weight", number(10_001, "bp")),
        "/covers/0/measure/parts/0/weight",
    ),
    (
        FUND,
        put("/covers/0/measure/steps/1/amount", number(300_000, clause=" ")),
        "/covers/0/measure/steps/1/amount",
    ),
    (
        FUND,
        put("/covers/0/measure/steps/0/rate", number(3_000, "bp", clause="a", unconfirmed="b")),
        "/covers/0/measure/steps/0/rate",
    ),
    (FUND, put("/covers/0/measure/pay/tiers", []), "/covers/0/measure/pay/tiers"),
    (
        FUND,
        put("/covers/0/measure/pay/tiers/1/above", number(900_000)),
        "/covers/0/measure/pay/tiers/1/above",
    ),
    (
        FUND,
        put("/covers/0/measure/pay/tiers/1/above", number(1_100_000)),
        "/covers/0/measure/pay/tiers/1/above",
    ),
    (
        FUND,
        put("/covers/0/measure/pay/tiers/0/to", number(0)),
        "/covers/0/measure/pay/tiers/0/to",
    ),
    (FUND, swallow, "/covers/0/measure/pay/tiers/3"),
    (FUND, deductible_eats_a_tier, "/covers/0/measure/pay/tiers/0"),
    (FUND, put("/covers/0/limits/0/scope", "bill"), "/covers/0/limits/0/scope"),
    (FUND, put("/covers/0/limits/0/scope", "stay"), "/covers/0/limits/0/scope"),
    (FUND, put("/covers/0/limits/0/code", "a.b"), "/covers/0/limits/0"),
    (FUND, put("/covers/0/limits/0/code", "deductible"), "/covers/0/limits/0/code"),
    (FUND, put("/covers/0/limits/0/levels", ["city"]), "/covers/0/limits/0/levels"),
    (FUND, put("/covers/0/limits/0/exceeded", "scaled_back"), "/covers/0/limits/0/exceeded"),
    (FUND, put("/covers/0/limits/0/covers", ["x"]), "/covers/0/limits/0/covers"),
    (
        FUND,
        put(
            "/covers/0/limits/0",
            {**EACH, "unit": "days", "amount": number(3, "days")},
        ),
        "/covers/0/limits/0/unit",
    ),
    (
        FUND,
        put("/limits", [{**SHARED, "covers": [], "amount": number(1)}]),
        "/limits/0/covers",
    ),
    (
        FUND,
        put("/limits", [{**SHARED, "covers": ["ghost"], "amount": number(1)}]),
        "/limits/0/covers/0",
    ),
    (
        CARD,
        put("/covers/0/measure/pay/rate", {**LEVELS, "rows": {"city": number(1, "bp")}}),
        "/covers/0/measure/pay/rate/by",
    ),
    (
        CARD,
        put(
            "/covers/0/measure/steps",
            [{"type": "deductible", "amount": number(5), "accrues": "person_year"}] * 2,
        ),
        "/covers/0/measure/steps",
    ),
    (CARE, put("/covers/0/measure/rate/rows", {}), "/covers/0/measure/rate/rows"),
    (CARE, put("/covers/0/measure/rate/field", "x"), "/covers/0/measure/rate/field"),
    (
        CARE,
        put("/covers/0/measure/rate/otherwise", number(1, "bp")),
        "/covers/0/measure/rate/otherwise",
    ),
    (
        CARE,
        put("/covers/0/measure/rate/rows", {"moon": number(1)}),
        "/covers/0/measure/rate/rows/moon",
    ),
    (
        CARE,
        put(
            "/covers/0/measure/rate",
            {**LEVELS, "by": "category", "rows": {"king": number(1)}},
        ),
        "/covers/0/measure/rate/rows/king",
    ),
    (
        CARE,
        put("/covers/0/measure/rate", {**LEVELS, "by": "cause", "rows": {"war": number(1)}}),
        "/covers/0/measure/rate/rows/war",
    ),
    (
        CARE,
        put("/covers/0/waiting", {"days": number(90), "binds": "everyone"}),
        "/covers/0/waiting/days",
    ),
    (
        CARE,
        put(
            "/covers/0/conditions",
            [{"type": "extra_at_least", "field": "x", "label_zh": "x", "least": number(1)}],
        ),
        "/covers/0/conditions/0/least",
    ),
    (CARE, put("/covers/0/documents/1/code", "discharge_record"), "/covers/0/documents/1"),
    (CARE, put("/covers/1/code", "nursing"), "/covers/1"),
    (HOUSE, put("/covers/0/measure/things", []), "/covers/0/measure/things"),
    (HOUSE, put("/covers/0/measure/things/1/kind", "room"), "/covers/0/measure/things/1"),
    (
        HOUSE,
        put("/covers/0/measure/grades/severe", number(5_000)),
        "/covers/0/measure/grades/severe",
    ),
    (
        HOUSE,
        put("/covers/0/measure/things/3/cap", number(-1)),
        "/covers/0/measure/things/3/cap",
    ),
]


@pytest.mark.parametrize(
    ("code", "change", "pointer"), BAD, ids=[f"{i}{bad[2]}" for i, bad in enumerate(BAD)]
)
def test_terms_that_contradict_themselves_are_refused_at_their_place(
    code: str, change: Callable[[Page], None], pointer: str
) -> None:
    bad = page(code)
    change(bad)

    with pytest.raises(TermsInvalid) as refused:
        read_terms(bad)

    assert pointer in {fault.pointer for fault in refused.value.faults}


def test_a_claim_limit_that_the_year_always_beats_is_never_reached() -> None:
    bad = page(FUND)
    bad["covers"][0]["limits"].append({**EACH, "amount": number(5_000_000)})
    good = page(FUND)
    good["covers"][0]["limits"].append({**EACH, "amount": number(4_999_999)})

    with pytest.raises(TermsInvalid):
        read_terms(bad)
    assert read_terms(good).covers[0].limits[1].code == "each"


def test_absolute_tiers_above_the_deductible_are_fine() -> None:
    good = page(FUND)
    deductible_eats_a_tier(good)
    good["covers"][0]["measure"]["steps"] = [
        {"type": "deductible", "amount": number(999_999), "accrues": "each"}
    ]

    assert read_terms(good)


def test_a_shared_limit_of_known_covers_is_fine() -> None:
    good = page(AID)
    good["limits"] = [
        {**SHARED, "covers": ["accident", "disease_death"], "amount": number(5_500_000)}
    ]

    assert read_terms(good).limits[0].covers == ("accident", "disease_death")


def test_a_cover_for_some_of_the_insured_is_fine() -> None:
    good = page(AID)
    good["covers"][0]["categories"] = ["tekun", "orphan"]

    assert read_terms(good).covers[0].categories == ("tekun", "orphan")


def test_values_of_a_wrong_type_are_terms_invalid_too() -> None:
    bad = page(FUND)
    bad["version"] = 2016

    with pytest.raises(TermsInvalid) as refused:
        read_terms(bad)

    assert refused.value.faults[0].pointer == "/version"


@pytest.mark.parametrize("code", sorted(load_all()))
def test_the_catalogue_has_no_contradiction(code: str) -> None:
    assert check_terms(load_all()[code]) == ()


def test_every_unconfirmed_number_is_listed_with_its_place_and_reason() -> None:
    found = unconfirmed(load_all()[AID])

    rate = next(each for each in found if each.pointer == "/covers/1/measure/pay/rate")
    assert (rate.value, rate.unit) == (3_500, "bp")
    assert all(each.why for each in found)
    assert unconfirmed(load_all()[CARD]) == ()
