"""relief serve as a process of its own: it comes up, says that it is ready, and stops in order."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.cli.serve import Server

ROOT = Path(__file__).parents[2]
START_SECONDS = 30
LENGTH = (b"content-length", b"2")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def test_the_service_comes_up_answers_and_stops_in_order(
    fresh_database_url: str, tmp_path: Path, port: int
) -> None:
    log = tmp_path / "log"
    environment = {
        **os.environ,
        "RELIEF_DATABASE_URL": fresh_database_url,
        "RELIEF_DATA_DIR": str(tmp_path),
        "RELIEF_PORT": str(port),
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--migrate"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        ready = wait_until_ready(port, process)
        assert ready.status_code == 200, log.read_text()
        refused = httpx.get(
            f"http://127.0.0.1:{port}/v1/claims?insurer=330127199001011239",
            headers={"X-Request-Id": "test-1", "Authorization": "Bearer rk_test_secret"},
        )
        assert refused.status_code == 401
        assert "server" not in refused.headers
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=20)
    assert status == 0
    written = log.read_text()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    (told,) = [line for line in lines if line.get("request_id") == "test-1"]
    assert (told["event"], told["status"], told["problem"]) == (
        "http.answered",
        401,
        "auth.invalid",
    )
    assert "330127199001011239" not in written
    assert "rk_test_secret" not in written


async def test_who_came_in_as_the_door_closed_is_answered() -> None:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [LENGTH]})
        await send({"type": "http.response.body", "body": b"ok"})

    config = uvicorn.Config(answer, port=0, log_config=None, lifespan="off")
    server = Server(config, lambda: None, drain_seconds=1.0)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - a flag of the server's, no event
        await asyncio.sleep(0.01)
    address = server.servers[0].sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(*address)  # and says nothing yet
    server.should_exit = True
    await _until_refused(*address)
    writer.write(b"GET / HTTP/1.1\r\nHost: relief\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    await serving


async def _until_refused(host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            return
        writer.close()
        await asyncio.sleep(0.02)
    raise AssertionError("the door never closed")


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> httpx.Response:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz")
        except httpx.TransportError:
            assert process.poll() is None, "the service ended by itself"
            assert time.monotonic() < deadline, "the service did not come up"
            time.sleep(0.1)
