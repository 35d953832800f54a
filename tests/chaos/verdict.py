"""After the storm: three lists must agree to the fen, the client's, ours and the insurers' own."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from app.demo.processes import ROOT
from tests.chaos.clerk import ANSWER_SECONDS, Acknowledged, Broken, Clerk, NeverHappened, Notebook
from tests.chaos.filing import RIGHT, WRONG
from tests.chaos.house import House
from tests.chaos.plan import Plan, fen, yuan

AT_ONCE = 8
ASKED_AGAIN = 5
QUIET_SECONDS = 60
OPEN_JOBS = """
    SELECT count(*) FROM job
    WHERE kind IN ('assess', 'apply', 'pass_check', 'send', 'ask', 'check_accounts',
                   'check_payout') AND state IN ('ready', 'running')
      AND run_at < now() + interval '1 hour'
"""
COUNTS = {
    "instructions_not_accepted": "SELECT count(*) FROM instruction WHERE state <> 'accepted'",
    "claims_with_two_payouts": """
        SELECT count(*) FROM (SELECT FROM payout GROUP BY claim_id HAVING count(*) > 1) AS twice""",
    "claims_referred_twice": """
        SELECT count(*) FROM (SELECT FROM instruction WHERE kind = 'refer_claim'
                              GROUP BY claim_id HAVING count(*) > 1) AS twice""",
    "jobs_dead": "SELECT count(*) FROM job WHERE state = 'dead'",
    "notices_nobody_filed": "SELECT count(*) - {planned} FROM notice",
}


NOTHING_PAID = {"paid_count": 0, "returned_count": 0, "paid": "0.00", "paid_to": []}


@dataclass(slots=True)
class Verdict:
    """What is wrong, by kind; each entry names its claim. Nothing in it: nothing is wrong."""

    lost: list[str] = field(default_factory=list)
    paid_twice: list[str] = field(default_factory=list)
    wrong_fen: list[str] = field(default_factory=list)
    broken_answers: list[str] = field(default_factory=list)
    invariants: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    replayed: int = 0
    paid_fen: int = 0

    @property
    def good(self) -> bool:
        return not any(
            (
                self.lost,
                self.paid_twice,
                self.wrong_fen,
                self.broken_answers,
                self.invariants,
                self.others,
            )
        )


async def judge(
    house: House, notebook: Notebook, ended: Mapping[str, Plan], failed: Sequence[str]
) -> Verdict:
    """Compare everything; `ended` are the claims that came to their end, `failed` the others."""
    verdict = Verdict(lost=list(failed), broken_answers=list(notebook.broken))
    await _quiet(house, verdict)
    async with httpx.AsyncClient(
        base_url=house.url, timeout=ANSWER_SECONDS, trust_env=False
    ) as client:
        await _read_again(client, notebook, verdict)
        await _compare(client, house, ended, verdict)
    for name, question in COUNTS.items():
        counted = await _number(house, question.format(planned=len(ended) + len(failed)))
        if counted:
            verdict.others.append(f"{name}: {counted}")
    verdict.invariants = await asyncio.to_thread(_broken_invariants, house)
    return verdict


async def _quiet(house: House, verdict: Verdict) -> None:
    """Wait until no job is open and no letter is on its way."""
    for _ in range(QUIET_SECONDS * 5):
        letters = [
            letter
            for url in house.insurer_urls.values()
            for letter in (await _asked(f"{url}/"))["letters_open"]
        ]
        if not letters and await _number(house, OPEN_JOBS) == 0:
            return
        await asyncio.sleep(0.2)
    verdict.others.append(f"never quiet: {len(letters)} letters, {await _number(house, OPEN_JOBS)}")


async def _read_again(client: httpx.AsyncClient, notebook: Notebook, verdict: Verdict) -> None:
    """Repeat every write that was acknowledged: the same bytes must come, and nothing happens."""
    room = asyncio.Semaphore(AT_ONCE)

    async def again(one: Acknowledged) -> None:
        async with room:
            clerk = Clerk(client, one.token, Notebook(), ANSWER_SECONDS)
            headers = {"Idempotency-Key": one.key}
            answer = None
            try:
                for _ in range(ASKED_AGAIN):  # None: no answer in time, as of a loaded machine
                    answer = answer or await clerk.once("POST", one.path, headers, one.content)
            except (Broken, NeverHappened) as error:
                verdict.lost.append(str(error))
                return
        if answer is None:
            verdict.lost.append(f"acknowledged, and answered no more: {one.path}")
        elif answer.content != one.body:
            verdict.lost.append(f"acknowledged, and now otherwise: {one.path}")
        elif answer.headers.get("idempotency-replayed") != "true":
            verdict.lost.append(f"acknowledged, and done again: {one.path}")
        else:
            verdict.replayed += 1

    await asyncio.gather(*(again(one) for one in notebook.acknowledged))


async def _compare(
    client: httpx.AsyncClient, house: House, ended: Mapping[str, Plan], verdict: Verdict
) -> None:
    books = {code: await _asked(f"{url}/ledger") for code, url in house.insurer_urls.items()}
    for claim_no, plan in ended.items():
        clerk = Clerk(client, house.tokens["township"], Notebook(), ANSWER_SECONDS)
        answer = await clerk.once("GET", f"/v1/claims/{claim_no}", {}, {})
        if answer is None:
            verdict.lost.append(f"{claim_no}: cannot be read")
            continue
        _judge_claim(claim_no, plan, answer.json(), books[plan.insurer], verdict)
        await _look_for_papers(clerk, claim_no, plan, verdict)
        for code, book in books.items():
            if code != plan.insurer and (claim_no in book["cases"] or claim_no in book["claims"]):
                verdict.paid_twice.append(f"{claim_no}: in the book of {code} as well")
    strangers = {no for book in books.values() for no in book["cases"]} - set(ended)
    verdict.others += [f"{no}: a case of no claim that ended" for no in sorted(strangers)]


def _judge_claim(
    claim_no: str, plan: Plan, claim: dict[str, Any], book: dict[str, Any], verdict: Verdict
) -> None:
    owed = yuan(plan.owed_fen)
    paid = book["claims"].get(claim_no, NOTHING_PAID)
    if paid["paid_count"] > 1 or book["cases"].get(claim_no) != 1:
        verdict.paid_twice.append(
            f"{claim_no} ({plan.insurer}, {plan.story}): paid {paid['paid_count']} times,"
            f" {book['cases'].get(claim_no)} cases"
        )
    shown = claim["amounts"]
    if not shown["paid"] == paid["paid"] == owed or shown["decided"] != owed:
        verdict.wrong_fen.append(
            f"{claim_no} ({plan.insurer}, {plan.story}): owed {owed}, shown {shown['paid']},"
            f" decided {shown['decided']}, in the insurer's book {paid['paid']}"
        )
    if paid["returned_count"] != (plan.story == "bank_return"):
        verdict.others.append(f"{claim_no}: {paid['returned_count']} returns")
    wanted = [(RIGHT if plan.corrected else WRONG)[-4:]] if plan.owed_fen else []
    if paid["paid_to"] != wanted:
        verdict.others.append(f"{claim_no} ({plan.story}): paid to {paid['paid_to']}")
    verdict.paid_fen += fen(paid["paid"])


async def _look_for_papers(clerk: Clerk, claim_no: str, plan: Plan, verdict: Verdict) -> None:
    """See that every paper that was acknowledged is on the notice, and can be fetched."""
    notice_no = claim_no.rpartition("-")[0]
    path = f"/v1/notices/{notice_no}/documents"
    listed = await clerk.once("GET", path, {}, {})
    kinds = {} if listed is None else {one["id"]: one["kind"] for one in listed.json()["items"]}
    fetched = Counter[str]()
    for document_id, kind in kinds.items():
        found = await clerk.once("GET", f"{path}/{document_id}", {}, {})
        fetched[str(kind)] += found is not None and found.content.startswith(b"%PDF")
    wanted = ["settlement", *(["itemised_list"] if plan.story == "papers" else [])]
    if sorted(fetched.elements()) != sorted(wanted):
        verdict.lost.append(f"{claim_no} ({plan.story}): of its papers {dict(fetched)} are there")


def _broken_invariants(house: House) -> list[str]:
    """Ask `relief invariants`."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "invariants", "--json"],
        env=house.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout) if done.stdout else []
    broken = [f"{one['number']} {one['places']}" for one in found if one["broken"]]
    return broken if found and done.returncode == bool(broken) else [done.stderr[-2000:] or "?"]


async def _asked(url: str) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as client:
        found: dict[str, Any] = (await client.get(url)).json()
        return found


async def _number(house: House, question: str) -> int:
    connection = await asyncpg.connect(house.database_url)
    try:
        return int(await connection.fetchval(question))
    finally:
        await connection.close()
