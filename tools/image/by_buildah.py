"""Builds the image without a daemon and without a registry of images, then tries it out.

usage: by_buildah.py NAME:TAG EXTRAS [argument of buildah bud]...

As root on Debian: the base is made by debootstrap from Debian's packages and kept for the next
time, the wheels are fetched here by their hashes, buildah runs the Dockerfile in a chroot. The
image lies in build/ afterwards, for `docker load`.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "/var/cache")) / "relief-image"
SUITE, PYTHON = "bookworm", "3.11"  # Debian 12 and the Python that it brings
SPARE = ("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "var/log")
CONTEXT = ("app", "client", "migrations", "tools/image", "alembic.ini", "Dockerfile")
MEGABYTE = 1_000_000
SIZE_MAX = 300 * MEGABYTE


def run(*words: str | Path, **options: object) -> str:
    """Run a command, its output to ours unless it is asked for; a failure ends everything."""
    said = subprocess.run(  # type: ignore[call-overload]
        [str(word) for word in words], check=True, text=True, **options
    )
    return said.stdout or ""


def base() -> Path:
    """Give the base as an archive, made when there is none yet (about a minute)."""
    archive = CACHE / f"base-{SUITE}.tar"
    if archive.exists():
        return archive
    print("基础系统 making the base with debootstrap", flush=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        system = Path(folder) / "system"
        include = "--include=python3,python3-venv,ca-certificates"
        with (CACHE / "debootstrap.log").open("w") as log:
            run("debootstrap", "--variant=minbase", include, SUITE, system, stdout=log, stderr=log)
        run("chroot", system, "apt-get", "clean")
        for spare in (*SPARE, "var/lib/apt/lists", "var/cache"):
            for found in (system / spare).iterdir():
                folder_there = found.is_dir() and not found.is_symlink()
                shutil.rmtree(found) if folder_there else found.unlink()
        part = archive.with_suffix(".part")
        run("tar", "-C", system, "--one-file-system", "-cf", part, ".")
        part.rename(archive)
    return archive


def wheels(folder: Path, extras: list[str]) -> None:
    """Fetch what the locks name, for the base's Python, by hash."""
    machine = platform.machine()
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(5, 37)]
    tags += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    platforms = [word for tag in tags for word in ("--platform", tag)]
    for extra in ("", *extras, "embedded"):
        run(
            *(sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", folder),
            *("--python-version", PYTHON, "--implementation", "cp", *platforms),
            *("-r", ROOT / f"requirements{extra and '-'}{extra}.lock"),
        )


def context(folder: Path, extras: list[str]) -> None:
    """Lay out what the Dockerfile copies."""
    for name in CONTEXT:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    for lock in ROOT.glob("requirements*.lock"):
        shutil.copy(lock, folder)
    wheels(folder / "wheelhouse", extras)


def size_of(folder: Path) -> int:
    """Give the bytes of all files below a folder, each inode once."""
    seen = {}
    for found in folder.rglob("*"):
        if found.is_file() and not found.is_symlink():
            told = found.stat()
            seen[told.st_ino] = told.st_size
    return sum(seen.values())


class Store:
    """Images of buildah in a folder of their own, gone with it."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._buildah = (
            *("buildah", "--root", scratch / "store", "--runroot", scratch / "run"),
            *("--storage-driver", "vfs"),
        )

    def do(self, *words: str | Path) -> str:
        """Run buildah; give what it said."""
        return run(*self._buildah, *words, stdout=subprocess.PIPE).strip()

    def build(self, tag: str, folder: Path, *more: str | Path) -> None:
        """Build what a folder's Dockerfile says, in a chroot."""
        self.do(
            *("bud", "--isolation", "chroot", "--format", "docker", "--layers=false", "--quiet"),
            *("--tag", f"localhost/{tag}", *more, folder),
        )

    def mounted(self, tag: str) -> Path:
        """Give the folder of an image's files."""
        return Path(self.do("mount", self.do("from", "--pull-never", f"localhost/{tag}")))


def build(store: Store, name: str, extras: list[str], arguments: list[str]) -> dict[str, Path]:
    """Build the service's image and the demo's; give the folder of each."""
    archive = base()
    context(store.scratch / "context", extras)
    ground = store.scratch / "base"
    ground.mkdir()
    os.link(archive, ground / "base.tar")
    (ground / "Dockerfile").write_text("FROM scratch\nADD base.tar /\n")
    store.build("relief-base", ground)
    mounted = {}
    for target, tag in (("relief", name), ("demo", f"{name}-demo")):
        print(f"构建 building {tag}", flush=True)
        given = ("--squash", "--target", target, "--build-arg", "BASE=localhost/relief-base")
        store.build(tag, store.scratch / "context", *given, *arguments)
        mounted[target] = store.mounted(tag)
    return mounted


def try_out(store: Store, name: str, mounted: dict[str, Path]) -> None:
    """Run both images in namespaces of their own."""
    told = json.loads(store.do("inspect", "--type", "image", f"localhost/{name}"))
    (store.scratch / "config.json").write_text(json.dumps(told["Docker"]["config"]))
    run(
        *("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", sys.executable, "-B"),
        *(ROOT / "tools" / "image" / "trial.py", store.scratch),
        *(mounted["relief"], mounted["demo"]),
    )


def main() -> int:
    """Build, measure, try, keep; exit status 0 when all of it went well."""
    name, extras, arguments = sys.argv[1], sys.argv[2].split(), sys.argv[3:]
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="relief-image-", dir=CACHE) as scratch:
        store = Store(Path(scratch))
        store.scratch.chmod(0o755)
        mounted = build(store, name, extras, arguments)
        size = size_of(mounted["relief"])
        print(f"大小 size: {size / MEGABYTE:.0f} MB（目标 goal: ≤ {SIZE_MAX // MEGABYTE} MB）")
        print(f"演示 the demo's: {size_of(mounted['demo']) / MEGABYTE:.0f} MB", flush=True)
        try_out(store, name, mounted)
        built = ROOT / "build" / f"{name.replace(':', '-')}.tar"
        built.parent.mkdir(exist_ok=True)
        built.unlink(missing_ok=True)
        store.do("push", "--quiet", f"localhost/{name}", f"docker-archive:{built}:{name}")
        print(f"镜像 the image, for docker load: {built.relative_to(ROOT)}")
        store.do("rm", "--all")
    return 0 if size <= SIZE_MAX or extras else 1


if __name__ == "__main__":
    sys.exit(main())
