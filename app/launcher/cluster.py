"""The cluster's folders and files: lock, password, laying it from empty."""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from app.launcher.account import CALLER, Account, run, spawn
from app.launcher.errors import LauncherError
from app.launcher.programs import Programs

OWNER = "relief_owner"
DATABASE = "relief"
_FIRST_BUILTIN_LOCALE = 17


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Be the only process that lays, starts or stops the cluster of this data folder."""
    try:
        if not data_dir.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:  # whatever root's umask, the server's user passes through
                data_dir.chmod(0o711)
        lock = (data_dir / "postgres.lock").open("a")
    except OSError as error:
        raise LauncherError(
            f"无法写入数据目录 {data_dir}（{error.strerror}）。请用 RELIEF_DATA_DIR 指定可写目录。",
            f"Cannot write the data folder {data_dir} ({error.strerror}). Name another one with "
            "RELIEF_DATA_DIR.",
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(cluster: Path, account: Account) -> None:
    """Make the cluster's folder; raises LauncherError when the server's user cannot reach it."""
    cluster.mkdir(mode=0o700, exist_ok=True)
    if account.uid is None:
        return
    os.chown(cluster, account.uid, account.gid or -1)
    try:
        reached = spawn(account, "/usr/bin/env", "test", "-x", cluster).returncode == 0
    except PermissionError:
        reached = False
    if not reached:
        raise LauncherError(
            f"数据库用户 {account.name} 无法进入 {cluster}（上级目录不允许其他用户通过）。"
            "请把 RELIEF_DATA_DIR 设在例如 /var/lib/relief。",
            f"The server's user {account.name} cannot reach {cluster}: a folder above is closed "
            "to others. Set RELIEF_DATA_DIR to e.g. /var/lib/relief.",
        )


def initialise(data_dir: Path, cluster: Path, programs: Programs, account: Account) -> None:
    """Lay the cluster beside its place and rename it: it is whole or not there at all."""
    fresh = cluster / "data.part"
    shutil.rmtree(fresh, ignore_errors=True)
    password = cluster / "password.part"
    write(password, _new_password(data_dir), account)
    # Builtin C.UTF-8 knows Chinese letters (trigrams need that) and never changes with the system.
    locale: tuple[str, ...] = ("--locale=C.UTF-8",)
    if programs.major >= _FIRST_BUILTIN_LOCALE:
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        locale = (*builtin, "--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C")
    run(
        account,
        programs.folder / "initdb",
        *("-D", fresh, "-U", OWNER, "--encoding=UTF8", "--auth=scram-sha-256"),
        f"--pwfile={password}",
        *locale,
    )
    password.unlink()
    postgres = programs.folder / "postgres"
    run(account, postgres, "--single", "-D", fresh, "postgres", stdin=f"CREATE DATABASE {DATABASE}")
    fresh.rename(cluster / "data")


def _new_password(data_dir: Path) -> str:
    password = secrets.token_urlsafe(24)
    write(data_dir / "postgres.password", password, CALLER)
    return password


def write(path: Path, text: str, account: Account) -> None:
    """Write a file anew that only `account` can read (mode 0600)."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        if account.uid is not None:
            os.chown(path, account.uid, account.gid or -1)


def url_of(data_dir: Path, port: int) -> str:
    """The owner's URL; raises LauncherError when the password file is lost."""
    try:
        password = (data_dir / "postgres.password").read_text().strip()
    except OSError as error:
        raise LauncherError(
            f"读不到内置数据库的密码文件 {data_dir}/postgres.password（{error.strerror}）。",
            f"Cannot read the embedded server's password file in {data_dir} ({error.strerror}).",
        ) from error
    return f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}"
