"""From a notice to money, with a real API, worker and insurer and real commits."""

from datetime import date

import pytest

from app.demo import cases
from app.demo.office import Office
from app.demo.story import Story
from app.demo.telling import Teller
from app.domain.person import NewPerson
from tests.journeys.conftest import World


def test_a_notice_becomes_money(world: World) -> None:
    claim_no = world.file(world.cast.people["inpatient"][0])
    claim = world.see_paid(claim_no)
    assert claim["outcome"]["code"] == "full"
    assert claim["amounts"] == {
        "assessed": "1600.00",
        "decided": "1600.00",
        "paid": "1600.00",
        "currency": "CNY",
    }
    books = world.ledger(claim_no)
    assert (books["paid_count"], books["paid"]) == (1, "1600.00")


def test_a_bank_return_is_corrected_by_two_persons_and_paid_again(world: World) -> None:
    township, county = world.cast.township, world.cast.county
    person = world.cast.people["bank_return"][0]
    claim_no = world.file(person)
    back = township.follow(
        claim_no, lambda claim: [p["status"]["code"] for p in claim["payouts"]] == ["returned"]
    )
    payout = back["payouts"][0]["id"]
    right = cases.account(person, last4="9999")
    assert township.correct_account(payout, right).body["awaits_second_person"]
    assert not county.correct_account(payout, right).body["awaits_second_person"]
    claim = township.follow(
        claim_no, lambda claim: [p["status"]["code"] for p in claim["payouts"]] == ["paid"]
    )
    assert claim["status"]["code"] == "closed"
    attempts = township.read_payout(payout).body["attempts"]
    assert [(one["status"]["code"], one["account_last4"]) for one in attempts] == [
        ("returned", "0018"),
        ("paid", "9999"),
    ]
    assert attempts[0]["settlement_no"] != attempts[1]["settlement_no"]
    books = world.ledger(claim_no)
    assert (books["paid_count"], books["returned_count"], books["paid"]) == (1, 1, "1600.00")


def test_an_account_of_somebody_else_never_reaches_the_insurer(world: World) -> None:
    township, county = world.cast.township, world.cast.county
    person = world.cast.people["inpatient"][1]

    def anothers(person: NewPerson, settlement_id: str, today: date) -> cases.Json:
        payee = {**cases.account(person, last4="4001"), "relation": "self", "share_bp": 10_000}
        return cases.inpatient(person, settlement_id, today) | {"payees": [payee]}

    claim_no = world.file(person, anothers)
    stopped = township.follow(
        claim_no, lambda claim: [p["status"]["code"] for p in claim["payouts"]] == ["failed"]
    )
    payout = stopped["payouts"][0]["id"]
    assert _account_check(township, payout) == "mismatch"
    right = cases.account(person, last4="7721")
    for office in (township, county):
        office.correct_account(payout, right)
    claim = world.see_paid(claim_no)
    assert (claim["amounts"]["paid"], _account_check(township, payout)) == ("1600.00", "match")
    attempts = township.read_payout(payout).body["attempts"]
    assert [(one["status"]["code"], one["account_last4"]) for one in attempts] == [
        ("failed", None),
        ("paid", "7721"),
    ]
    told = [event["type"] for event in township.read_timeline(claim_no).body["items"]]
    assert "claim.account_name_mismatch" in told


def _account_check(office: Office, payout_id: str) -> str:
    found = office.read_payout(payout_id).body["account_check"]
    assert found is not None
    return found["code"]


def test_the_story_of_the_demo_comes_out_as_it_is_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Story(world.cast, Teller()).play().as_json(9.9)
    assert [(claim["amount"], claim["paid"]) for claim in told["claims"]] == [
        ("1600.00", "1600.00"),
        ("60.00", "60.00"),
        ("7000.00", "7000.00"),
        ("4000.00", "4000.00"),
        ("3000.00", "3000.00"),
        ("1600.00", "1600.00"),
    ]
    assert {claim["status"] for claim in told["claims"]} == {"closed"}
    assert 0 < told["seconds"]["first_paid_claim"] < 30
    said = capsys.readouterr().out
    assert "住院自负 8,000.00 元 × 20% = 1,600.00 元" in said
    assert "未经证实" in said
    assert "等待先行赔付" in said
    assert "两人更正账户" in said
    for person in (one for people in world.cast.people.values() for one in people):
        assert str(person.id_number) not in said
