"""The house in the storm: its own PostgreSQL, API, worker and two insurers, each a process."""

import asyncio
import base64
import os
import socket
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from app.catalogue import load_all
from app.cli.migrate import upgrade
from app.db.insurers import Abilities
from app.db.session import Database
from app.demo.processes import HOST, HOST_NETWORK, Child, stop_all
from app.domain.caller import Caller, Role
from app.domain.person import NewPerson
from app.domain.policy import Share
from app.domain.roster import Member
from app.launcher import ensure_server, stop_server
from app.launcher.account import account_of, run
from app.launcher.programs import find_programs
from app.outside.conformance import run_kit
from app.outside.insurers import Endpoint, open_client
from app.services.insurers import add_insurer, keep_conformance
from app.services.keys import issue_key
from app.services.policies import enrol, issue_policy
from app.services.schemes import load_scheme
from tests import contracts
from tests import database as databases
from tests.chaos.nursery import Forked, Nursery
from tests.chaos.plan import INSURERS, Plan
from tests.contracts import COUNTY, COUNTY_AREA, LOOPBACK, SECRET_IN, SECRET_OUT, SYSTEM, TOWN

SECURITY = Caller(Role.SECURITY, 0, 10**12, "chaos")
SCHEME = "chunan-supplementary-medical"
LEASE_SECONDS, DEADLINE_SECONDS = 5, 2
ENROLLED_AT_ONCE = 500
WAYS = {INSURERS[0]: ["--answers-no-questions"], INSURERS[1]: ["--ignores-keys"]}
STEP_SECONDS = 0.05
INSURERS_SECONDS = 1.0  # between two looks whether they live

Seen = TypeVar("Seen")


