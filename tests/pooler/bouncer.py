"""PgBouncer as a process of ours: found on this machine, in transaction mode, on few servers."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from app.launcher.account import account_of
from tests.chaos.house import any_port

HOST = "127.0.0.1"
PLACES = ("/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer")
SERVERS = 4  # connections to the database, for all of our processes together
START_SECONDS = 10


def find_bouncer() -> str | None:
    """Give the program: PGBOUNCER, the path, or where systems put it; None when there is none."""
    given = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer")
    return given or next((place for place in PLACES if Path(place).is_file()), None)


@contextmanager
def bouncing(program: str, folder: Path, server_url: str) -> Iterator[str]:
    """Run PgBouncer before a server; give the URL that leads through it."""
    server, port = urlsplit(server_url), any_port()
    place = folder / "pgbouncer"
    place.mkdir(mode=0o700)
    users = place / "users.txt"
    users.write_text(f'"{server.username}" "{server.password}"\n')
    config = place / "pgbouncer.ini"
    config.write_text(
        f"""[databases]
{server.path[1:]} = host={server.hostname} port={server.port} dbname={server.path[1:]}
[pgbouncer]
listen_addr = {HOST}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {SERVERS}
max_client_conn = 200
log_connections = 0
log_disconnections = 0
"""
    )
    account = account_of(folder / "postgres")
    if account.uid is not None:  # it refuses to be root, as the server does
        for path in (place, users, config):
            os.chown(path, account.uid, account.gid or -1)
    with (folder / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen(
            [program, str(config)],
            stdout=log,
            stderr=log,
            user=account.uid,
            group=account.gid,
            extra_groups=None if account.uid is None else [],
        )
    try:
        _until_listening(process, port, folder / "pgbouncer.log")
        yield server._replace(netloc=f"{server.username}:{server.password}@{HOST}:{port}").geturl()
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "PgBouncer does not listen"
            time.sleep(0.05)
        else:
            return
