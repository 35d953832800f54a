"""The demo's house: a folder of its own, the three servers in it, and who may be called at work."""

import fcntl
import os
import random
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.demo.contracts import LEAD
from app.demo.office import PATIENCE_SECONDS, Office
from app.demo.processes import HOST, HOST_NETWORK, Child, ProcessFailed, stop_all
from app.demo.seed import Secrets, Seeded
from app.demo.story import Cast

SHANGHAI = ZoneInfo("Asia/Shanghai")
API_PORT, INSURER_PORT = 8080, 9090
DELAY_SECONDS = 0.3  # the pause before each step of the insurer, long enough to be seen
WORKER_POLL_SECONDS = "0.1"
RATE_PER_KEY = "1000000"  # a few keys stand for a whole county here
SAMPLES = {  # the case of the story: the sample people of the seed
    "inpatient": "901",
    "outpatient": "901",
    "jiangjin": "jiangjin",
    "two_policies": "two_policies",
    "bank_return": "907",
}


class House:
    """The addresses and processes of one run of the demo, below one folder."""

    def __init__(
        self,
        folder: Path,
        env: Mapping[str, str],
        *,
        api_port: int,
        insurer_port: int,
        callback_url: str | None = None,
        delay_seconds: float = DELAY_SECONDS,
    ) -> None:
        """`callback_url` is where the insurer finds the API, when something stands in between."""
        self.folder = folder
        self.url = f"http://{HOST}:{api_port}"
        self.insurer_url = f"http://{HOST}:{insurer_port}"
        self._env = {
            **env,
            "RELIEF_DATA_DIR": str(folder),
            "RELIEF_HOST": HOST,
            "RELIEF_PORT": str(api_port),
            "RELIEF_SANDBOX": "true",
            "RELIEF_INSURER_NETWORKS": HOST_NETWORK,
            "RELIEF_POLL_SECONDS": WORKER_POLL_SECONDS,
            "RELIEF_RATE_PER_KEY": RATE_PER_KEY,
            "RELIEF_RATE_PER_ADDRESS": RATE_PER_KEY,
        }
        self.api = self._child("api", "app.cli", "serve")
        self.worker = self._child("worker", "app.cli", "worker")
        self.insurer = self._child(
            "insurer",
            "app.sandbox",
            "insurer",
            *("--port", str(insurer_port), "--state", str(folder / "insurer")),
            *("--callback-url", callback_url or self.url, "--insurer", LEAD),
            *("--delay-seconds", str(delay_seconds)),
            *("--secret-in", str(folder / "insurer" / "instructions.secret")),
            *("--secret-out", str(folder / "insurer" / "callbacks.secret")),
        )

    @property
    def children(self) -> tuple[Child, Child, Child]:
        """The servers, in the order in which they are stopped."""
        return (self.worker, self.api, self.insurer)

    @contextmanager
    def running(self, shared: Secrets) -> Iterator[None]:
        """Run the three servers; ready inside, stopped afterwards whatever happens."""
        self._keep_secrets(shared)
        try:
            for child in self.children:
                child.start()
            self.api.wait_ready(f"{self.url}/readyz")
            self.insurer.wait_ready(f"{self.insurer_url}/")
            self.worker.check()
            yield
        finally:
            stop_all(self.children)

    def check(self) -> None:
        """Raise ProcessFailed when one of the servers has ended."""
        for child in self.children:
            child.check()

    def tails(self) -> str:
        """Give the ends of all logs."""
        return "\n".join(child.tail() for child in self.children)

    def _child(self, name: str, *words: str) -> Child:
        return Child(name, words, self.folder / "logs" / f"{name}.log", self._env)

    def _keep_secrets(self, shared: Secrets) -> None:
        folder = self.folder / "insurer"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, secret in (
            ("instructions", shared.instructions),
            ("callbacks", shared.callbacks),
        ):
            path = folder / f"{name}.secret"
            path.touch(mode=0o600)
            path.write_text(secret)


@contextmanager
def only_demo(folder: Path) -> Iterator[None]:
    """Hold the folder for this run. Raises ProcessFailed while another demo uses it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ProcessFailed(
                f"另一个演示正在使用 {folder}（进程 {lock.read().strip()}）"
                " / another demo is running there"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextmanager
def cast(url: str, seeded: Seeded, patience: float = PATIENCE_SECONDS) -> Iterator[Cast]:
    """Give the story's people and offices; the sample people take turns from run to run."""
    with ExitStack() as open_offices:
        offices = {
            name: open_offices.enter_context(Office(url, seeded.keys[name], patience))
            for name in ("township", "township_jiangjin", "county", "insurer")
        }
        yield Cast(
            township=offices["township"],
            jiangjin=offices["township_jiangjin"],
            county=offices["county"],
            insurer=offices["insurer"],
            people={
                case: random.sample(people, len(people))
                for case, purpose in SAMPLES.items()
                if (people := [resident.person for resident in seeded.samples[purpose]])
            },
            run=secrets.token_hex(4).upper(),
            today=datetime.now(SHANGHAI).date(),
        )
