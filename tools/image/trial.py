"""Tries an image out as its containers would run: own user, read-only root, no network at all.

usage, in namespaces of its own: trial.py SCRATCH RELIEF_ROOT DEMO_ROOT

The demo plays its story with nothing but its own loopback. Then the service runs on the database of
the demo's image, as API, worker and migration, and the image's own HEALTHCHECK turns green.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
READY_GOAL = 3.0
# What builds or fetches has no business in what runs.
TOOLS = ("gcc", "cc", "make", "pip", "pip3", "curl", "wget", "git", "npm", "uv")


class Container:
    """A folder with a root: read-only, with a /tmp and a data folder of its own."""

    def __init__(self, root: Path, place: Path, config: dict[str, object], data: Path) -> None:
        self.root = place
        self._config = config
        place.mkdir()
        mount("--rbind", root, place)
        mount("-t", "proc", "proc", place / "proc")
        mount("--rbind", "/dev", place / "dev")
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", place / "tmp")
        mount("--bind", data, place / "var/lib/relief")
        mount("-o", "remount,bind,ro", place)

    def start(self, *words: str, given: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command as the image's user, with the image's environment and what is given."""
        environment = [*self._config["Env"], *(f"{k}={v}" for k, v in (given or {}).items())]
        user = self._config["User"]
        return subprocess.Popen(
            [
                *("chroot", f"--userspec={user}", "--groups=", self.root),
                *("env", "-i", *environment, *words),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, given: dict[str, str] | None = None) -> str:
        """Run a command to its end and give what it said; anything but 0 ends the trial."""
        started = self.start(*words, given=given)
        said, _ = started.communicate(timeout=300)
        if started.returncode != 0:
            raise SystemExit(f"{' '.join(words)}: {started.returncode}\n{said[-3000:]}")
        return said.strip()

    def is_healthy(self, given: dict[str, str]) -> bool:
        """Run the image's own HEALTHCHECK."""
        check = self._config["Healthcheck"]["Test"][1:]
        return self.start(*check, given=given).wait(timeout=10) == 0


def mount(*words: str | Path) -> None:
    """Mount; the namespace forgets it."""
    subprocess.run(["mount", *map(str, words)], check=True)


def until_healthy(container: Container, given: dict[str, str]) -> None:
    """Wait for the HEALTHCHECK."""
    until = time.monotonic() + READY_SECONDS
    while not container.is_healthy(given):
        if time.monotonic() > until:
            raise SystemExit("不健康 never healthy")
        time.sleep(0.05)


def stop(process: subprocess.Popen[str]) -> None:
    """Ask a process to stop; it must, in time and with status 0."""
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=STOP_SECONDS)
    if process.returncode != 0:
        raise SystemExit(
            f"没有正常停止 did not stop in order: {process.returncode}\n{said[-3000:]}"
        )


def main() -> int:
    """Try everything; say what was seen."""
    scratch, relief_root, demo_root = (Path(word) for word in sys.argv[1:])
    config = json.loads((scratch / "config.json").read_text())
    mount("--make-rprivate", "/")
    loopback_up()
    uid, gid = (int(part) for part in config["User"].split(":"))
    data = scratch / "data"
    data.mkdir()
    os.chown(data, uid, gid)
    relief = Container(relief_root, scratch / "relief", config, data)
    demo = Container(demo_root, scratch / "demo", config, data)
    look_for_tools(relief_root)
    story(demo)
    for left in data.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    url = demo.run("relief", "database", "start").splitlines()[-1]
    given = {"RELIEF_DATABASE_URL": url}
    print(relief.run("relief", "migrate", given=given))
    serve(relief, given)
    work(relief, given)
    demo.run("relief", "database", "stop")
    return 0


def story(demo: Container) -> None:
    """Play the story; its last line is the outcome."""
    began = time.monotonic()
    told = json.loads(demo.run("relief", "demo", "--once").splitlines()[-1])
    print(f"无网络演示完成 the story, without any network: {time.monotonic() - began:.0f} s")
    print(json.dumps(told, ensure_ascii=False)[:300], flush=True)


def serve(relief: Container, given: dict[str, str]) -> None:
    """Start the API three times on a database that is there; stop it each time."""
    took = []
    for _ in range(3):
        began = time.monotonic()
        api = relief.start("relief", "serve", given=given)
        until_healthy(relief, given)
        took.append((time.monotonic() - began, cpu_of(relief.root, api)))
        stop(api)
    told = ", ".join(f"{seconds:.1f} (CPU {cpu:.1f})" for seconds, cpu in took)
    print(f"接口就绪 API ready after {told} s（目标 goal: ≤ {READY_GOAL:.0f} s）", flush=True)


def cpu_of(root: Path, process: subprocess.Popen[str]) -> float:
    """Give the processor time that a process has taken, in seconds: a busy machine shows there."""
    fields = (root / "proc" / str(process.pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def work(relief: Container, given: dict[str, str]) -> None:
    """Start the worker, and see that it is believed to live only while it does."""
    given = {**given, "RELIEF_PORT": "9"}  # nobody listens there: the file counts
    if relief.is_healthy(given):
        raise SystemExit("没有后台任务却健康 healthy without a worker")
    worker = relief.start("relief", "worker", given=given)
    until_healthy(relief, given)
    stop(worker)
    print("后台任务健康、按时停止 the worker is healthy and stops in order", flush=True)


def look_for_tools(root: Path) -> None:
    """See that what builds and fetches is not there."""
    folders = ("bin", "usr/bin", "usr/local/bin", "opt/relief/venv/bin")
    left = [f"/{f}/{tool}" for f in folders for tool in TOOLS if (root / f / tool).exists()]
    left += [str(path) for path in root.glob("opt/relief/venv/lib/python3*/site-packages/pip*")]
    if left:
        raise SystemExit(f"镜像中留有构建工具 tools are left in the image: {left}")


def loopback_up() -> None:
    """Bring up the loopback of this network namespace: 127.0.0.1 and nothing else."""
    import fcntl  # noqa: PLC0415
    import socket  # noqa: PLC0415
    import struct  # noqa: PLC0415

    with socket.socket() as asked:
        fcntl.ioctl(asked, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, UP


if __name__ == "__main__":
    sys.exit(main())
