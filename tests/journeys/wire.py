"""A wire between two real processes that a test can cut, with a blow to one of them."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

Moment = Literal["asked", "answered"]
Answer = tuple[int, list[tuple[str, str]], bytes]
PATIENCE_SECONDS = 15.0
HOP = frozenset({"connection", "transfer-encoding", "content-length", "host", "date", "server"})


@dataclass
class Blow:
    """Falls once, on the first request that matches (method and path, body), and cuts it off.

    `asked`: before the other side has heard of it. `answered`: its work is done, its answer there.
    """

    moment: Moment
    matches: Callable[[str, bytes], bool]
    act: Callable[[], None]
    cuts: bool = True
    fallen: threading.Event = field(default_factory=threading.Event)


class Wire:
    """Passes requests on to `target`, and cuts the connection where a blow falls."""

    def __init__(self) -> None:
        self.target = ""
        self.passed: list[str] = []
        self._blow: Blow | None = None
        self._turn = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *whole: Passing(self, *whole))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def expect(self, blow: Blow) -> Blow:
        """Let a blow fall; one at a time."""
        assert self._blow is None
        self._blow = blow
        return blow

    @contextmanager
    def open(self) -> Iterator["Wire"]:
        """Serve in a thread."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def falls(self, moment: Moment, asked: str, body: bytes) -> bool:
        """Let the blow fall where it is expected; tell whether it cuts the connection."""
        with self._turn:
            blow = self._blow
            if blow is None or blow.moment != moment or not blow.matches(asked, body):
                return False
            self._blow = None
        blow.act()
        blow.fallen.set()
        return blow.cuts

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Ask the target; raises OSError or HTTPException when it does not answer."""
        place = urlsplit(self.target)
        connection = http.client.HTTPConnection(
            str(place.hostname), place.port, timeout=PATIENCE_SECONDS
        )
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class Passing(BaseHTTPRequestHandler):
    """One connection over a wire."""

    protocol_version = "HTTP/1.1"

    def __init__(self, wire: Wire, *whole: Any) -> None:
        self._wire = wire
        super().__init__(*whole)

    def do_GET(self) -> None:
        self._pass_on(b"")

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers.get("content-length", 0))))

    def _pass_on(self, body: bytes) -> None:
        asked = f"{self.command} {self.path}"
        answer = None
        if not self._wire.falls("asked", asked, body):
            answer = self._forward(body)
        if answer is None or self._wire.falls("answered", asked, body):
            self.close_connection = True
            return
        self._wire.passed.append(asked)
        self._answer(*answer)

    def _forward(self, body: bytes) -> Answer | None:
        headers = {n: v for n, v in self.headers.items() if n.lower() not in HOP}
        try:
            return self._wire.forward(self.command, self.path, headers, body)
        except (OSError, http.client.HTTPException):
            return None

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        if status != http.client.NOT_MODIFIED:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Stay silent."""
