"""From a notice to money in the two other dialects, the insurer a process of its own."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.catalogue import load_all
from app.db.insurers import Insurer
from app.db.jobs import enqueue, insurer_lane
from app.db.session import Database
from app.demo.names import COUNTY as COUNTY_AREA
from app.demo.papers import paper
from app.domain.caller import AREA_END, Caller, Role, area_range
from app.domain.person import NewPerson
from app.domain.policy import NewPolicy, Share
from app.domain.roster import Member
from app.services.insurers import add_insurer
from app.services.policies import enrol, issue_policy
from app.services.schemes import load_scheme
from tests import database as databases
from tests.cases import CHUNAN
from tests.contracts import LOOPBACK
from tests.insurer import ROOT, id_number
from tests.journeys.conftest import DELAY_SECONDS, World
from tests.outside.test_form_dialect import private, public

SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "test")
COUNTY = Caller(Role.COUNTY, *area_range(COUNTY_AREA), "key:test")
ROUNDS_SECONDS = 60.0


@contextmanager
def standing_in(state: Path, *words: str) -> Iterator[str]:
    """Run the stand-in in another dialect; give its address."""
    command = [sys.executable, "-m", "app.sandbox", "insurer", "--port", "0", "--state", str(state)]
    command += ["--delay-seconds", str(DELAY_SECONDS), *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()
            process.stdout.close()


def insured_by(
    world: World, insurer: Insurer, born: str, keys: tuple[str | None, str | None], story: str
) -> NewPerson:
    """Take the insurer on with a policy of its own, and somebody who is on its roster alone."""
    person = NewPerson(
        f"方言{insurer.code[-4:]}",
        world.cast.people["inpatient"][0].area_code,
        id_number=id_number(story, born),
    )

    async def set_up() -> None:
        database = Database(world.database_url, databases.keyring())
        try:
            async with database.transaction(SYSTEM) as tx:
                await add_insurer(tx, insurer, *keys, LOOPBACK)
            async with database.transaction(COUNTY) as tx:
                today = await tx.today()
                first = today.replace(year=today.year - 1, month=1, day=1)
                await load_scheme(tx, load_all()[CHUNAN])
                form = NewPolicy(
                    f"D-{insurer.code}",
                    CHUNAN,
                    COUNTY_AREA,
                    first,
                    first.replace(year=first.year + 2, month=12, day=31),
                    (Share(insurer.code, 10_000, lead=True),),
                )
                await issue_policy(tx, form)
                await enrol(tx, form.policy_no, [Member("dibao", person)])
        finally:
            await database.close()

    databases.in_thread(set_up())
    return person


def round_of(world: World, code: str) -> None:
    """Have the worker process do a round of an insurer's files now, not in five minutes."""

    async def ask() -> None:
        database = Database(world.database_url, databases.keyring())
        try:
            async with database.transaction(SYSTEM) as tx:
                await enqueue(tx, "batch", code, lane=insurer_lane(code))
        finally:
            await database.close()

    databases.in_thread(ask())


def paid_count(url: str, claim_no: str) -> tuple[int, str]:
    books = httpx.get(f"{url}/ledger", trust_env=False).json()["claims"][claim_no]
    return books["paid_count"], books["paid"]


@pytest.mark.parametrize("story", ["901", "904"], ids=["paid at once", "papers asked for"])
def test_a_notice_becomes_money_through_a_partner_gateway(
    world: World, tmp_path: Path, story: str
) -> None:
    ours, theirs = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    code = f"gateway-{story}"
    (tmp_path / "ours.pem").write_text(public(ours))
    (tmp_path / "theirs.pem").write_text(private(theirs))
    words = ("--dialect", "form", "--insurer", code, "--callback-url", world.house.url)
    words += ("--secret-in", str(tmp_path / "ours.pem"))
    words += ("--secret-out", str(tmp_path / "theirs.pem"))
    with standing_in(tmp_path, *words) as url:
        insurer = Insurer(
            code, "平台保险", "form", f"{url}/gateway", True, True, can_check_account=True
        )
        keys = (public(theirs), f"app_id=2026000001\n{private(ours)}")
        person = insured_by(world, insurer, "19500101", keys, story)
        claim_no = world.file(person)
        if story == "904":
            world.cast.township.follow(
                claim_no,
                lambda claim: claim["status"]["code"] == "evidence_required",
            )
            notice_no = claim_no.rpartition("-")[0]
            world.cast.township.attach(
                notice_no, "itemised_list", "a.pdf", paper("itemised_list", notice_no)
            )
        claim = world.see_paid(claim_no)
        assert claim["amounts"]["paid"] == "1600.00"
        payout = world.cast.township.read_payout(claim["payouts"][0]["id"]).body
        assert payout["account_check"] is not None
        assert payout["account_check"]["code"] == "match"
        assert claim["insurer_case_no"].startswith("PA")
        assert paid_count(url, claim_no) == (1, "1600.00")
    asked = "SELECT count(*) FROM instruction WHERE insurer_code = $1 AND state = 'accepted'"
    assert world.count(f"{asked} AND platform_case_no LIKE 'PTPA%'", code) >= 1


def test_a_notice_becomes_money_through_files(world: World, tmp_path: Path) -> None:
    code = "file-insurer"
    drop = world.house.folder / "drop" / code
    words = ("--dialect", "batch", "--insurer", code, "--drop", str(drop))
    for shared in ("out", "in"):
        (drop / shared).mkdir(parents=True, mode=0o700)
    with standing_in(tmp_path, *words) as url:
        insurer = Insurer(code, "文件保险", "batch", f"drop:{code}", False, False)
        person = insured_by(world, insurer, "19500102", (None, None), "901")
        claim_no = world.file(person)
        rounds(world, code, lambda: _closed(world, claim_no))
        claim = world.see_paid(claim_no)
        assert claim["amounts"]["paid"] == "1600.00"
        assert paid_count(url, claim_no) == (1, "1600.00")
    assert list((drop / "taken").glob("results-*.jsonl"))
    assert not list((drop / "refused").iterdir())


def rounds(world: World, code: str, over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + ROUNDS_SECONDS
    while not over():
        assert time.monotonic() < deadline, "no money through files"
        round_of(world, code)
        time.sleep(0.2)


def _closed(world: World, claim_no: str) -> bool:
    claim = world.cast.township.read_claim(claim_no).body
    return bool(claim["status"]["code"] == "closed")


def test_a_stand_in_that_was_told_too_little_says_what_it_needs(tmp_path: Path) -> None:
    for words, needed in (
        (("--dialect", "batch"), "--drop"),
        (("--dialect", "form", "--callback-url", "http://x"), "--secret-in"),
        ((), "--callback-url"),
    ):
        command = [sys.executable, "-m", "app.sandbox", "insurer", "--state", str(tmp_path), *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert needed in done.stderr
