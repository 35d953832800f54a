"""The embedded server survives what happens to servers: races, kills, stale files, taken ports."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.launcher import LauncherError, back_up, ensure_server, put_back, server_url, stop_server
from app.launcher.programs import candidates
from tests.database import UNSAFE_BUT_FAST, Run

RACER = """
import sys
from pathlib import Path
from app.launcher import ensure_server
print(ensure_server(Path(sys.argv[1]), settings={"fsync": "off"}))
"""


@pytest.fixture
def data_dir(run: Run) -> Iterator[Path]:
    """An empty data folder that the server's user may reach; its server is stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="launcher-", dir=run.folder))
    folder.chmod(0o711)
    yield folder
    stop_server(folder)


def start(data_dir: Path) -> str:
    return ensure_server(data_dir, settings=UNSAFE_BUT_FAST)


async def ask(url: str, *statements: str) -> object:
    """Run the statements; answer the first value of the last one."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def kill(pid: int) -> None:
    """End at once, as a power cut would, and wait until the process is gone or a zombie."""
    os.kill(pid, signal.SIGKILL)
    for _ in range(200):
        seen = subprocess.run(["ps", "-o", "stat=", str(pid)], capture_output=True, check=False)
        if seen.stdout[:1] in b"Z":
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} did not end")


async def test_an_empty_folder_becomes_a_server_behind_a_password(data_dir: Path) -> None:
    url = start(data_dir)
    assert await ask(url, "SELECT current_database()") == "relief"
    assert await ask(url, "SHOW listen_addresses") == "127.0.0.1"
    assert (data_dir / "postgres.password").stat().st_mode & 0o777 == 0o600
    parts = urlsplit(url)
    wrong = parts._replace(netloc=f"{parts.username}:guess@{parts.hostname}:{parts.port}").geturl()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(wrong, "SELECT 1")


async def test_chinese_names_have_trigrams(data_dir: Path) -> None:
    extension = "CREATE EXTENSION pg_trgm"
    assert await ask(start(data_dir), extension, "SELECT similarity('王某某', '王某') > 0.3")


async def test_a_failing_statement_leaves_no_personal_value_in_the_log(data_dir: Path) -> None:
    url, secret = start(data_dir), "990101199001011234"
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(
            url,
            "CREATE TABLE t (id TEXT PRIMARY KEY)",
            f"INSERT INTO t VALUES ('{secret}')",
            f"INSERT INTO t VALUES ('{secret}')",
        )
    log = (data_dir / "postgres/log").read_text()
    assert "duplicate key" in log
    assert secret not in log


async def test_a_second_caller_attaches_to_the_running_server(data_dir: Path) -> None:
    url = start(data_dir)
    pid = postmaster(data_dir)
    assert start(data_dir) == url == server_url(data_dir)
    assert postmaster(data_dir) == pid


async def test_a_stopped_server_comes_back_under_the_same_url_with_its_rows(data_dir: Path) -> None:
    url = start(data_dir)
    await ask(url, "CREATE TABLE kept AS SELECT 7 AS n", "SELECT 1")
    assert stop_server(data_dir)
    assert server_url(data_dir) is None
    assert not stop_server(data_dir)
    assert start(data_dir) == url
    assert await ask(url, "SELECT n FROM kept") == 7


def test_four_processes_racing_on_an_empty_folder_share_one_server(data_dir: Path) -> None:
    command = [sys.executable, "-c", RACER, str(data_dir)]
    racers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ends = [racer.communicate(timeout=60) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0], ends
    assert {out.strip() for out, _ in ends} == {server_url(data_dir)}


async def test_a_killed_server_keeps_what_was_committed(data_dir: Path) -> None:
    url = start(data_dir)
    await ask(url, "CREATE TABLE kept AS SELECT 7 AS n", "SELECT 1")
    busy = await asyncpg.connect(url)
    await busy.execute("BEGIN")
    await busy.execute("UPDATE kept SET n = 8")
    kill(postmaster(data_dir))
    again = start(data_dir)
    assert await ask(again, "SELECT n FROM kept") == 7
    busy.terminate()


async def test_a_pid_file_of_a_dead_process_is_no_hindrance(data_dir: Path) -> None:
    start(data_dir)
    file = data_dir / "postgres/data/postmaster.pid"
    lines = file.read_text()
    stop_server(data_dir)
    rewrite(file, lines)
    assert await ask(start(data_dir), "SELECT 1") == 1


async def test_a_pid_that_now_belongs_to_a_stranger_is_no_hindrance(data_dir: Path) -> None:
    start(data_dir)
    file = data_dir / "postgres/data/postmaster.pid"
    rest = file.read_text().splitlines()[1:]
    stop_server(data_dir)
    owner = None if os.geteuid() else (data_dir / "postgres/data").stat().st_uid
    with stranger_of(owner) as stranger:
        rewrite(file, "\n".join([str(stranger.pid), *rest]) + "\n")
        assert server_url(data_dir) is None
        url = start(data_dir)
        assert stranger.poll() is None
        stranger.kill()
    assert await ask(url, "SELECT 1") == 1


def stranger_of(owner: int | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], user=owner, cwd="/")


async def test_a_port_that_somebody_took_is_given_up_for_another(data_dir: Path) -> None:
    port = urlsplit(start(data_dir)).port
    stop_server(data_dir)
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        began = time.monotonic()
        url = start(data_dir)
        assert time.monotonic() - began < 20
    assert urlsplit(url).port != port
    assert await ask(url, "SELECT 1") == 1


def test_programs_in_a_closed_home_serve_all_the_same(data_dir: Path, run: Run) -> None:
    home = Path(tempfile.mkdtemp(prefix="home-", dir=run.folder))
    package = next(candidates(None)).parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, home / folder.name, symlinks=True)
    home.chmod(0o700)
    before = os.umask(0o077)
    try:
        below = data_dir / "made"
        bindir = home / package.name / "pginstall/bin"
        url = ensure_server(below, bindir=bindir, settings=UNSAFE_BUT_FAST)
        assert server_url(below) == url
        assert stop_server(below, bindir=bindir)
    finally:
        os.umask(before)


async def test_an_initialisation_that_was_cut_short_is_begun_again(data_dir: Path) -> None:
    (data_dir / "postgres/data.part").mkdir(parents=True)
    (data_dir / "postgres/data.part/PG_VERSION").write_text("18\n")
    (data_dir / "postgres/password.part").write_text("left over")
    assert await ask(start(data_dir), "SELECT 1") == 1


def test_a_user_without_a_passwd_entry_is_told_what_to_do(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_242_424)
    with pytest.raises(LauncherError) as refused:
        start(data_dir)
    monkeypatch.undo()
    assert "RELIEF_DATABASE_URL" in refused.value.zh
    assert "passwd" in refused.value.en


def test_a_folder_without_programs_is_named(data_dir: Path) -> None:
    with pytest.raises(LauncherError, match="RELIEF_PG_BINDIR") as refused:
        ensure_server(data_dir, bindir=data_dir / "nowhere")
    assert str(data_dir / "nowhere") in refused.value.en


def test_data_of_another_major_version_is_not_touched(data_dir: Path) -> None:
    start(data_dir)
    stop_server(data_dir)
    (data_dir / "postgres/data/PG_VERSION").write_text("99\n")
    with pytest.raises(LauncherError, match="99"):
        start(data_dir)


def test_a_lost_password_file_is_named(data_dir: Path) -> None:
    start(data_dir)
    (data_dir / "postgres.password").unlink()
    with pytest.raises(LauncherError, match=r"postgres\.password"):
        start(data_dir)


def rewrite(file: Path, text: str) -> None:
    """Write a file of the cluster, owned as the cluster is."""
    owner = file.parent.stat()
    file.write_text(text)
    file.chmod(0o600)
    os.chown(file, owner.st_uid, owner.st_gid)


async def test_a_copy_that_is_put_back_is_the_state_of_then_and_begins_another_history(
    data_dir: Path,
) -> None:
    url = start(data_dir)
    timeline = "SELECT timeline_id FROM pg_control_checkpoint()"
    before = await ask(url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)", timeline)
    copy = data_dir / "copy"
    back_up(data_dir, copy)
    with pytest.raises(LauncherError, match="exists already"):
        back_up(data_dir, copy)
    await ask(url, "INSERT INTO kept VALUES (2)", "SELECT 1")
    with pytest.raises(LauncherError, match="Stop the embedded server"):
        put_back(data_dir, copy)
    stop_server(data_dir)
    aside = put_back(data_dir, copy)
    assert aside is not None
    assert (aside / "PG_VERSION").exists()
    url = start(data_dir)
    assert await ask(url, "SELECT array_agg(n) FROM kept") == [1]
    assert await ask(url, "INSERT INTO kept VALUES (3)", "CHECKPOINT", timeline) > before  # type: ignore[operator]


def test_a_damaged_copy_is_not_put_back(data_dir: Path) -> None:
    start(data_dir)
    copy = data_dir / "copy"
    back_up(data_dir, copy)
    stop_server(data_dir)
    victim = next(path for path in sorted((copy / "base").rglob("*")) if path.stat().st_size > 8192)
    victim.write_bytes(b"\0" * victim.stat().st_size)
    with pytest.raises(LauncherError, match="pg_verifybackup"):
        put_back(data_dir, copy)
    assert (data_dir / "postgres/data/PG_VERSION").exists()


def test_a_server_that_does_not_run_is_not_copied(data_dir: Path) -> None:
    with pytest.raises(LauncherError, match="does not run"):
        back_up(data_dir, data_dir / "copy")
