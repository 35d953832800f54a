"""A served county for the machines that look for faults: a database, an API process, a few keys."""

import base64
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.db.session import Database
from app.demo import cases
from app.demo.contracts import SECOND
from app.demo.house import cast
from app.demo.papers import paper
from app.demo.processes import Child, stop_all
from app.demo.seed import Seeded, seed
from app.domain.caller import AREA_END, Caller, Role
from app.services.keys import issue_key
from tests import database as databases

PEOPLE = 120
UNLIMITED = "1000000000"  # what is looked for is not how often it may be asked
SECURITY = Caller(Role.SECURITY, 0, AREA_END, "fuzz")
# Of each role somebody elsewhere, who must see nothing of the first one's.
STRANGERS: dict[str, tuple[Role, int, str | None]] = {
    "township": (Role.TOWNSHIP, 990128001000, None),
    "county": (Role.COUNTY, 990128000000, None),
    "dashboard": (Role.DASHBOARD, 990128000000, None),
    "insurer": (Role.INSURER, 0, SECOND),
}


@dataclass(frozen=True, slots=True)
class Served:
    """Where the API is, keys by holder and of their strangers, and numbers that paths may name."""

    url: str
    keys: Mapping[str, str] = field(repr=False)
    strangers: Mapping[str, str] = field(repr=False)
    named: Mapping[str, str]
    child: Child


@contextmanager
def served(run: databases.Run) -> Iterator[Served]:
    """Serve a small county with one submitted notice until the end of the block."""
    url = run.clone()
    with tempfile.TemporaryDirectory(prefix="relief-fuzz-") as folder:
        port = _any_port()
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RELIEF_")},
            "RELIEF_DATABASE_URL": url,
            "RELIEF_MASTER_KEY": base64.b64encode(databases.MASTER_KEY).decode(),
            "RELIEF_DATA_DIR": folder,
            "RELIEF_SANDBOX": "true",
            "RELIEF_RATE_PER_KEY": UNLIMITED,
            "RELIEF_RATE_PER_ADDRESS": UNLIMITED,
            "RELIEF_REFUSALS_PER_ADDRESS": UNLIMITED,
            "RELIEF_LOOKUPS_PER_HOUR": UNLIMITED,
            "RELIEF_INSURER_NETWORKS": "127.0.0.0/8",
        }
        seeded, strangers = databases.in_thread(_seed(url))
        where = f"http://127.0.0.1:{port}"
        child = Child("api", ("app.cli", "serve", "--port", str(port)), Path(folder) / "log", env)
        try:
            child.start()
            child.wait_ready(f"{where}/readyz")
            yield Served(where, seeded.keys, strangers, _filed(where, seeded), child)
            child.check()
        finally:
            stop_all([child])
            run.drop(url)


def _filed(url: str, seeded: Seeded) -> dict[str, str]:
    """File and submit one notice; give the numbers that paths may name."""
    with cast(url, seeded) as people:
        person = people.people["inpatient"][0]
        form = cases.inpatient(person, "FUZZ-1", people.today)
        form |= {"area_code": f"{person.area_code:012d}"}
        notice_no = people.township.draft_notice(form).body["notice_no"]
        people.township.attach(notice_no, "settlement", "a.pdf", paper("settlement", notice_no))
        (claim,) = people.township.submit_notice(notice_no).body["claims"]
    return {
        "notice_no": notice_no,
        "claim_no": claim["claim_no"],
        "policy_no": claim["policy_no"],
    }


async def _seed(url: str) -> tuple[Seeded, dict[str, str]]:
    database = Database(url, databases.keyring())
    try:
        seeded = await seed(database, None, insurer_url="http://127.0.0.1:9", people=PEOPLE)
        async with database.transaction(SECURITY) as tx:
            strangers = {
                name: (await issue_key(tx, role, area, insurer, label="fuzz", test=True)).token
                for name, (role, area, insurer) in STRANGERS.items()
            }
        return seeded, strangers
    finally:
        await database.close()


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
