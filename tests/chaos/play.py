"""One run: so many claims in the storm, then the verdict."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.chaos.clerk import ANSWER_SECONDS, Broken, Clerk, NeverHappened, Notebook
from tests.chaos.filing import see_through
from tests.chaos.house import House
from tests.chaos.plan import Plan, plans
from tests.chaos.storm import Storm
from tests.chaos.verdict import Verdict, _asked, judge

PATIENCE_SECONDS = 400.0
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Run:
    """How one run is set up: a seed makes the same claims and the same storm."""

    claims: int
    seed: int
    at_once: int = 24
    share: float = 0.15
    breath: float = 1.0  # how much longer than usual the storm rests between two strikes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    run: Run
    verdict: Verdict
    seconds: float
    storm: Counter[str]
    mischief: Counter[str]
    answers: Counter[str]
    acknowledged: int

    @property
    def calm(self) -> list[str]:
        """Name what never happened: a run without it proves nothing about it."""
        kinds = ("postgres_stopped", "api_killed", "worker_killed")
        return [kind for kind in kinds if not self.storm[kind]] + (
            [] if sum(self.mischief.values()) else ["the insurers' mischief"]
        )

    def as_json(self) -> dict[str, Any]:
        """The last line that is printed."""
        verdict = self.verdict
        return {
            "seed": self.run.seed,
            "claims": self.run.claims,
            "lost": len(verdict.lost),
            "paid_twice": len(verdict.paid_twice),
            "wrong_fen": len(verdict.wrong_fen),
            "broken_answers": len(verdict.broken_answers),
            "invariants_broken": len(verdict.invariants),
            "others": len(verdict.others),
            "paid_yuan": f"{verdict.paid_fen / 100:.2f}",
            "acknowledged": self.acknowledged,
            "replayed": verdict.replayed,
            "seconds": round(self.seconds, 1),
            "storm": dict(self.storm),
            "mischief": dict(sorted(self.mischief.items())),
            "answers": dict(sorted(self.answers.items())),
        }


async def play(run: Run, folder: Path, settings: Mapping[str, str]) -> Outcome:
    """Play a run below an empty folder that the server's user may reach."""
    planned = list(plans(run.claims, run.seed))
    notebook = Notebook()
    with House(folder, settings, run.share, run.seed).standing() as house:
        await house.settle(planned)
        storm = Storm(house, run.seed, house.start(), run.breath)
        began = time.monotonic()
        async with storm.blowing():
            ended, failed = await house.while_insurers_live(
                see_all_through(house, run, planned, notebook)
            )
        seconds = time.monotonic() - began
        verdict = await judge(house, notebook, ended, failed)
        mischief: Counter[str] = Counter()
        for url in house.insurer_urls.values():
            mischief.update(await _asked(f"{url}/mischief"))
    return Outcome(
        run, verdict, seconds, storm.done, mischief, notebook.seen, len(notebook.acknowledged)
    )


async def see_all_through(
    house: House, run: Run, planned: list[Plan], notebook: Notebook
) -> tuple[dict[str, Plan], list[str]]:
    """See every claim to its end; claims by number, and what came of the others."""
    today = datetime.now(SHANGHAI).date()
    room = asyncio.Semaphore(run.at_once)
    ended: dict[str, Plan] = {}
    failed: list[str] = []
    limits = httpx.Limits(max_connections=run.at_once)
    async with httpx.AsyncClient(
        base_url=house.url, timeout=ANSWER_SECONDS, trust_env=False, limits=limits
    ) as client:
        township, county = (
            Clerk(client, house.tokens[name], notebook, PATIENCE_SECONDS)
            for name in ("township", "county")
        )

        async def one(plan: Plan) -> None:
            async with room:
                try:
                    ended[await see_through(plan, township, county, today)] = plan
                except (Broken, NeverHappened) as error:
                    failed.append(f"claim {plan.number} ({plan.insurer}, {plan.story}): {error}")

        await asyncio.gather(*(one(plan) for plan in planned))
    return ended, failed
