"""Whom the server runs as, and running its tools as that user: PostgreSQL refuses root."""

import contextlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.launcher.errors import LauncherError


@dataclass(frozen=True, slots=True)
class Account:
    """The system user the server runs as; ids are None when it is simply the caller."""

    uid: int | None
    gid: int | None
    name: str


CALLER = Account(None, None, "")


def account_of(cluster: Path) -> Account:
    """Whoever calls; for root the cluster's owner, and before there is one postgres or nobody."""
    uid = os.geteuid()
    if uid != 0:
        try:
            return Account(None, None, pwd.getpwuid(uid).pw_name)
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
            return Account(owner.st_uid, owner.st_gid, f"uid {owner.st_uid}")
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise LauncherError(
        "以 root 运行时需要一个普通用户（postgres 或 nobody）来运行数据库，但系统中都不存在。",
        "As root the server needs an ordinary user to run as (postgres or nobody); there is none.",
    )


def run(account: Account, *command: str | Path, stdin: str = "") -> str:
    """Run one of the server's tools as `account`; answer what it printed, raise LauncherError."""
    done = spawn(account, *command, stdin=stdin)
    if done.returncode != 0:
        tool = Path(command[0]).name
        raise LauncherError(
            f"数据库工具 {tool} 失败（退出码 {done.returncode}）：{done.stdout.strip()[-2000:]}",
            f"{tool} failed with exit status {done.returncode}; its own words are above.",
        )
    return done.stdout


def spawn(
    account: Account, *command: str | Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a tool and answer how it ended; raises PermissionError when it cannot be reached."""
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
