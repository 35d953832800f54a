"""A copy of the embedded server's data while it runs, and putting such a copy in their place."""

import shutil
import time
from pathlib import Path
from urllib.parse import urlsplit

from app.launcher.account import account_of, run
from app.launcher.cluster import OWNER, locked, url_of, write
from app.launcher.errors import LauncherError
from app.launcher.liveness import running_port
from app.launcher.programs import find_programs

# Nobody is let in before the copy is recovered. Recovery ends where the copy ends, and the server
# begins a time line of its own: whoever counts transactions or log positions sees another history.
_ENDS_THERE = "restore_command = '/bin/false'\nhot_standby = off\n"


def back_up(data_dir: Path, target: Path, *, bindir: Path | None = None) -> None:
    """Copy the running server's data into a new folder, and verify every file of the copy.

    Papers and the master key are not in it. Raises LauncherError.
    """
    data_dir, target = data_dir.absolute(), target.absolute()
    cluster = data_dir / "postgres"
    port = running_port(cluster)
    if port is None:
        raise LauncherError("内置数据库没有在运行。", "The embedded server does not run.")
    if target.exists():
        raise LauncherError(f"{target} 已存在。", f"{target} exists already.")
    account = account_of(cluster)
    programs = find_programs(cluster, bindir, account)
    # The server's user may be unable to reach the target; what it writes is moved there.
    fresh = cluster / f"backup-{time.time_ns()}"
    password = cluster / "backup.pass"
    secret = urlsplit(url_of(data_dir, port)).password
    write(password, f"127.0.0.1:{port}:*:{OWNER}:{secret}\n", account)
    try:
        where = f"host=127.0.0.1 port={port} user={OWNER} passfile={password}"
        copy = (
            "-d",
            where,
            "-D",
            fresh,
            "-X",
            "fetch",
            "-c",
            "fast",
            "--manifest-checksums=SHA256",
        )
        run(account, programs.folder / "pg_basebackup", *copy)
        run(account, programs.folder / "pg_verifybackup", fresh)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(fresh, target)
    finally:
        password.unlink()
        shutil.rmtree(fresh, ignore_errors=True)


def put_back(data_dir: Path, source: Path, *, bindir: Path | None = None) -> Path | None:
    """Put a copy in the place of the data of a stopped server; give where those are kept now.

    Raises LauncherError for a copy that is damaged, and while the server runs.
    """
    data_dir, source = data_dir.absolute(), source.absolute()
    cluster = data_dir / "postgres"
    account = account_of(cluster)
    with locked(data_dir):
        if running_port(cluster) is not None:
            raise LauncherError("内置数据库仍在运行，请先停止。", "Stop the embedded server first.")
        cluster.mkdir(mode=0o700, exist_ok=True)
        fresh = cluster / "data.part"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(source, fresh)
        for path in (fresh, *fresh.rglob("*")):
            if account.uid is not None:
                shutil.chown(path, account.uid, account.gid)
        fresh.chmod(0o700)
        programs = find_programs(cluster, bindir, account)
        run(account, programs.folder / "pg_verifybackup", fresh)
        (fresh / "relief.conf").unlink(missing_ok=True)  # the port; the start writes it anew
        with (fresh / "postgresql.auto.conf").open("a") as settings:
            settings.write(_ENDS_THERE)
        write(fresh / "recovery.signal", "", account)
        kept = None
        if (cluster / "data").exists():
            kept = cluster / f"data-before-{time.time_ns()}"
            (cluster / "data").rename(kept)
        fresh.rename(cluster / "data")
        return kept
