"""Starting the server, also after it was killed and when its port is taken."""

import contextlib
import re
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from app.launcher.account import Account, spawn
from app.launcher.cluster import write
from app.launcher.errors import LauncherError
from app.launcher.liveness import START_SECONDS, forget_stranger, running_port
from app.launcher.programs import Programs

_BIND_ATTEMPTS = 5
# Statements and DETAIL lines can carry personal data, so neither is written to the server's log.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def start(cluster: Path, programs: Programs, account: Account, settings: Mapping[str, str]) -> int:
    """Start and answer the port. Waits for orphans of a killed server, changes a taken port."""
    deadline = time.monotonic() + START_SECONDS
    port, taken = _last_port(cluster) or _free_port(), 0
    while True:
        forget_stranger(cluster)
        said = _try_start(cluster, programs, account, {**settings, "port": str(port)})
        if (running := running_port(cluster)) is not None:
            return running
        if "could not bind" in said and taken < _BIND_ATTEMPTS:
            port, taken = _free_port(), taken + 1
        elif _passing(said) and time.monotonic() < deadline:
            time.sleep(0.3)
        else:
            raise LauncherError(
                f"内置 PostgreSQL 未能启动，它的日志写道：{said.strip()[-2000:]}",
                f"The embedded PostgreSQL did not start; its log is {cluster / 'log'}.",
            )


def _passing(said: str) -> bool:
    """Whether the refusal ends by itself: remains of a killed server are still going down."""
    return "still in use" in said or 'lock file "postmaster.pid"' in said


def _try_start(
    cluster: Path, programs: Programs, account: Account, settings: Mapping[str, str]
) -> str:
    """One attempt; answers what the server wrote to its log meanwhile."""
    data, log = cluster / "data", cluster / "log"
    lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    write(data / "relief.conf", lines, account)
    main = data / "postgresql.conf"
    if "include 'relief.conf'" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude 'relief.conf'\n")
    before = log.stat().st_size if log.exists() else 0
    start = ("start", "-D", data, "-l", log, "-w", "-s", "-t", f"{START_SECONDS:.0f}")
    done = spawn(account, programs.folder / "pg_ctl", *start)
    with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
        file.seek(before)
        return done.stdout + file.read().decode(errors="replace")
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _last_port(cluster: Path) -> int | None:
    """The port of the last start: keeping it lets clients reconnect after a crash."""
    with contextlib.suppress(FileNotFoundError):
        found = re.search(
            r"^port = '(\d+)'", (cluster / "data/relief.conf").read_text(), re.MULTILINE
        )
        return None if found is None else int(found[1])
    return None
