"""Starts our processes by the dozen: one interpreter that has read all code, and forks.

Reading the code takes seconds of a processor, a fork takes milliseconds; so a storm can kill the
API and the worker every few seconds and still leave the machine to the claims. Each is a process
of its own, with its own memory, sockets and connections, and runs the very command line.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from app.cli import main
from app.demo.processes import ROOT, Child

READ = ("app.cli.serve", "app.cli.worker", "app.worker.loop", "uvicorn.protocols.http.auto")
WAIT_SECONDS = 20
POLL_SECONDS = 0.02


class Nursery:
    """The interpreter that forks, as seen from outside."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def open(self) -> Iterator["Nursery"]:
        """Keep it open; whatever was born and still lives ends with it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            yield self
        finally:
            self._process.stdin.close()
            self._process.wait(WAIT_SECONDS)
            self._process.stdout.close()

    def bear(self, words: Sequence[str], log: Path, env: Mapping[str, str]) -> "Fork":
        """Fork a process that runs a sub-command of ours."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps([list(words), str(log), dict(env)]) + "\n")
            self._process.stdin.flush()
            return Fork(int(self._process.stdout.readline()))


class Fork:
    """A process of the nursery's, watched as one of our own would be."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give 0 once it has ended, None before."""
        if self.returncode is None:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                self.returncode = 0
        return self.returncode

    def wait(self, seconds: float) -> int:
        """Wait for its end. Raises TimeoutExpired."""
        deadline = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            time.sleep(POLL_SECONDS)
        return 0

    def send_signal(self, what: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, what)


class Forked(Child):
    """One of our processes, born in the nursery instead of started anew."""

    def __init__(
        self, nursery: Nursery, name: str, words: Sequence[str], log: Path, env: Mapping[str, str]
    ) -> None:
        super().__init__(name, words, log, env)
        self._bear = lambda: nursery.bear(words[1:], log, env)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._process = self._bear()  # type: ignore[assignment]


def run_nursery() -> None:
    """Fork whenever a line says so, until there is no more to read; then end who is left."""
    for module in READ:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are forgotten at once
    born = []
    for line in sys.stdin:
        words, log, env = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(words, log, env)
        born.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in born:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _live(words: list[str], log: str, env: dict[str, str]) -> NoReturn:
    """Be the command."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(written, 1)
        os.dup2(written, 2)
        os.environ.clear()
        os.environ.update(env)
        status = main(words)
    except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    run_nursery()