@dataclass
class House:
    """The processes of one run, below one folder."""

    folder: Path
    settings: Mapping[str, str]  # of the database server
    share: float  # of what the insurers say that goes wrong
    seed: int
    url: str = ""
    database_url: str = field(default="", repr=False)
    insurer_urls: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    _children: list[Child] = field(default_factory=list)

    @contextmanager
    def standing(self) -> Iterator["House"]:
        """Lay and migrate the database, settle nothing yet; everything is stopped afterwards."""
        try:
            self.lay()
            self.url = f"http://{HOST}:{any_port()}"
            with Nursery().open() as nursery:
                self.api = self._forked(nursery, "api", "app.cli", "serve")
                self.worker = self._forked(nursery, "worker", "app.cli", "worker")
                self.insurers = {code: self._insurer(code) for code in INSURERS}
                try:
                    yield self
                finally:
                    stop_all(self._children)
        finally:
            stop_server(self.folder)

    def lay(self) -> None:
        """Start the database server and bring it to head."""
        self.database_url = ensure_server(self.folder, settings=self.settings)
        databases.in_thread_call(upgrade, self.database_url)

    async def settle(self, plans: list[Plan]) -> None:
        """Two insurers whose abilities are proven, a policy with each, people, two keys."""
        database = Database(self.database_url, databases.keyring())
        try:
            await asyncio.gather(*(self._take_on(database, code) for code in INSURERS))
            async with database.transaction(COUNTY) as tx:
                await load_scheme(tx, load_all()[SCHEME])
            for code in INSURERS:
                await _insure(database, code, [plan for plan in plans if plan.insurer == code])
            for name, role, area in (
                ("township", Role.TOWNSHIP, TOWN),
                ("county", Role.COUNTY, COUNTY_AREA),
            ):
                async with database.transaction(SECURITY) as tx:
                    key = await issue_key(tx, role, area, None, name, test=True)
                self.tokens[name] = key.token
        finally:
            await database.close()

    def start(self) -> float:
        """Start everything; ready afterwards. Gives the seconds that the API took."""
        for code, child in self.insurers.items():
            child.start()
            child.wait_ready(f"{self.insurer_urls[code]}/")
        began = time.monotonic()
        self.api.start()
        self.api.wait_ready(f"{self.url}/readyz")
        self.worker.start()
        return time.monotonic() - began

    async def while_insurers_live(self, work: Coroutine[Any, Any, Seen]) -> Seen:
        """Do some work. Raises ProcessFailed when an insurer ends meanwhile: no storm strikes it,
        and claims would wait for it for ever.
        """
        working = asyncio.ensure_future(work)
        try:
            while not working.done():
                await asyncio.wait({working}, timeout=INSURERS_SECONDS)
                for child in self.insurers.values():
                    child.check()
        finally:
            working.cancel()
        return await working

    def stop_postgres(self) -> None:
        """Stop the database as a crash would."""
        stop_at_once(self.folder)

    def start_postgres(self) -> None:
        """Start it again; it recovers from its log."""
        ensure_server(self.folder, settings=self.settings)

    async def _take_on(self, database: Database, code: str) -> None:
        """Register an insurer and let the kit prove, on its test system, what it can do."""
        row = contracts.insurer(
            code, base_url=self.insurer_urls[code], honours_key=False, can_be_asked=False
        )
        async with database.transaction(SYSTEM) as tx:
            await add_insurer(tx, row, SECRET_IN, SECRET_OUT, LOOPBACK)
        trial = self._insurer(code, trial=True)
        trial.start()
        try:
            await asyncio.to_thread(trial.wait_ready, f"{self.insurer_urls[code]}/")
            async with open_client(LOOPBACK) as client:
                endpoint = Endpoint(code, self.insurer_urls[code], SECRET_OUT)
                report = await run_kit(client, "rest", endpoint)
        finally:
            await asyncio.to_thread(stop_all, [trial])
        assert report.honours_key is (code == INSURERS[0])
        assert report.can_be_asked is (code == INSURERS[1])
        assert report.can_check_account
        async with database.transaction(SYSTEM) as tx:
            await keep_conformance(
                tx,
                code,
                Abilities(
                    report.honours_key,
                    report.can_be_asked,
                    report.gives_statements,
                    report.can_check_account,
                ),
                {finding.code: finding.held for finding in report.findings},
            )

    def _insurer(self, code: str, *, trial: bool = False) -> Child:
        port = _port_of(self.insurer_urls.setdefault(code, f"http://{HOST}:{any_port()}"))
        state = self.folder / ("trial" if trial else "books") / code
        state.mkdir(parents=True, exist_ok=True)
        for name, secret in (("in", SECRET_OUT), ("out", SECRET_IN)):
            (state / f"{name}.secret").write_text(secret)
        bad_day = ["--misbehave", str(self.share), "--seed", str(self.seed)]
        return self._child(
            f"{code}-trial" if trial else code,
            "app.sandbox",
            "insurer",
            *("--port", str(port), "--state", str(state), "--callback-url", self.url),
            *("--insurer", code, "--delay-seconds", str(STEP_SECONDS)),
            *("--secret-in", str(state / "in.secret"), "--secret-out", str(state / "out.secret")),
            *WAYS[code],
            *([] if trial else bad_day),
        )

    def _child(self, name: str, *words: str) -> Child:
        child = Child(name, words, self.folder / "logs" / f"{name}.log", self.environment())
        self._children.append(child)
        return child

    def _forked(self, nursery: Nursery, name: str, *words: str) -> Child:
        log = self.folder / "logs" / f"{name}.log"
        child = Forked(nursery, name, words, log, self.environment())
        self._children.append(child)
        return child

    def environment(self) -> dict[str, str]:
        """The settings of our processes."""
        given = {name: text for name, text in os.environ.items() if not name.startswith("RELIEF_")}
        return {
            **given,
            "RELIEF_DATABASE_URL": self.database_url,
            "RELIEF_MASTER_KEY": base64.b64encode(databases.MASTER_KEY).decode(),
            "RELIEF_DATA_DIR": str(self.folder),
            "RELIEF_HOST": HOST,
            "RELIEF_PORT": str(_port_of(self.url)),
            "RELIEF_INSURER_NETWORKS": HOST_NETWORK,
            "RELIEF_LEASE_SECONDS": str(LEASE_SECONDS),
            "RELIEF_INSURER_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
            "RELIEF_POLL_SECONDS": "0.1",
            "RELIEF_RATE_PER_KEY": "100000",  # two keys do the work of a province
            "RELIEF_RATE_PER_ADDRESS": "100000",
            "RELIEF_WORKER_CONCURRENCY": "8",
        }


def stop_at_once(data_dir: Path) -> None:
    """Stop the server of a data folder without a checkpoint; nobody is waited for."""
    cluster = data_dir / "postgres"
    account = account_of(cluster)
    tool = find_programs(cluster, None, account).folder / "pg_ctl"
    run(account, tool, "stop", "-D", cluster / "data", "-m", "immediate", "-w")


async def _insure(database: Database, code: str, plans: list[Plan]) -> None:
    """Issue the policy of one insurer and enrol everybody of its plans."""
    policy_no = f"P-{code}"
    async with database.transaction(COUNTY) as tx:
        today = await tx.today()
        await issue_policy(
            tx,
            contracts.policy(
                policy_no,
                scheme_code=SCHEME,
                shares=(Share(code, 10_000, lead=True),),
                period_from=today - timedelta(days=100),
                period_to=today + timedelta(days=200),
            ),
        )
    for first in range(0, len(plans), ENROLLED_AT_ONCE):
        members = [_member(plan) for plan in plans[first : first + ENROLLED_AT_ONCE]]
        async with database.transaction(COUNTY) as tx:
            await enrol(tx, policy_no, members)


def _member(plan: Plan) -> Member:
    return Member("dibao", NewPerson(plan.name, TOWN, id_number=plan.id_number))


def _port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def any_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
