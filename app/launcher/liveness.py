"""Is a server alive on these data? Asked of the process and the port, not of its pid file alone."""

import contextlib
import socket
import time
from pathlib import Path

from app.launcher.account import CALLER, spawn

START_SECONDS = 60.0
_PORT_LINE = 3
_STATUS_LINE = 7


def running_port(cluster: Path) -> int | None:
    """The port of a live, ready server whose data folder is ours; None otherwise.

    `pg_ctl status` believes in unreaped and re-used pids, so this looks at the process itself and
    at the port. A server that is just starting or recovering is waited for.
    """
    deadline = time.monotonic() + START_SECONDS
    while (lines := _pid_file(cluster)) and _is_ours(int(lines[0]), cluster):
        if (
            len(lines) > _STATUS_LINE
            and lines[_STATUS_LINE].strip() == "ready"
            and _accepts(int(lines[3]))
        ):
            return int(lines[3])
        if time.monotonic() > deadline:
            return None
        time.sleep(0.05)
    return None


def _pid_file(cluster: Path) -> list[str]:
    try:
        lines = (cluster / "data" / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    return lines if lines and lines[0].strip().isdigit() else []


def _is_ours(pid: int, cluster: Path) -> bool:
    """Whether `pid` is a living process (no zombie) that works in our data folder."""
    process = Path(f"/proc/{pid}")
    if not Path("/proc/self").exists():  # no procfs, e.g. macOS: ask ps for the command line
        said = spawn(CALLER, "/bin/ps", "-o", "stat=,command=", "-p", str(pid))
        return str(cluster / "data") in said.stdout and not said.stdout.startswith("Z")
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" and (process / "cwd").samefile(cluster / "data")
    except OSError:
        return False


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def forget_stranger(cluster: Path) -> None:
    """Remove a pid file whose pid now belongs to somebody else: PostgreSQL would not start.

    When the pid is dead the file stays: the server checks it against shared memory by itself.
    """
    lines = _pid_file(cluster)
    if (
        lines
        and Path(f"/proc/{lines[0].strip()}").exists()
        and not _is_ours(int(lines[0]), cluster)
    ):
        (cluster / "data" / "postmaster.pid").unlink(missing_ok=True)
