"""The embedded server as the rest of the house sees it: ensure, name, stop.

A cluster lives in `<data_dir>/postgres`, its password in `<data_dir>/postgres.password` (mode
0600). It listens on 127.0.0.1 only, on a port that the system picked, with SCRAM passwords. The
server outlives whoever started it; `stop_server` ends it. Nothing here speaks SQL: the database is
made by the server's own single-user mode.
"""

from collections.abc import Mapping
from pathlib import Path

from app.launcher.account import account_of, run
from app.launcher.cluster import initialise, locked, prepare, url_of
from app.launcher.liveness import START_SECONDS, running_port
from app.launcher.programs import find_programs
from app.launcher.starting import SETTINGS, start


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
    account = account_of(cluster)
    with locked(data_dir):
        if (port := running_port(cluster)) is not None:
            return url_of(data_dir, port)
        prepare(cluster, account)
        programs = find_programs(cluster, bindir, account)
        if not (cluster / "data").exists():
            initialise(data_dir, cluster, programs, account)
        return url_of(data_dir, start(cluster, programs, account, {**SETTINGS, **(settings or {})}))


def server_url(data_dir: Path) -> str | None:
    """The URL of the server running on `data_dir`, None when none runs."""
    port = running_port(data_dir.absolute() / "postgres")
    return None if port is None else url_of(data_dir, port)


def stop_server(data_dir: Path, *, bindir: Path | None = None) -> bool:
    """Stop the server on `data_dir` (open transactions are rolled back); False if none ran."""
    cluster = data_dir.absolute() / "postgres"
    if not data_dir.exists() or running_port(cluster) is None:
        return False
    account = account_of(cluster)
    with locked(data_dir):
        if running_port(cluster) is None:
            return False
        programs = find_programs(cluster, bindir, account)
        stop = ("stop", "-D", cluster / "data", "-m", "fast", "-w", "-t", f"{START_SECONDS:.0f}")
        run(account, programs.folder / "pg_ctl", *stop)
        return True
