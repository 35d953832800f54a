"""F21: the database is put back to an older state while insurers go on paying.

Claims are filed and paid; a copy is made; more claims are filed, sent, decided and paid; then the
copy is put back. What the insurers did since is lost here and true out there. The house must send
nothing before it has heard them, find every claim that it lost, and in the end nobody may have been
paid twice, and the books must be right to the fen.
"""

import asyncio
import csv
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from app.demo.processes import ROOT
from app.launcher import back_up, ensure_server, stop_server
from app.outside.insurers.statements import _COLUMNS
from app.sandbox.books import Books
from app.sandbox.statement import statement
from tests.chaos.clerk import ANSWER_SECONDS, Broken, Clerk, NeverHappened, Notebook
from tests.chaos.filing import attach, notice, see_through
from tests.chaos.house import House
from tests.chaos.plan import INSURERS, Plan, plans
from tests.chaos.play import SHANGHAI
from tests.chaos.verdict import _asked, _broken_invariants
from tests.contracts import COUNTY_AREA

PATIENCE_SECONDS = 90.0
QUIET_SECONDS = 1.5  # several polls of the worker
STORY = "full"
STATE = "insurer.sqlite3"


@dataclass
class Found:
    """What the drill saw; everything in `wrong` is."""

    wrong: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def expect(self, what: str, *, seen: object, wanted: object) -> None:
        """Note a difference."""
        if seen != wanted:
            self.wrong.append(f"{what}: {seen}, not {wanted}")


