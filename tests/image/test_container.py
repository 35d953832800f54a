"""What the image brings beside the service: its health, and what is said without a builder."""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.cli import worker

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "tools" / "image" / "healthcheck.py"
NOBODY_LISTENS = 1


def health(port: int, heartbeat: Path) -> int:
    environment = {"RELIEF_PORT": str(port), "RELIEF_HEARTBEAT_FILE": str(heartbeat)}
    return subprocess.run([sys.executable, CHECK], env=environment, check=False).returncode


@contextmanager
def answering(status: int) -> Iterator[int]:
    """An API that answers every request with a status; gives its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1)])
def test_an_api_is_healthy_when_it_is_ready(tmp_path: Path, status: int, expected: int) -> None:
    with answering(status) as port:
        assert health(port, tmp_path / "none") == expected


def test_a_worker_is_healthy_while_it_beats(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    assert health(NOBODY_LISTENS, file) == 1
    file.touch()
    assert health(NOBODY_LISTENS, file) == 0
    past = time.time() - 120
    os.utime(file, (past, past))
    assert health(NOBODY_LISTENS, file) == 1


def test_an_api_that_is_not_ready_is_not_saved_by_a_beat(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    file.touch()
    with answering(503) as port:
        assert health(port, file) == 1


async def test_the_worker_beats_and_goes_on_where_it_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.01)
    file = tmp_path / "beat"
    beating = [
        asyncio.create_task(worker._beat(file)),
        asyncio.create_task(worker._beat(tmp_path / "no" / "where")),
    ]
    await asyncio.sleep(0.1)
    assert not [one for one in beating if one.done()]
    for one in beating:
        one.cancel()
    await asyncio.wait(beating)
    assert file.exists()
    await worker._beat(None)


def test_a_machine_that_cannot_build_says_what_is_missing(tmp_path: Path) -> None:
    for tool in ("bash", "dirname", "sed", "id"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    done = subprocess.run(
        [tmp_path / "bash", ROOT / "tools" / "image" / "image.sh"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "apt install buildah debootstrap" in done.stderr
    assert "没有可用的镜像构建工具" in done.stderr


def test_an_extra_that_the_image_does_not_have_is_refused_before_anything_is_built() -> None:
    done = subprocess.run(
        [ROOT / "tools" / "image" / "image.sh", "otel", "workbooks"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such extra: workbooks；可选 there are: embedded otel xlsx" in done.stderr
