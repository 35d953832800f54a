"""A budget over REST: premium and expected payout, under the policy's terms or a scenario."""

from typing import Any

import pytest
from httpx import Response

from app.catalogue import load_all
from app.db.session import Database
from app.domain.canonical import encode
from app.services.policies import budget as module
from tests.api.conftest import Client
from tests.api.story import POLICY, SCHEME, found_county, good, submitted

TERMS = encode(load_all()[SCHEME])


@pytest.fixture(autouse=True)
async def _county(database: Database, county: Client) -> None:
    await found_county(database, county)


async def ask(client: Client, **form: object) -> Response:
    return await client.post(f"/v1/policies/{POLICY}/budget", json=form)


def scenario(**changed: object) -> dict[str, Any]:
    assert isinstance(TERMS, dict)
    return {**TERMS, "version": "scenario", **changed}


async def test_a_budget_rests_on_the_policys_history(
    database: Database, township: Client, county: Client
) -> None:
    await submitted(database, township)
    told = good(await ask(county, heads={"dibao": 200, "tekun": 100}))
    assert told["premium"] == "45000.00"
    assert told["history_claims"] == 1
    dibao, tekun = told["categories"]
    assert (dibao["label_zh"], dibao["own_history"], tekun["own_history"]) == (
        "低保对象",
        True,
        False,
    )
    assert dibao["payout"]["people"] == 1
    assert told["payout"]["few"]
    assert "不足 30 人" in told["sentence_zh"]
    low, expected, high = (float(told["payout"][name]) for name in ("low", "expected", "high"))
    assert low <= expected <= high
    parts = [float(each["payout"]["expected"]) for each in (dibao, tekun)]
    assert expected == pytest.approx(sum(parts))
    assert parts[0] == pytest.approx(2 * parts[1], abs=0.02)


async def test_a_scenario_replays_the_history(
    database: Database, township: Client, county: Client
) -> None:
    await submitted(database, township)
    same = good(await ask(county, heads={"dibao": 200}, terms=scenario()))
    now = good(await ask(county, heads={"dibao": 200}))
    assert same["payout"] == now["payout"]
    assert (same["scheme_version"], now["scheme_version"]) == ("scenario", "2021")
    assert isinstance(TERMS, dict)
    (inpatient, *_) = TERMS["covers"]  # type: ignore[misc, union-attr]
    unpaid = {**inpatient, "events": ["accident"]}  # type: ignore[dict-item]
    none = good(await ask(county, heads={"dibao": 200}, terms=scenario(covers=[unpaid])))
    assert none["payout"]["expected"] == "0.00"


async def test_half_a_year_costs_half_and_without_claims_none_are_expected(county: Client) -> None:
    told = good(await ask(county, heads={"dibao": 10}, months=6))
    assert told["premium"] == "750.00"
    assert told["payout"]["expected"] == "0.00"


async def test_categories_and_terms_must_be_known(county: Client) -> None:
    stranger = await ask(county, heads={"rich": 1})
    assert stranger.status_code == 422
    assert stranger.json()["errors"][0]["pointer"] == "/heads/rich"
    nobody = await ask(county, heads={})
    assert nobody.json()["errors"][0]["pointer"] == "/heads"
    wrong = await ask(county, heads={"dibao": 1}, terms={"scheme_code": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "terms.invalid")


async def test_a_history_too_long_for_a_scenario_is_refused(
    database: Database, township: Client, county: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submitted(database, township)
    monkeypatch.setattr(module, "HISTORY_MOST", 0)
    refused = await ask(county, heads={"dibao": 1}, terms=scenario())
    assert refused.status_code == 422
    assert "relief whatif" in refused.text
    assert (await ask(county, heads={"dibao": 1})).status_code == 200


async def test_only_the_county_may_ask(township: Client) -> None:
    assert (await ask(township, heads={"dibao": 1})).status_code == 403
