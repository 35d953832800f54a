"""The demo's servers as real child processes: started, watched, and stopped by their own ids."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

HOST = "127.0.0.1"
HOST_NETWORK = "127.0.0.0/8"  # where the demo's insurers live
READY_SECONDS = 45.0
STOP_SECONDS = 25.0  # the worker finishes what it holds: at most one call to an insurer
TAIL_LINES = 20
PORTS_TRIED = 50
ROOT = Path(__file__).parents[2]


class ProcessFailed(Exception):
    """A child ended or never became ready: says which, with the end of its log."""


class Child:
    """One server: a process in a session of its own, so that Ctrl-C reaches only the demo."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        log: Path,
        env: Mapping[str, str],
        root: Path = ROOT,
    ) -> None:
        """`words` is a module of ours with its arguments, read from below `root`."""
        self.name = name
        self.log = log
        self._root = root
        self._words = [sys.executable, "-m", *words]
        self._env = dict(env)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id. The child must have been started."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; what it prints is appended to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own modules
                self._words,
                env=self._env,
                cwd=self._root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a power cut would, without a word."""
        self._signal(signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """Ask it to finish what it holds and to end."""
        self._signal(signal.SIGTERM)

    def wait(self, seconds: float = STOP_SECONDS) -> int | None:
        """Wait for its end; after so long it is killed. Answer the exit status, if it ended."""
        if self._process is None:
            return None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return None

    def check(self) -> None:
        """Raise ProcessFailed when it is no longer running."""
        if self._process is not None and self._process.poll() is not None:
            status = self._process.returncode
            raise ProcessFailed(
                f"{self.name} 意外退出（状态 {status}）/ ended with status {status}\n{self.tail()}"
            )

    def tail(self) -> str:
        """Give the end of its log, with the log's place."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"--- {self.log}", *lines[-TAIL_LINES:]])

    def wait_ready(self, url: str) -> None:
        """Wait until an address answers 200. Raises ProcessFailed."""
        deadline = time.monotonic() + READY_SECONDS
        while not answers(url):
            self.check()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{self.name} 未就绪 / not ready: {url}\n{self.tail()}")
            time.sleep(0.05)

    def _signal(self, what: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(what)


def stop_all(children: Sequence[Child]) -> None:
    """Stop children side by side, and wait for each."""
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait()


def answers(url: str) -> bool:
    """Tell whether an address answers 200 now."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def free_port(preferred: int) -> int:
    """Give the first port from `preferred` on that nobody listens on (127.0.0.1)."""
    for port in range(preferred, preferred + PORTS_TRIED):
        with socket.socket() as probe:
            # As the servers do: a port left behind in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ProcessFailed(f"{preferred} 起的端口都被占用 / no free port from {preferred} on")
