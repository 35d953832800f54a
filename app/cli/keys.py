"""relief keys: add a master key, let it write, bring everything over, let the old one go."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.cli._desk import open_database
from app.db.session import Database
from app.services.master_keys import KeyState, key_state, rotate_keys
from app.settings import (
    Settings,
    key_file,
    load_settings,
    master_keys,
    new_master_key,
    write_key_file,
)

T = TypeVar("T")
Keys = tuple[tuple[int, str, bytes], ...]
RESTART = "请重启全部进程后再做下一步 / restart every process before the next step"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("keys", help="主密钥与轮换 / the master keys and their rotation")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("status", help="各密钥下还有多少数据 / what is under which key").set_defaults(
        run=_status
    )
    add = acts.add_parser("add", help="新增一把，暂只用于读 / add a key that only reads for now")
    add.add_argument("--suite", choices=["intl", "gm"], help="密码套件 / cipher suite")
    add.set_defaults(run=_add)
    acts.add_parser("promote", help="新密钥开始写入 / let the newest key write").set_defaults(
        run=_promote
    )
    acts.add_parser("rotate", help="在线换封全部数据 / bring everything over, online").set_defaults(
        run=_rotate
    )
    acts.add_parser("retire", help="去掉旧密钥 / let the older keys go").set_defaults(run=_retire)


def _status(_arguments: argparse.Namespace) -> int:
    settings = load_settings()
    for place, (version, suite, _) in enumerate(master_keys(settings)):
        use = "写入 writes" if place == 0 else "只读 reads"
        print(f"  {version:>3}  {suite:<5} {use}")
    _tell(_ask(settings))
    return 0


def _add(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    keys = master_keys(settings)
    version = 1 + max(entry[0] for entry in keys)
    suite = arguments.suite or keys[0][1]
    return _write(settings, (*keys, (version, suite, new_master_key())))


def _promote(_arguments: argparse.Namespace) -> int:
    settings = load_settings()
    keys = master_keys(settings)
    newest = max(keys)
    return _write(settings, (newest, *(entry for entry in keys if entry != newest)))


def _rotate(_arguments: argparse.Namespace) -> int:
    settings = load_settings()
    keys = master_keys(settings)
    if keys[0] != max(keys):
        print("先运行 relief keys promote / run relief keys promote first", file=sys.stderr)
        return 1

    async def work(database: Database) -> tuple[dict[str, int], KeyState]:
        return await rotate_keys(database), await key_state(database)

    done, left = _with_database(settings, work)
    for name, count in done.items():
        print(f"  {name:<32} {count:>9,}")
    _tell(left)
    return 0


def _retire(_arguments: argparse.Namespace) -> int:
    settings = load_settings()
    left = _ask(settings)
    if not left.clear:
        _tell(left)
        print(
            "旧密钥仍在使用，没有去掉 / older keys are still needed: none was let go",
            file=sys.stderr,
        )
        return 1
    print(
        "以旧密钥签发的审计根此后只能用其文件中的公钥核验，请与备份一起保存"
        " / audit roots signed under older keys are from now on checked by the public key in their"
        " files: keep those with the backups"
    )
    return _write(settings, master_keys(settings)[:1])


def _write(settings: Settings, keys: Keys) -> int:
    """Keep keys in the key file; a key that comes from elsewhere is changed by who put it there."""
    if settings.master_key is not None:
        print(
            "主密钥来自 RELIEF_MASTER_KEY，请在密钥管理处按 `版本:套件:密钥` 列出并调整次序"
            " / the master key comes from RELIEF_MASTER_KEY: list and order the keys there",
            file=sys.stderr,
        )
        return 1
    write_key_file(key_file(settings), keys)
    listed = ", ".join(f"{version}:{suite}" for version, suite, _ in keys)
    print(f"{key_file(settings)}：{listed}")
    print(RESTART)
    return 0


def _ask(settings: Settings) -> KeyState:
    return _with_database(settings, key_state)


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    database = open_database(settings)

    async def run() -> T:
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _tell(state: KeyState) -> None:
    for name, count in state.old_rows.items():
        if count:
            print(f"  {name:<32} {count:>9,} 待换封 to bring over")
    if state.api_keys:
        print(f"  {state.api_keys} 把旧式 API 密钥须重新签发 / API keys of before: issue them anew")
    if state.clear:
        print("  全部数据都在当前密钥下 / everything is under the key that writes")
