"""The other side for tests: the stand-in insurer as a process, a letter box for its callbacks."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from app.domain.callback import read_callback
from app.outside.insurers import Instruction
from app.outside.signatures import verify

ROOT = Path(__file__).parents[1]
INSURER = "demo-insurer"
SECRET = "whsec_c2FuZGJveC1zYW5kYm94LXNhbmRib3gtMDE="
CLAIM_NO = "990127-2026-000123-1"
STEP_SECONDS = 0.02
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(sequence: str, born: str = "19540506") -> str:
    """A made-up identity number: area 99, the given sequence digits, the right check digit."""
    body = f"990127{born}{sequence}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


Deliveries = list[tuple[str, dict[str, Any]]]


class Letters:
    """Deliveries of callbacks, as (event id, event), in order of arrival."""

    def __init__(self, deliveries: Callable[[], Deliveries]) -> None:
        self._deliveries = deliveries

    @property
    def deliveries(self) -> Deliveries:
        """Everything that arrived, repetitions too."""
        return self._deliveries()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, each once, in order of first arrival."""
        return list(dict(self.deliveries).values())

    @property
    def types(self) -> list[str]:
        """The types of the events, each event once, in order of first arrival."""
        return [event["type"] for event in self.events]

    def last(self, kind: str) -> dict[str, Any]:
        """What the newest event of a type says."""
        found: dict[str, Any] = [e["data"] for e in self.events if e["type"] == kind][-1]
        return found


class Mailbox(Letters):
    """Receives callbacks: checks every signature, keeps every delivery, answers as scripted."""

    def __init__(self) -> None:
        self._kept: Deliveries = []
        super().__init__(lambda: self._kept)
        self.answers: list[int] = []
        self.paths: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def about(self, claim_no: str) -> Letters:
        """Give what arrives about one claim."""
        return Letters(lambda: [d for d in self._kept if d[1]["data"]["claim_no"] == claim_no])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(mailbox.take(self.path, dict(self.headers.items()), raw))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Stay silent."""

        return Handler

    def take(self, path: str, headers: dict[str, str], raw: bytes) -> int:
        """Keep one delivery that our side can read; answer a scripted status, or 202."""
        lowered = {name.lower(): value for name, value in headers.items()}
        event_id = verify(raw, lowered, [SECRET]).event_id
        self.paths.add(path)
        event = json.loads(raw)
        read_callback(event, date(2026, 11, 22))
        self._kept.append((event_id, event))
        return self.answers.pop(0) if self.answers else 202

    @contextmanager
    def open(self) -> Iterator["Mailbox"]:
        """Serve in a thread."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@contextmanager
def running_insurer(
    state: Path,
    callback_url: str,
    port: int = 0,
    delay_seconds: float = STEP_SECONDS,
    insurer: str = INSURER,
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run the stand-in as a process of its own; give its address and the process."""
    state.mkdir(exist_ok=True)
    secret = state / "secret"
    secret.write_text(SECRET)
    command = [sys.executable, "-m", "app.sandbox", "insurer", "--port", str(port)]
    command += ["--state", str(state), "--callback-url", callback_url, "--insurer", insurer]
    command += ["--secret-in", str(secret), "--delay-seconds", str(delay_seconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        yield url, process
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()
            process.stdout.close()


def until(fact: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a fact, at most so long."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def referral(sequence: str = "901", key: UUID | None = None, **more: object) -> Instruction:
    """A claim to be decided, of a made-up person whose sequence digits name the story."""
    content: dict[str, object] = {
        "kind": "refer_claim",
        "claim_no": CLAIM_NO,
        "notice_no": "990127-2026-000123",
        "policy_no": "P-1",
        "sent_at": "2026-11-22T04:00:00Z",
        "person": {
            "name": "测试甲",
            "id_type": "resident",
            "id_number": id_number(sequence),
            "birth_on": "1954-05-06",
            "category": "low_income",
        },
        "event": {"kind": "illness", "cause": "illness", "on": "2026-11-01", "place": ""},
        "bills": [{"kind": "inpatient", "hospital": "县医院", "total": "50000.00"}],
        "assessment": {"amount": "1600.01", "covers": [{"code": "inpatient", "sentences": []}]},
        "payees": [{"name": "测试甲", "account": "6200000000001234", "share_bp": 10000}],
    }
    return Instruction(key or uuid4(), content | more)


def about(kind: str, key: UUID | None = None, **more: object) -> Instruction:
    """Any other instruction about a claim."""
    return Instruction(key or uuid4(), {"kind": kind, "claim_no": CLAIM_NO, **more})
