"""`make chaos` in short: fifty claims in a storm, and what its own lists would show of a wrong."""

import asyncio
import os
import tempfile
from pathlib import Path

import pytest

from app.demo.processes import Child, ProcessFailed
from tests import database as databases
from tests.chaos.__main__ import table
from tests.chaos.house import House
from tests.chaos.plan import INSURERS, Plan, owed, plans
from tests.chaos.play import Run, play
from tests.chaos.verdict import Verdict, _judge_claim

CLAIMS = 50
SEED = int(os.environ.get("RELIEF_CHAOS_SEED", "20261122"))


def test_fifty_claims_come_through_a_storm_to_the_fen(run: databases.Run) -> None:
    folder = Path(tempfile.mkdtemp(prefix="storm-", dir=run.folder))
    folder.chmod(0o711)
    outcome = asyncio.run(play(Run(CLAIMS, SEED, breath=1.5), folder, databases.UNSAFE_BUT_FAST))
    print(table(outcome))  # shown when it fails
    assert outcome.verdict.good
    assert outcome.verdict.replayed == outcome.acknowledged >= CLAIMS * 3
    assert outcome.storm["postgres_stopped"] >= 1
    assert outcome.storm["api_killed"] + outcome.storm["worker_killed"] >= 2
    assert sum(outcome.mischief.values()) >= CLAIMS / 2


async def test_a_run_ends_when_an_insurer_does_instead_of_waiting_for_it(tmp_path: Path) -> None:
    house = House(tmp_path, {}, 0.0, SEED)
    ends_by_itself = Child(INSURERS[0], ["this"], tmp_path / "log", os.environ)
    house.insurers = {INSURERS[0]: ends_by_itself}
    ends_by_itself.start()
    with pytest.raises(ProcessFailed, match=INSURERS[0]):
        await house.while_insurers_live(asyncio.sleep(60))


def test_the_same_seed_plans_the_same_claims_and_half_of_them_with_each_insurer() -> None:
    planned = list(plans(200, 5))
    assert planned == list(plans(200, 5))
    assert planned != list(plans(200, 6))
    assert [plan.insurer for plan in planned].count(INSURERS[0]) == 100
    assert len({plan.id_number for plan in planned}) == 200


@pytest.mark.parametrize(
    ("story", "self_borne_fen", "fen"),
    [
        ("full", 800_000, 160_000),
        ("full", 3, 1),
        ("full", 2, 0),
        ("partial", 15, 1),
        ("bank_return", 5, 1),
        ("declined", 800_000, 0),
    ],
)
def test_the_clients_own_list_is_a_fifth_rounded_half_up(
    story: str, self_borne_fen: int, fen: int
) -> None:
    assert owed(story, self_borne_fen) == fen


PLAN = Plan(1, INSURERS[1], "full", 800_000, 0, 160_000)
SHOWN = {"amounts": {"paid": "1600.00", "decided": "1600.00"}}
PAID = {"paid_count": 1, "returned_count": 0, "paid": "1600.00", "paid_to": ["0018"]}


@pytest.mark.parametrize(
    ("shown", "paid", "cases", "wrong"),
    [
        (SHOWN, PAID, 1, []),
        (
            SHOWN,
            PAID | {"paid_count": 2, "paid": "3200.00", "paid_to": ["0018", "0018"]},
            2,
            ["paid_twice", "wrong_fen", "others"],
        ),
        (SHOWN, PAID | {"paid_to": ["9999"]}, 1, ["others"]),
        (SHOWN, PAID, 2, ["paid_twice"]),
        (SHOWN, PAID | {"paid": "1600.01"}, 1, ["wrong_fen"]),
        ({"amounts": {"paid": "1599.99", "decided": "1600.00"}}, PAID, 1, ["wrong_fen"]),
        ({"amounts": {"paid": "1600.00", "decided": "1600.01"}}, PAID, 1, ["wrong_fen"]),
        (SHOWN, PAID | {"returned_count": 1}, 1, ["others"]),
    ],
)
def test_a_wrong_is_seen(
    shown: dict[str, object], paid: dict[str, object], cases: int, wrong: list[str]
) -> None:
    verdict = Verdict()
    _judge_claim("C-1", PLAN, shown, {"claims": {"C-1": paid}, "cases": {"C-1": cases}}, verdict)
    kinds = ("lost", "paid_twice", "wrong_fen", "others")
    assert [kind for kind in kinds if getattr(verdict, kind)] == wrong
    assert verdict.good is not bool(wrong)