class Drill:
    """One drill over a house; `each` claims of every kind, half of them with each insurer."""

    def __init__(self, house: House, each: int) -> None:
        self.house = house
        self.each = each
        self.found = Found()
        self.notebook = Notebook()
        self.today = datetime.now(SHANGHAI).date()
        self._plans = calm(house.seed)

    async def play(self) -> Found:
        """Play it; the house stands, settled and started."""
        try:
            await self._play()
        except (Broken, NeverHappened) as error:
            self.found.wrong.append(str(error))
        return self.found

    async def _play(self) -> None:
        house, found = self.house, self.found
        before = await self._paid(self.each)
        unsent = await self._instructed(self.each)
        await self._hold_lanes(held=True)
        waiting = await self._submitted(self.each)  # not even an instruction is there yet
        copy = house.folder / "copy"
        await asyncio.to_thread(back_up, house.folder, copy)
        await self._hold_lanes(held=False)
        await self._open_insurers()
        waiting |= unsent
        for claim_no in waiting:
            await self._follow_paid(claim_no)
        lost = await self._paid(self.each)  # filed and paid, and then nobody here knows of them
        sent = await self._at_insurers()
        found.expect("cases before", seen=set(sent), wanted={*before, *waiting, *lost})
        await self._put_back(copy)
        if self.found.wrong:
            return
        await self._nothing_leaves(sent, len(unsent), len(before | waiting))
        await self._hear(lost)
        await self._file_again(lost)
        await self._compare_statements({*waiting, *lost})
        await self._end(sent, {**before, **waiting, **lost})

    async def _paid(self, count: int) -> dict[str, Plan]:
        """File claims and see them paid; by number."""
        async with self._offices() as (township, county):
            done = [
                await see_through(plan, township, county, self.today) for plan in self._next(count)
            ]
        return dict(zip(done, self._taken, strict=True))

    async def _instructed(self, count: int) -> dict[str, Plan]:
        """File claims while the insurers are away: their instructions wait to be sent."""
        for child in self.house.insurers.values():
            child.ask_to_stop()
            await asyncio.to_thread(child.wait)
        numbers = await self._submitted(count)
        await self._until("SELECT count(*) FROM instruction WHERE state <> 'accepted'", count)
        return numbers

    async def _open_insurers(self) -> None:
        for code, child in self.house.insurers.items():
            child.start()
            await asyncio.to_thread(child.wait_ready, f"{self.house.insurer_urls[code]}/")

    async def _until(self, question: str, wanted: int) -> None:
        """Wait until the database answers so. Raises NeverHappened."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await self._number(question) != wanted:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise NeverHappened(f"{question}: {await self._number(question)}") from None

    async def _submitted(self, count: int) -> dict[str, Plan]:
        """File claims, wait for nothing but their assessment."""
        async with self._offices() as (township, _):
            numbers = [await _submit(plan, township, self.today) for plan in self._next(count)]
            for claim_no in numbers:
                await township.follow(
                    f"/v1/claims/{claim_no}", lambda seen: seen["amounts"]["assessed"] is not None
                )
        return dict(zip(numbers, self._taken, strict=True))

    async def _follow_paid(self, claim_no: str) -> None:
        async with self._offices() as (township, _):
            await township.follow(
                f"/v1/claims/{claim_no}", lambda seen: seen["status"]["code"] == "closed"
            )

    async def _put_back(self, copy: Path) -> None:
        """Stop the house, put the copy back by the command, start the house again."""
        house = self.house
        for child in (house.worker, house.api):
            child.ask_to_stop()
            await asyncio.to_thread(child.wait)
        stop_server(house.folder)
        said = await self._relief("restore", str(copy), "--reason", "演练", embedded=True)
        self.found.expect(f"restore: {said.stderr[-1500:]}", seen=said.returncode, wanted=0)
        house.database_url = ensure_server(house.folder, settings=house.settings)
        await self._hold_lanes(held=False)  # as they were in the copy: nothing but the hold is left
        house.api = house._child("api-restored", "app.cli", "serve")
        house.worker = house._child("worker-restored", "app.cli", "worker")
        house.api.start()
        await asyncio.to_thread(house.api.wait_ready, f"{house.url}/readyz")
        house.worker.start()

    async def _nothing_leaves(self, sent: dict[str, int], unsent: int, known: int) -> None:
        """A worker runs, there is work for it, and the insurers hear nothing."""
        await self._until("SELECT count(*) FROM instruction", known)
        await asyncio.sleep(QUIET_SECONDS)
        self.found.expect("cases while held", seen=await self._at_insurers(), wanted=sent)
        held = await self._number("SELECT count(*) FROM instruction WHERE state = 'unknown'")
        self.found.expect("instructions in doubt", seen=held, wanted=unsent)
        early = await self._relief("restoration", "end", "--reason", "太早")
        self.found.expect("ended before anybody was heard", seen=early.returncode, wanted=1)

    async def _hear(self, lost: dict[str, Plan]) -> None:
        """Both insurers are asked; exactly the claims that were lost here are named."""
        for code in INSURERS:
            said = await self._relief("restoration", "hear", code)
            theirs = [plan for plan in lost.values() if plan.insurer == code]
            self.found.expect(f"hear {code}", seen=said.returncode, wanted=int(bool(theirs)))
        named = await self._rows("SELECT claim_no FROM restored_case WHERE state = 'lost'")
        self.found.expect("lost claims", seen=set(named), wanted=set(lost))
        self.found.counts["lost_found"] = len(named)
        open_ = await self._number("SELECT count(*) FROM instruction WHERE state <> 'accepted'")
        self.found.expect("instructions still in doubt", seen=open_, wanted=0)

    async def _file_again(self, lost: dict[str, Plan]) -> None:
        """The township files what was lost under its own numbers; nothing of it is sent."""
        async with self._offices() as (township, _):
            for claim_no, plan in lost.items():
                again = await _submit(
                    plan, township, self.today, restored_no=claim_no.rpartition("-")[0]
                )
                self.found.expect("filed again", seen=again, wanted=claim_no)
                await township.follow(
                    f"/v1/claims/{claim_no}", lambda seen: seen["amounts"]["assessed"] is not None
                )
            fresh = await township.write("/v1/notices", json=notice(next(self._plans), self.today))
        highest = max(_serial(number) for number in lost)
        self.found.expect("new number", seen=_serial(fresh["notice_no"]) > highest, wanted=True)
        for code in INSURERS:
            said = await self._relief("restoration", "hear", code)
            self.found.expect(f"hear {code} again", seen=said.returncode, wanted=0)

    async def _compare_statements(self, unheard: set[str]) -> None:
        """The day's statements name each payment that we do not know; each is booked from them."""
        items: list[dict[str, Any]] = []
        async with self._offices() as (_, county):
            for code in INSURERS:
                await self._take_statement(code)
                day = f"{COUNTY_AREA // 10**6}-{code}-{self.today:%Y%m%d}"
                page = await county.follow(f"/v1/reconciliations/{day}/items", lambda _: True)
                items += [one for one in page["items"] if one["kind"]["code"] == "only_theirs"]
            self.found.expect(
                "only theirs", seen={one["claim_no"] for one in items}, wanted=unheard
            )
            for one in items:
                await county.write(
                    f"/v1/reconciliation-items/{one['id']}:resolve",
                    json={"reason_zh": "依对账单入账", "accept_theirs": True},
                )
        self.found.counts["booked_from_statements"] = len(items)

    async def _end(self, sent: dict[str, int], every: dict[str, Plan]) -> None:
        """What leaves may leave again; nobody hears anything twice, and the books agree."""
        found = self.found
        said = await self._relief("restoration", "end", "--reason", "核对完毕")
        found.expect(f"end: {said.stderr}", seen=said.returncode, wanted=0)
        for claim_no in every:
            await self._follow_paid(claim_no)
        await asyncio.sleep(QUIET_SECONDS)
        found.expect("cases at the end", seen=await self._at_insurers(), wanted=sent)
        shown = {}
        async with self._offices() as (township, _):
            for claim_no in every:
                claim = await township.follow(f"/v1/claims/{claim_no}", lambda _: True)
                shown[claim_no] = claim["amounts"]["paid"]
        owed = {claim_no: f"{plan.owed_fen / 100:.2f}" for claim_no, plan in every.items()}
        found.expect("paid here", seen=shown, wanted=owed)
        found.expect("paid there", seen=await self._paid_there(), wanted=owed)
        found.wrong += await asyncio.to_thread(_broken_invariants, self.house)
        found.counts["claims"] = len(every)

    def _next(self, count: int) -> list[Plan]:
        self._taken = [next(self._plans) for _ in range(count)]
        return self._taken

    @asynccontextmanager
    async def _offices(self) -> AsyncIterator[tuple[Clerk, Clerk]]:
        """Open a township's and a county's desk."""
        async with httpx.AsyncClient(
            base_url=self.house.url, timeout=ANSWER_SECONDS, trust_env=False
        ) as client:
            tokens = self.house.tokens
            yield (
                Clerk(client, tokens["township"], self.notebook, PATIENCE_SECONDS),
                Clerk(client, tokens["county"], self.notebook, PATIENCE_SECONDS),
            )

    async def _hold_lanes(self, *, held: bool) -> None:
        connection = await asyncpg.connect(self.house.database_url)
        try:
            await connection.execute("UPDATE lane SET paused = $1 WHERE key <> 'desk'", held)
        finally:
            await connection.close()

    async def _at_insurers(self) -> dict[str, int]:
        """Cases by claim, over both insurers' own books."""
        cases: dict[str, int] = {}
        for url in self.house.insurer_urls.values():
            cases.update((await _asked(f"{url}/ledger"))["cases"])
        return cases

    async def _paid_there(self) -> dict[str, str]:
        paid: dict[str, str] = {}
        for url in self.house.insurer_urls.values():
            for claim_no, told in (await _asked(f"{url}/ledger"))["claims"].items():
                self.found.expect(f"{claim_no} paid", seen=told["paid_count"], wanted=1)
                paid[claim_no] = told["paid"]
        return paid

    async def _take_statement(self, code: str) -> None:
        """Take today's statement of an insurer as a file, out of its own books."""
        book = Books(self.house.folder / "books" / code / STATE)
        told: dict[str, Any] = statement(book, code, f"{COUNTY_AREA:012d}", self.today)
        book.close()
        file = self.house.folder / f"{code}.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow([text for total in told["totals"].items() for text in total])
            writer.writerow(_COLUMNS)
            writer.writerows([line[name] for name in _COLUMNS] for line in told["lines"])
        where = ("--insurer", code, "--area", f"{COUNTY_AREA:012d}", "--day", str(self.today))
        await self._relief("reconcile", str(file), *where)

    async def _relief(
        self, *words: str, embedded: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        env = self.house.environment()
        if embedded:
            env.pop("RELIEF_DATABASE_URL")
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "app.cli", *words],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    async def _number(self, question: str) -> int:
        return int((await self._rows(question))[0])

    async def _rows(self, question: str) -> list[Any]:
        connection = await asyncpg.connect(self.house.database_url)
        try:
            return [row[0] for row in await connection.fetch(question)]
        finally:
            await connection.close()


async def _submit(plan: Plan, township: Clerk, today: date, **more: str) -> str:
    """File and submit a claim; give its number."""
    drafted = await township.write("/v1/notices", json=notice(plan, today) | more)
    await attach(township, drafted["notice_no"], "settlement")
    submitted = await township.write(f"/v1/notices/{drafted['notice_no']}:submit")
    [claim] = submitted["claims"]
    return str(claim["claim_no"])


def calm(seed: int) -> Iterator[Plan]:
    """Plan claims that are paid in full."""
    return (plan for plan in plans(100_000, seed) if plan.story == STORY)


def _serial(number: str) -> int:
    return int(number.split("-")[2])
