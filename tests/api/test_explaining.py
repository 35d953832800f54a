"""What an estimate and a claim's assessment say over REST beside the amount."""

import pytest

from app.db.session import Database
from tests.api.conftest import Client
from tests.api.story import found_county, good, notice, submitted


@pytest.fixture(autouse=True)
async def _county(database: Database, county: Client) -> None:
    await found_county(database, county)


async def test_an_estimate_and_the_claim_it_becomes_say_the_same(
    database: Database, township: Client
) -> None:
    form = notice()
    del form["area_code"], form["client_ref"]
    told = good(await township.post("/v1/estimates", json=form))
    (policy,) = told["policies"]
    (bill,) = policy["limits"]
    assert (bill["name_zh"], bill["bound"], bill["taken"]) == (
        "单据 bill-1 余额",
        "8000.00",
        "1600.00",
    )
    claim = await submitted(database, township)
    shown = good(await township.get(f"/v1/claims/{claim['claim_no']}/assessment"))
    for name in ("limits", "nearest_change", "assessment"):
        assert shown[name] == policy[name]
    assert shown["self_borne_left"] == told["self_borne_left"] == "6400.00"
    assert "settlement" not in {paper["code"] for paper in shown["missing"]}


async def test_where_nothing_near_alters_the_amount_nothing_is_told(
    database: Database, township: Client
) -> None:
    form = notice()
    del form["area_code"], form["client_ref"]
    (policy,) = good(await township.post("/v1/estimates", json=form))["policies"]
    assert policy["nearest_change"] is None  # a plain ratio, the same for every category
