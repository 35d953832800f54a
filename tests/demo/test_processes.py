"""The demo's child processes: told in words when they fail, never two demos in one folder."""

import os
import signal
import socket
from pathlib import Path

import pytest

from app.crypto import Keyring
from app.demo.house import only_demo
from app.demo.papers import paper
from app.demo.processes import HOST, Child, ProcessFailed, free_port
from app.outside.documents import DocumentStore, LocalShelf


def child(tmp_path: Path, *words: str) -> Child:
    return Child("api", words, tmp_path / "api.log", os.environ)


def test_a_child_that_ends_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    ended = child(tmp_path, "app.cli", "fly")
    ended.start()
    with pytest.raises(ProcessFailed) as told:
        ended.wait_ready(f"http://{HOST}:9/readyz")
    assert "api" in str(told.value)
    assert "invalid choice: 'fly'" in str(told.value)
    assert ended.wait() == 2


def test_a_child_is_stopped_by_its_own_id(tmp_path: Path) -> None:
    server = child(tmp_path, "http.server", "0", "--bind", HOST)
    server.start()
    server.check()
    server.ask_to_stop()
    assert server.wait(10) == -signal.SIGTERM


def test_a_child_that_does_not_stop_is_killed_after_a_while(tmp_path: Path) -> None:
    server = child(tmp_path, "http.server", "0", "--bind", HOST)
    server.start()
    assert server.wait(0.1) is None
    with pytest.raises(ProcessFailed):
        server.check()


def test_a_port_in_use_is_passed_over() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        assert port < free_port(port) <= port + 50


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        only_demo(tmp_path / "demo"),
        pytest.raises(ProcessFailed) as told,
        only_demo(tmp_path / "demo"),
    ):
        pass
    assert str(os.getpid()) in str(told.value)
    with only_demo(tmp_path / "demo"):
        pass


async def test_the_papers_of_the_story_are_taken_for_pdf(tmp_path: Path, keyring: Keyring) -> None:
    store = DocumentStore(LocalShelf(tmp_path), keyring, 10_000)
    assert (await store.save(paper("settlement", "1"))).media_type == "application/pdf"
    assert paper("a", "1") != paper("a", "2")
